"""What must hold in the end, whatever happened: counted at the endpoint, never believed from a status alone."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from tests.chaos.life import Life
from tests.sandbox.emr.admin import RunFacts
from tests.support.jobs import TERMINAL
from tests.support.kube import Json

LISTED = 10
"""So many earlier attempts are kept in the status."""


def of_object(item: Json, runs: Iterable[RunFacts]) -> list[str]:
    """What is wrong with an object that was never deleted, given all runs under its tokens."""
    status, found = item.get("status", {}), {run["client_token"]: run for run in runs}
    wrong = _of_attempts(item["metadata"]["uid"], status, found)
    if not _finished(status):
        wrong.append(f"not finished: {status.get('state')}")
    if item["metadata"].get("finalizers"):
        wrong.append("a finalizer is left on a finished object")
    if status.get("id") is None:
        never = status.get("state") == "CANCELLED" and status.get("clientToken") not in found
        return wrong if never else [*wrong, f"{status.get('state')} without a run, and {len(found)} runs"]
    run = found.get(status.get("clientToken"))
    return wrong + ([f"no run under {status.get('clientToken')}"] if run is None else _differences(status, run))


def token(uid: str, attempt: int) -> str:
    """Of an attempt: the uid, from the second on with the attempt's number."""
    return uid if attempt == 1 else f"{uid}-{attempt}"


def in_turn(uid: str, runs: Iterable[RunFacts]) -> list[str]:
    """No attempt without the one before, and none before that one has ended."""
    found, wrong = {run["client_token"]: run for run in runs}, list[str]()
    tokens = [token(uid, number) for number in range(1, len(found) + 1)]
    if set(tokens) != set(found):
        return [f"runs under {sorted(found)}"]
    for earlier, later in pairwise(tokens):
        ended = found[earlier]["finished_at"]
        if ended is None or ended > found[later]["created_at"]:
            wrong.append(f"a run under {later} before that under {earlier} had ended")
    return wrong


def of_suspended(item: Json, runs: Iterable[RunFacts]) -> list[str]:
    """What is wrong with an object that shows SUSPENDED, given the runs under its tokens a moment later.

    One whose `suspend` is false by now may have been resumed in between.
    """
    uid = item["metadata"]["uid"]
    if not item["spec"].get("suspend"):
        return []
    live = [run for run in runs if run["client_token"][:36] == uid and run["state"] not in TERMINAL]
    return [f"SUSPENDED, while run {run['id']} is {run['state']}" for run in live]


def _of_attempts(uid: str, status: Json, found: dict[str, RunFacts]) -> list[str]:
    """A token for each attempt and none besides; all are over; the earlier ones are listed as they were."""
    attempt = status.get("attempt") or 1
    tokens = [token(uid, number) for number in range(1, attempt + 1)]
    wrong = [f"a run under {token}, but {attempt} attempts" for token in found if token not in tokens]
    going = [run for run in found.values() if run["state"] not in TERMINAL]
    wrong += [f"attempt {run['client_token']} still {run['state']}" for run in going]
    listed = {earlier["attempt"]: earlier for earlier in status.get("attempts", [])}
    if list(listed) != list(range(1, attempt))[-LISTED:]:
        wrong.append(f"attempts {list(listed)} are listed before attempt {attempt}")
    return wrong + [text for number, shown in listed.items() for text in _of_earlier(shown, found, tokens[number - 1])]


def _of_earlier(shown: Json, found: dict[str, RunFacts], key: str) -> list[str]:
    run = found.get(key)
    if run is None:
        return [f"attempts[] speaks of {key}, which has no run"]
    pairs = [("id", shown.get("id"), run["id"]), ("state", shown.get("state"), run["state"])]
    if run["reason"]:
        pairs.append(("reason", shown.get("reason"), run["reason"]))
    return [f"{key}: {member} is {said!r}, at the endpoint {true!r}" for member, said, true in pairs if said != true]


def _differences(status: Json, run: RunFacts) -> list[str]:
    facts = {"id": "id", "arn": "arn", "state": "state", "stateDetails": "details", "failureReason": "reason"}
    if _not_followed(status) and run["state"] in ("FAILED", "CANCELLED"):
        del facts["state"]
    pairs = [(member, status.get(member), run.get(fact)) for member, fact in facts.items()]
    return [f"{member} is {shown!r}, at the endpoint {true!r}" for member, shown, true in pairs if shown != true]


def _not_followed(status: Json) -> bool:
    """Whether it was stopped between two attempts: CANCELLED, while the record is of the attempt before."""
    text = f"Attempt {(status.get('attempt') or 1) + 1} was not started"
    return status.get("state") == "CANCELLED" and any(text in c["message"] for c in status.get("conditions", []))


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


def ended(item: Json) -> bool:
    """Whether an object is finished and nothing holds it."""
    return _finished(item.get("status", {})) and not item["metadata"].get("finalizers")


def by_uid(runs: Iterable[RunFacts]) -> Mapping[str, list[RunFacts]]:
    """The runs of each object, by the uid that begins every token."""
    found: dict[str, list[RunFacts]] = {}
    for run in runs:
        found.setdefault(run["client_token"][:36], []).append(run)
    return found


def _finished(status: Json) -> bool:
    return any(c["type"] == "Finished" and c["status"] == "True" for c in status.get("conditions", []))
