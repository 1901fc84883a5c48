"""Golden documents: a status as a file in tests/data/golden, with words in place of what differs each time.

`<ANY>` stands for anything, `<TIME>` for a time as Kubernetes writes it, other words for values that the test
knows, such as `<UID>`.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[1] / "data" / "golden"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def must_match(name: str, document: Any, known: Mapping[str, str]) -> None:
    """Raise `AssertionError` with every difference, and the document in the golden form."""
    spoken = _spoken(document, known)
    expected = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    found = list(differences(expected, spoken))
    text = yaml.safe_dump(spoken, sort_keys=False, width=110, allow_unicode=True)
    assert not found, "\n".join([f"not as tests/data/golden/{name}.yaml:", *found, "", text])


def differences(expected: Any, actual: Any, path: str = "") -> Iterator[str]:
    """Yield one line for each place where they differ."""
    if expected == "<ANY>" and actual is not None:
        return
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted({*expected, *actual}):
            yield from differences(expected.get(key), actual.get(key), f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for position, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from differences(one, other, f"{path}[{position}]")
    elif expected != actual:
        yield f"{path}: {actual!r}, not {expected!r}"


def _spoken(value: Any, known: Mapping[str, str]) -> Any:
    """With words in place of times and known values."""
    match value:
        case dict():
            return {key: _spoken(item, known) for key, item in value.items()}
        case list():
            return [_spoken(item, known) for item in value]
        case str():
            return _word(value, known)
        case _:
            return value


def _word(text: str, known: Mapping[str, str]) -> str:
    for word, meant in sorted(known.items(), key=lambda pair: -len(pair[1])):
        text = text.replace(meant, f"<{word}>")
    return TIME.sub("<TIME>", text)
