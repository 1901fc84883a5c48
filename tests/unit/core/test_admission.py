"""What policies make of an object: before its request is recorded, and when somebody else has recorded it."""

from dataclasses import replace
from typing import Any

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import EmrJobRunSpec, PartialSpec
from emrjobs.api.job_run.status import EmrJobRunStatus
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.core.job_policy.templates import Template
from emrjobs.core.job_run.admission import dumped, review
from emrjobs.core.job_run.parsing import parse_partial_spec
from emrjobs.core.job_run.request import digest
from emrjobs.core.job_run.resource import Admitted, NotAdmitted, NotJudged, Resource
from tests.support.builders import a_run
from tests.unit.core.job_policy.policies import POLICY, Json, policy, submit

HERE = Namespace("team-a")


def policies(**members: Any) -> Policies:
    return Policies([policy(**members)])


def written(spec: Json, **status: Any) -> tuple[Resource, PartialSpec]:
    """An object in the policy's namespace, as the API server has it."""
    read = parse_partial_spec(spec)
    assert isinstance(read, PartialSpec)
    known = EmrJobRunStatus.model_validate(status)
    return replace(a_run().resource, namespace="team-a", spec=read, status=known), read


def recorded(spec: Json, by: Policies, **changes: Any) -> tuple[Resource, PartialSpec]:
    """The object with the intent that this policy led to, and what somebody made of it."""
    resource, read = written(spec)
    reviewed = review(resource, read, by, HERE)
    assert isinstance(reviewed.admission, Admitted)
    assert isinstance(reviewed.spec, EmrJobRunSpec)
    status = {
        "clientToken": resource.uid,
        "policy": {"name": reviewed.admission.policy},
        "defaults": reviewed.admission.supplied,
        "requestDigest": digest(reviewed.spec, resource.name),
    }
    return written(spec, **{**status, **changes})


def test_an_admitted_spec_has_what_the_policy_supplies() -> None:
    resource, read = written(submit())
    reviewed = review(resource, read, policies(), HERE)
    assert isinstance(reviewed.admission, Admitted)
    assert reviewed.admission.policy == "team-a"
    assert isinstance(reviewed.spec, EmrJobRunSpec)
    assert reviewed.spec.virtual_cluster_id == POLICY["defaults"]["virtualClusterId"]
    assert reviewed.spec.tags is not None
    assert reviewed.spec.tags["emrjobs.dev/name"] == resource.name


def test_a_refused_spec_stays_as_it_was_written() -> None:
    resource, read = written(submit("--conf spark.master=x"))
    reviewed = review(resource, read, policies(), HERE)
    assert reviewed.spec is read
    assert isinstance(reviewed.admission, NotAdmitted)
    assert reviewed.admission.reason is Reason.NOT_ALLOWED


def test_where_no_policy_is_for_the_namespace_a_whole_spec_may_run_and_another_names_what_is_missing() -> None:
    elsewhere = policies(namespaces={"names": ["elsewhere"]})
    reviewed = review(*written(submit()), elsewhere, HERE)
    assert isinstance(reviewed.admission, NotAdmitted)
    assert reviewed.admission.reason is Reason.INVALID_SPEC
    assert "spec.virtualClusterId: is required" in reviewed.admission.message
    whole = {**submit(), **POLICY["defaults"]}
    assert review(*written(whole), elsewhere, HERE).admission == Admitted(elsewhere.version(HERE))


def test_what_was_recorded_is_sent_again_as_it_was_recorded() -> None:
    by = policies()
    reviewed = review(*recorded(submit("--name x"), by), by, HERE)
    assert isinstance(reviewed.admission, Admitted)
    assert isinstance(reviewed.spec, EmrJobRunSpec)
    assert reviewed.spec.release_label == POLICY["defaults"]["releaseLabel"]


EVIL = "arn:aws:iam::222222222222:role/team-b"
FORGED: dict[str, tuple[Json, Reason]] = {
    "another role": ({"defaults": {**POLICY["defaults"], "executionRoleArn": EVIL}}, Reason.NOT_ALLOWED),
    "another role that is allowed": (
        {"defaults": {**POLICY["defaults"], "executionRoleArn": "arn:aws:iam::222222222222:role/team-a-admin"}},
        Reason.REQUEST_MISMATCH,
    ),
    "no defaults": ({"defaults": None, "requestDigest": "0" * 64}, Reason.REQUEST_MISMATCH),
    "no digest": ({"requestDigest": None}, Reason.REQUEST_MISMATCH),
    "another digest": ({"requestDigest": "0" * 64}, Reason.REQUEST_MISMATCH),
    "members that there are not": ({"defaults": {"evil": 1}}, Reason.CANNOT_BE_JUDGED),
    "a driver in the place of the user's": (
        {"defaults": {"jobDriver": {"sparkSqlJobDriver": {"entryPoint": "s3://team-a-code/q"}}}},
        Reason.INVALID_SPEC,
    ),
}


@pytest.mark.parametrize(("forged", "reason"), FORGED.values(), ids=FORGED)
def test_a_forged_record_sends_nothing(forged: Json, reason: Reason) -> None:
    by = policies()
    reviewed = review(*recorded(submit(), by, **forged), by, HERE)
    assert isinstance(reviewed.admission, NotAdmitted), reviewed.spec
    assert reviewed.admission.reason is reason


