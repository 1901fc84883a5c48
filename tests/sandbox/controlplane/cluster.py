"""A real control plane on loopback: etcd, kube-apiserver, kube-controller-manager; all end with it."""

import json
import secrets
import shutil
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.sandbox.controlplane import commands
from tests.sandbox.controlplane.audit import AuditEvent, AuditLog
from tests.sandbox.controlplane.binaries import Binaries
from tests.sandbox.controlplane.commands import AUDIT_POLICY, Layout
from tests.sandbox.controlplane.kubeconfig import write_kubeconfig
from tests.sandbox.controlplane.pki import renew_serving, write_pki
from tests.sandbox.processes import Process, clean_environment
from tests.support.poll import until
from tests.support.ports import free_port

READY_WITHIN = 60.0
ADMIN = "sandbox-admin"
CONTROLLER_MANAGER = "system:kube-controller-manager"


class KubectlFailed(RuntimeError):
    """kubectl ended with an error; the text holds what it said."""


class Cluster:
    """One control plane, from `with` to its end. `folder` holds all its files and logs and goes with it."""

    def __init__(self, binaries: Binaries, crds: Path | None = None) -> None:
        """`crds` (file or folder) is applied before the controllers start: they look for new kinds rarely."""
        self.binaries = binaries
        self._crds = crds
        self.folder = Path(tempfile.mkdtemp(prefix="emrjobs-sandbox-"))
        self._environment = clean_environment(self.folder)
        self._layout = Layout(
            folder=self.folder,
            pki=write_pki(self.folder / "pki"),
            etcd_port=free_port(),
            peer_port=free_port(),
            api_port=free_port(),
        )
        self._tokens = {ADMIN: secrets.token_hex(16), CONTROLLER_MANAGER: secrets.token_hex(16)}
        self._etcd: Process | None = None
        self._api_server: Process | None = None
        self._controllers: Process | None = None
        self.audit = AuditLog(self._layout.audit_log)

    @property
    def server(self) -> str:
        return self._layout.server

    @property
    def ca(self) -> Path:
        return self._layout.pki.ca

    @property
    def admin_kubeconfig(self) -> Path:
        return self.folder / "kubeconfigs" / "admin.yaml"

    @property
    def api_server_pid(self) -> int:
        """Of the process that runs now."""
        if self._api_server is None:
            raise RuntimeError("the API server is stopped")
        return self._api_server.pid

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes at once and remove all files: nothing here is worth a graceful stop."""
        for process in (self._controllers, self._api_server, self._etcd):
            if process is not None:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kubectl(
        self,
        *args: str,
        input: str | None = None,  # noqa: A002 - as subprocess.run names it
        check: bool = True,
        timeout: float = 60.0,
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl as the admin. With `check`, an exit code other than 0 raises `KubectlFailed`."""
        done = subprocess.run(
            [str(self.binaries.kubectl), *args],
            input=input,
            env={**self._environment, "KUBECONFIG": str(self.admin_kubeconfig)},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode != 0:
            raise KubectlFailed(f"kubectl {' '.join(args)} ended with {done.returncode}:\n{done.stderr}")
        return done

    def kubeconfig_for_service_account(self, namespace: str, name: str, *, server: str | None = None) -> Path:
        """Write a kubeconfig with a token of a day for a service account; `server` may name a proxy."""
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        request["spec"] = {"expirationSeconds": 86_400}
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        answer = self.kubectl("create", "--raw", path, "-f", "-", input=json.dumps(request))
        return write_kubeconfig(
            self.folder / "kubeconfigs" / f"{namespace}.{name}.{secrets.token_hex(4)}.yaml",
            server=server or self.server,
            ca=self.ca,
            token=json.loads(answer.stdout)["status"]["token"],
            namespace=namespace,
        )

    def stop_api_server(self, *, hard: bool = False) -> None:
        """Stop the API server, etcd stays. `hard` (SIGKILL) cuts all connections; else requests end first."""
        if self._api_server is not None:
            _ = self._api_server.kill() if hard else self._api_server.stop(grace=30)
            self._api_server = None

    def start_api_server(self) -> None:
        """Start the API server on the same port with the same data, and wait until it is ready."""
        argv = commands.api_server(self.binaries.kube_apiserver, self._layout)
        self._api_server = self._process("kube-apiserver", argv)
        until(self._ready, READY_WITHIN, self._why_not_ready)

    def renew_serving_certificate(self) -> None:
        """A new key and certificate from the same authority; an API server that starts takes them."""
        renew_serving(self._layout.pki)

    def audit_events(self, since: int = 0) -> Iterator[AuditEvent]:
        """Yield what the API server answered, from the place `since` (`audit.mark()`) on."""
        return self.audit.events(since)

    def _start(self) -> None:
        self._write_files()
        self._etcd = self._process("etcd", commands.etcd(self.binaries.etcd, self._layout))
        self.start_api_server()
        if self._crds is not None:
            self.kubectl("apply", "--server-side", "-f", str(self._crds))
            # kubectl gives up at once on a CRD that has no conditions yet.
            wait = ("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
            until(lambda: self.kubectl(*wait, check=False).returncode == 0, READY_WITHIN, "the CRDs are established")
        kubeconfig = self._kubeconfig("controllers", CONTROLLER_MANAGER)
        argv = commands.controller_manager(self.binaries.kube_controller_manager, self._layout, kubeconfig)
        self._controllers = self._process("kube-controller-manager", argv)
        until(self._controllers_at_work, READY_WITHIN, "the controller manager makes service accounts")

    def _write_files(self) -> None:
        self._layout.audit_policy.write_text(AUDIT_POLICY, encoding="utf-8")
        self._layout.tokens.touch(mode=0o600)
        rows = (f'{token},{user},{user},"system:masters"' for user, token in self._tokens.items())
        self._layout.tokens.write_text("\n".join(rows) + "\n", encoding="utf-8")
        self._kubeconfig("admin", ADMIN)

    def _kubeconfig(self, name: str, user: str) -> Path:
        path = self.folder / "kubeconfigs" / f"{name}.yaml"
        return write_kubeconfig(path, server=self.server, ca=self.ca, token=self._tokens[user])

    def _process(self, name: str, argv: list[str]) -> Process:
        log = self.folder / "logs" / f"{name}.log"
        return Process(name, argv, env=self._environment, log=log, cwd=self.folder)

    def _ready(self) -> bool:
        for process in (self._etcd, self._api_server):
            if process is not None:
                process.must_run()
        request = urllib.request.Request(f"{self.server}/readyz")
        request.add_header("Authorization", f"Bearer {self._tokens[ADMIN]}")
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(self.ca))),
        )
        with suppress(OSError), opener.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def _controllers_at_work(self) -> bool:
        if self._controllers is not None:
            self._controllers.must_run()
        return self.kubectl("get", "serviceaccount", "default", "-o", "name", check=False).returncode == 0

    def _why_not_ready(self) -> str:
        return "kube-apiserver is ready\n" + (self._api_server.tail() if self._api_server else "")
