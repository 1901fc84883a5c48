"""The simulator's small parts: scripts, buckets, clock, latency, ids, routes, limits."""

import statistics
from typing import Any

import pytest
from botocore.model import ServiceModel
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.emr import model, scripts, validation
from tests.sandbox.emr.buckets import Buckets
from tests.sandbox.emr.clock import Clock
from tests.sandbox.emr.errors import ServiceError
from tests.sandbox.emr.ids import DEFAULT_VIRTUAL_CLUSTER, Ids
from tests.sandbox.emr.operations import HANDLERS
from tests.sandbox.emr.samples import request
from tests.sandbox.emr.settings import Quota, Quotas, Settings, changed
from tests.sandbox.emr.wire import epoch, instant
from tests.unit.sandbox.emr.local import Local

NOT_SIMULATED = {
    "CreateManagedEndpoint",
    "CreateSecurityConfiguration",
    "DeleteManagedEndpoint",
    "DeleteSecurityConfiguration",
    "DescribeManagedEndpoint",
    "DescribeSecurityConfiguration",
    "GetManagedEndpointSessionCredentials",
    "ListManagedEndpoints",
    "ListSecurityConfigurations",
}


def test_every_operation_of_the_model_is_simulated_or_named_as_not() -> None:
    assert {operation.name for operation in model.operations()} == NOT_SIMULATED | set(HANDLERS)
    assert not NOT_SIMULATED & set(HANDLERS)


def test_routes_are_told_apart() -> None:
    arn = "arn%3Aaws%3Aemr-containers%3Aeu-west-1%3A1%3A%2Fvirtualclusters%2Fx"
    rows = [
        ("GET", "/virtualclusters", "ListVirtualClusters", {}),
        ("GET", "/virtualclusters/a", "DescribeVirtualCluster", {"virtualClusterId": "a"}),
        ("DELETE", "/virtualclusters/a/jobruns/b", "CancelJobRun", {"virtualClusterId": "a", "jobRunId": "b"}),
        (
            "GET",
            f"/tags/{arn}",
            "ListTagsForResource",
            {"resourceArn": "arn:aws:emr-containers:eu-west-1:1:/virtualclusters/x"},
        ),
    ]
    for method, path, name, labels in rows:
        found = model.match(method, path)
        assert found is not None
        assert (found.operation.name, found.labels) == (name, labels)
    assert model.match("GET", "/virtualclusters/") is None


@pytest.mark.parametrize(
    "text", ["outcome=MAYBE", "nonsense", "run=-1", "{", '{"run": "x"}', "failure=unheard-of", "colour=blue"]
)
def test_scripts_with_typing_errors_are_refused(text: str) -> None:
    with pytest.raises(ServiceError, match="ValidationException"):
        scripts.parse(text)


def test_both_ways_to_write_a_script_mean_the_same() -> None:
    short = scripts.parse("outcome=FAILED; reason=INTERNAL_ERROR; run=5; fails=2")
    long = scripts.parse('{"outcome": "FAILED", "reason": "INTERNAL_ERROR", "run": 5, "fails": 2}')
    assert short == long
    assert scripts.parse("") == scripts.Script()


def test_documented_failures_fit_the_service() -> None:
    reasons = set(model.service_model().shape_for("FailureReason").enum)
    assert {row[0] for row in scripts.FAILURES.values()} == reasons == set(scripts.BY_REASON)
    assert all(len(row[1]) <= 256 for row in scripts.FAILURES.values())


QUOTAS = Quotas(enabled=True, buckets={"A": Quota(burst=2, rate=1), "total": Quota(burst=5, rate=0.5)})


def test_buckets_give_their_burst_then_their_rate() -> None:
    buckets = Buckets()
    assert [buckets.take("A", QUOTAS, 0) for _ in range(3)] == [True, True, False]
    assert [buckets.take("A", QUOTAS, 1) for _ in range(2)] == [True, False]
    assert [buckets.take("B", QUOTAS, 1) for _ in range(4)] == [True, True, False, False]
    assert [buckets.take("A", QUOTAS, 100) for _ in range(3)] == [True, True, False]


def test_buckets_that_are_off_refuse_nothing() -> None:
    buckets = Buckets()
    assert all(buckets.take("A", Quotas(), 0) for _ in range(1000))


