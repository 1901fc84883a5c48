"""The life of one pod on its node: network, volumes, containers, status, and its end."""

import asyncio
import contextlib
import json
import subprocess
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.sandbox.pods import images
from tests.sandbox.pods.api import MERGE, Api, Refused
from tests.sandbox.pods.container import ContainerSpec
from tests.sandbox.pods.containers import Container, NotStarted, now
from tests.sandbox.pods.environment import Unusable, environment, expanded
from tests.sandbox.pods.images import Image
from tests.sandbox.pods.launch import launch
from tests.sandbox.pods.network import Network, outside
from tests.sandbox.pods.probes import Probes
from tests.sandbox.pods.security import identity
from tests.sandbox.pods.services import Services
from tests.sandbox.pods.settings import Settings
from tests.sandbox.pods.status import conditions, phase
from tests.sandbox.pods.tls_proxy import log_of
from tests.sandbox.pods.volumes import Volumes

Json = dict[str, Any]


class Pod:
    """One pod that is bound to a node here, until it is gone."""

    def __init__(self, api: Api, found: Json, network: Network, settings: Settings, services: Services) -> None:
        self.found = found
        self._api = api
        self._settings = settings
        self._services = services
        metadata, spec = found["metadata"], found["spec"]
        self.uid: str = metadata["uid"]
        self._path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        self._folder = settings.folder / self.uid
        self.network = network
        self._images = images.read(settings.images)
        self._volumes = Volumes(api, found, self._folder / "volumes", self._owner(), settings.tokens_last)
        self._dirty = asyncio.Event()
        self._late = False
        self._began = found.get("status", {}).get("startTime") or now()
        policy = spec.get("restartPolicy", "Always")
        again = "OnFailure" if policy == "Always" else policy
        self._first = [self._container(item, again) for item in spec.get("initContainers", [])]
        self._main = [self._container(item, policy) for item in spec["containers"]]
        self._policy = policy
        self._life = asyncio.create_task(self._live())
        self._life.add_done_callback(_tell_failure)
        self._telling = asyncio.create_task(self._tell_changes())
        self._ending: asyncio.Task[None] | None = None

    def update(self, found: Json) -> None:
        """Take the newest version; a deletion begins the end."""
        self.found = found
        if found["metadata"].get("deletionTimestamp") and self._ending is None:
            self._ending = asyncio.create_task(self._end(found["metadata"].get("deletionGracePeriodSeconds", 30)))

    async def vanish(self) -> None:
        """The pod is gone at the API server: so it is here, at once."""
        for container in (*self._first, *self._main):
            container.kill()
        for task in (self._life, self._telling, self._ending):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        self.network.close()

    # ---- its course

    async def _live(self) -> None:
        metadata = self.found["metadata"]
        renewing: asyncio.Task[None] | None = None
        try:
            api_server = self._api.server.rpartition(":")[2]
            await self._services.offer(self.network, metadata["namespace"], int(api_server))
            for port in self._settings.outside:
                await self.network.relay("127.0.0.1", port, outside("127.0.0.1", port))
            await self._make_volumes()
            renewing = asyncio.create_task(self._volumes.renew())
            for container in self._first:
                await container.keep(self.network)
                if container.exit_code != 0:
                    return
            self._dirty.set()
            await self._work()
        finally:
            if renewing is not None:
                renewing.cancel()
            self._dirty.set()

    async def _work(self) -> None:
        seconds = self.found["spec"].get("activeDeadlineSeconds")
        deadline = asyncio.create_task(self._expire(seconds)) if seconds else None
        await asyncio.gather(*(container.keep(self.network) for container in self._main))
        if deadline is not None and not self._late:
            deadline.cancel()

    async def _expire(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._late = True
        grace = self.found["spec"].get("terminationGracePeriodSeconds", 30)
        await asyncio.gather(*(container.stop(grace) for container in self._main))
        self._dirty.set()

    async def _make_volumes(self) -> None:
        while True:
            try:
                return await self._volumes.make()
            except (Unusable, Refused) as error:
                for container in self._main:
                    container.state = {"waiting": {"reason": "ContainerCreating", "message": str(error)}}
                self._dirty.set()
            await asyncio.sleep(self._settings.first_back_off)

    async def _end(self, grace: float) -> None:
        containers = [*self._first, *self._main]
        await asyncio.gather(*(container.stop(grace) for container in containers))
        self._life.cancel()
        for container in containers:
            if container.exit_code is None:
                container.state = {"terminated": {"exitCode": 137, "reason": "ContainerStatusUnknown"}}
        with contextlib.suppress(asyncio.CancelledError):
            await self._life
        self._telling.cancel()
        await self._tell()
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": self.uid}}
        with contextlib.suppress(Refused):
            await self._api.call("DELETE", self._path, body)

    # ---- its status

    async def _tell_changes(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                await self._tell()
            except (Refused, OSError) as error:
                if isinstance(error, Refused) and error.code == 404:
                    return
                await asyncio.sleep(0.2)
                self._dirty.set()

    async def _tell(self) -> None:
        body = {"metadata": {"uid": self.uid}, "status": self._status()}
        with contextlib.suppress(Refused):
            self.found = await self._api.call("PATCH", f"{self._path}/status", body, MERGE)

    def _status(self) -> Json:
        now_is = phase(self._main, self._first, self._policy, self._ending is not None)
        now_is = "Failed" if self._late else now_is
        over = now_is in {"Succeeded", "Failed"}
        ready = all(container.ready for container in self._main) and not over
        true = {
            "PodReadyToStartContainers": not over,
            "Initialized": all(container.exit_code == 0 for container in self._first),
            "Ready": ready,
            "ContainersReady": ready,
            "PodScheduled": True,
        }
        address = self.network.address
        return {
            "phase": now_is,
            "reason": "DeadlineExceeded" if self._late else None,
            "conditions": conditions(self.found.get("status", {}).get("conditions", []), true, over),
            "hostIP": "127.0.0.1",
            "hostIPs": [{"ip": "127.0.0.1"}],
            "podIP": address,
            "podIPs": [{"ip": address}],
            "startTime": self._began,
            "containerStatuses": [container.status() for container in self._main],
            "initContainerStatuses": [container.status() for container in self._first] or None,
        }

    # ---- its containers

    def _owner(self) -> int:
        """Who reads the volumes: the user of the first container that can be made."""
        container = self.found["spec"]["containers"][0]
        image = images.find(self._images, container["image"])
        try:
            return identity(self.found, container, image).user if image else 0
        except Unusable:
            return 0

    def _container(self, spec: Json, policy: str) -> Container:
        metadata = self.found["metadata"]
        log = log_of(self._settings.folder / "logs", metadata["namespace"], metadata["name"], spec["name"])
        grace = self.found["spec"].get("terminationGracePeriodSeconds", 30)
        spec = {**spec, "terminationGrace": grace}
        return Container(spec, self._start, log, self._dirty.set, policy, self._settings.first_back_off)

    async def _start(self, container: Json, log: Path) -> "subprocess.Popen[bytes]":
        image = images.find(self._images, container["image"])
        if image is None:
            raise NotStarted("ImagePullBackOff", f'Back-off pulling image "{container["image"]}"')
        try:
            _must_be_played(container)
            spec = await self._spec(container, image)
        except Unusable as error:
            raise NotStarted("CreateContainerConfigError", str(error)) from None
        written = self._folder / f"{container['name']}.json"
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(json.dumps(asdict(spec)), encoding="utf-8")
        return launch(written, log, self.network.namespace)

    async def _spec(self, container: Json, image: Image) -> ContainerSpec:
        pod = {**self.found, "status": {**self._status(), **self.found.get("status", {})}}
        pod["status"]["podIP"] = self.network.address
        given = await environment(pod, container, self._find)
        who = identity(pod, container, image)
        words = [*(container.get("command") or image.entrypoint)]
        words += container.get("args") or ([] if container.get("command") else image.command)
        folder = self._folder / "roots" / container["name"]
        folder.mkdir(parents=True, exist_ok=True)
        return ContainerSpec(
            argv=tuple(expanded(word, given) for word in words),
            environment={"HOSTNAME": pod["metadata"]["name"], **image.environment, **Services.environment(), **given},
            folder=str(folder),
            host=pod["metadata"]["name"],
            mounts=(*image.mounts, *self._services.hosts(self._folder), *self._volumes.mounts(container)),
            network=self.network.namespace,
            directory=container.get("workingDir", "/"),
            **asdict(who),
        )

    async def _find(self, plural: str, name: str) -> Json:
        return await self._api.call("GET", f"/api/v1/namespaces/{self.found['metadata']['namespace']}/{plural}/{name}")


def _tell_failure(task: "asyncio.Task[None]") -> None:
    """A mistake of the runner itself must be seen in its log."""
    if not task.cancelled() and (error := task.exception()):
        traceback.print_exception(error)


def _must_be_played(container: Json) -> None:
    """Raises `Unusable`: nobody shall lean on what nobody does here."""
    Probes.of(container)
    for member in ("lifecycle", "restartPolicy"):
        if member in container:
            raise Unusable(f"{member} of a container is not played here")
