"""botocore's own model of StartJobRun, walked: the truth that models, schema and corpus are compared with."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

Path = tuple[str, ...]

ITEM = "[]"
KEY = "{key}"
VALUE = "{value}"


@dataclass(frozen=True, slots=True)
class Node:
    """One shape at one place. A shape that holds itself is met again, but not entered."""

    path: Path
    shape: Any
    required: bool = False

    def __str__(self) -> str:
        return ".".join(self.path)


@cache
def start_job_run() -> Any:
    """The input shape of StartJobRun in the installed botocore."""
    raw = Loader().load_service_model("emr-containers", "service-2")
    return ServiceModel(raw, "emr-containers").operation_model("StartJobRun").input_shape


def nodes() -> list[Node]:
    """Every place of the request: members, list items, map keys and values."""
    return list(_walk(Node((), start_job_run()), ()))


def leaves() -> list[Node]:
    """The places that hold a scalar."""
    return [node for node in nodes() if node.shape.type_name not in {"structure", "list", "map"}]


def _walk(node: Node, above: tuple[str, ...]) -> Iterator[Node]:
    yield node
    shape = node.shape
    if shape.name in above:
        return
    above = (*above, shape.name)
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _walk(Node((*node.path, name), member, name in shape.required_members), above)
    elif shape.type_name == "list":
        yield from _walk(Node((*node.path, ITEM), shape.member), above)
    elif shape.type_name == "map":
        yield from _walk(Node((*node.path, KEY), shape.key), above)
        yield from _walk(Node((*node.path, VALUE), shape.value), above)
