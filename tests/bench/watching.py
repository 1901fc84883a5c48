"""What a reader of the API sees, and when: one watch on all EmrJobRuns, each version stamped as it comes."""

import json
import threading
import time
from collections import Counter
from collections.abc import Collection
from typing import Any

import urllib3

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.kind import API_VERSION
from tests.support.kube import ApiError, Kube
from tests.support.poll import until

_PATH = f"/apis/{API_VERSION}/{EMR_JOB_RUN.plural}"
_ENDS = frozenset({"COMPLETED", "FAILED", "CANCELLED", "LOST"})


class Watch:
    """Times are seconds since the epoch, as the simulator's. Written by its own thread only."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        self.ids: dict[str, float] = {}
        """By uid: when status showed a run's id for the first time."""
        self.ends: dict[str, float] = {}
        """By run id: when status showed the run's end for the first time."""
        self.runs: dict[str, str] = {}
        """The run's id by uid."""
        self.states: dict[str, str] = {}
        """The newest state by uid; those deleted are absent."""
        self.last_change = time.monotonic()
        self._stopping = False
        self._version = self._newest()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """To be called before the API server ends; the thread ends with it."""
        self._stopping = True

    def wait(self, uids: Collection[str], states: Collection[str], timeout: float) -> None:
        """Wait until all these objects show one of the states."""

        def left() -> int:
            return sum(self.states.get(uid) not in states for uid in uids)

        def what() -> str:
            return f"{len(uids)} objects are {'/'.join(states)}: {dict(Counter(self.states.values()))}"

        until(lambda: left() == 0, timeout, what)

    def wait_ids(self, uids: Collection[str], timeout: float) -> float:
        """Wait until all these objects show an id; return when the last one did."""
        known = self.ids
        until(lambda: all(uid in known for uid in uids), timeout, lambda: f"{len(uids)} ids; {len(known)} are there")
        return max(known[uid] for uid in uids)

    def wait_quiet(self, seconds: float, timeout: float) -> None:
        """Wait until no object has changed for so long."""
        until(lambda: time.monotonic() - self.last_change > seconds, timeout, "no object changes")

    def _newest(self) -> str:
        listed = self._kube.request("GET", _PATH, query={"limit": "1"})
        return str(listed["metadata"]["resourceVersion"])

    def _run(self) -> None:
        while not self._stopping:
            query = {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": self._version}
            try:
                for event in self._kube.lines(_PATH, query, timeout=300):
                    self._take(event)
            except (urllib3.exceptions.HTTPError, OSError, ApiError, json.JSONDecodeError):
                # The API server ends a watch now and then; with the world it ends for good.
                time.sleep(0.1)

    def _take(self, event: dict[str, Any]) -> None:
        now, found = time.time(), event["object"]
        if event["type"] == "ERROR":
            raise ApiError(found.get("code", 0), found.get("reason", ""), found.get("message", ""))
        self._version = found["metadata"]["resourceVersion"]
        if event["type"] == "BOOKMARK":
            return
        self.last_change = time.monotonic()
        uid, status = found["metadata"]["uid"], found.get("status", {})
        if event["type"] == "DELETED":
            self.states.pop(uid, None)
            return
        state, run = status.get("state", "NEW"), status.get("id")
        self.states[uid] = state
        if run:
            self.runs[uid] = run
            self.ids.setdefault(uid, now)
            if state in _ENDS:
                self.ends.setdefault(run, now)
