"""The edge: kopf's LIST and WATCH feed the store. The only module that imports kopf; it does no I/O of its own."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

import kopf
from kopf._core.reactor.inventory import ResourceMemories, ResourceMemory

from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.adapters.kube import Configuration, authorization, new_session
from emrjobs.api.names import GROUP, PLURAL, VERSION
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.store import Store

_LOG: Final = logging.getLogger("emrjobs.edge")
_ERROR_BACKOFFS: Final = (1, 1, 2, 3, 5, 8, 13, 21, 34)
"""Seconds; from then on the longest, for ever."""
_LONGEST_BACKOFF: Final = 60


@dataclass(frozen=True, slots=True)
class WatchSignals:
    """What the watch is told and tells."""

    stop: asyncio.Event
    """Ends it."""
    begun: asyncio.Event
    """Set when the watching has begun."""
    loaded: asyncio.Event
    """Set when everything there is was listed once."""
    relisted: Callable[[], None]
    """Told when a watch had to begin anew with a list: what was deleted in between, nobody tells."""


async def watch(
    store: Store,
    mark: Callable[[str], None],
    namespaces: tuple[str, ...],
    configuration: Configuration,
    signals: WatchSignals,
) -> None:
    """Watch until it is to stop."""
    for name in ("kopf", "kopf.objects", "kopf.activities"):
        logging.getLogger(name).setLevel(logging.WARNING)
    await kopf.operator(
        registry=_registry(store, mark, configuration, ListProgress(len(set(namespaces)) or 1, signals)),
        settings=_settings(),
        memories=_NoMemories(),
        # Without one kopf asks for the user's name, which a number in a container does not have.
        identity=cast(Any, "emrjobs"),
        clusterwide=not namespaces,
        namespaces=namespaces,
        standalone=True,
        ready_flag=signals.begun,
        stop_flag=signals.stop,
    )


class ListProgress:
    """Concludes from the requests that kopf makes how far it is: the watch of a path follows its list."""

    def __init__(self, paths: int, signals: WatchSignals) -> None:
        self._paths = paths
        self._signals = signals
        self._listed: set[str] = set()
        self._watched: set[str] = set()

    def begun(self, path: str, watching: bool) -> None:
        """A list of that path has begun, or a watch."""
        if watching:
            self._watched.add(path)
            if len(self._watched) == self._paths:
                self._signals.loaded.set()
            return
        if path in self._listed:
            self._signals.relisted()
        self._listed.add(path)


def _registry(
    store: Store, mark: Callable[[str], None], configuration: Configuration, reads: ListProgress
) -> kopf.OperatorRegistry:
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    async def login(**_: Any) -> kopf.AiohttpSession:
        # kopf logs in again on 401, so a rotated token is read again.
        headers = authorization(configuration)
        session = new_session(configuration, connections=10, headers=headers, seconds=None, on_read=reads.begun)
        return kopf.AiohttpSession(server=configuration.host, aiohttp_session=session)

    def news(event: Any, **_: Any) -> bool:
        return not is_echo(store, event["type"], event["object"])

    @kopf.on.event(GROUP, VERSION, PLURAL, registry=registry, when=news)
    async def changed(event: Any, **_: Any) -> None:
        handle_event(store, mark, event["type"], event["object"])

    return registry


def is_echo(store: Store, kind: str | None, raw: Any) -> bool:
    """Whether it shows but a write of ours, whose answer is in the store already. Most events do. Never raises."""
    try:
        known = store.get(raw["metadata"]["uid"])
        version = raw["metadata"]["resourceVersion"]
    except (TypeError, LookupError):
        return False
    return kind != "DELETED" and known is not None and known.resource.resource_version == version


def handle_event(store: Store, mark: Callable[[str], None], kind: str | None, raw: Any) -> None:
    """Note what an event shows, and have the object looked at. Never raises: kopf would drop the event."""
    try:
        uid = raw["metadata"]["uid"]
        # A deletion shows the last version, which another process may have written.
        changed = (kind != "DELETED" or store.get(uid) is not None) and _handle_version(store, raw)
        if kind == "DELETED":
            changed = store.gone(uid)
    except Exception as error:  # noqa: BLE001 - one broken object must never stop the others
        METRICS.pass_errors.labels(error=type(error).__name__).inc()
        _LOG.error("an object could not be read at all", extra={"error": type(error).__name__})
        return
    if changed:
        mark(uid)


def _handle_version(store: Store, raw: Any) -> bool:
    known = store.get(raw["metadata"]["uid"])
    return store.apply(resource_of(raw, known.resource if known is not None else None))


class _ForEver:
    """Back-offs without end: an API server that is away, or one watched namespace of several that refuses us, must
    not end the work on all others. kopf begins anew for every request."""

    def __iter__(self) -> Iterator[float]:
        return itertools.chain(_ERROR_BACKOFFS, itertools.repeat(_LONGEST_BACKOFF))


class _NoMemories(ResourceMemories):
    """Remembers nothing. kopf keeps a record of every object for handlers of a kind that we do not have."""

    async def recall(self, raw_body: kopf.RawBody, **given: Any) -> ResourceMemory:
        return await super().recall(raw_body, **{**given, "ephemeral": True})


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
    # A worker of each object seen, alive for so long: after a list of 10,000 that is memory.
    settings.queueing.idle_timeout = 1
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 330
    settings.watching.connect_timeout = 10
    settings.watching.chunk_size = 500
    settings.watching.reconnect_backoff = 1
    settings.networking.request_timeout = 30
    settings.networking.connect_timeout = 5
    settings.networking.error_backoffs = _ForEver()
    settings.execution.max_workers = 4
    return settings
