"""Parts of the operator served in the test's own process, against a real API server, while a story is told."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from kubernetes.config import load_kube_config

from emrjobs.adapters.kube import Kube
from emrjobs.adapters.kube_session import Configuration
from emrjobs.runtime.informer import Informer, until_served, watch
from emrjobs.runtime.watch_progress import WatchProgress
from tests.support.kube import ApiError
from tests.support.poll import until

SECONDS = 90


def configuration_of(kubeconfig: Path) -> Configuration:
    configuration = Configuration()
    load_kube_config(str(kubeconfig), client_configuration=configuration)
    return configuration


async def serve(
    kube: Kube,
    configuration: Configuration,
    informers: Sequence[Informer[Any, Any]],
    progress: WatchProgress,
    parts: Iterable[Coroutine[Any, Any, None]],
    namespace: str,
    story: Callable[[], None],
) -> None:
    """Run the parts and watch the namespace until the story, told in a thread, is over."""
    stop = asyncio.Event()
    async with AsyncExitStack() as ends:
        await ends.enter_async_context(kube)
        await ends.enter_async_context(asyncio.timeout(SECONDS))
        # kopf cancels what begins after it.
        tasks = [asyncio.create_task(part) for part in parts]
        told = asyncio.create_task(asyncio.to_thread(story))
        await until_served(kube, [informer.kind for informer in informers], progress)
        watching = asyncio.create_task(watch(informers, (namespace,), configuration, progress, stop))
        await told
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        stop.set()
        await watching


def reach(look: Callable[[], object], wanted: object, seconds: float = 30) -> None:
    """Look until that is seen. What the API server refuses meanwhile is not seen."""

    def same() -> bool:
        try:
            return look() == wanted
        except ApiError:
            return False

    until(same, seconds, lambda: f"{wanted!r}, not {look()!r}")