@given(st.lists(st.tuples(st.sampled_from("AB"), st.floats(0, 3)), max_size=60))
def test_no_window_sees_more_than_burst_and_rate(calls: list[tuple[str, float]]) -> None:
    buckets, now, granted = Buckets(), 0.0, {"A": 0, "total": 0}
    for name, pause in calls:
        now += pause
        if buckets.take(name, QUOTAS, now):
            granted["total"] += 1
            granted["A"] += name == "A"
    for name, number in granted.items():
        quota = QUOTAS.buckets[name]
        assert number <= quota.burst + quota.rate * now + 1e-6


def test_the_default_quotas_are_aws_own() -> None:
    known = {name: (quota.burst, quota.rate) for name, quota in Quotas().buckets.items()}
    expected = {
        "StartJobRun": (25, 1),
        "CancelJobRun": (25, 1),
        "DescribeJobRun": (100, 20),
        "ListJobRuns": (100, 5),
        "DescribeVirtualCluster": (100, 5),
        "total": (200, 20),
    }
    assert {name: known[name] for name in expected} == expected


def test_a_held_clock_moves_only_when_told_and_never_back() -> None:
    clock = Clock()
    clock.hold(5_000_000_000)
    assert clock.now() == clock.now() == 5_000_000_000
    assert clock.advance(2.5) == 5_000_000_002.5
    clock.hold(1)
    assert clock.now() == 5_000_000_002.5
    clock.run()
    assert clock.mode == "real"
    assert clock.now() >= 5_000_000_002.5
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)


def test_a_real_clock_never_goes_back_and_runs_on_from_where_it_was_held() -> None:
    wall = 100.0
    clock = Clock(lambda: wall)
    assert clock.now() == 100
    wall = 90.0
    assert clock.now() == 100
    clock.hold()
    clock.advance(50)
    clock.run()
    wall = 95.0
    assert clock.now() == 155


def test_latency_has_the_wanted_median_and_tail() -> None:
    local = Local(latency={"*": {"median": 0.2, "p99": 1.0}, "StartJobRun": {"median": 0.1, "p99": 0.1}})
    drawn = sorted(local.service.latency("ListJobRuns") for _ in range(4000))
    assert statistics.median(drawn) == pytest.approx(0.2, rel=0.1)
    assert drawn[3960] == pytest.approx(1.0, rel=0.3)
    assert local.service.latency("StartJobRun") == pytest.approx(0.1)
    assert Local().service.latency("ListJobRuns") == 0


def test_ids_have_the_services_shapes_and_never_repeat() -> None:
    ids = Ids(1)
    runs = [ids.run() for _ in range(2000)]
    assert {len(run) for run in runs} == {19}
    assert len(set(runs)) == 2000
    assert runs == sorted(runs)
    assert len(ids.long()) == len(DEFAULT_VIRTUAL_CLUSTER) == 25
    shape = model.service_model().shape_for("ResourceIdString")
    assert not [text for found in (*runs[:9], ids.long()) for text in validation.violations(shape, found, "id")]


@given(st.floats(0, 4e9), st.integers(0, 6))
def test_instants_are_cut_not_rounded(at: float, digits: int) -> None:
    read = epoch(instant(at, digits))
    assert read <= at + 1e-6
    assert at - read < 10**-digits + 1e-6


def test_settings_change_in_depth() -> None:
    settings = changed(Settings(), {"durations": {"running": [1, 2]}, "quotas": {"enabled": True}})
    assert settings.durations.running == (1.0, 2.0)
    assert settings.durations.pending == Settings().durations.pending
    assert settings.quotas.buckets == Settings().quotas.buckets


def test_unions_take_exactly_one_member() -> None:
    described = {
        "metadata": {"protocol": "rest-json", "serviceFullName": "x"},
        "operations": {},
        "shapes": {
            "U": {"type": "structure", "members": {"a": {"shape": "S"}, "b": {"shape": "S"}}, "union": True},
            "S": {"type": "string"},
        },
    }
    shape: Any = ServiceModel(described).shape_for("U")
    assert not list(validation.violations(shape, {"a": "1"}, "u"))
    for wrong in ({}, {"a": "1", "b": "2"}):
        assert list(validation.violations(shape, wrong, "u"))


@pytest.mark.parametrize(("text", "ok"), [("a\nb", True), ("\n", False), (" ", False), ("ü", True)])
def test_not_blank_means_not_blank(text: str, ok: bool) -> None:
    shape = model.service_model().shape_for("EntryPointArgument")
    assert (not list(validation.violations(shape, text, "x"))) is ok


def test_two_regions_share_nothing() -> None:
    local = Local()
    local.call("StartJobRun", **request("t"))
    other = local.service.region("123456789012", "us-east-1")
    assert other.runs.all() == []
