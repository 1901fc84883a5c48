"""Deliberate bugs, one at a time: what each changes in a copy of the operator, and which test must fail then."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.paths import OPERATOR_SOURCE, ROOT

STORIES = "tests/unit/core/test_stories.py::"
HANDOVER = "tests/chaos/test_faults.py::test_a_leader_that_falls_is_followed_and_does_nothing_any_more"
SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bug: in that file under `operator/emrjobs`, that text becomes another one. `caught_by`: the test that
    fails with it, and passes without it."""

    bug: str
    file: str
    old: str
    new: str
    caught_by: str


MUTANTS = (
    Mutant(
        "a random token with every request",
        "core/job_run/rules/submission.py",
        "client_token=o.token))",
        "client_token=__import__('uuid').uuid4().hex))",
        STORIES + "test_a_lost_answer_is_followed_by_the_same_request_and_one_run",
    ),
    Mutant(
        "the intent is not recorded",
        "core/job_run/decide.py",
        "    submission.intent_missing,\n",
        "",
        STORIES + "test_a_crash_before_the_answer_is_recorded_is_followed_by_the_same_request_and_one_run",
    ),
    Mutant(
        "the not-after time is not checked",
        "adapters/emr_containers.py",
        "if deadline is not None and time.monotonic() > deadline:",
        "if False:",
        f"{HANDOVER}[stopped_between_decision_and_send]",
    ),
    Mutant(
        "a retained run is cancelled",
        "core/job_run/lifecycle.py",
        'retain = members.get("deletionPolicy") == DeletionPolicy.RETAIN',
        "retain = False",
        STORIES + "test_a_retained_run_outlives_its_object_and_is_never_cancelled",
    ),
    Mutant(
        "the finalizer is removed before the end",
        "core/job_run/rules/termination.py",
        "if not o.resource.deleting or o.resource.lifecycle.deletion_policy is DeletionPolicy.CANCEL:",
        "if not o.resource.deleting or o.status.cancellation is None:",
        STORIES + "test_deleting_while_the_request_is_on_its_way_waits_and_cancels_what_comes",
    ),
    Mutant(
        "a 409 is swallowed",
        "runtime/object_writer.py",
        "patch_status(before, effect.status))\n",
        "patch_status(before, effect.status))\n"
        "        if not written:\n"
        "            entry.resource = __import__('dataclasses').replace(entry.resource, status=effect.status)\n",
        "tests/chaos/test_faults.py::test_a_conflict_with_any_effect_is_outlived",
    ),
    Mutant(
        "a list that lags is believed when it shows nothing",
        "core/job_run/rules/recovery.py",
        "return max(times) + o.timing.grace",
        "return max(times)",
        "tests/chaos/test_matrix.py::test_an_object_deleted_between_intent_and_answer_leaves_no_run",
    ),
    Mutant(
        "a list that lags is believed when it shows an earlier state",
        "core/job_run/runs.py",
        "if seen.source is Source.LIST and goes_back(",
        "if False and goes_back(",
        "tests/unit/core/test_runs.py",
    ),
    Mutant(
        "the Lease is not checked",
        "runtime/gate.py",
        "if time.monotonic() > self._acts_until:",
        "if False:",
        f"{HANDOVER}[killed]",
    ),
)


def outcome(mutant: Mutant, folder: Path) -> tuple[int, str]:
    """Run the mutant's test against a copy of the operator with the bug in it: pytest's exit code and output."""
    source = folder / "operator"
    shutil.copytree(OPERATOR_SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    apply(mutant, source)
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    where = subprocess.run(
        [sys.executable, "-c", "import emrjobs.settings as s; print(s.__file__)"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    if not Path(where.strip()).is_relative_to(source):
        raise RuntimeError(f"the copy is not what is imported: {where}")
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant.caught_by]
    done = subprocess.run(argv, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    return done.returncode, done.stdout + done.stderr


def apply(mutant: Mutant, source: Path) -> None:
    """Raises where the code has changed so that the bug has no place any more."""
    path = source / "emrjobs" / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise LookupError(f"{mutant.file} holds {mutant.old!r} {text.count(mutant.old)} times, not once")
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
