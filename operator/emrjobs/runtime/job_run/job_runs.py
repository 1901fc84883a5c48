"""The parts that serve EmrJobRuns, put together."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from emrjobs.adapters.event_queue import EventQueue
from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.adapters.kube import KubeError
from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_policy.reconcile import Reach
from emrjobs.core.job_policy.templates import Template
from emrjobs.core.job_run.effects import Effect
from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.memory_updates import Moment, due, new_term, out_of_line, reads_recovered
from emrjobs.core.job_run.resource import Resource
from emrjobs.core.job_run.target import TargetKey
from emrjobs.runtime.aws.connect import Locator
from emrjobs.runtime.aws.target import AwsTarget, AwsTargets
from emrjobs.runtime.controller import Controller
from emrjobs.runtime.informer import Informer
from emrjobs.runtime.job_run.active_runs import ActiveRuns
from emrjobs.runtime.job_run.executor import Executor
from emrjobs.runtime.job_run.hints import READERS, Hints
from emrjobs.runtime.job_run.job_templates import JobTemplates
from emrjobs.runtime.job_run.orphans import OrphanSearch
from emrjobs.runtime.job_run.poller import Pace, Poller
from emrjobs.runtime.job_run.reconciler import JobRunReconciler
from emrjobs.runtime.job_run.request_review import PolicySource, RequestReview
from emrjobs.runtime.job_run.run_index import RunIndex
from emrjobs.runtime.object_writer import ObjectWriter
from emrjobs.runtime.resync import Resync
from emrjobs.runtime.shared import Shared
from emrjobs.runtime.store import Store
from emrjobs.settings import Settings

_AGAIN_SECONDS: Final = 2.0


class JobRuns:
    """Store, informer, controller, and what follows the runs at AWS."""

    def __init__(
        self,
        shared: Shared,
        loaded: asyncio.Event,
        targets: Callable[[Settings, Locator, Callable[[str], None]], AwsTargets],
        policies: PolicySource | None,
    ) -> None:
        """``loaded`` is set when the store holds all objects that there are. Raises what making ``targets`` raises.

        ``policies``: None where none hold.
        """
        settings = self._settings = shared.settings
        self._gate = shared.gate
        self._loaded = loaded
        timing = settings.timing()
        self._locator = Locator(settings.aws_region, policies.policies if policies is not None else Policies())
        self.targets = targets(settings, self._locator, self._enqueue)
        self._index = RunIndex(self.targets.locate)
        self.active_runs = ActiveRuns(self._enqueue)
        self.store = Store[Resource, Memory](Memory(), [self._index, self.active_runs])
        self.orphans = OrphanSearch(shared, self.targets, self.store, self._index, loaded)
        defaults = settings.lifecycle_defaults()
        parse = partial(resource_of, policies=policies is not None, defaults=defaults)
        self._templates = JobTemplates(self._locator.key_of)
        self._review = RequestReview(policies, defaults, self._templates.find)
        self._policies_known = asyncio.Event()
        reconciler = self._reconciler(shared, parse)
        self.controller: Controller[Resource, Memory, Effect] = Controller(
            self.store, reconciler, shared.gate, timing.kube_retry, settings.workers, random.random
        )
        self.informer = Informer(EMR_JOB_RUN, self.store, parse, self.controller.enqueue)
        self.resync = Resync(self.informer, shared.kube, settings.namespace, settings.resync_interval, random.random)
        self._hints = self._listener(settings.event_queue_url) if settings.event_queue_url else None
        if policies is not None and policies.policies is not None:
            self.policies_changed(policies.policies)

    def _reconciler(self, shared: Shared, parse: partial[Resource]) -> JobRunReconciler:
        timing, recorder = self._settings.timing(), shared.event_recorder
        executor = Executor(
            writer=ObjectWriter(self.store, shared.kube, parse, recorder, shared.kube_health),
            targets=self.targets,
            event_recorder=recorder,
            gate=shared.gate,
            timing=timing,
            sample=random.random,
            parse_whole=partial(parse, whole_spec=True),
            active_runs=self.active_runs,
            template_read=self._template_read,
            installation=self._settings.installation,
        )
        return JobRunReconciler(executor, self.targets, recorder, timing, self._review, self.active_runs)

    def parts(self) -> Iterable[Coroutine[Any, Any, None]]:
        """All that runs for ever."""
        yield self.controller.run()
        yield self.resync.run()
        yield self.targets.run(self._follow)
        yield self._open_places()
        if self._settings.installation and self._settings.orphan_interval:
            yield self.orphans.run()
        if self._hints is not None:
            yield self._hints.run()

    def begin(self, idle: float | None) -> None:
        """This process acts from now on; in a new term after others may have acted, until ``idle`` seconds ago."""
        if idle is not None:
            self.store.renew_memories(new_term)
            self.targets.handed_over(idle)
        self.orphans.soon()
        self.controller.enqueue_all(resource.uid for resource in self.store)

    def policies_changed(self, policies: Policies) -> None:
        """Other policies hold: what they may concern is looked at again."""
        self.active_runs.replace(policies)
        self.targets.keep(self._locator.replace(policies))
        self._follow_where_they_are()
        self._look_again(self._review.replace(policies, self.store))
        self._policies_known.set()

    def _look_again(self, uids: Iterable[str]) -> None:
        """They are judged anew, and get in line where they belong then."""
        for uid in uids:
            entry = self.store.get(uid)
            if entry is not None:
                entry.memory = out_of_line(entry.memory)
                self._enqueue(uid)

    def _template_read(self, key: TargetKey, template: Template) -> None:
        self._templates.put(key, template)
        self.controller.enqueue_all(self._review.template_read(template.id, self.store))

    def _follow_where_they_are(self) -> None:
        """A policy may name another account by now, or name one again: those runs are looked at there at once."""
        now = datetime.now(UTC)
        for resource in self.store:
            entry = self.store.get(resource.uid)
            if entry is not None and self._index.relocate(resource):
                moment = Moment(now, now, 0.0, self._settings.timing(), resource.generation)
                entry.memory = due(entry.memory, moment)
                self._enqueue(resource.uid)

    @property
    def loaded(self) -> bool:
        """Whether the store holds all objects that there are."""
        return self._loaded.is_set()

    def reach(self, policy: CompiledPolicy) -> Reach:
        """The account and Region that a policy names, and whether they answer."""
        key = self._locator.key_of(policy)
        target = self.targets.find(key)
        trouble = target is not None and target.health.problem() is not None
        return Reach(key.account, key.region, trouble)

    def namespace_relabelled(self, name: str) -> None:
        """Other policies may be for a namespace now."""
        self._look_again(self._review.relabelled(name, self.store))

    async def _open_places(self) -> None:
        """What runs is counted before more may run: a watch says that it has begun before all that it lists is in."""
        await self._loaded.wait()
        await self._policies_known.wait()
        while self.active_runs.limited:
            try:
                await self.resync.once()
                break
            except KubeError:
                await asyncio.sleep(_AGAIN_SECONDS)
        self.active_runs.open()
        await asyncio.Event().wait()

    def _follow(self, target: AwsTarget) -> Iterable[Coroutine[Any, Any, None]]:
        # Each target may have as many calls under way as there were workers for all.
        self.controller.employ(self._settings.workers * len(list(self.targets)))
        hinted = partial(self._hinted, target.key)
        pace = Pace(self._settings.timing(), random.random, hinted, self._loaded)
        enqueue = self.controller.enqueue_unless_backing_off
        target.reads.on_over(partial(self._reads_recovered, target))
        yield target.rate_limiter.run()
        yield Poller(target, self.store, self._index, self._gate, enqueue, pace).run()

    def _reads_recovered(self, target: AwsTarget) -> None:
        """What was not to be seen during an outage is looked at now, and not when each object's back-off is over."""
        now, timing = datetime.now(UTC), self._settings.timing()
        for resource in self.store:
            entry = self.store.get(resource.uid)
            if entry is None or entry.memory.describe is None or self.targets.of(resource) is not target:
                continue
            moment = Moment(now, now, 0.0, timing, resource.generation)
            entry.memory = reads_recovered(entry.memory, moment)
            self._enqueue(resource.uid)

    def _enqueue(self, uid: str) -> None:
        self.controller.enqueue(uid)

    def _hinted(self, key: TargetKey) -> float | None:
        """Changes are pushed to us: lists may take their time. The queue is for our own account and Region."""
        working = key == self._locator.own and self._hints is not None and self._hints.working()
        return self._settings.poll_interval_hinted.total_seconds() if working else None

    def _listener(self, url: str) -> Hints:
        queue = EventQueue(url, self._settings.aws_region, READERS)
        return Hints(queue, self.store, self._index, self._gate, self._enqueue, self._settings.timing())