def test_a_forged_mark_is_not_sent() -> None:
    by = policies()
    tags = {"cost-center": "4711", "emrjobs.dev/namespace": "team-b"}
    reviewed = review(*recorded(submit(), by, defaults={**POLICY["defaults"], "tags": tags}), by, HERE)
    assert isinstance(reviewed.spec, EmrJobRunSpec)
    assert (reviewed.spec.tags or {})["emrjobs.dev/namespace"] == "team-a"


def test_a_forged_policy_name_chooses_nothing() -> None:
    by = policies()
    reviewed = review(*recorded(submit(), by, policy={"name": "of-somebody-else", "generation": 9}), by, HERE)
    assert isinstance(reviewed.admission, Admitted)


def test_a_policy_that_was_narrowed_meanwhile_stops_what_was_recorded() -> None:
    narrowed = policies(allow={**POLICY["allow"], "entryPoints": ["s3://elsewhere/"]})
    reviewed = review(*recorded(submit(), policies()), narrowed, HERE)
    assert isinstance(reviewed.admission, NotAdmitted)
    assert reviewed.admission.reason is Reason.NOT_ALLOWED


def test_other_defaults_meanwhile_do_not_change_what_was_recorded() -> None:
    release = {"defaults": {**POLICY["defaults"], "releaseLabel": "emr-7.1.0-latest"}}
    reviewed = review(*recorded(submit(), policies()), policies(**release), HERE)
    assert isinstance(reviewed.admission, Admitted)
    assert isinstance(reviewed.spec, EmrJobRunSpec)
    assert reviewed.spec.release_label == "emr-7.9.0-latest"


def test_a_new_attempt_is_judged_as_the_policies_are_then() -> None:
    ended = {"id": "0000000a", "state": "QUEUED", "virtualClusterId": "vc"}
    reviewed = review(*recorded(submit(), policies(), **ended), policies(enforce={"tags": {"cost-center": "1"}}), HERE)
    assert isinstance(reviewed.admission, Admitted)
    assert isinstance(reviewed.spec, EmrJobRunSpec)
    assert (reviewed.spec.tags or {})["cost-center"] == "1"


def test_only_what_was_written_is_dumped() -> None:
    read = parse_partial_spec({**submit(), "tags": None})
    assert isinstance(read, PartialSpec)
    assert dumped(read) == submit()


def test_policies_of_other_namespaces_have_no_part_in_a_version() -> None:
    ours, theirs = policy("a"), policy("b", namespaces={"names": ["team-b"]})
    assert Policies([ours]).version(HERE) == Policies([ours, theirs]).version(HERE)
    assert Policies([ours]).version(HERE) != Policies([policy("a", tagRuns=False)]).version(HERE)
    assert Policies([]).version(HERE) == Policies([theirs]).version(HERE)


def test_an_intent_from_before_there_were_policies_is_sent_as_it_is_where_it_may_run() -> None:
    """An upgrade in the middle of a submission: neither digest nor defaults were recorded then."""
    whole = {**submit(), **POLICY["defaults"]}
    elsewhere = policies(namespaces={"names": ["elsewhere"]})
    before = written(whole, clientToken=a_run().resource.uid)
    assert isinstance(review(*before, elsewhere, HERE).admission, Admitted)
    reviewed = review(*before, policies(), HERE)
    assert isinstance(reviewed.admission, NotAdmitted)
    assert reviewed.admission.reason is Reason.REQUEST_MISMATCH


TEMPLATE_ID = "0000000template"
LISTED = {"allow": {**POLICY["allow"], "jobTemplateIds": [TEMPLATE_ID]}}


def test_a_listed_template_is_waited_for_also_where_the_request_was_recorded_and_then_judged() -> None:
    asked, by = {"jobTemplateId": TEMPLATE_ID}, policies(**LISTED)
    content = {member: POLICY["defaults"][member] for member in ("executionRoleArn", "releaseLabel")}
    template = Template(TEMPLATE_ID, {**content, **submit()})
    before = review(*written(asked), by, HERE)
    assert before.admission == NotJudged(TEMPLATE_ID, "team-a")
    after = review(*written(asked), by, HERE, lambda *_: template)
    assert isinstance(after.admission, Admitted)
    assert isinstance(after.spec, EmrJobRunSpec)
    record = {
        "clientToken": a_run().resource.uid,
        "policy": {"name": "team-a"},
        "defaults": after.admission.supplied,
        "requestDigest": digest(after.spec, "job"),
    }
    assert review(*written(asked, **record), by, HERE).admission == NotJudged(TEMPLATE_ID, "team-a")
    again = review(*written(asked, **record), by, HERE, lambda *_: template)
    assert isinstance(again.admission, Admitted)
    evil = Template(TEMPLATE_ID, {**template.data, "executionRoleArn": "arn:aws:iam::123456789012:role/admin"})
    assert isinstance(review(*written(asked, **record), by, HERE, lambda *_: evil).admission, NotAdmitted)


def test_no_template_is_asked_for_where_something_else_is_wrong() -> None:
    asked = {"jobTemplateId": TEMPLATE_ID, "executionRoleArn": "arn:aws:iam::123456789012:role/admin"}
    assert isinstance(review(*written(asked), policies(**LISTED), HERE).admission, NotAdmitted)
    assert isinstance(review(*written({"jobTemplateId": "0other"}), policies(**LISTED), HERE).admission, NotAdmitted)
