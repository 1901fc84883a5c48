"""What must hold of the attempts of one object, by the endpoint and by every version that the object ever had."""

from itertools import pairwise

from tests.support.jobs import Jobs, situation
from tests.support.kube import Json


def tokens(job: Json, count: int) -> list[str]:
    """The tokens of the first attempts: the uid, then the uid with the attempt's number."""
    uid = job["metadata"]["uid"]
    return [uid, *(f"{uid}-{number}" for number in range(2, count + 1))]


def one_run_per_attempt(jobs: Jobs, job: Json, count: int) -> list[str]:
    """The endpoint has exactly one run for each attempt, started in order; their ids, oldest first."""
    runs = sorted(jobs.at_endpoint(), key=lambda run: (run["created_at"], len(run["client_token"])))
    assert [run["client_token"] for run in runs] == tokens(job, count)
    assert jobs.sim.duplicates() == []
    return [run["id"] for run in runs]


def never_two_at_once(jobs: Jobs) -> None:
    """No attempt was started before the one before it had ended at AWS (whose times are whole seconds)."""
    runs = sorted(jobs.at_endpoint(), key=lambda run: run["created_at"])
    for earlier, later in pairwise(runs):
        ended = [moment["at"] for moment in earlier["history"] if moment["state"] in ("FAILED", "CANCELLED")]
        assert ended, "it was followed without having ended"
        assert ended[0] <= later["created_at"]


def states(versions: list[Json]) -> list[str]:
    """The states that the object went through, in order."""
    seen: list[str] = []
    for version in versions:
        state = version.get("status", {}).get("state")
        if state and seen[-1:] != [state]:
            seen.append(state)
    return seen


def never_seemed_over(versions: list[Json]) -> None:
    """No version but the last ones says that it is over: not FAILED, not Stalled, not Finished between attempts."""
    ended = [bool({"Finished", "Stalled", "Failed"} & set(situation(v.get("status", {})))) for v in versions]
    assert ended == sorted(ended), f"it seemed over, and was not: {states(versions)}"
    for version, over in zip(versions, ended, strict=True):
        assert over or version.get("status", {}).get("state") not in ("FAILED", "CANCELLED", "COMPLETED")
