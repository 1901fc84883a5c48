"""What one operator's proxies have seen, and whether they are shut. Plain data of the proxy's thread."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web

from tests.chaos.effects import Ask
from tests.chaos.fault_injection import Plan


@dataclass(slots=True)
class Passed:
    """One request that came: when (monotonic), what it asked, whether it was let through, and what the client
    was told (0: nothing)."""

    ask: Ask
    at: float = field(default_factory=time.monotonic)
    forwarded: bool = False
    status: int = 0


@dataclass(eq=False, slots=True)
class Watch:
    """An open watch."""

    response: web.StreamResponse
    task: "asyncio.Task[None]"
    expired: bool = False


@dataclass(eq=False, slots=True)
class ProxyState:
    """The addresses for one operator, what may befall its requests, and what came."""

    plan: Plan
    kube: str = ""
    emr: str = ""
    shut: bool = False
    """While true every connection is cut, as if nobody were there."""
    blind: bool = False
    """While true no watch is answered."""
    passed: list[Passed] = field(default_factory=list)
    done: int = 0
    """Effects that were carried out: after each there may be something new to see."""
    watches: set[Watch] = field(default_factory=set)

    def counts(self) -> Counter[str]:
        """How many requests came, by front and kind."""
        return Counter(f"{passed.ask.front} {passed.ask.kind}" for passed in list(self.passed))

    def writes(self, key: str | None = None) -> list[Passed]:
        """The effects that came, of one object if named."""
        found = [passed for passed in list(self.passed) if passed.ask.kind == "write"]
        return [passed for passed in found if key is None or passed.ask.key == key]

    def labels(self, key: str | None = None) -> list[str]:
        return [passed.ask.label for passed in self.writes(key)]
