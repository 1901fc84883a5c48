"""What the spec asks of the run's life, read leniently, and which objects a tool would create again."""

from datetime import timedelta
from typing import Any

import pytest

from emrjobs.api.job_run.lifecycle import LONGEST_SECONDS
from emrjobs.api.job_run.spec import DeletionPolicy
from emrjobs.core.backoff import Backoff
from emrjobs.core.job_run.lifecycle import Lifecycle, Resubmission
from emrjobs.core.retention import recreated_by

DEFAULT = Backoff(timedelta(seconds=30), timedelta(seconds=600))


@pytest.mark.parametrize("spec", [None, {}, [], "text", 7, {"jobDriver": None}])
def test_a_spec_that_asks_for_nothing(spec: object) -> None:
    assert Lifecycle.read(spec) == Lifecycle()


def test_defaults_fill_durations_that_nobody_gave() -> None:
    day, hour, minute = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
    defaults = Lifecycle(active_deadline=hour, start_deadline=minute, ttl=day)
    given = Lifecycle.read({"activeDeadlineSeconds": 7, "suspend": True}).filled_from(defaults)
    assert given == Lifecycle(suspend=True, active_deadline=timedelta(seconds=7), start_deadline=minute, ttl=day)
    assert given.filled_from(Lifecycle()) == given
    assert given.filled_from(Lifecycle(active_deadline=day, start_deadline=day, ttl=minute)) == given


@pytest.mark.parametrize("value", [None, False, "true", 1, {}, []])
@pytest.mark.parametrize("member", ["suspend", "cancel"])
def test_only_a_plain_true_stops_a_run(member: str, value: object) -> None:
    read = Lifecycle.read({member: value})
    assert (read.suspend, read.cancel) == (False, False)


@pytest.mark.parametrize("value", [None, "", "retain", "Cancel", True, {}])
def test_anything_but_a_plain_retain_cancels(value: object) -> None:
    assert Lifecycle.read({"deletionPolicy": value}).deletion_policy is DeletionPolicy.CANCEL


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        pytest.param(1, 1, id="the shortest"),
        pytest.param(90.0, 90, id="a whole number written as a fraction"),
        pytest.param(LONGEST_SECONDS, LONGEST_SECONDS, id="the longest"),
        pytest.param(10**30, LONGEST_SECONDS, id="more than the API allows"),
        pytest.param(1e300, LONGEST_SECONDS, id="more than any calendar holds"),
        pytest.param(10**400, LONGEST_SECONDS, id="more than a float holds"),
        pytest.param(0, None, id="nothing"),
        pytest.param(-5, None, id="less than nothing"),
        pytest.param(float("nan"), None, id="no number"),
        pytest.param(True, None, id="a truth value"),
        pytest.param("60", None, id="text"),
    ],
)
@pytest.mark.parametrize(
    ("member", "attribute"),
    [
        ("activeDeadlineSeconds", "active_deadline"),
        ("startDeadlineSeconds", "start_deadline"),
        ("ttlSecondsAfterFinished", "ttl"),
    ],
)
def test_durations(member: str, attribute: str, value: object, meant: int | None) -> None:
    expected = None if meant is None else timedelta(seconds=meant)
    assert getattr(Lifecycle.read({member: value}), attribute) == expected


@pytest.mark.parametrize(
    ("policy", "meant"),
    [
        pytest.param(None, Resubmission(), id="absent"),
        pytest.param({}, Resubmission(), id="empty: a limit of 0"),
        pytest.param({"limit": 3}, Resubmission(limit=3), id="a limit alone: the two reasons that are nobody's fault"),
        pytest.param({"limit": True}, Resubmission(), id="a truth value is no limit"),
        pytest.param({"limit": "3"}, Resubmission(), id="text is no limit"),
        pytest.param(
            {"failureReasons": ["USER_ERROR"]},
            Resubmission(failure_reasons=("USER_ERROR",)),
            id="reasons of the user's own",
        ),
        pytest.param({"failureReasons": "USER_ERROR"}, Resubmission(), id="text is no list of reasons"),
        pytest.param([3], Resubmission(), id="a list is no policy"),
        pytest.param(
            {"backoffSeconds": 5},
            Resubmission(backoff=Backoff(timedelta(seconds=5), DEFAULT.longest)),
            id="a first back-off",
        ),
        pytest.param(
            {"backoffSeconds": 900, "maxBackoffSeconds": 60},
            Resubmission(backoff=Backoff(timedelta(seconds=60), timedelta(seconds=60))),
            id="the cap holds for the first one too",
        ),
        pytest.param(
            {"maxBackoffSeconds": 10},
            Resubmission(backoff=Backoff(timedelta(seconds=10), timedelta(seconds=10))),
            id="a cap below the default's first",
        ),
    ],
)
def test_resubmission(policy: object, meant: Resubmission) -> None:
    assert Lifecycle.read({"resubmitPolicy": policy}).resubmission == meant


TRACKED = {"argocd.argoproj.io/tracking-id": "app:emrjobs.dev/EmrJobRun:ns/job"}
OWNED = {"ownerReferences": [{"kind": "CronWorkflow", "name": "nightly", "uid": "u"}]}


@pytest.mark.parametrize(
    ("metadata", "tool"),
    [
        pytest.param({}, None, id="nobody's"),
        pytest.param({"annotations": None, "labels": None, "ownerReferences": None}, None, id="nulls"),
        pytest.param({"annotations": TRACKED}, "Argo CD", id="tracked by Argo CD"),
        pytest.param({"labels": {"argocd.argoproj.io/instance": "app"}}, "Argo CD", id="labelled by Argo CD"),
        pytest.param({"labels": {"kustomize.toolkit.fluxcd.io/name": "a"}}, "Flux", id="of a Flux Kustomization"),
        pytest.param({"labels": {"helm.toolkit.fluxcd.io/name": "a"}}, "Flux", id="of a Flux HelmRelease"),
        pytest.param({"annotations": {"meta.helm.sh/release-name": "a"}}, "Helm", id="of a Helm release"),
        pytest.param({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, "Helm", id="labelled by a Helm chart"),
        pytest.param({"labels": {"app.kubernetes.io/managed-by": "make"}}, None, id="managed by something else"),
        pytest.param({"annotations": TRACKED, **OWNED}, None, id="tracked, but made by an owner"),
        pytest.param({"annotations": {**TRACKED, "argocd.argoproj.io/hook": "Sync"}}, None, id="a hook of Argo CD"),
    ],
)
def test_who_would_create_it_again(metadata: dict[str, Any], tool: str | None) -> None:
    assert recreated_by(metadata) == tool
