"""Startup, readiness and liveness probes of one container, over HTTP or as a mere connection."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sandbox.pods.environment import Unusable
from tests.sandbox.pods.network import Network

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe as the pod describes it, with Kubernetes' defaults. Times are seconds."""

    action: Json
    delay: float
    period: float
    timeout: float
    failures: int
    successes: int

    @classmethod
    def of(cls, container: Json, kind: str) -> "Probe | None":
        raw = container.get(f"{kind}Probe")
        if raw is None:
            return None
        return cls(
            action=_with_port(raw, container),
            delay=raw.get("initialDelaySeconds", 0),
            period=raw.get("periodSeconds", 10),
            timeout=raw.get("timeoutSeconds", 1),
            failures=raw.get("failureThreshold", 3),
            successes=raw.get("successThreshold", 1),
        )

    async def verdicts(self, network: Network, heard: Callable[[bool, str], None]) -> None:
        """Ask for ever, and tell each verdict once as many answers in a row as its threshold have agreed."""
        await asyncio.sleep(self.delay)
        last, count, told = None, 0, None
        while True:
            good, text = await self._once(network)
            count = count + 1 if good == last else 1
            last = good
            if count >= (self.successes if good else self.failures) and good != told:
                told = good
                heard(good, text)
            await asyncio.sleep(self.period)

    async def _once(self, network: Network) -> tuple[bool, str]:
        try:
            async with asyncio.timeout(self.timeout):
                return await self._ask(network)
        except TimeoutError:
            return False, f"no answer in {self.timeout} s"
        except OSError as error:
            return False, str(error)

    async def _ask(self, network: Network) -> tuple[bool, str]:
        reader, writer = await network.connect(self.action.get("host") or network.address, self.action["port"])
        try:
            if "path" not in self.action:
                return True, "connected"
            writer.write(_request(self.action, network.address))
            status = int((await reader.readline()).split()[1:2][0])
            return 200 <= status < 400, f"HTTP probe failed with statuscode: {status}"
        except (IndexError, ValueError):
            return False, "no HTTP answer"
        finally:
            writer.transport.abort()


@dataclass(frozen=True, slots=True)
class Probes:
    """The probes of one container."""

    startup: Probe | None
    liveness: Probe | None
    readiness: Probe | None

    @classmethod
    def of(cls, container: Json) -> "Probes":
        """Raises `Unusable` for what is not played here."""
        startup, liveness, readiness = (Probe.of(container, kind) for kind in ("startup", "liveness", "readiness"))
        return cls(startup, liveness, readiness)


def _with_port(raw: Json, container: Json) -> Json:
    """Return what to ask, with a number for the port's name. Raises `Unusable`."""
    if "httpGet" in raw:
        found = {"path": "/", **raw["httpGet"]}
    elif "tcpSocket" in raw:
        found = dict(raw["tcpSocket"])
    else:
        raise Unusable("only httpGet and tcpSocket probes are played")
    if found.get("scheme", "HTTP") != "HTTP":
        raise Unusable("only plain HTTP probes are played")
    named = {port.get("name"): port["containerPort"] for port in container.get("ports", [])}
    found["port"] = found["port"] if isinstance(found["port"], int) else named[found["port"]]
    return found


def _request(action: Json, address: str) -> bytes:
    lines = [f"GET {action['path']} HTTP/1.1", f"Host: {address}:{action['port']}", "User-Agent: kube-probe/1.36"]
    lines += [f"{header['name']}: {header['value']}" for header in action.get("httpHeaders", [])]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()
