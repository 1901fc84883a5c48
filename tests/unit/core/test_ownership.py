"""Whose a job run is, by its tags and its token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.api.tags import INSTALLATION as INSTALLATION_TAG
from emrjobs.api.tags import MOST as MOST_TAGS
from emrjobs.api.tags import NAME as NAME_TAG
from emrjobs.api.tags import NAMESPACE as NAMESPACE_TAG
from emrjobs.core.job_run.ownership import Owner, tagged, tagged_owner, uid_of
from emrjobs.core.job_run.tokens import client_token
from tests.support.builders import World, a_run

UID = "0e3c1a52-7a5e-4d0b-9f57-1f2b3c4d5e6f"
HERE = "prod/emrjobs"
MARKS = {INSTALLATION_TAG: HERE, NAMESPACE_TAG: "team-a", NAME_TAG: "etl.v2"}


@given(st.uuids(version=4), st.integers(1, 2**31))
def test_every_token_leads_back_to_its_uid(uid: object, attempt: int) -> None:
    assert uid_of(client_token(str(uid), attempt)) == str(uid)


@pytest.mark.parametrize("token", [None, "", UID.upper(), f"{UID}-", f"{UID}-x", f"x{UID}", "airflow-1", f"{UID}\n"])
def test_other_tokens_name_no_object(token: str | None) -> None:
    assert uid_of(token) is None


def test_the_tags_of_a_request_name_its_object() -> None:
    resource = a_run().resource
    request = tagged({"name": "x", "tags": {"team": "a"}}, resource, HERE)
    tags = request["tags"]
    assert tags["team"] == "a"
    assert tagged_owner(resource.uid, tags, HERE) == Owner(resource.namespace, resource.name, resource.uid)


@pytest.mark.parametrize(
    ("why", "token", "tags", "installation"),
    [
        ("no installation is set", UID, MARKS, None),
        ("another installation's", UID, MARKS, "staging"),
        ("no tags", UID, {}, HERE),
        ("no token", None, MARKS, HERE),
        ("a token that is no uid", "mine", MARKS, HERE),
        ("a path for a namespace", UID, {**MARKS, NAMESPACE_TAG: "../kube-system"}, HERE),
        ("a path for a name", UID, {**MARKS, NAME_TAG: "x/../y"}, HERE),
        ("a name too long", UID, {**MARKS, NAME_TAG: "x" * 254}, HERE),
        ("a namespace with a line break", UID, {**MARKS, NAMESPACE_TAG: "team-a\n"}, HERE),
    ],
)
def test_a_run_is_not_ours(why: str, token: str | None, tags: dict[str, str], installation: str | None) -> None:
    assert tagged_owner(token, tags, installation) is None, why


@pytest.mark.parametrize(
    ("why", "own", "world", "installation"),
    [
        ("no installation is set", 0, a_run(), None),
        ("the run is meant to outlive its object", 0, a_run().retained(), HERE),
        ("the spec's own tags leave no room", MOST_TAGS - 2, a_run(), HERE),
    ],
)
def test_a_request_stays_as_it_is(why: str, own: int, world: World, installation: str | None) -> None:
    request = {"name": "x", "tags": {f"t{number}": "v" for number in range(own)}}
    assert tagged(request, world.resource, installation) == request, why


FORGED = {INSTALLATION_TAG: HERE, NAMESPACE_TAG: "kube-system", NAME_TAG: "victim"}


@pytest.mark.parametrize("others", [0, MOST_TAGS - 3])
@pytest.mark.parametrize("world", [a_run(), a_run().retained()], ids=["cancelled with its object", "retained"])
def test_a_tenant_cannot_speak_for_another_object(world: World, others: int) -> None:
    """After its object is gone the search would tell the other namespace of the run."""
    own = {f"t{number}": "v" for number in range(others)}
    tags = tagged({"tags": {**own, **FORGED}}, world.resource, HERE)["tags"]
    owner = tagged_owner(world.resource.uid, tags, HERE)
    assert owner is None or (owner.namespace, owner.name) == (world.resource.namespace, world.resource.name)
    assert own.items() <= tags.items()
