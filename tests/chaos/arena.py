"""The place of all chaos: the world, the proxies before it, and operators that know nothing but the proxies."""

import itertools
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml

from tests.chaos.doors import Doors
from tests.chaos.nursery import Fork, Nursery
from tests.chaos.proxy import Proxy
from tests.chaos.strikes import Plan
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


class Arena:
    """From `with` to its end; the world is the caller's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sim = world.sim
        self._ends = ExitStack()
        self._names = itertools.count(1)

    def __enter__(self) -> Self:
        with ExitStack() as ends:
            self.proxy = ends.enter_context(Proxy(self.world.cluster.server, self.world.cluster.ca, self.world.emr_url))
            self.nursery = ends.enter_context(Nursery(self.world.folder / "chaos"))
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

    def doors(self, plan: Plan | None = None) -> Doors:
        return self.proxy.doors(plan)

    def environment(self, doors: Doors, namespace: str, lease: str, **extra: str) -> Mapping[str, str]:
        """Of an operator behind these doors, for one namespace, with a Lease of that name."""
        return self.world.operator_environment(
            **{
                **ENVIRONMENT,
                "KUBECONFIG": str(self._kubeconfig(doors)),
                "AWS_ENDPOINT_URL_EMR_CONTAINERS": doors.emr,
                "EMRJOBS_NAMESPACE": namespace,
                "EMRJOBS_LEASE_NAME": lease,
                **extra,
            }
        )

    def operator(self, doors: Doors, namespace: str, lease: str, **extra: str) -> Fork:
        return self.nursery.start(self.environment(doors, namespace, lease, **extra))

    def _kubeconfig(self, doors: Doors) -> Path:
        """The operator's own, with the door's address."""
        path = self.world.folder / "kubeconfigs" / f"door-{doors.kube.rpartition(':')[2]}.yaml"
        if not path.exists():
            config = yaml.safe_load(self.world.operator_kubeconfig.read_text(encoding="utf-8"))
            config["clusters"][0]["cluster"] = {"server": doors.kube}
            path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return path
