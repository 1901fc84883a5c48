"""What a run shall do: read from a tag, a rule or the settings. Pure.

A script is JSON (`{"outcome": "FAILED", "run": 5}`) or short text (`outcome=FAILED;reason=USER_ERROR;run=5`)
that fits the 256 characters of a tag's value.
"""

import json
import math
import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.sandbox.emr.errors import validation

TAG = "sim.emrjobs.dev/script"
ACTIVE = ("PENDING", "SUBMITTED", "RUNNING", "CANCEL_PENDING")
TERMINAL = ("COMPLETED", "FAILED", "CANCELLED")
Stage = Literal["PENDING", "SUBMITTED", "RUNNING"]

EKS = "Cluster sandbox-eks"
MONITORING = "Trouble monitoring your JobRun."
# name -> (failureReason, stateDetails, the state that it strikes in), as the service documents them.
FAILURES: dict[str, tuple[str, str, Stage]] = {
    "classification": (
        "VALIDATION_ERROR",
        "JobRun submission failed. Classification unknown not supported.",
        "PENDING",
    ),
    "cluster-missing": ("CLUSTER_UNAVAILABLE", f"{EKS} does not exist.", "PENDING"),
    "cluster-permissions": ("CLUSTER_UNAVAILABLE", f"{EKS} does not have sufficient permissions.", "PENDING"),
    "cluster-unreachable": ("CLUSTER_UNAVAILABLE", f"{EKS} is currently not reachable.", "PENDING"),
    "internal": ("INTERNAL_ERROR", "JobRun submission failed due to an internal error.", "PENDING"),
    "no-resources": ("USER_ERROR", f"{EKS} does not have sufficient resources.", "SUBMITTED"),
    "driver": ("USER_ERROR", "JobRun failed. Main Spark container terminated with errors.", "RUNNING"),
    "monitor-missing": ("CLUSTER_UNAVAILABLE", f"{MONITORING} {EKS} does not exist.", "RUNNING"),
    "monitor-permissions": (
        "CLUSTER_UNAVAILABLE",
        f"{MONITORING} {EKS} does not have sufficient permissions.",
        "RUNNING",
    ),
    "monitor-unreachable": (
        "CLUSTER_UNAVAILABLE",
        f"{MONITORING} {EKS} is currently not reachable.",
        "RUNNING",
    ),
    "monitor-internal": (
        "INTERNAL_ERROR",
        "Trouble monitoring your JobRun due to an internal error",
        "RUNNING",
    ),
}
BY_REASON = {
    "VALIDATION_ERROR": "classification",
    "CLUSTER_UNAVAILABLE": "cluster-unreachable",
    "INTERNAL_ERROR": "internal",
    "USER_ERROR": "driver",
}


class Script(BaseModel):
    """One run's course; what is absent comes from the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=True, populate_by_name=True)

    outcome: Literal["COMPLETED", "FAILED", "CANCELLED"] = "COMPLETED"
    failure: str | None = None  # a key of FAILURES
    reason: str | None = None
    details: str | None = None
    at: Stage | None = None  # the state in which a failure strikes
    pending: float | None = Field(default=None, ge=0)
    submitted: float | None = Field(default=None, ge=0)
    run: float | None = Field(default=None, ge=0)
    cancel: float | None = Field(default=None, ge=0)
    race: Literal["win", "lose", "race"] = "win"  # what a cancellation does against the natural end
    fails: int = Field(default=0, ge=0)  # driver attempts that fail before the outcome
    stuck: Literal["PENDING", "SUBMITTED", "RUNNING", "CANCEL_PENDING"] | None = None
    show: str | None = None  # a state shown in place of the true one …
    show_at: str = "RUNNING"  # … while the run is in this one

    def failing(self) -> bool:
        return self.outcome == "FAILED" or bool(self.failure or self.reason)

    def verdict(self) -> tuple[str, str, Stage]:
        """Reason, details and state of the failure."""
        reason, details, stage = FAILURES[self.failure or BY_REASON.get(self.reason or "USER_ERROR", "driver")]
        return self.reason or reason, self.details or details, self.at or stage

    def length(self, stage: str) -> float | None:
        """Seconds that the script wants in one state; infinity where the run is to stay."""
        if self.stuck == stage:
            return math.inf
        by_stage = {"PENDING": self.pending, "SUBMITTED": self.submitted, "RUNNING": self.run}
        return by_stage.get(stage, self.cancel)


def _pairs(text: str) -> dict[str, Any]:
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    return {key.strip(): value.strip() for key, _, value in pairs}


def parse(text: str) -> Script:
    """A script that cannot be read is refused at once: a test with a typing error must not pass."""
    try:
        raw = json.loads(text) if text.lstrip().startswith("{") else _pairs(text)
        script = Script.model_validate(raw)
    except (ValueError, ValidationError) as error:
        first = str(error).replace("\n", " ")[:300]
        raise validation(f"The simulator cannot read the script {text!r}: {first}") from error
    if script.failure is not None and script.failure not in FAILURES:
        raise validation(f"The simulator knows no failure {script.failure!r}; it knows {sorted(FAILURES)}")
    return script


class Rule(BaseModel):
    """A script for the runs whose request matches every pattern given (searched, not anchored)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    script: str
    name: str | None = None
    entry_point: str | None = None
    virtual_cluster_id: str | None = None
    role: str | None = None
    times: int | None = None  # how many runs it may script; for ever if absent


def _entry_point(request: dict[str, Any]) -> str:
    drivers = request.get("jobDriver", {}).values()
    return next((driver["entryPoint"] for driver in drivers if "entryPoint" in driver), "")


def matches(rule: Rule, request: dict[str, Any]) -> bool:
    pairs = (
        (rule.name, request.get("name", "")),
        (rule.entry_point, _entry_point(request)),
        (rule.virtual_cluster_id, request.get("virtualClusterId", "")),
        (rule.role, request.get("executionRoleArn", "")),
    )
    return all(pattern is None or re.search(pattern, text) for pattern, text in pairs)


class ScriptBook:
    """Which script a request gets: its tag, else the first rule that matches, else the settings' one."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._used: list[int] = []

    def add(self, rule: Rule) -> None:
        parse(rule.script)
        self.rules.append(rule)
        self._used.append(0)

    def clear(self) -> None:
        self.rules.clear()
        self._used.clear()

    def script_for(self, request: dict[str, Any], fallback: str) -> Script:
        tagged = request.get("tags", {}).get(TAG)
        if tagged is not None:
            return parse(tagged)
        for position, rule in enumerate(self.rules):
            spent = rule.times is not None and self._used[position] >= rule.times
            if not spent and matches(rule, request):
                self._used[position] += 1
                return parse(rule.script)
        return parse(fallback)
