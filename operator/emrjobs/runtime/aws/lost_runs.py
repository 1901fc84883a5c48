"""Many runs that AWS does not know at once are no verdict on any of them: something else is wrong.

An endpoint of another Region or account answers so for every run.
"""

from typing import Final

_FEW: Final = 5
_SHARE: Final = 0.1


class LostRuns:
    """Which runs AWS denied knowing, among those that are active. No I/O."""

    def __init__(self) -> None:
        self._denied: set[str] = set()
        self._active: set[str] = set()

    def denied(self, uid: str) -> None:
        """AWS does not know the run of that object."""
        self._denied.add(uid)
        self._active.add(uid)

    def seen(self, uid: str) -> None:
        """AWS showed the run of that object, so the endpoint is the right one: earlier denials count afresh."""
        self._active.add(uid)
        self._denied.clear()

    def over(self, uid: str) -> None:
        """The object is finished or gone."""
        self._active.discard(uid)
        self._denied.discard(uid)

    @property
    def too_many(self) -> bool:
        """Whether so many are denied that none is believed."""
        return len(self._denied) > _FEW and len(self._denied) > _SHARE * len(self._active)

    def problem(self) -> str | None:
        """For readiness."""
        return (
            "AWS does not know many of the runs; is it the right endpoint, Region and account?"
            if self.too_many
            else None
        )
