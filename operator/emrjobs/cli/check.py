"""``emrjobs check``: whether an installation works, as far as the caller's rights see. ``helm test`` runs it."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from emrjobs.adapters.deployments import Deployments
from emrjobs.adapters.kube import Kube, KubeError
from emrjobs.adapters.kube_session import ConfigException, load_configuration, own_namespace
from emrjobs.adapters.leases import Leases
from emrjobs.api.job_run.kind import EMR_JOB_RUN

_CONNECTIONS: Final = 2
_RETRY_SECONDS: Final = 1.0

_Look = Callable[[], Awaitable[str | None]]
"""What is still wrong, or None."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``namespaces``: none for all. A Deployment and a Lease that are not named are not looked at; their namespaces
    are our own where they are not given."""

    namespaces: Sequence[str] = ()
    deployment: str | None = None
    deployment_namespace: str | None = None
    lease: str | None = None
    lease_namespace: str | None = None
    timeout: timedelta = timedelta(seconds=60)


def main(wanted: Wanted) -> int:
    """0: all is well; 1: something is not, even after the time-out; 2: there is no cluster."""
    try:
        wrong = asyncio.run(_run(wanted))
    except ConfigException as error:
        print(f"emrjobs check: {error}", file=sys.stderr)
        return 2
    return 1 if wrong else 0


async def _run(wanted: Wanted) -> bool:
    """At the same time, so that one that takes all of it leaves time for the others."""
    deadline = time.monotonic() + wanted.timeout.total_seconds()
    async with Kube(load_configuration(), _CONNECTIONS) as kube:
        looks = _looks(kube, wanted)
        problems = await asyncio.gather(*(_problem(look, deadline) for _, look in looks))
    for (name, _), problem in zip(looks, problems, strict=True):
        print(f"ok: {name}" if problem is None else f"WRONG: {name}: {problem}")
    return any(problem is not None for problem in problems)


def _looks(kube: Kube, wanted: Wanted) -> list[tuple[str, _Look]]:
    looks = [
        (f"EmrJobRuns of {namespace or 'all namespaces'} can be read", _readable(kube, namespace))
        for namespace in wanted.namespaces or (None,)
    ]
    if wanted.deployment is not None:
        namespace = wanted.deployment_namespace or own_namespace()
        looks.append(
            (f"Deployment {wanted.deployment} is ready", _ready(Deployments(kube, namespace), wanted.deployment))
        )
    if wanted.lease is not None:
        leases = Leases(kube, wanted.lease_namespace or own_namespace(), wanted.lease)
        looks.append((f"Lease {wanted.lease} is held and renewed", _renewed(leases)))
    return looks


async def _problem(look: _Look, deadline: float) -> str | None:
    """What is still wrong at the deadline."""
    while True:
        try:
            problem = await look()
        except KubeError as error:
            problem = str(error)
        if problem is None or time.monotonic() > deadline:
            return problem
        await asyncio.sleep(_RETRY_SECONDS)


def _readable(kube: Kube, namespace: str | None) -> _Look:
    async def look() -> str | None:
        await kube.list_page(EMR_JOB_RUN, namespace, limit=1, metadata_only=True)
        return None

    return look


def _ready(deployments: Deployments, name: str) -> _Look:
    async def look() -> str | None:
        found = await deployments.read(name)
        status = found.get("status", {})
        replicas = found["spec"].get("replicas", 1)
        if status.get("observedGeneration", 0) < found["metadata"].get("generation", 0):
            return "its newest version has not been looked at yet"
        ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
        if ready == updated == replicas > 0:
            return None
        return f"{ready} of {replicas} pods are ready, {updated} are of the newest version"

    return look


def _renewed(leases: Leases) -> _Look:
    """A Lease that is only held may be a dead process's: it has to change while we look."""
    seen: list[str] = []

    async def look() -> str | None:
        lease = await leases.read()
        if lease is None:
            return "there is none"
        if not lease.holder:
            return "nobody holds it"
        if seen and lease.resource_version != seen[0]:
            return None
        seen[:] = [lease.resource_version]
        return f"{lease.holder} has not renewed it yet"

    return look
