"""What must hold in the end, whatever happened: counted at the endpoint, never believed from a status alone."""

from collections.abc import Iterable, Mapping

from tests.chaos.life import Life
from tests.sandbox.emr.admin import RunFacts
from tests.support.jobs import TERMINAL
from tests.support.kube import Json


def of_object(item: Json, runs: Iterable[RunFacts]) -> list[str]:
    """What is wrong with an object that was never deleted, given all runs under its tokens."""
    status, found = item.get("status", {}), list(runs)
    token = status.get("clientToken")
    named = [run for run in found if run["client_token"] == token]
    wrong = []
    if len(named) != 1:
        return [f"{len(named)} runs under its token"]
    run = named[0]
    shown = {"id": status.get("id"), "arn": status.get("arn"), "state": status.get("state")}
    if shown != {"id": run["id"], "arn": run["arn"], "state": run["state"]}:
        wrong.append(f"status says {shown}, the endpoint {run['id']} {run['state']}")
    if (status.get("stateDetails"), status.get("failureReason")) != (run["details"], run["reason"]):
        wrong.append("details or reason differ from the endpoint's")
    if not _finished(status):
        wrong.append(f"not finished: {status.get('state')}")
    if item["metadata"].get("finalizers"):
        wrong.append("a finalizer is left on a finished object")
    return wrong


def of_deleted(item: Json | None, runs: Iterable[RunFacts], *, retained: bool) -> list[str]:
    """What is wrong with an object that was deleted; None is how it should be."""
    wrong = [] if item is None else [f"still there, {item.get('status', {}).get('state')}"]
    for run in runs:
        if retained and run["cancels"]:
            wrong.append(f"run {run['id']} was cancelled although it is retained")
        if not retained and run["state"] not in TERMINAL:
            wrong.append(f"run {run['id']} is {run['state']} although its object was deleted")
    return wrong


def at_endpoint(runs: Iterable[RunFacts], uids: Iterable[str]) -> list[str]:
    """What is wrong with the runs as a whole: two under a token, or one that no object asked for."""
    known, seen, wrong = set(uids), dict[str, str](), []
    for run in runs:
        token = run["client_token"]
        if token in seen:
            wrong.append(f"runs {seen[token]} and {run['id']} have one token")
        seen[token] = run["id"]
        if token[:36] not in known:
            wrong.append(f"run {run['id']} has a token that is no object's")
    return wrong


def of_life(life: Life, item: Json | None, runs: list[RunFacts]) -> list[str]:
    """What is wrong with a life that is over, given all runs of its virtual cluster."""
    wrong = at_endpoint(runs, [life.uid])
    own = [run for run in runs if run["client_token"][:36] == life.uid]
    if life.deleted:
        return wrong + of_deleted(item, own, retained=life.scenario.retained)
    return wrong + (of_object(item, own) if item else ["gone, but nobody deleted it"])


def by_uid(runs: Iterable[RunFacts]) -> Mapping[str, list[RunFacts]]:
    """The runs of each object, by the uid that begins every token."""
    found: dict[str, list[RunFacts]] = {}
    for run in runs:
        found.setdefault(run["client_token"][:36], []).append(run)
    return found


def _finished(status: Json) -> bool:
    return any(c["type"] == "Finished" and c["status"] == "True" for c in status.get("conditions", []))
