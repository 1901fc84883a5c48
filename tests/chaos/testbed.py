"""The place of all chaos: the world, the proxies before it, and operators that know nothing but the proxies."""

import itertools
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml

from tests.chaos.fault_injection import Plan
from tests.chaos.process_pool import OperatorProcess, ProcessPool
from tests.chaos.proxy import Proxy
from tests.chaos.proxy_state import ProxyState
from tests.sandbox.rights import NAMESPACE
from tests.sandbox.world import World

# A short, fast Lease and short durations, so that a life takes seconds and a crash costs little. All seconds.
ENVIRONMENT = {
    "EMRJOBS_QUOTAS": "off",
    "EMRJOBS_LEASE_DURATION": "1",
    "EMRJOBS_LEASE_RENEW_DEADLINE": "0.8",
    "EMRJOBS_LEASE_RETRY": "0.15",
    "EMRJOBS_LEASE_NAMESPACE": NAMESPACE,
    "EMRJOBS_POLL_INTERVAL": "0.1",
    "EMRJOBS_POLL_INTERVAL_LONGEST": "0.3",
    "EMRJOBS_RETRY_FIRST": "0.1",
    "EMRJOBS_RETRY_LONGEST": "0.5",
    "EMRJOBS_DENIED_PATIENCE": "2",
    "EMRJOBS_DENIED_RETRY": "0.5",
    "EMRJOBS_UNCLEAR_RETRY_LONGEST": "0.5",
    "EMRJOBS_CANCEL_AGAIN": "1",
    "EMRJOBS_GONE_AGAIN": "0.5",
    "EMRJOBS_GRACE": "3",
    "EMRJOBS_WORKERS": "8",
    "EMRJOBS_AWS_CONNECTIONS": "8",
}


class ChaosTestbed:
    """From `with` to its end; the world is the caller's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sim = world.sim
        self._ends = ExitStack()
        self._names = itertools.count(1)

    def __enter__(self) -> Self:
        with ExitStack() as ends:
            self.proxy = ends.enter_context(Proxy(self.world.cluster.server, self.world.cluster.ca, self.world.emr_url))
            self.process_pool = ends.enter_context(ProcessPool(self.world.folder / "chaos"))
            self._ends = ends.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.close()

    def name(self, prefix: str) -> str:
        """A name that nothing else here has."""
        return f"{prefix}{next(self._names)}"

    def namespace(self, prefix: str) -> str:
        name = self.name(f"{prefix}-")
        self.world.kube.create_namespace(name)
        return name

    def proxy_state(self, plan: Plan | None = None) -> ProxyState:
        return self.proxy.proxy_state(plan)

    def environment(self, proxy_state: ProxyState, namespace: str, lease: str, **extra: str) -> Mapping[str, str]:
        """Of an operator behind these proxies, for one namespace, with a Lease of that name."""
        return self.world.operator_environment(
            **{
                **ENVIRONMENT,
                "KUBECONFIG": str(self._kubeconfig(proxy_state)),
                "AWS_ENDPOINT_URL_EMR_CONTAINERS": proxy_state.emr,
                "EMRJOBS_NAMESPACE": namespace,
                "EMRJOBS_LEASE_NAME": lease,
                **extra,
            }
        )

    def operator(self, proxy_state: ProxyState, namespace: str, lease: str, **extra: str) -> OperatorProcess:
        return self.process_pool.start(self.environment(proxy_state, namespace, lease, **extra))

    def _kubeconfig(self, proxy_state: ProxyState) -> Path:
        """The operator's own, with the proxy's address."""
        path = self.world.folder / "kubeconfigs" / f"proxy_path-{proxy_state.kube.rpartition(':')[2]}.yaml"
        if not path.exists():
            config = yaml.safe_load(self.world.operator_kubeconfig.read_text(encoding="utf-8"))
            config["clusters"][0]["cluster"] = {"server": proxy_state.kube}
            path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return path
