"""YAML and JSON as kubectl reads them: YAML 1.1 without dates and base-60 numbers, keys always text. Pure."""

import json
import re
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Final

import yaml

from emrjobs.api.yaml_size import TooMuchYamlError, check_size

_TAG: Final = "tag:yaml.org,2002:"
_NULL: Final = re.compile(r"(~|null|Null|NULL|)$")
_TRUE: Final = re.compile(r"(y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$")
_FALSE: Final = re.compile(r"(n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$")
_RADIX: Final = re.compile(r"[-+]?0([xX][0-9a-fA-F_]+|[bB][01_]+|[oO]?[0-7_]+)$")
_DECIMAL: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?$")
_SPECIAL: Final = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$")


class NotYaml(ValueError):
    """The text is not YAML; the message names the line and holds no values."""


def documents(text: str) -> Iterator[object]:
    """The objects of a file, lists taken apart. Raises NotYaml."""
    try:
        found = [json.loads(text)] if _is_json(text) else list(yaml.load_all(text, _Loader))
    except TooMuchYamlError as error:
        raise NotYaml(str(error)) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise NotYaml(f"line {line}: {error.problem}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotYaml(f"not readable as YAML ({type(error).__name__})") from None
    for document in found:
        yield from _objects(document)


def _is_json(text: str) -> bool:
    """One JSON document, which may hold tabs where YAML may not."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _objects(document: object) -> Iterator[object]:
    if document is None:
        return
    items = document.get("items") if isinstance(document, Mapping) else None
    if isinstance(document, Mapping) and str(document.get("kind")).endswith("List") and isinstance(items, list):
        yield from items
    else:
        yield document


class _Loader(yaml.SafeLoader):
    """What kubectl's YAML makes of plain words and numbers."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as in the parent

    def construct_document(self, node: yaml.Node) -> Any:
        check_size(node)
        return super().construct_document(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        self._check_keys(node)
        # Puts what is merged in before the mapping's own keys, which win.
        self.flatten_mapping(node)
        pairs = ((self._key(key), self.construct_object(value, deep=deep)) for key, value in node.value)
        return dict(pairs)

    def _check_keys(self, node: yaml.MappingNode) -> None:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self._key(key_node)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, "a key that is there twice", key_node.start_mark)
            seen.add(key)

    def _key(self, node: yaml.Node) -> str:
        key = node.value if node.tag == f"{_TAG}merge" else _as_text(self.construct_object(node, deep=True))
        if key is None:
            raise yaml.constructor.ConstructorError(None, None, "a key that is not text", node.start_mark)
        return str(key)


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return value if isinstance(value, str) else None


def _number(_: yaml.SafeLoader, node: yaml.ScalarNode) -> int | float:
    text = node.value.replace("_", "").lower()
    if _SPECIAL.match(text):
        return float(text.replace(".", ""))
    if _RADIX.match(text):
        octal = re.fullmatch(r"([-+]?)0([0-7]+)", text)
        return int(octal[1] + octal[2], 8) if octal else int(text, 0)
    return int(text) if re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text) else float(text)


for _word, _pattern in (("null", _NULL), ("bool", _TRUE), ("bool", _FALSE)):
    _Loader.add_implicit_resolver(_TAG + _word, _pattern, None)
for _pattern in (_RADIX, _DECIMAL, _SPECIAL):
    _Loader.add_implicit_resolver(_TAG + "int", _pattern, None)
_Loader.add_implicit_resolver(_TAG + "merge", re.compile(r"<<$"), ["<"])
_Loader.add_constructor(_TAG + "int", _number)
_Loader.add_constructor(_TAG + "bool", lambda _, node: _TRUE.match(node.value) is not None)
