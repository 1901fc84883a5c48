"""LIST and WATCH into the stores, by kopf. The only module that imports kopf, and only what kopf makes public."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, cast

import kopf

from emrjobs.adapters.kube import Kube, KubeError
from emrjobs.adapters.kube_session import Configuration, authorization, new_session
from emrjobs.api.kind import Kind
from emrjobs.runtime.object_writer import Parse
from emrjobs.runtime.store import M, O, Store
from emrjobs.runtime.unexpected import note_unexpected
from emrjobs.runtime.watch_progress import WatchProgress

_ERROR_BACKOFFS: Final = (1, 1, 2, 3, 5, 8, 13, 21, 34)
"""Seconds; from then on the longest, for ever."""
_LONGEST_BACKOFF: Final = 60
_SERVED_SECONDS: Final = 1.0
"""Between two looks for a kind that is not served yet."""
_LIST_PAGE: Final = 25
"""Objects on a page of a list. They may have 1.5 MB each, and take several times that while they are read."""
_NO_FINALIZER: Final = "emrjobs: not a finalizer"
"""kopf takes its finalizer off objects that need none. The API server admits no finalizer of such a name."""


@dataclass(frozen=True, slots=True)
class Informer(Generic[O, M]):
    """Feeds the objects of one kind into their store. Handling an event never raises: kopf would drop the event."""

    kind: Kind
    store: Store[O, M]
    parse: Parse[O]
    enqueue: Callable[[str], None]

    def is_echo(self, event: str | None, raw: Any) -> bool:
        """Whether it shows but a write of ours, whose answer is in the store already. Most events do."""
        try:
            known = self.store.get(raw["metadata"]["uid"])
            version = raw["metadata"]["resourceVersion"]
        except (TypeError, LookupError):
            return False
        return event != "DELETED" and known is not None and known.resource.resource_version == version

    def handle(self, event: str | None, raw: Any) -> None:
        """Note what an event shows, and have the object looked at."""
        try:
            uid = raw["metadata"]["uid"]
            known = self.store.get(uid)
            changed = False
            # A deletion shows the last version, which another process may have written.
            if event != "DELETED" or known is not None:
                changed = self.store.apply(self.parse(raw, known.resource if known is not None else None))
            if event == "DELETED":
                changed = self.store.gone(uid)
        except Exception as error:  # noqa: BLE001 - one broken object must never stop the others
            note_unexpected("an object could not be read at all", error)
            return
        if changed:
            self.enqueue(uid)


class ServedLaterError(Exception):
    """A kind is served that was not when the watching began: kopf has to look anew."""


async def until_served(kube: Kube, kinds: Sequence[Kind], progress: WatchProgress) -> None:
    """Return when the API server's discovery shows every kind: kopf looks there once, when it starts."""
    while True:
        missing = [kind for kind in kinds if not await served(kube, kind)]
        progress.unserved = tuple(kind.resource for kind in missing)
        if not missing:
            return
        await asyncio.sleep(_SERVED_SECONDS)


async def served(kube: Kube, kind: Kind) -> bool:
    """Whether the API server's discovery shows the kind."""
    try:
        found = await kube.call("GET", kind.root)
    except KubeError as error:
        # An API server that is away does not say that it serves nothing: kopf waits for it.
        return error.status != 404
    return any(resource.get("name") == kind.plural for resource in found.get("resources", ()))


async def watch(
    informers: Sequence[Informer[Any, Any]],
    namespaces: tuple[str, ...],
    configuration: Configuration,
    progress: WatchProgress,
    stop: asyncio.Event,
) -> None:
    """Watch until it is to stop. Raises kopf's error where the API server serves a kind no longer."""
    for name in ("kopf", "kopf.objects", "kopf.activities"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Why the watching ended is said once, by whoever catches the error.
    logging.getLogger("kopf._core.reactor").setLevel(logging.CRITICAL)
    # Not kopf.operator: in the end it cancels every task of the event loop that began after it did, ours too.
    tasks = await kopf.spawn_tasks(
        registry=_registry(informers, configuration, progress),
        settings=_settings(),
        # Without one kopf asks for the user's name, which a number in a container does not have.
        identity=cast(Any, "emrjobs"),
        clusterwide=not namespaces,
        namespaces=namespaces,
        standalone=True,
        ready_flag=progress.begun,
        stop_flag=stop,
    )
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


def _registry(
    informers: Sequence[Informer[Any, Any]], configuration: Configuration, progress: WatchProgress
) -> kopf.OperatorRegistry:
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    async def login(**_: Any) -> kopf.AiohttpSession:
        # kopf logs in again on 401, so a rotated token is read again.
        headers = authorization(configuration)
        session = new_session(configuration, connections=10, headers=headers, seconds=None, on_read=progress.read)
        return kopf.AiohttpSession(server=configuration.host, aiohttp_session=session)

    for informer in informers:
        _register(registry, informer)
    return registry


def _register(registry: kopf.OperatorRegistry, informer: Informer[Any, Any]) -> None:
    kind = informer.kind

    def news(event: Any, **_: Any) -> bool:
        return not informer.is_echo(event["type"], event["object"])

    @kopf.on.event(kind.group, kind.version, kind.plural, registry=registry, when=news)
    async def changed(event: Any, **_: Any) -> None:
        informer.handle(event["type"], event["object"])


class _ForEver:
    """Back-offs without end: an API server that is away, or one watched namespace of several that refuses us, must
    not end the work on all others. kopf begins anew for every request."""

    def __iter__(self) -> Iterator[float]:
        return itertools.chain(_ERROR_BACKOFFS, itertools.repeat(_LONGEST_BACKOFF))


class _NoDifferences(kopf.DiffBaseStorage):
    """Remembers nothing. kopf copies every object to compare it for handlers of a kind that we do not have."""

    def build(self, **_: Any) -> kopf.BodyEssence:
        return kopf.BodyEssence()

    def fetch(self, **_: Any) -> kopf.BodyEssence | None:
        return None

    def store(self, **_: Any) -> None:
        """Nothing is ever compared."""


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.persistence.diffbase_storage = _NoDifferences()
    settings.persistence.finalizer = _NO_FINALIZER
    # A worker of each object seen, which keeps the event for so long: after a list of 10,000 that is memory.
    settings.queueing.idle_timeout = 0.1
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 330
    settings.watching.connect_timeout = 10
    settings.watching.chunk_size = _LIST_PAGE
    settings.watching.reconnect_backoff = 1
    settings.networking.request_timeout = 30
    settings.networking.connect_timeout = 5
    settings.networking.error_backoffs = _ForEver()
    settings.execution.max_workers = 4
    return settings
