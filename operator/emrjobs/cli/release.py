"""``emrjobs release``: takes our finalizer off every object, so that all can be deleted after uninstalling.

Runs go on as they are. An operator that still runs would put the finalizer back: it is stopped first, here or by hand.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from emrjobs.adapters.deployments import Deployments
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
from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.core.job_run.resource import Resource

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
            for resource in await _held(kube, namespace, wanted.skip_forbidden):
                if await _release(kube, resource):
                    done.released += 1
                else:
                    done.held.append(f"{resource.namespace}/{resource.name}")
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


async def _held(kube: Kube, namespace: str | None, skip_forbidden: bool) -> list[Resource]:
    try:
        return await _list_held(kube, namespace)
    except ForbiddenError:
        if namespace is None or not skip_forbidden:
            raise
        # A namespace that is gone has taken its RoleBinding along: nothing is left there, and it refuses us.
        _warn(f"namespace {namespace} refuses us and is passed over")
        return []
    except KubeError as error:
        if error.status != _NOT_SERVED:
            raise
        print("the API server serves no EmrJobRuns: nothing to release")
        return []


async def _list_held(kube: Kube, namespace: str | None) -> list[Resource]:
    found: list[Resource] = []
    token: str | None = None
    while True:
        page = await _page(kube, namespace, token)
        found += [resource for item in page.items if (resource := resource_of(item)).has_finalizer]
        token = page.next
        if token is None:
            return found


async def _page(kube: Kube, namespace: str | None, token: str | None) -> Page:
    """A page; asked for again where the API server has no answer, or has just begun and serves no CRD yet."""
    for _ in range(_TRIES - 1):
        try:
            return await kube.list_page(EMR_JOB_RUN, namespace, _PAGE, token, metadata_only=True)
        except ForbiddenError:
            raise
        except KubeError:
            await asyncio.sleep(_RETRY_SECONDS)
    return await kube.list_page(EMR_JOB_RUN, namespace, _PAGE, token, metadata_only=True)


async def _release(kube: Kube, resource: Resource) -> bool:
    """Whether the object is free. One that changes meanwhile is read again."""
    for _ in range(_TRIES):
        try:
            await kube.set_finalizer(resource, wanted=False)
        except NotFoundError:
            return True
        except ConflictError:
            try:
                resource = resource_of(await kube.get(resource))
            except NotFoundError:
                return True
        except KubeError:
            return False
        else:
            return True
    return False


def _warn(line: str) -> None:
    print(f"emrjobs release: {line}", file=sys.stderr)
