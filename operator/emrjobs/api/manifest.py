"""Manifests of our kinds in files. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from emrjobs.api.kind import Kind
from emrjobs.api.yaml_documents import documents

_OBJECT_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_TOP_LEVEL: Final = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object of a file. ``problems`` are those of everything but the spec."""

    object_name: str
    spec: object
    problems: tuple[str, ...] = ()
    namespace: str | None = None
    """None where the manifest leaves it to whoever applies it."""


def manifests(text: str, kind: Kind) -> Iterator[Manifest | str]:
    """The objects of a kind in a file, and the kinds of others. Raises NotYaml."""
    return (_read(document, kind) for document in documents(text))


def _read(document: object, kind: Kind) -> Manifest | str:
    if not isinstance(document, Mapping):
        return "a document that is not an object"
    if document.get("kind") != kind.kind:
        return str(document.get("kind", "a document without a kind"))[:64]
    metadata = document.get("metadata")
    name = _name(metadata) if isinstance(metadata, Mapping) else None
    namespace = metadata.get("namespace") if isinstance(metadata, Mapping) else None
    return Manifest(
        name or "",
        document.get("spec"),
        tuple(_problems(document, kind, name)),
        namespace if isinstance(namespace, str) else None,
    )


def _name(metadata: Mapping[Any, Any]) -> str | None:
    """The object's name; a generated one gets five characters of the API server's choice."""
    given = metadata.get("name") or f"{metadata.get('generateName', '')}xxxxx"
    return given if isinstance(given, str) and _OBJECT_NAME.fullmatch(given) else None


def _problems(document: Mapping[Any, Any], kind: Kind, name: str | None) -> Iterator[str]:
    if document.get("apiVersion") != kind.api_version:
        yield f"apiVersion: must be {kind.api_version}"
    if name is None:
        yield "metadata.name: must be a name of lower case letters, digits, '-' and '.'"
    for member in document:
        if member not in _TOP_LEVEL:
            yield f"{str(member)[:64]!r} is not a member of this API"
