"""``emrjobs release``: takes our finalizer off every object, so that all can be deleted after uninstalling.

Runs go on as they are. An operator that still runs would put the finalizer back: stop it first.
"""

import asyncio
import sys
from collections.abc import Sequence

from emrjobs.adapters.kube import ConfigException, ConflictError, Kube, KubeError, NotFoundError, load_configuration
from emrjobs.adapters.objects import resource_of
from emrjobs.core.resource import Resource

_PAGE = 500
_CONNECTIONS = 10
_TRIES = 5


def main(namespaces: Sequence[str]) -> int:
    """Release the objects of those namespaces, or of all. 0: none is held any more; 1: some are; 2: no cluster."""
    try:
        released, held = asyncio.run(_release_all(namespaces))
    except (ConfigException, KubeError) as error:
        print(f"emrjobs release: {error}", file=sys.stderr)
        return 2
    print(f"released {released} objects")
    for name in held:
        print(f"emrjobs release: {name} could not be released", file=sys.stderr)
    return 1 if held else 0


async def _release_all(namespaces: Sequence[str]) -> tuple[int, list[str]]:
    released, held = 0, []
    async with Kube(load_configuration(), _CONNECTIONS) as kube:
        for resource in await _held(kube, namespaces):
            if await _release(kube, resource):
                released += 1
            else:
                held.append(f"{resource.namespace}/{resource.name}")
    return released, held


async def _held(kube: Kube, namespaces: Sequence[str]) -> list[Resource]:
    found: list[Resource] = []
    for namespace in namespaces or (None,):
        token: str | None = None
        while True:
            page = await kube.list_page(namespace, _PAGE, token, metadata_only=True)
            found += [resource for item in page.items if (resource := resource_of(item)).held]
            token = page.next
            if token is None:
                break
    return found


async def _release(kube: Kube, resource: Resource) -> bool:
    """Whether the object is free. One that changes meanwhile is read again."""
    for _ in range(_TRIES):
        try:
            await kube.set_held(resource, held=False)
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
