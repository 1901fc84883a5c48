"""One container of a pod: started, probed, restarted with back-off, stopped; and what its status says."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.sandbox.pods.network import Network
from tests.sandbox.pods.probes import Probes

Json = dict[str, Any]
Start = Callable[[Json, Path], Awaitable["subprocess.Popen[bytes]"]]
"""Starts the process of a container, with a file for what it says."""

LONGEST_BACK_OFF = 300.0


class NotStarted(Exception):
    """The container cannot be made as things are; it is tried again."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Container:
    """`policy` is the pod's restartPolicy, `changed` is called whenever the status is another one."""

    def __init__(
        self, spec: Json, start: Start, log: Path, changed: Callable[[], None], policy: str, first_back_off: float
    ) -> None:
        self.spec = spec
        self.log = log
        self._start = start
        self._changed = changed
        self._policy = policy
        self._first_back_off = first_back_off
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._accounted = asyncio.Event()
        self.state: Json = {"waiting": {"reason": "ContainerCreating"}}
        self.last_state: Json = {}
        self.restarts = 0
        self.ready = False
        self.started = False

    @property
    def exit_code(self) -> int | None:
        """None while it runs or waits to run."""
        ended = self.state.get("terminated")
        return ended["exitCode"] if ended else None

    def status(self) -> Json:
        image = self.spec["image"]
        return {
            "name": self.spec["name"],
            "image": image,
            "imageID": image,
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
            "state": self.state,
            "lastState": self.last_state,
        }

    async def keep(self, network: Network) -> None:
        """Run it until it shall run no more."""
        while not self._stopping:
            if await self._begin():
                await self._attend(network)
                if not self._runs_again():
                    return
                self.last_state = self.state
                self.restarts += 1
                if self.restarts > 1:
                    self._wait("CrashLoopBackOff", f"back-off {self._pause(self.restarts - 2):g}s restarting")
                    await asyncio.sleep(self._pause(self.restarts - 2))
            else:
                await asyncio.sleep(self._first_back_off)

    async def stop(self, grace: float) -> None:
        """SIGTERM, then SIGKILL after `grace` seconds; returns when it is over and the state says so."""
        self._stopping = True
        await self._end(grace)
        if "running" in self.state:
            await self._accounted.wait()

    def kill(self) -> None:
        self._stopping = True
        self._signal(signal.SIGKILL)

    async def _begin(self) -> bool:
        try:
            self._process = await self._start(self.spec, self.log)
        except NotStarted as error:
            self._wait(error.reason, str(error))
            return False
        self.state = {"running": {"startedAt": now()}}
        self._accounted.clear()
        self.started = self.spec.get("startupProbe") is None
        self.ready = self.started and self.spec.get("readinessProbe") is None
        self._changed()
        return True

    async def _attend(self, network: Network) -> None:
        """Probe until the process ends, and say how it ended."""
        assert self._process is not None
        began = self.state["running"]["startedAt"]
        async with asyncio.TaskGroup() as group:
            probing = group.create_task(self._probe(network))
            await over(self._process)
            probing.cancel()
        code = self._process.wait()
        code = code if code >= 0 else 128 - code
        reason = "Completed" if code == 0 else "Error"
        ended = {"exitCode": code, "reason": reason, "startedAt": began, "finishedAt": now()}
        self.state = {"terminated": ended}
        self._accounted.set()
        self.ready = self.started = False
        self._changed()

    async def _probe(self, network: Network) -> None:
        probes = Probes.of(self.spec)
        if probes.startup:
            passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

            def judged(good: bool, _: str) -> None:
                if good and not passed.done():
                    passed.set_result(None)
                self._unless(good)

            asking = asyncio.create_task(probes.startup.verdicts(network, judged))
            try:
                await passed
            finally:
                asking.cancel()
            self.started, self.ready = True, probes.readiness is None
            self._changed()
        async with asyncio.TaskGroup() as group:
            if probes.liveness:
                group.create_task(probes.liveness.verdicts(network, lambda good, _: self._unless(good)))
            if probes.readiness:
                group.create_task(probes.readiness.verdicts(network, self._judge_readiness))

    def _judge_readiness(self, good: bool, _: str) -> None:
        self.ready = good
        self._changed()

    def _unless(self, good: bool) -> None:
        """A container that failed its startup or liveness is ended; its restart follows from the policy."""
        if not good:
            self._ending = asyncio.create_task(self._end(self.spec.get("terminationGrace", 30)))

    async def _end(self, grace: float) -> None:
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                if self._process is not None:
                    await over(self._process)
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _runs_again(self) -> bool:
        again = self._policy == "Always" or (self._policy == "OnFailure" and self.exit_code != 0)
        return again and not self._stopping

    def _pause(self, times: int) -> float:
        return min(self._first_back_off * 2.0**times, LONGEST_BACK_OFF)

    def _wait(self, reason: str, message: str) -> None:
        self.state = {"waiting": {"reason": reason, "message": message}}
        self.ready = self.started = False
        self._changed()


async def over(process: "subprocess.Popen[bytes]") -> None:
    """Wait until a child has ended."""
    if process.poll() is not None:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    watched = os.pidfd_open(process.pid)
    loop.add_reader(watched, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(watched)
        os.close(watched)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
