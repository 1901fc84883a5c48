"""Answers get lost on the way: the same token again, so that there is one run, and it is adopted."""

import pytest

from tests.sandbox.emr.admin import Admin
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")


def test_one_run_each_although_half_of_the_answers_are_lost(jobs: Jobs, sim: Admin) -> None:
    """Lost on the way, turned into an error after all, or unreadable."""
    kinds = ("lost", "error-after", "garbage")
    for kind in kinds:
        sim.fault(kind, "StartJobRun", name=f"^{kind}-", probability=0.5)

    submitted = jobs.submit_all(f"{kind}-{number}" for kind in kinds for number in range(8))

    jobs.all_reach("COMPLETED", 24)
    jobs.one_run_each(submitted)
    jobs.statuses_are_true()
    sent_again = {run["name"] for run in jobs.at_endpoint() if run["sends"] > 1}
    assert {str(name).rpartition("-")[0] for name in sent_again} == set(kinds), "no answer was lost"


def test_a_run_whose_acceptance_nobody_heard_of_is_found_and_cancelled(jobs: Jobs, sim: Admin) -> None:
    sim.fault("lost", "StartJobRun", virtual_cluster_id=jobs.cluster)
    job = jobs.submit(script=FOR_EVER)
    until(jobs.at_endpoint, 10, "it is accepted")
    assert "id" not in jobs.status()

    jobs.runs.delete("job")

    jobs.gone()
    assert jobs.run_of(job)["state"] == "CANCELLED"


def test_a_request_that_never_arrived_holds_nothing_for_ever(jobs: Jobs, sim: Admin) -> None:
    """The object waits until nothing sent before can be accepted any more; the setting makes that short."""
    sim.fault("cut", "StartJobRun", virtual_cluster_id=jobs.cluster)
    jobs.submit(script=FOR_EVER)
    until(lambda: jobs.calls("StartJobRun"), 10, "it was sent")

    jobs.runs.delete("job")
    until(lambda: jobs.calls("ListJobRuns"), 10, "it is looked for")
    sends = len(jobs.calls("StartJobRun"))

    jobs.gone()
    assert jobs.at_endpoint() == []
    assert len(jobs.calls("StartJobRun")) == sends, "it was sent after it was told to stop"


def test_the_spec_stays_locked_while_it_is_unknown_whether_it_runs(jobs: Jobs, sim: Admin) -> None:
    sim.fault("lost", "StartJobRun", virtual_cluster_id=jobs.cluster)
    job = jobs.submit(script=FOR_EVER)
    until(jobs.at_endpoint, 10, "it is accepted")

    edit = jobs.runs.patch
    with pytest.raises(Exception, match="is immutable"):
        edit("job", {"spec": {"virtualClusterId": "another"}})

    sim.drop_faults()
    jobs.reaches("RUNNING")
    jobs.one_run_each([job])
