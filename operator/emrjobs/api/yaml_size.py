"""How much a YAML document is when its aliases are expanded: a few bytes may stand for gigabytes. Pure."""

from collections.abc import Iterator
from typing import Final

import yaml

MOST_NODES: Final = 100_000
"""Far more than the largest spec has: it may have 262,144 bytes."""


class TooMuchYamlError(ValueError):
    """The aliases of a document expand to too much, or without end."""


def check_size(root: yaml.Node) -> None:
    """Count every node as often as it is referred to. Raises ``TooMuchYamlError``.

    Each node is visited once, and not by recursion: a document may nest deeper than functions can call each other.
    """
    sizes: dict[int, int] = {}
    under_way: set[int] = set()
    left: list[tuple[yaml.Node, bool]] = [(root, False)]
    while left:
        node, children_done = left.pop()
        key = id(node)
        if children_done:
            under_way.discard(key)
            sizes[key] = 1 + sum(sizes[id(child)] for child in _children(node))
            if sizes[key] > MOST_NODES:
                raise TooMuchYamlError("aliases expand to too much")
        elif key in under_way:
            raise TooMuchYamlError("an alias stands inside its own anchor")
        elif key not in sizes:
            under_way.add(key)
            left.append((node, True))
            left += [(child, False) for child in _children(node)]


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
