"""What no tracked text may hold: words that say "not done", package index addresses, paths of one machine."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tests.budgets.source import Finding

PRODUCT = ("operator", "helm", "crds", "docs", "README.md")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError|placeholder|stub)\b")
INDEX_ADDRESS = re.compile(r'--(?:extra-)?index-url|"resolved":\s*"http|//\S+/simple/?(?:\s|$)')


def text_findings(path: PurePosixPath, text: str, machine_paths: Iterable[str]) -> Iterator[Finding]:
    """``machine_paths`` are folders of this machine, each with its closing slash."""
    places = tuple(machine_paths)
    product = any(path.is_relative_to(folder) for folder in PRODUCT)
    for number, line in enumerate(text.splitlines(), start=1):
        if product and (word := UNFINISHED.search(line)):
            yield Finding(path, number, f"{word[0]}: finish it or leave it out")
        if INDEX_ADDRESS.search(line):
            yield Finding(path, number, "the address of a package index")
        if any(place in line for place in places):
            yield Finding(path, number, "a path of this machine")
