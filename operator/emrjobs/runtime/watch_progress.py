"""How far the watching is, concluded from the requests that kopf makes. No I/O."""

import asyncio
from collections.abc import Callable, Collection
from typing import Final

_OK: Final = 200
_FORBIDDEN: Final = 403


class WatchProgress:
    """Of the paths that are to be watched: one for each kind and namespace."""

    def __init__(
        self,
        paths: Collection[str],
        loaded: asyncio.Event,
        relisted: Callable[[], None],
        beside: Collection[str] = (),
    ) -> None:
        """``loaded`` is set when everything there is was listed once, but for the paths ``beside``.

        ``relisted`` is told when a watch had to begin anew with a list: what was deleted in between, nobody tells.
        """
        self._needed = frozenset(paths)
        self._paths = self._needed | frozenset(beside)
        self._loaded = loaded
        self._relisted = relisted
        self._listed: set[str] = set()
        self._watched: set[str] = set()
        self._refused: set[str] = set()
        self.unserved: tuple[str, ...] = ()
        """The kinds that the API server does not serve, as ``plural.group``."""
        self.begun = asyncio.Event()
        """Set when the watching has begun."""

    def read(self, path: str, status: int, watching: bool) -> None:
        """A list of that path has been answered with that status, or a watch has begun. Other paths are not ours."""
        # An API server behind a proxy may be at a path of its own.
        ours = next((known for known in self._paths if path.endswith(known)), None)
        if ours is not None:
            self._note(ours, status, watching)

    def _note(self, path: str, status: int, watching: bool) -> None:
        if status != _OK:
            if status == _FORBIDDEN:
                self._refused.add(path)
            return
        self._refused.discard(path)
        if watching:
            self._watched.add(path)
            if self._watched >= self._needed:
                self._loaded.set()
            return
        if path in self._listed:
            self._relisted()
        self._listed.add(path)

    def problem(self) -> str | None:
        """What is not watched, for readiness.

        A namespace that refuses us does not count as long as another is watched: it may be going.
        """
        if self.unserved:
            return f"the API server does not serve {', '.join(self.unserved)}: are the CRDs installed?"
        if not self.begun.is_set():
            return "the watch has not begun"
        missing = self._paths - self._watched - (self._refused if self._watched else set())
        return f"not watched yet: {', '.join(sorted(missing))}" if missing else None
