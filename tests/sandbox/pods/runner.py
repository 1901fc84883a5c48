"""The pod runner as tests use it: started beside a world, ended with all its containers."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.sandbox.paths import ROOT
from tests.sandbox.pods import images
from tests.sandbox.pods.images import Image
from tests.sandbox.pods.tls_proxy import log_of
from tests.sandbox.processes import Process, clean_environment
from tests.sandbox.world import World
from tests.support.poll import until

PYTHON = "python"
"""The name of an image with a shell and Python 3, for tests of the runner itself."""

_PROBE = "from tests.sandbox.pods import syscalls as s; s.unshare(s.NEW_MOUNTS | s.NEW_NETWORK | s.NEW_PROCESSES)"
_COMMAND = (sys.executable, "-m", "tests.sandbox.pods")


def why_not() -> str | None:
    """Return why this machine cannot run pods as processes, or None."""
    if sys.platform != "linux":
        return "pods need Linux: its namespaces keep them apart"
    tried = subprocess.run([*_own_user(), sys.executable, "-c", _PROBE], cwd=ROOT, capture_output=True, check=False)
    return None if tried.returncode == 0 else "pods need the right to make namespaces (root, or user namespaces)"


class PodRunner:
    """Runs pods of `world` from `with` to its end. `images` lays names over the operator's image and `python`."""

    def __init__(
        self, world: World, *, more_images: Mapping[str, Image] | None = None, arguments: tuple[str, ...] = ()
    ):
        self._world = world
        self._arguments = arguments
        self._images = {
            images.NAME: images.of_this_checkout(),
            PYTHON: images.of_environment(Path(sys.prefix)),
            **(more_images or {}),
        }
        self.folder = world.folder / "pods"
        self._process: Process | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        images.write(self._images, self.folder / "images.json")
        world = self._world
        argv = [
            *_own_user(),
            *_COMMAND,
            f"--kubeconfig={world.cluster.admin_kubeconfig}",
            f"--folder={self.folder}",
            f"--images={self.folder / 'images.json'}",
            f"--certificate={world.folder / 'pki' / 'api.crt'}",
            f"--key={world.folder / 'pki' / 'api.key'}",
            f"--outside={urlsplit(world.emr_url).port}",
            *self._arguments,
        ]
        log = world.folder / "logs" / "pod-runner.log"
        self._process = Process("pod runner", argv, env=clean_environment(world.folder), log=log, cwd=ROOT)
        until(self._nodes_are_ready, 30, lambda: f"nodes are ready\n{self.tail()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.stop(grace=5)

    def set_image(self, name: str, image: Image) -> None:
        """Give a name another content, for pods that come."""
        self._images[name] = image
        images.write(self._images, self.folder / "images.json")

    def log(self, namespace: str, pod: str, container: str) -> str:
        """Return what a container said, over all its restarts."""
        place = log_of(self.folder / "logs", namespace, pod, container)
        return place.read_text(encoding="utf-8", errors="replace") if place.exists() else ""

    def tail(self) -> str:
        return self._process.tail() if self._process else ""

    def _nodes_are_ready(self) -> bool:
        assert self._process is not None
        self._process.must_run()
        found = self._world.kube.request("GET", "/api/v1/nodes")["items"]
        return bool(found) and all(not node["spec"].get("taints") and node["status"].get("addresses") for node in found)


def _own_user() -> list[str]:
    """Return what goes before a command, so that a user who is not root may make namespaces."""
    return [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user"]
