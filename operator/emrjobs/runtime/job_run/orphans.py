"""Finds active job runs of ours whose object is gone: stripped of its finalizer while no process of ours looked.

A run is ours if its tags say so. The API server's own word makes an object gone.
An object that goes while a process of ours watches, leading or standing by, needs no search.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from emrjobs.adapters.kube import Kube, KubeError, NotFoundError
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.effects import Event
from emrjobs.core.failures import PASSING, Failure, Operation, judge
from emrjobs.core.job_run.effects import CancelJob, DescribeJob
from emrjobs.core.job_run.ownership import Owner, tagged_owner, uid_of
from emrjobs.core.job_run.runs import JobRun
from emrjobs.core.job_run.time_ranges import TimeRange
from emrjobs.runtime.aws.target import AwsTarget, AwsTargets
from emrjobs.runtime.gate import Phase
from emrjobs.runtime.job_run.entries import JobRunStore
from emrjobs.runtime.job_run.run_index import RunIndex
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.shared import Shared
from emrjobs.runtime.unexpected import note_unexpected
from emrjobs.settings import OrphanPolicy

_LOG: Final = logging.getLogger("emrjobs.orphans")
_AGAIN_SECONDS: Final = 60.0
"""After a search that could not be completed."""


class _IncompleteError(Exception):
    """AWS or the API server did not answer, or this process may not act any more."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A virtual cluster, and where it is."""

    target: AwsTarget
    cluster: str


class OrphanSearch:
    """Searches once at the begin of every term, and then in intervals."""

    def __init__(
        self,
        shared: Shared,
        targets: AwsTargets,
        store: JobRunStore,
        index: RunIndex,
        loaded: asyncio.Event,
    ) -> None:
        """``loaded`` is set when the store holds all objects that there are."""
        self._loaded = loaded
        self._kube: Kube = shared.kube
        self._gate = shared.gate
        self._event_recorder = shared.event_recorder
        self._settings = shared.settings
        self._targets = targets
        self._store = store
        self._index = index
        self._soon = asyncio.Event()
        self._found: dict[str, Owner] = {}

    def __len__(self) -> int:
        """How many the last search found."""
        return len(self._found)

    def soon(self) -> None:
        """Search now: others may have acted, or nobody may have looked, until this moment."""
        self._soon.set()

    async def run(self) -> None:
        """Search for ever."""
        interval = self._settings.orphan_interval.total_seconds()
        await self._loaded.wait()
        while True:
            self._soon.clear()
            pause = interval if self._gate.phase is not Phase.OPEN or await self._search() else _AGAIN_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), min(pause, interval))

    async def _search(self) -> bool:
        """Look through every virtual cluster; whether all could be looked through."""
        found: dict[str, Owner] = {}
        complete = True
        for place in self._places():
            try:
                found |= await self._search_in(place)
            except _IncompleteError:
                complete = False
            except Exception as error:  # noqa: BLE001 - one answer must not end the process
                complete = False
                note_unexpected("runs without object could not be looked for", error, virtualCluster=place.cluster)
        self._found = found if complete else self._found | found
        return complete

    def _places(self) -> list[_Place]:
        clusters = {
            (target.key, cluster)
            for resource in self._store
            if (cluster := resource.status.virtual_cluster_id) is not None
            and (target := self._targets.of(resource)) is not None
        }
        named = self._settings.orphan_virtual_clusters
        clusters |= {(target.key, cluster) for target in self._targets for cluster in named}
        return [_Place(self._targets.get(key), cluster) for key, cluster in sorted(clusters, key=repr)]

    async def _search_in(self, place: _Place) -> dict[str, Owner]:
        found: dict[str, Owner] = {}
        token: str | None = None
        while True:
            await place.target.rate_limiter.turn(Operation.LIST, place.cluster)
            page = await place.target.emr.list_active(place.cluster, TimeRange(), token, claims=True)
            place.target.note(Operation.LIST, page)
            if isinstance(page, Failure):
                _log(place, Operation.LIST, page)
                if judge(page) in PASSING:
                    raise _IncompleteError
                # A virtual cluster that is not there, or not for us, will not be there a minute later.
                return found
            for run in page.runs:
                owner = await self._missing_owner(place, run)
                if owner is not None:
                    found[run.id] = owner
                    await self._handle(place, run, owner)
            token = page.next
            if token is None:
                return found

    async def _missing_owner(self, place: _Place, run: JobRun) -> Owner | None:
        """The object that a run was started for, if it is gone."""
        if run.state == State.CANCEL_PENDING or run.id in self._index.active(place.target.key, place.cluster):
            return None
        run = run if run.client_token is not None else await self._described(place, run)
        entry = self._store.get(uid_of(run.client_token) or "")
        if entry is not None and entry.resource.exists:
            return None
        owner = tagged_owner(run.client_token, run.tags or {}, self._settings.installation)
        watched = self._settings.namespace
        if owner is None or (watched and owner.namespace not in watched):
            return None
        return owner if await self._is_gone(owner) else None

    async def _described(self, place: _Place, run: JobRun) -> JobRun:
        """A list need not tell the token."""
        await place.target.rate_limiter.turn(Operation.DESCRIBE, place.cluster)
        seen = await place.target.emr.describe(DescribeJob(place.cluster, run.id))
        place.target.note(Operation.DESCRIBE, seen)
        if isinstance(seen, Failure):
            _log(place, Operation.DESCRIBE, seen)
            raise _IncompleteError
        return seen.run

    async def _is_gone(self, owner: Owner) -> bool:
        try:
            raw = await self._kube.get(owner)
        except NotFoundError:
            return True
        except KubeError as error:
            raise _IncompleteError from error
        return bool(raw["metadata"]["uid"] != owner.uid)

    async def _handle(self, place: _Place, run: JobRun, owner: Owner) -> None:
        cancel = self._settings.orphan_policy is OrphanPolicy.CANCEL
        if run.id not in self._found:
            then = "is being cancelled" if cancel else "is still active"
            message = f"The object is gone; its job run {run.id} {then}"
            _LOG.warning("a job run has no object any more", extra={**owner.log_fields(), "run": run.id})
            self._event_recorder.record(owner, Event(Reason.RUN_ORPHANED, message, warning=True))
        if cancel:
            await self._cancel(place, run)

    async def _cancel(self, place: _Place, run: JobRun) -> None:
        await place.target.rate_limiter.turn(Operation.CANCEL, place.cluster)
        if self._gate.phase is not Phase.OPEN:
            raise _IncompleteError
        taken = await place.target.emr.cancel(CancelJob(place.cluster, run.id), self._gate.not_after())
        place.target.note(Operation.CANCEL, taken)
        if isinstance(taken, Failure):
            _log(place, Operation.CANCEL, taken)
            raise _IncompleteError
        METRICS.orphans.inc()


def _log(place: _Place, operation: Operation, failure: Failure) -> None:
    facts = {"operation": str(operation), "code": failure.code, "verdict": str(judge(failure))}
    _LOG.warning("AWS did not do it", extra={"virtualCluster": place.cluster, **facts})
