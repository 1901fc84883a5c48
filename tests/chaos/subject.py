"""One object of the storm: what it was made as, what was done to it since, and what must hold of it in the end."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import truth
from tests.chaos.scenario import STOPS
from tests.sandbox.emr.admin import RunFacts
from tests.support.kube import Json

LATE = dt.timedelta(seconds=60)
"""After its time to live, when operators are killed every few seconds."""
LOST_SIGHT = "Trouble monitoring"
BY_DEFAULT = ("INTERNAL_ERROR", "CLUSTER_UNAVAILABLE")


@dataclass(slots=True)
class Subject:
    """`todo`: what is to be done to it, each with its time (monotonic). `done`: what was."""

    name: str
    uid: str
    members: Mapping[str, Any]
    actions: tuple[tuple[float, str], ...] = ()
    """What is to be done to it from the moment on that it has a run, with seconds."""
    todo: list[tuple[float, str]] = field(default_factory=list)
    aged: bool = False
    done: list[str] = field(default_factory=list)
    held_when_deleted: bool = False
    """Whether the deletion had to wait."""
    last: Json | None = None
    """How it was when it had ended."""
    over: bool = False
    kept: bool = False
    """Whether it has ended, and is there until its time to live is over."""
    cleaned_up: bool = False
    seen_wrong: list[str] = field(default_factory=list)
    """What was wrong while it was under way."""

    @property
    def deleted(self) -> bool:
        return "delete" in self.done

    @property
    def retained(self) -> bool:
        """Whether its run is to go on when it is deleted; where it was deleted, by the policy of that moment."""
        before = self.done[: self.done.index("delete")] if self.deleted else self.done
        said = [word for word in before if word in ("retain", "unretain")]
        return said[-1] == "retain" if said else self.members.get("deletionPolicy") == "Retain"

    @property
    def stopped(self) -> bool:
        """Whether somebody wished it cancelled or suspended."""
        return not STOPS.isdisjoint(self.done)

    @property
    def limited(self) -> bool:
        """Whether it has a deadline."""
        return not {"activeDeadlineSeconds", "startDeadlineSeconds"}.isdisjoint(self.members)

    @property
    def runs_on(self) -> bool:
        """Whether its run is to end by itself: nothing more is done to it, and nothing stops it."""
        stops = [word for word in self.done if word in ("suspend", "resume", "cancel", "delete")]
        return not self.todo and not self.actions and (not stops or stops[-1] == "resume")

    def begin(self, now: float) -> None:
        """Its actions begin now."""
        self.todo, self.actions = [(now + seconds, what) for seconds, what in self.actions], ()

    def wrong(self, runs: list[RunFacts], now: dt.datetime) -> list[str]:
        """Judged when all is over, given all runs under its tokens."""
        found = [*self.seen_wrong, *truth.in_turn(self.uid, runs)]
        if not self.over:
            return [*found, "not over"]
        if self.last is not None:
            return [*found, *truth.of_object(self.last, runs), *self._unexplained(self.last), *self._overdue(now)]
        return [*found, *(self._gone(runs) if self.deleted else ["gone, but nobody deleted it"])]

    def _gone(self, runs: list[RunFacts]) -> list[str]:
        """Deleted before its end. Where the policy was changed at the same moment, both ways are right."""
        if self.retained:
            return [] if self.stopped or self.limited else truth.of_deleted(None, runs, retained=True)
        freed = "retain" in self.done[self.done.index("delete") :]
        certain = self.held_when_deleted or (self.members.get("deletionPolicy") != "Retain" and not freed)
        return truth.of_deleted(None, runs, retained=False) if certain and not freed else []

    def _unexplained(self, item: Json) -> list[str]:
        """Why it ended must be something that was asked for, or what its runs were to do."""
        status = item["status"]
        state, reason = status.get("state"), _reason(status)
        asked = {
            "Completed": state == "COMPLETED",
            "JobFailed": state == "FAILED" and not self._to_be_resubmitted(status),
            "Cancelled": state == "CANCELLED" and "cancel" in self.done,
            "DeadlineExceeded": state == "CANCELLED" and "activeDeadlineSeconds" in self.members,
            "StartDeadlineExceeded": state == "CANCELLED" and "startDeadlineSeconds" in self.members,
        }
        wrong = [] if asked.get(reason) else [f"ended {state} with {reason}, done to it: {self.done}"]
        resumed = self.done.count("resume") + 1
        most = resumed + resumed * self.members.get("resubmitPolicy", {}).get("limit", 0)
        attempt = status.get("attempt") or 1
        return wrong if attempt <= most else [*wrong, f"{attempt} attempts, {most} were allowed"]

    def _to_be_resubmitted(self, status: Json) -> bool:
        """Whether another attempt should have followed its failure."""
        policy = self.members.get("resubmitPolicy", {})
        listed = status.get("failureReason") in policy.get("failureReasons", BY_DEFAULT)
        left = status.get("resubmissions", 0) < policy.get("limit", 0)
        certain = not self.limited and "cancel" not in self.done
        return listed and left and certain and not status.get("stateDetails", "").startswith(LOST_SIGHT)

    def _overdue(self, now: dt.datetime) -> list[str]:
        if not self.kept:
            return []
        if self.aged:
            return ["its time to live was over, and nobody deleted it"]
        late = now - self.ends() > LATE
        return [f"not deleted {LATE.seconds} s after its time to live was over"] if late else []

    def ends(self) -> dt.datetime:
        """When its time to live is over."""
        return _finished_at(self.last) + dt.timedelta(seconds=self.members["ttlSecondsAfterFinished"])


def _finished_at(item: Json | None) -> dt.datetime:
    conditions = item["status"]["conditions"] if item else []
    [at] = [found["lastTransitionTime"] for found in conditions if found["type"] == "Finished"]
    return dt.datetime.fromisoformat(at)


def _reason(status: Json) -> str:
    return next((found["reason"] for found in status.get("conditions", []) if found["type"] == "Ready"), "")
