"""What an effect leaves in the store, where neither the API server nor AWS matters."""

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.adapters.kube import Kube, KubeError
from emrjobs.api.job_run.reasons import Reason
from emrjobs.core.job_policy.templates import Template
from emrjobs.core.job_run.effects import CancelJob, Event, PatchStatus, ReadTemplate
from emrjobs.core.job_run.outcomes import CancelTaken
from emrjobs.core.job_run.resource import NotJudged, Resource
from emrjobs.core.job_run.target import TargetKey
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.health import FailureStreak
from emrjobs.runtime.job_run.active_runs import ActiveRuns
from emrjobs.runtime.job_run.entries import JobRunEntry
from emrjobs.runtime.job_run.executor import Executor
from emrjobs.runtime.object_writer import ObjectWriter
from tests.support.builders import CLUSTER, RUN_ID, TIMING, UID, World, a_run
from tests.support.parts import TARGET, a_store, a_target, one_target


class Stage:
    """An executor before an API server and an AWS that say yes to everything, unless told otherwise."""

    def __init__(self, world: World) -> None:
        self.said: list[Event] = []
        self.refusal: KubeError | None = None
        self.gate = Gate(timedelta(seconds=15))
        self.streak = FailureStreak("trouble", timedelta(0))
        self.store = a_store()
        self.store.apply(world.resource)
        entry = self.store.get(UID)
        assert entry is not None
        self.entry: JobRunEntry = entry
        recorder = cast(EventRecorder, self)
        writer = ObjectWriter(self.store, cast(Kube, self), resource_of, recorder, self.streak)
        targets = one_target(a_target(self))
        active_runs = ActiveRuns(lambda _: None)
        self.templates: list[tuple[TargetKey, Template]] = []
        self.executor = Executor(
            writer,
            targets,
            recorder,
            self.gate,
            TIMING,
            lambda: 0.0,
            resource_of,
            active_runs,
            lambda key, template: self.templates.append((key, template)),
        )

    async def patch_status(self, resource: Resource, _status: Any) -> Mapping[str, Any]:
        if self.refusal is not None:
            raise self.refusal
        metadata = {"uid": UID, "namespace": resource.namespace, "name": resource.name, "resourceVersion": "2"}
        return {"metadata": {**metadata, "generation": 1}, "spec": {}, "status": {}}

    async def read_template(self, effect: ReadTemplate) -> Template:
        return Template(effect.id, {})

    async def cancel(self, _effect: CancelJob, _not_after: float, _caller: object) -> CancelTaken:
        return CancelTaken()

    def record(self, _resource: Resource, event: Event) -> None:
        self.said.append(event)


INTENT = PatchStatus(a_run().intended().status, intent=True)


@pytest.mark.parametrize("lease", [True, False])
def test_without_a_lease_an_intent_of_ours_may_be_sent_by_another_too(lease: bool) -> None:
    stage = Stage(a_run())
    stage.gate.open(sends_until=time.monotonic() + 15 if lease else math.inf)
    asyncio.run(stage.executor.act(stage.entry, INTENT))
    assert stage.entry.memory.sends is not None
    assert stage.entry.memory.sends.inherited is not lease


def test_a_run_that_is_cancelled_because_its_object_is_gone_is_told_of() -> None:
    stage = Stage(a_run().running())
    stage.entry.resource = replace(stage.entry.resource, exists=False)
    asyncio.run(stage.executor.act(stage.entry, CancelJob(CLUSTER, RUN_ID)))
    assert [event.reason for event in stage.said] == [Reason.RUN_ORPHANED]


@pytest.mark.parametrize(("status", "counts"), [(500, True), (422, False)])
def test_an_object_that_does_not_fit_the_crd_is_no_trouble_of_the_whole(status: int, counts: bool) -> None:
    stage = Stage(a_run())
    stage.refusal = KubeError(status, "no")
    with pytest.raises(KubeError):
        asyncio.run(stage.executor.act(stage.entry, INTENT))
    assert (stage.streak.problem() is not None) is counts


@pytest.mark.parametrize("admission", [NotJudged("0template", "team-a"), NotJudged(), None], ids=str)
def test_a_template_is_read_where_it_is_needed_and_told_with_its_target(admission: NotJudged | None) -> None:
    stage = Stage(a_run().having(admission=admission))
    asyncio.run(stage.executor.act(stage.entry, ReadTemplate("0template")))
    needed = admission is not None and admission.template is not None
    assert stage.templates == ([(TARGET, Template("0template", {}))] if needed else [])
