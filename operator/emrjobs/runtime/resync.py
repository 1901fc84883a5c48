"""Repairs what a watch lost: compares the store with the API server's list now and then."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final, Generic

from emrjobs.adapters.kube import ForbiddenError, Kube, KubeError, NotFoundError
from emrjobs.runtime.informer import Informer
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.store import M, O
from emrjobs.runtime.unexpected import note_unexpected

_LOG: Final = logging.getLogger("emrjobs.resync")
_PAGE: Final = 100
"""Objects on a page. Their metadata alone may have 256 KiB each."""
_SETTLING_SECONDS: Final = 2.0
_AGAIN_SECONDS: Final = 30.0
"""After a comparison that failed."""


async def load(informer: Informer[O, M], kube: Kube) -> None:
    """Take in all that there is in the cluster, now. Raises ``KubeError`` if a list fails."""
    token: str | None = None
    while True:
        page = await kube.list_page(informer.kind, None, _PAGE, token)
        for item in page.items:
            informer.store.apply(informer.parse(item, None))
        token = page.next
        if token is None:
            return


class Resync(Generic[O, M]):
    """A failed list changes nothing, and objects first seen after the list began are left alone."""

    def __init__(
        self,
        informer: Informer[O, M],
        kube: Kube,
        namespaces: tuple[str, ...],
        interval: timedelta,
        sample: Callable[[], float],
    ) -> None:
        self._informer = informer
        self._store = informer.store
        self._kube = kube
        self._namespaces: tuple[str | None, ...] = namespaces or (None,)
        self._seconds = interval.total_seconds()
        self._sample = sample
        self._soon = asyncio.Event()

    def soon(self) -> None:
        """Compare as soon as what a watch has just listed is taken in."""
        self._soon.set()

    async def run(self) -> None:
        """Compare for ever: at jittered times, and soon after a watch had to begin anew."""
        seconds = self._seconds
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), seconds * (0.75 + self._sample() / 2))
                await asyncio.sleep(_SETTLING_SECONDS)
            self._soon.clear()
            seconds = min(self._seconds, _AGAIN_SECONDS)
            try:
                repaired = await self.once()
            except KubeError as error:
                METRICS.resyncs.labels(result="failed").inc()
                _LOG.warning("resync failed", extra={"status": error.status, "reason": error.reason})
                continue
            except Exception as error:  # noqa: BLE001 - one object that cannot be read must not end the process
                METRICS.resyncs.labels(result="failed").inc()
                note_unexpected("resync failed", error)
                continue
            seconds = self._seconds
            METRICS.resyncs.labels(result="repaired" if repaired else "same").inc()

    async def once(self) -> int:
        """Compare once; how many objects had to be repaired. Raises ``KubeError`` if a list fails.

        A namespace that refuses us is left out, unless all do: what became of its objects is not known.
        """
        known = {resource.uid: resource for resource in self._store if resource.exists}
        versions: dict[str, str] = {}
        suspects: list[O] = []
        refused: dict[str | None, ForbiddenError] = {}
        for namespace in self._namespaces:
            try:
                await self._compare(namespace, known, versions, suspects)
            except ForbiddenError as error:
                refused[namespace] = error
                METRICS.resyncs.labels(result="refused").inc()
                _LOG.warning("a watched namespace refuses us", extra={"namespace": namespace, "status": error.status})
        if len(refused) == len(self._namespaces):
            raise next(iter(refused.values()))
        suspects += [
            resource for uid, resource in known.items() if uid not in versions and resource.namespace not in refused
        ]
        changed = [resource for resource in suspects if await self._repair(resource)]
        return len(changed)

    async def _compare(
        self,
        namespace: str | None,
        known: dict[str, O],
        versions: dict[str, str],
        suspects: list[O],
    ) -> None:
        token: str | None = None
        while True:
            page = await self._kube.list_page(self._informer.kind, namespace, _PAGE, token, metadata_only=True)
            for item in page.items:
                uid, version = item["metadata"]["uid"], item["metadata"]["resourceVersion"]
                versions[uid] = version
                ours = known.get(uid)
                if ours is None or ours.resource_version != version:
                    suspects.append(self._informer.parse(item, None))
            token = page.next
            if token is None:
                return

    async def _repair(self, suspect: O) -> bool:
        """Read it afresh; only the API server's own word makes it gone."""
        try:
            fresh = self._informer.parse(await self._kube.get(suspect), None)
        except NotFoundError:
            changed = self._store.gone(suspect.uid)
        else:
            changed = self._store.apply(fresh)
            if fresh.uid != suspect.uid:
                changed = self._store.gone(suspect.uid) or changed
                self._informer.enqueue(fresh.uid)
        if changed:
            self._informer.enqueue(suspect.uid)
        return changed
