"""Cases about objects, lists and maps: required and unknown members, sizes, keys, types."""

from collections.abc import Iterator
from typing import Any, Final

from tests.contract.corpus.cases import Case, put, without
from tests.contract.corpus.scalars import of_length
from tests.contract.corpus.sites import Site, sites

_WRONG_TYPES: Final[tuple[Any, ...]] = (None, "text", "", 5, True, [], {}, [None], [[]], [5], [{}])
_KEYS: Final = (
    "",
    " ",
    "\t",
    "a b",
    "a:b",
    "a/b",
    "a#b",
    "a_b",
    "A.b-c",
    "é",
    "日",
    "\u3000",
    "\x00",
    "a\x00",
    "a\n",
    "[key]",
)


def containers() -> Iterator[Case]:
    """All cases about containers, at every depth."""
    for site in sites():
        kind = site.shape.type_name
        if kind in {"structure", "list", "map"}:
            yield from (_case("type", site, repr(value), value) for value in _WRONG_TYPES)
        if kind == "structure":
            yield from _structures(site)
        elif kind == "list":
            yield from _lists(site)
        elif kind == "map":
            yield from _maps(site)


def _structures(site: Site) -> Iterator[Case]:
    for name in site.value:
        if name in site.shape.members:
            yield Case("absent", (*site.place, name), "absent", without(site.spec, (*site.place, name)))
            for spelt in {f"{name}s", name[:-1], name.lower(), name.upper(), name[0].upper() + name[1:], _snake(name)}:
                if spelt not in site.shape.members:
                    yield from _misspelt(site, name, spelt)
    for unknown in ("unknown", "", "é", "clientToken"):
        yield _case("unknown", site, repr(unknown), {**site.value, unknown: "value"})


def _misspelt(site: Site, name: str, spelt: str) -> Iterator[Case]:
    renamed = {spelt if key == name else key: value for key, value in site.value.items()}
    yield _case("misspelt", site, f"{spelt} for {name}", renamed)
    yield _case("unknown", site, f"{spelt} beside {name}", {**site.value, spelt: site.value[name]})


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)


def _lists(site: Site) -> Iterator[Case]:
    most = site.shape.metadata.get("max")
    for size in (0, 1, 2, *((most - 1, most, most + 1) if most else (300,))):
        yield _case("size", site, str(size), [site.value[0]] * size)
    yield _case("type", site, "an item null", [*site.value, None])
    yield _case("type", site, "mixed", [*site.value, 5])


def _maps(site: Site) -> Iterator[Case]:
    most = site.shape.metadata["max"]
    (key, value) = next(iter(site.value.items()))
    for size in (0, 1, 2, most - 1, most, most + 1):
        yield _case("size", site, str(size), {f"key{n}": value for n in range(size)})
    limit = site.shape.key.metadata["max"]
    for length in (0, 1, limit - 1, limit, limit + 1):
        yield _case("key length", site, str(length), {of_length(key, site.shape.key, length): value})
    for text in _KEYS:
        yield _case("key", site, repr(text), {text: value})
    yield _case("type", site, "a value null", {**site.value, "other": None})


def _case(kind: str, site: Site, what: str, value: Any) -> Case:
    return Case(kind, site.place, what, put(site.spec, site.place, value))
