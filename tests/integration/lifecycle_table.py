"""The table of members and moments: what happens to a run, acted out and compared with what is meant to happen.

``python -m tests.integration.lifecycle_table`` plays every cell in a world of its own and prints the table.
"""

import secrets
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from tests.sandbox.emr.admin import Admin
from tests.sandbox.table import table
from tests.sandbox.world import World
from tests.support.jobs import Jobs, ready, situation
from tests.support.kube import Json
from tests.support.moments import ARRANGE, MOMENTS
from tests.support.poll import TimedOut, until
from tests.support.shared_operator import ENVIRONMENT

PATIENCE: Final = 30.0
POLICY: Final = {"limit": 1, "backoffSeconds": 1, "maxBackoffSeconds": 1}


def suspend(jobs: Jobs) -> None:
    jobs.runs.patch_spec("job", suspend=True)


def suspend_and_resume(jobs: Jobs) -> None:
    """Resumed as soon as it is held, or over."""
    suspend(jobs)
    jobs.shows(lambda seen: {"Suspended", "Finished"} & set(situation(seen)), "is held or over")
    jobs.runs.patch_spec("job", suspend=False)


def cancel(jobs: Jobs) -> None:
    jobs.runs.patch_spec("job", cancel=True)


def active_deadline(jobs: Jobs) -> None:
    jobs.runs.patch_spec("job", activeDeadlineSeconds=1)


def start_deadline(jobs: Jobs) -> None:
    jobs.runs.patch_spec("job", startDeadlineSeconds=1)


def resubmit(jobs: Jobs) -> None:
    """The policy is added, and then the run fails if it still goes on."""
    jobs.runs.patch_spec("job", resubmitPolicy=POLICY)
    acted_on = jobs.shows(lambda seen: seen.get("id") or seen.get("state") == "QUEUED", "has a run, or waits")
    if "id" in acted_on and jobs.at_endpoint()[0]["state"] not in ("COMPLETED", "FAILED", "CANCELLED"):
        jobs.sim.put_state(acted_on["id"], "FAILED", "JobRun submission failed.", "INTERNAL_ERROR")


def clean_up(jobs: Jobs) -> None:
    """The shortest time to live, and a finished object is made to look older than that."""
    jobs.runs.patch_spec("job", ttlSecondsAfterFinished=60)
    finish_long_ago(jobs)


def finish_long_ago(jobs: Jobs) -> None:
    """Move the end into the past, as nobody can wait for a minute in each test."""
    found = jobs.runs.find("job")
    told: list[Json] = found["status"].get("conditions", []) if found else []
    if not any(condition["type"] == "Finished" for condition in told):
        return
    long_ago = [{**condition, "lastTransitionTime": "2020-01-01T00:00:00Z"} for condition in told]
    jobs.runs.patch("job", {"status": {"conditions": long_ago}}, subresource="status")


def delete(jobs: Jobs) -> None:
    jobs.runs.delete("job")


def retain_and_delete(jobs: Jobs) -> None:
    jobs.runs.patch_spec("job", deletionPolicy="Retain")
    jobs.runs.delete("job")


HELD, OVER, LEFT = "SUSPENDED Suspended; 1 run, 1 cancelled", "COMPLETED Completed; 1 run", "RUNNING Running; 1 run"
WAITS, LATE = "QUEUED ClusterBusy; no run", "CANCELLED DeadlineExceeded; 1 run, 1 cancelled"
NOT_STARTED = "CANCELLED StartDeadlineExceeded; 1 run, 1 cancelled"
STOPPED, ANEW = "CANCELLED Cancelled; 1 run, 1 cancelled", "RUNNING Running; 2 runs"
BY_OTHERS = "CANCELLED CancelledExternally; 1 run"
DELETED, GOES_ON = "gone; 1 run, 1 cancelled", "gone; 1 run"

