"""The world that the operator lives in: a real control plane, the EMR endpoint, the CRDs, its own rights."""

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.sandbox.controlplane.binaries import Binaries, provide
from tests.sandbox.controlplane.cluster import Cluster
from tests.sandbox.emr.admin import Admin
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.paths import CRDS, EMR_ACCOUNT, ROOT, RULES
from tests.sandbox.processes import Process, clean_environment
from tests.sandbox.rights import ACCOUNT, NAMESPACE, objects
from tests.support.kube import Kube
from tests.support.poll import until
from tests.support.ports import free_port

REGION = "eu-west-1"


class World:
    """Everything that an operator needs, from `with` to its end.

    With `namespaces`, these exist and the operator has rights in them only; else it has rights everywhere.
    `emr_args` go to the simulator's command line; its account holds what the examples name. Without `crds` and
    `rules` the cluster knows nothing of us yet, and no operator can be started here: a chart brings all of it.
    """

    def __init__(
        self,
        *,
        namespaces: Sequence[str] = (),
        crds: Path | None = CRDS,
        rules: Path | None = RULES,
        binaries: Binaries | None = None,
        emr_args: Sequence[str] = (),
    ) -> None:
        self._namespaces = tuple(namespaces)
        self._crds = crds
        self._rules = rules
        self._binaries = binaries
        self._emr_args = tuple(emr_args)
        self._ends = ExitStack()
        self.operators: list[OperatorProcess] = []

    def __enter__(self) -> Self:
        with ExitStack() as ends:
            self.cluster = Cluster(self._binaries or provide(), crds=self._crds)
            ends.callback(self.cluster.close)
            self._emr = self._start_emr()
            ends.callback(self._emr.kill)
            ends.enter_context(self.cluster)
            self.kube = Kube.from_kubeconfig(self.cluster.admin_kubeconfig)
            ends.callback(self.kube.close)
            if self._rules is not None:
                self._grant(self._rules)
            self.emr_url = until(self._logged_url, 30, lambda: f"the simulator's address\n{self._emr.tail()}")
            self.sim = Admin(self.emr_url)
            ends.callback(self._kill_operators)
            self._ends = ends.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.close()

    @property
    def folder(self) -> Path:
        """All files and logs of this world; gone with it."""
        return self.cluster.folder

    def operator(self, *args: str, **environment: str) -> OperatorProcess:
        """Start an operator with more arguments and environment if given, and wait until it is ready."""
        operator = self.launch_operator(*args, **environment)
        operator.wait_ready()
        return operator

    def launch_operator(self, *args: str, **environment: str) -> OperatorProcess:
        """Start an operator without waiting for anything."""
        env = self.operator_environment(**environment)
        if env.get("EMRJOBS_LOG_FORMAT", "json") != "json" and env["EMRJOBS_HTTP_PORT"] == "0":
            env["EMRJOBS_HTTP_PORT"] = str(free_port())
        watched = [part for name in self._namespaces for part in ("--namespace", name)]
        log = self.folder / "logs" / f"operator-{len(self.operators) + 1}.log"
        operator = OperatorProcess(env, log, [*watched, *args])
        self.operators.append(operator)
        return operator

    def operator_environment(self, **extra: str) -> dict[str, str]:
        """Return the whole environment of an operator here: its own kubeconfig, AWS's usual variables."""
        return clean_environment(
            self.folder,
            **{
                "KUBECONFIG": str(self.operator_kubeconfig),
                "AWS_REGION": REGION,
                "AWS_ACCESS_KEY_ID": "AKIASANDBOXSANDBOX00",
                "AWS_SECRET_ACCESS_KEY": "not-a-secret",
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_ENDPOINT_URL_EMR_CONTAINERS": self.emr_url,
                "EMRJOBS_HTTP_PORT": "0",
                **extra,
            },
        )

    def forget_leases(self) -> None:
        """Delete the operators' Leases, so that the next operator need not outwait one that was killed."""
        self.kube.request("DELETE", f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases")

    def remove_namespace(self, name: str) -> None:
        """Delete all runs, without their finalizers as no operator may be there, then begin to delete it."""
        runs = self.kube.runs(name)

        def empty() -> bool:
            runs.delete_all()
            left = runs.list()
            for run in left:
                runs.release(run["metadata"]["name"])
            return not left

        until(empty, 60, f"namespace {name} has no runs")
        self.kube.delete_namespace(name)

    def _start_emr(self) -> Process:
        emr = [sys.executable, "-m", "tests.sandbox.emr"]
        return Process(
            "emr simulator",
            [*emr, "--port", "0", "--settings", str(EMR_ACCOUNT), *self._emr_args],
            env=clean_environment(self.folder, PYTHONUNBUFFERED="1"),
            log=self.folder / "logs" / "emr.log",
            cwd=ROOT,
        )

    def _logged_url(self) -> str | None:
        self._emr.must_run()
        for line in self._emr.log.read_text(encoding="utf-8").splitlines():
            if line.startswith("{") and "url" in (found := json.loads(line)):
                return str(found["url"])
        return None

    def _grant(self, rules: Path) -> None:
        listed = {"apiVersion": "v1", "kind": "List", "items": objects(self._namespaces, rules)}
        self.cluster.kubectl("apply", "--server-side", "-f", "-", input=json.dumps(listed))
        self.operator_kubeconfig = self.cluster.kubeconfig_for_service_account(NAMESPACE, ACCOUNT)

    def _kill_operators(self) -> None:
        for operator in self.operators:
            operator.kill()
