"""``emrjobs release``: takes our finalizer off every object, so that all can be deleted after uninstalling.

Runs go on as they are. An operator that still runs would put the finalizer back: it is stopped first, here or by hand.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from emrjobs.adapters.deployments import Deployments
from emrjobs.adapters.job_policy.objects import policy_of
from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.adapters.kube import (
    ConflictError,
    ForbiddenError,
    Kube,
    KubeError,
    NotFoundError,
    Page,
)
from emrjobs.adapters.kube_session import ConfigException, load_configuration, own_namespace
from emrjobs.adapters.leases import Leases
from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.kind import Kind
from emrjobs.core.objects import KubernetesObject

_PAGE: Final = 500
_CONNECTIONS: Final = 10
_TRIES: Final = 5
_NOT_SERVED: Final = 404
_RETRY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """``namespaces``: none for all. ``stop`` names the operator's Deployment in our own namespace.

    ``stop_limit`` is how long its pods are waited for. ``lease`` names the operators' Lease there, which goes too.
    ``skip_forbidden``: a namespace that refuses us is passed over.
    """

    namespaces: Sequence[str] = ()
    stop: str | None = None
    stop_limit: timedelta = timedelta(seconds=60)
    lease: str | None = None
    skip_forbidden: bool = False


@dataclass(frozen=True, slots=True)
class _Listed:
    """A kind whose objects we hold, and how they are read."""

    kind: Kind
    read: Callable[[Mapping[str, Any]], KubernetesObject]


_JOB_RUNS: Final = _Listed(EMR_JOB_RUN, resource_of)
_JOB_POLICIES: Final = _Listed(EMR_JOB_POLICY, partial(policy_of, selectors=True))
_LISTED: Final = {listed.kind: listed for listed in (_JOB_RUNS, _JOB_POLICIES)}


@dataclass(slots=True)
class _Done:
    released: int = 0
    held: list[str] = field(default_factory=list)


def main(wanted: Wanted) -> int:
    """0: no object is held any more; 1: some are; 2: the cluster does not let us."""
    try:
        done = asyncio.run(_run(wanted))
    except (ConfigException, KubeError) as error:
        _warn(str(error))
        return 2
    print(f"released {done.released} objects")
    for name in done.held:
        _warn(f"{name} could not be released")
    return 1 if done.held else 0


async def _run(wanted: Wanted) -> _Done:
    async with Kube(load_configuration(), _CONNECTIONS) as kube:
        if wanted.stop is not None:
            await _stop(Deployments(kube, own_namespace()), wanted.stop, wanted.stop_limit)
        done = _Done()
        for namespace in wanted.namespaces or (None,):
            await _release_all(kube, await _held(kube, _JOB_RUNS, namespace, wanted.skip_forbidden), done)
        if not wanted.namespaces:
            # Last: while runs are followed, the policies say in which account.
            await _release_all(kube, await _held(kube, _JOB_POLICIES, None, skip_forbidden=False), done)
        if wanted.lease is not None:
            await _delete_lease(Leases(kube, own_namespace(), wanted.lease), wanted.lease)
        return done


async def _delete_lease(leases: Leases, name: str) -> None:
    """One that stays harms nobody."""
    try:
        await leases.delete()
    except NotFoundError:
        return
    except KubeError as error:
        _warn(f"the Lease {name} stays: {error}")


async def _stop(deployments: Deployments, name: str, limit: timedelta) -> None:
    """Wait until no pod of it is left. One on a node that is gone stays for ever, so there is a limit."""
    try:
        selector = await deployments.scale_to_zero(name)
    except NotFoundError:
        print(f"there is no Deployment {name}: nothing to stop")
        return
    except ForbiddenError as error:
        raise KubeError(error.status, f"may not scale the Deployment {name}") from error
    print(f"Deployment {name} scaled to 0")
    deadline = time.monotonic() + limit.total_seconds()
    while (left := await deployments.pods(selector)) > 0:
        if time.monotonic() > deadline:
            _warn(f"{left} pods of {name} are still there after {limit.total_seconds():.0f} s: going on")
            return
        await asyncio.sleep(_RETRY_SECONDS)
    print(f"all pods of {name} have ended")


async def _held(kube: Kube, listed: _Listed, namespace: str | None, skip_forbidden: bool) -> list[KubernetesObject]:
    try:
        return await _list_held(kube, listed, namespace)
    except ForbiddenError:
        if namespace is None or not skip_forbidden:
            raise
        # A namespace that is gone has taken its RoleBinding along: nothing is left there, and it refuses us.
        _warn(f"namespace {namespace} refuses us and is passed over")
        return []
    except KubeError as error:
        if error.status != _NOT_SERVED:
            raise
        print(f"the API server serves no {listed.kind.resource}: nothing to release")
        return []


async def _list_held(kube: Kube, listed: _Listed, namespace: str | None) -> list[KubernetesObject]:
    found: list[KubernetesObject] = []
    token: str | None = None
    while True:
        page = await _page(kube, listed.kind, namespace, token)
        read = map(listed.read, page.items)
        found += [resource for resource in read if listed.kind.finalizer in resource.finalizers]
        token = page.next
        if token is None:
            return found


async def _page(kube: Kube, kind: Kind, namespace: str | None, token: str | None) -> Page:
    """A page; asked for again where the API server has no answer, or has just begun and serves no CRD yet."""
    for _ in range(_TRIES - 1):
        try:
            return await kube.list_page(kind, namespace, _PAGE, token, metadata_only=True)
        except ForbiddenError:
            raise
        except KubeError:
            await asyncio.sleep(_RETRY_SECONDS)
    return await kube.list_page(kind, namespace, _PAGE, token, metadata_only=True)


async def _release_all(kube: Kube, held: Sequence[KubernetesObject], done: _Done) -> None:
    for resource in held:
        if await _release(kube, resource):
            done.released += 1
        else:
            done.held.append("/".join(filter(None, (resource.namespace, resource.name))))


async def _release(kube: Kube, resource: KubernetesObject) -> bool:
    """Whether the object is free. One that changes meanwhile is read again."""
    for _ in range(_TRIES):
        try:
            await kube.set_finalizer(resource, wanted=False)
        except NotFoundError:
            return True
        except ConflictError:
            try:
                resource = _LISTED[resource.kind].read(await kube.get(resource))
            except NotFoundError:
                return True
        except KubeError:
            return False
        else:
            return True
    return False


def _warn(line: str) -> None:
    print(f"emrjobs release: {line}", file=sys.stderr)
