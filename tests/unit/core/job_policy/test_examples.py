"""The documents of policies that users copy decide as they say."""

import re

import pytest

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.manifest import Manifest, manifests
from emrjobs.core.job_policy.decision import Allowed, PolicyMode
from emrjobs.core.job_policy.manifests import read_policies
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_policy.selector import Namespace
from tests.sandbox.paths import ROOT
from tests.unit.core.job_policy.policies import Json

FOLDER = ROOT / "examples" / "policies"
EXAMPLE = (FOLDER / "two-teams.yaml").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
BLOCKS = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "kind: EmrJobPolicy" in text]


def five_lines() -> Json:
    (found,) = manifests((FOLDER / "five-lines.yaml").read_text(encoding="utf-8"), EMR_JOB_RUN)
    assert isinstance(found, Manifest)
    assert isinstance(found.spec, dict)
    return found.spec


@pytest.mark.parametrize("text", [EXAMPLE, *BLOCKS], ids=["the example", *(f"block {n}" for n in range(len(BLOCKS)))])
def test_two_teams_have_a_policy_each_and_nobody_else_one(text: str) -> None:
    policies = Policies(read_policies(text), PolicyMode.REQUIRED)
    assert [list(policies.names(Namespace(name))) for name in ("team-a", "team-a-x", "team-b", "team-c")] == [
        ["team-a"],
        ["team-a"],
        ["team-b"],
        [],
    ]


def test_the_example_of_five_lines_runs_where_its_team_is_and_is_refused_elsewhere() -> None:
    policies = Policies(read_policies(EXAMPLE), PolicyMode.REQUIRED)
    spec: Json = five_lines()
    allowed = policies.decide(spec, Namespace("team-a"), "etl")
    assert isinstance(allowed, Allowed)
    assert allowed.effective["executionRoleArn"].endswith("role/team-a-etl")
    assert allowed.effective["tags"]["cost-center"] == "4711"
    assert isinstance(policies.decide(spec, Namespace("team-b"), "etl"), Allowed)
    foreign = {**spec, "executionRoleArn": "arn:aws:iam::123456789012:role/team-b"}
    assert not isinstance(policies.decide(foreign, Namespace("team-a"), "etl"), Allowed)
    assert not isinstance(policies.decide(spec, Namespace("team-c"), "etl"), Allowed)
