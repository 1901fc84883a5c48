"""The one port: health for the kubelet, metrics for Prometheus."""

import json
import urllib.error

import pytest

from tests.sandbox.operator_process import OperatorProcess
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.poll import until


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_is_well(operator: OperatorProcess, path: str) -> None:
    assert json.loads(operator.get(path))["ok"] is True


def test_there_is_nothing_else(operator: OperatorProcess) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        operator.get("/")


def test_metrics_count_objects_by_state_and_calls_by_result(operator: OperatorProcess, jobs: Jobs) -> None:
    calls = 'emrjobs_aws_calls_total{operation="StartJobRun",result="ok"}'
    before = operator.metrics().get(calls, 0.0)
    jobs.submit_all(["a", "b"], FOR_EVER)
    jobs.submit("c", "run=0")
    jobs.reaches("COMPLETED", "c")
    for name in ("a", "b"):
        jobs.reaches("RUNNING", name)

    def counted() -> bool:
        return operator.metrics().get('emrjobs_objects{state="RUNNING"}') == 2.0

    until(counted, 10, lambda: f"two are running: {operator.metrics()}")
    until(lambda: operator.metrics()[calls] == before + 3, 10, "three calls are counted")


def test_metrics_are_in_the_form_that_prometheus_reads(operator: OperatorProcess) -> None:
    names = [line.split()[2] for line in operator.get("/metrics").splitlines() if line.startswith("# TYPE")]

    assert "emrjobs_objects" in names
    assert len(names) == len(set(names))