ROWS: Final[dict[str, tuple[Callable[[Jobs], None], tuple[str, ...]]]] = {
    "suspend": (
        suspend,
        ("SUSPENDED Suspended; no run", HELD, HELD, HELD, "SUSPENDED Suspended; 1 run", OVER, OVER),
    ),
    "suspend, resume": (
        suspend_and_resume,
        (
            WAITS,
            "RUNNING Running; 2 runs, 1 cancelled",
            "PENDING Accepted; 2 runs, 1 cancelled",
            "RUNNING Running; 2 runs, 1 cancelled",
            ANEW,
            OVER,
            OVER,
        ),
    ),
    "cancel": (
        cancel,
        ("CANCELLED Cancelled; no run", STOPPED, STOPPED, STOPPED, "CANCELLED Cancelled; 1 run", OVER, OVER),
    ),
    "activeDeadlineSeconds": (
        active_deadline,
        (WAITS, LATE, LATE, LATE, "CANCELLED DeadlineExceeded; 1 run", OVER, OVER),
    ),
    "startDeadlineSeconds": (
        start_deadline,
        ("CANCELLED StartDeadlineExceeded; no run", NOT_STARTED, NOT_STARTED, LEFT, BY_OTHERS, OVER, OVER),
    ),
    "resubmitPolicy, failure": (
        resubmit,
        (WAITS, ANEW, "PENDING Accepted; 2 runs", ANEW, ANEW, OVER, OVER),
    ),
    "ttlSecondsAfterFinished": (
        clean_up,
        (WAITS, LEFT, "PENDING Accepted; 1 run", LEFT, BY_OTHERS, OVER, GOES_ON),
    ),
    "delete": (delete, ("gone; no run", DELETED, DELETED, DELETED, GOES_ON, GOES_ON, GOES_ON)),
    "Retain, delete": (
        retain_and_delete,
        ("gone; no run", GOES_ON, GOES_ON, GOES_ON, GOES_ON, GOES_ON, GOES_ON),
    ),
}
"""Member -> how it is flipped, and what is to come of it at each of the moments."""


def play(world: World, sim: Admin, member: str, moment: str) -> str:
    """Bring the moment about, flip the member, and tell what came of it."""
    flip, meant = ROWS[member]
    namespace = f"cell-{secrets.token_hex(4)}"
    world.kube.create_namespace(namespace)
    jobs = Jobs(world.kube.runs(namespace), sim)
    try:
        ARRANGE[moment](jobs)
        flip(jobs)
        expected = meant[MOMENTS.index(moment)]
        until(lambda: outcome(jobs) == expected, PATIENCE, expected)
    except TimedOut as error:
        return f"{outcome(jobs)} ({str(error).splitlines()[0]})"
    finally:
        found = outcome(jobs)
        world.remove_namespace(namespace)
    return found


def play_row(world: World, sim: Admin, member: str) -> dict[str, str]:
    """All moments of one member, at the same time."""
    with ThreadPoolExecutor(len(MOMENTS)) as pool:
        return dict(zip(MOMENTS, pool.map(lambda moment: play(world, sim, member, moment), MOMENTS), strict=True))


def outcome(jobs: Jobs) -> str:
    """State and reason as the object shows them, runs and cancellations as the endpoint counts them."""
    found = jobs.runs.find("job")
    runs, cancels = len(jobs.at_endpoint()), sum(call["status"] == 200 for call in jobs.calls("CancelJobRun"))
    counted = ("no run", "1 run")[runs] if runs < 2 else f"{runs} runs"
    counted += f", {cancels} cancelled" if cancels else ""
    if found is None:
        return f"gone; {counted}"
    status: Json = found.get("status", {})
    if status.get("observedGeneration") != found["metadata"]["generation"]:
        return "the operator has not acted on the newest generation"
    return f"{status.get('state')} {ready(status).get('reason')}; {counted}"


def markdown() -> str:
    """What is meant to come of each cell, as ``docs/lifecycle.md`` shows it."""
    lines = [["", *MOMENTS], ["---"] * (len(MOMENTS) + 1), *([name, *meant] for name, (_, meant) in ROWS.items())]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> int:
    """Print the table as it was found; 1 if a cell is not as meant."""
    with World() as world:
        world.operator(**ENVIRONMENT)
        found = {member: play_row(world, world.sim, member) for member in ROWS}
    rows = [(member, *cells.values()) for member, cells in found.items()]
    sys.stdout.write(table(("member", *MOMENTS), rows) + "\n")
    wrong = [member for member, cells in found.items() if tuple(cells.values()) != ROWS[member][1]]
    sys.stdout.write(f"Not as meant: {', '.join(wrong)}\n" if wrong else "All as meant.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
