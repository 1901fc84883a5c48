"""The parts that serve EmrJobPolicies, put together."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Coroutine, Iterable
from functools import partial
from typing import Any, Final

from emrjobs.adapters.job_policy.objects import namespace_of, policy_of
from emrjobs.adapters.kube import KubeError
from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from emrjobs.core.effects import ObjectEffect
from emrjobs.core.job_policy.namespaces import NAMESPACE, NamespaceResource
from emrjobs.core.job_policy.neighbours import Neighbours, neighbours
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_policy.reconcile import Usage
from emrjobs.core.job_policy.resource import PolicyResource
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.runtime.controller import Controller
from emrjobs.runtime.informer import Informer
from emrjobs.runtime.job_policy.reconciler import JobPolicyReconciler, PolicyStore, Spread
from emrjobs.runtime.job_run.job_runs import JobRuns
from emrjobs.runtime.object_writer import ObjectWriter
from emrjobs.runtime.resync import Resync, load
from emrjobs.runtime.shared import Shared
from emrjobs.runtime.store import Store

_LOG: Final = logging.getLogger("emrjobs.policies")
_RETRY_SECONDS: Final = 2.0
_COUNT_SECONDS: Final = 30.0
"""Between two counts of who uses the policies: each may mean a write."""


class JobPolicies:
    """Stores, informers and controller. Until everything is listed once, nothing is judged by what is known."""

    def __init__(self, shared: Shared) -> None:
        settings = self._settings = shared.settings
        self._kube = shared.kube
        self._selectors = settings.policy_selectors
        self._policies: Policies | None = None
        """None until everything is listed once."""
        self._job_runs: JobRuns | None = None
        self.store: PolicyStore = Store(None)
        self.namespaces: Store[NamespaceResource, None] = Store(None)
        self._labels: dict[str, Namespace] = {}
        parse = partial(policy_of, selectors=self._selectors)
        writer = ObjectWriter(self.store, shared.kube, parse, shared.event_recorder, shared.kube_health)
        self.controller: Controller[PolicyResource, Spread | None, ObjectEffect] = Controller(
            self.store,
            JobPolicyReconciler(writer, self._usage, self._collect_again),
            shared.gate,
            settings.timing().kube_retry,
            workers=2,
            sample=random.random,
        )
        policies = Informer(EMR_JOB_POLICY, self.store, parse, self._policy_seen)
        namespaces = Informer(NAMESPACE, self.namespaces, namespace_of, self._namespace_seen)
        interval = settings.resync_interval
        self._resync = Resync(policies, shared.kube, (), interval, random.random)
        self.informers: list[Informer[Any, Any]] = [policies, *([namespaces] if self._selectors else [])]

    def serve(self, job_runs: JobRuns) -> None:
        """Tell of all policies whenever one has changed, and of namespaces with other labels; count those runs."""
        self._job_runs = job_runs

    def namespace(self, name: str) -> Namespace | None:
        """A namespace as policies see it; None if its labels are not known yet."""
        return self._labels.get(name) if self._selectors else Namespace(name)

    def problem(self) -> str | None:
        """For readiness."""
        return None if self._policies is not None else "the policies are not loaded yet: nothing is submitted"

    def parts(self) -> Iterable[Coroutine[Any, Any, None]]:
        """All that runs for ever."""
        yield self.controller.run()
        yield self._keep()
        yield self._count_for_ever()

    def begin(self) -> None:
        """This process acts from now on."""
        self.controller.enqueue_all(resource.uid for resource in self.store)

    def soon(self) -> None:
        """A watch had to begin anew."""
        self._resync.soon()

    async def _keep(self) -> None:
        """The first list is our own: what a watch has listed is taken in some time after it says so."""
        await self._load()
        self._labels = {known.name: _seen(known) for known in self.namespaces if known.exists}
        self.begin()
        self._collect()
        await self._resync.run()

    async def _load(self) -> None:
        """List everything once, however often that has to be tried."""
        while True:
            try:
                for informer in self.informers:
                    await load(informer, self._kube)
            except KubeError as error:
                _LOG.warning("the policies cannot be read", extra={"status": error.status, "reason": error.reason})
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    def _policy_seen(self, uid: str) -> None:
        self.controller.enqueue(uid)
        self._collect_again()

    def _namespace_seen(self, uid: str) -> None:
        entry = self.namespaces.get(uid)
        if entry is None or self._policies is None:
            return
        namespace = entry.resource
        if not namespace.exists:
            self.namespaces.forget(uid)
            self._labels.pop(namespace.name, None)
        elif self._labels.get(namespace.name) != _seen(namespace):
            self._labels[namespace.name] = _seen(namespace)
            if self._job_runs is not None:
                self._job_runs.namespace_relabelled(namespace.name)

    def _collect_again(self) -> None:
        if self._policies is not None:
            self._collect()

    def _collect(self) -> None:
        """All policies that can be read, if they are other ones than before."""
        found = [resource.reading.policy for resource in self.store if resource.exists]
        by_name = {policy.name: policy for policy in found if policy is not None}
        policies = Policies(by_name.values(), self._settings.policy)
        if self._policies is not None and list(policies) == list(self._policies):
            return
        _LOG.info("the policies have changed", extra={"policies": len(policies)})
        self._policies = policies
        if self._job_runs is not None:
            self._job_runs.policies_changed(policies)

    async def _count_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_COUNT_SECONDS)
            if self._policies is not None and self._job_runs is not None and self._job_runs.loaded:
                self._count(self._policies, self._job_runs)

    def _count(self, policies: Policies, job_runs: JobRuns) -> None:
        """For how many namespaces each is, and beside whom. A pass writes what has changed, if this process acts."""
        names = {run.namespace for run in job_runs.store if run.exists}
        found = [namespace for namespace in map(self.namespace, names) if namespace is not None]
        namespaces = Counter(name for namespace in found for name in policies.names(namespace))
        beside = neighbours(policies, found)
        for resource in self.store:
            entry = self.store.get(resource.uid)
            if entry is not None:
                entry.memory = Spread(namespaces[resource.name], beside.get(resource.name, Neighbours()))
                self.controller.enqueue(resource.uid)

    def _usage(self, resource: PolicyResource, spread: Spread) -> Usage:
        """Who uses it now."""
        policy = resource.reading.policy
        if self._job_runs is None or policy is None:
            return Usage(namespaces=spread.namespaces)
        active, queued = self._job_runs.active_runs.counts(resource.name)
        return Usage(active, queued, spread.namespaces, self._job_runs.reach(policy), spread.neighbours)


def _seen(namespace: NamespaceResource) -> Namespace:
    return Namespace(namespace.name, namespace.labels)
