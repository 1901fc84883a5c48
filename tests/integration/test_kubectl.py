"""What people see through kubectl: columns, describe, wait, explain, short name and category."""

import re
from collections.abc import Callable

import pytest

from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

Kubectl = Callable[..., str]


@pytest.fixture
def kubectl(world: World, namespace: str) -> Kubectl:
    """kubectl in the test's namespace; its output."""
    return lambda *args: world.cluster.kubectl("-n", namespace, *args).stdout


def rows(table: str) -> list[dict[str, str]]:
    """A table of kubectl by its own headings."""
    heading, *lines = table.splitlines()
    starts = [found.start() for found in re.finditer(r"(?:(?<=\s{2})|^)\S", heading)]
    spans = list(zip(starts, [*starts[1:], None], strict=True))
    return [{heading[a:b].strip(): line[a:b].strip() for a, b in spans} for line in lines]


def test_columns(kubectl: Kubectl, jobs: Jobs) -> None:
    jobs.submit("done", "run=2")
    jobs.submit("failing", "reason=USER_ERROR;run=2")
    done, failed = jobs.reaches("COMPLETED", "done"), jobs.reaches("FAILED", "failing")

    [first, second] = rows(kubectl("get", "ejr", "-o", "wide"))

    names = ["NAME", "STATE", "ATTEMPT", "JOB RUN ID", "STARTED", "FINISHED", "AGE"]
    assert list(first) == [*names, "VIRTUAL CLUSTER", "POLICY", "REASON"]
    assert [first[name] for name in names[:4]] == ["done", "COMPLETED", "1", done["id"]]
    assert [second[name] for name in names[:4]] == ["failing", "FAILED", "1", failed["id"]]
    assert [second["VIRTUAL CLUSTER"], second["REASON"]] == [jobs.cluster, "JobFailed"]
    times = [row[name] for row in (first, second) for name in ("STARTED", "FINISHED", "AGE")]
    assert all(re.fullmatch(r"\d+[sm].*", age) for age in times), times


@pytest.mark.parametrize("word", ["ejr", "emrjobrun", "emrjobruns", "emr"])
def test_every_name_of_the_kind_is_understood(kubectl: Kubectl, jobs: Jobs, word: str) -> None:
    jobs.submit(script=FOR_EVER)

    assert kubectl("get", word, "-o", "name").strip() == "emrjobrun.emrjobs.dev/job"


@pytest.mark.parametrize(
    ("script", "condition"),
    [("run=0", "Complete"), ("run=0", "Finished"), ("reason=USER_ERROR", "Failed"), ("run=0", "Ready")],
)
def test_wait(kubectl: Kubectl, jobs: Jobs, script: str, condition: str) -> None:
    jobs.submit(script=script)

    said = kubectl("wait", f"--for=condition={condition}", "ejr/job", "--timeout=30s")

    assert said.strip() == "emrjobrun.emrjobs.dev/job condition met"


def test_wait_for_a_state(kubectl: Kubectl, jobs: Jobs) -> None:
    jobs.submit(script="run=0")

    said = kubectl("wait", "--for=jsonpath={.status.state}=COMPLETED", "ejr/job", "--timeout=30s")

    assert said.strip() == "emrjobrun.emrjobs.dev/job condition met"


def test_describe_tells_the_whole_story(kubectl: Kubectl, jobs: Jobs) -> None:
    jobs.submit(script="submitted=1;run=2")
    status = jobs.reaches("COMPLETED")

    def told() -> str | None:
        text = kubectl("describe", "ejr", "job")
        return text if "is COMPLETED" in text else None

    text = until(told, 10, "the last event is there")
    assert re.search(rf"Id:\s+{status['id']}\n", text)
    assert re.search(r"State:\s+COMPLETED\n", text)
    events = text[text.index("Events:") :]
    assert re.search(rf"Normal\s+Accepted\s+\S+\s+emrjobs\s+AWS accepted job run {status['id']}", events)
    assert events.index("is SUBMITTED") < events.index("is RUNNING") < events.index("is COMPLETED")


@pytest.mark.parametrize(
    "path",
    ["spec", "status", "spec.jobDriver.sparkSubmitJobDriver.entryPoint", "spec.deletionPolicy", "status.state"],
)
def test_explain_has_words_for_it(world: World, path: str) -> None:
    text = world.cluster.kubectl("explain", f"ejr.{path}").stdout

    described = text[text.index("DESCRIPTION:") :]
    assert "<empty>" not in described
    assert re.search(r"DESCRIPTION:\s+[A-Z]", text)
