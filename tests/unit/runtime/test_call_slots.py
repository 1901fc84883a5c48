"""Calls to one target at once: bounded, and nobody who waits is forgotten."""

from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from emrjobs.runtime.aws.call_slots import CallSlots

NAMES = [f"object-{number}" for number in range(6)]


class Objects:
    """Those that call, and those that wait. ``keen``: who still wants to call when woken."""

    def __init__(self, most: int, keen: set[str]) -> None:
        self.slots = CallSlots(most, self._woken)
        self.calls: dict[str, ExitStack] = {}
        self.waiting: set[str] = set()
        self._keen = keen

    def begin(self, name: str) -> None:
        if name in self.calls:
            return
        if self.slots.free(name):
            self.calls[name] = ExitStack()
            self.calls[name].enter_context(self.slots.taken())
        else:
            self.waiting.add(name)

    def end(self, name: str) -> None:
        if name in self.calls:
            self.calls.pop(name).close()

    def _woken(self, name: str) -> None:
        self.waiting.discard(name)
        if name in self._keen:
            self.begin(name)


@given(st.integers(1, 3), st.sets(st.sampled_from(NAMES)), st.lists(st.tuples(st.booleans(), st.sampled_from(NAMES))))
def test_never_more_than_that_at_once_and_whoever_waits_is_woken(
    most: int, keen: set[str], steps: list[tuple[bool, str]]
) -> None:
    objects = Objects(most, keen)
    for begins, name in steps:
        (objects.begin if begins else objects.end)(name)
        assert len(objects.calls) <= most
    while objects.calls:
        objects.end(next(iter(objects.calls)))
    assert objects.waiting == set()
