"""An operator set up as in a pod: its token and authority are files, and it speaks TLS to the API server itself.

What Kubernetes changes below a running pod is changed here: the token, the certificate that the API server shows.
"""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.chaos import truth
from tests.chaos.forkserver import SERVICE_ACCOUNT
from tests.chaos.life import Life, Scenario
from tests.chaos.outages import BY_A_BUSY_LOOP, Report
from tests.chaos.testbed import ChaosTestbed
from tests.sandbox.rights import ACCOUNT, NAMESPACE, USER
from tests.support.kube import Json
from tests.support.poll import TimedOut, until

PATIENCE = 150.0
"""The client library reads a token's file once a minute, and waits grow while it is refused."""
EACH = 3
KEPT = Scenario("kept")
DELETED = Scenario("deleted", stays_at="RUNNING")


class Inside:
    """One operator in a namespace of its own, and objects under way."""

    def __init__(self, testbed: ChaosTestbed) -> None:
        self._testbed = testbed
        self._kube = testbed.world.kube
        self._cluster = testbed.world.cluster
        self._folder = testbed.world.folder / testbed.name("pod")
        self._folder.mkdir()
        (self._folder / "ca.crt").write_bytes(self._cluster.ca.read_bytes())
        self._secrets: list[str] = []
        self._mark = 0
        self.give_token()
        self._namespace = testbed.namespace("inside")
        self._runs = self._kube.runs(self._namespace)
        address = urlsplit(self._cluster.server)
        self.fork = testbed.operator(
            testbed.proxy_state(),
            self._namespace,
            self._namespace,
            KUBERNETES_SERVICE_HOST=str(address.hostname),
            KUBERNETES_SERVICE_PORT=str(address.port),
            **{SERVICE_ACCOUNT: str(self._folder)},
        )

    # ---- what changes below it

    def give_token(self) -> None:
        """A new token, which is good as long as a secret of its own is there."""
        name = self._testbed.name("token")
        path = f"/api/v1/namespaces/{NAMESPACE}"
        made = self._kube.request("POST", f"{path}/secrets", {"metadata": {"name": name}})
        bound = {"apiVersion": "v1", "kind": "Secret", "name": name, "uid": made["metadata"]["uid"]}
        wanted = {"spec": {"expirationSeconds": 86_400, "boundObjectRef": bound}}
        answer = self._kube.request("POST", f"{path}/serviceaccounts/{ACCOUNT}/token", wanted)
        _put(self._folder / "token", answer["status"]["token"])
        self._secrets.append(name)

    def revoke_token(self) -> None:
        """The oldest token is good no longer."""
        self._kube.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}/secrets/{self._secrets.pop(0)}")

    def token_replaced(self) -> Report:
        """A new token is in the file, and at the same moment the old one is no longer good."""

        def replace() -> None:
            self.give_token()
            self.revoke_token()
            until(lambda: self._refused(leases=True) > 0, PATIENCE, "the old token is refused")

        return self._changed("token replaced and revoked", replace)

    def certificate_renewed(self) -> Report:
        """The API server starts again with another certificate of the same authority."""

        def renew() -> None:
            self._cluster.stop_api_server(hard=True)
            self._cluster.renew_serving_certificate()
            self._cluster.start_api_server()

        return self._changed("serving certificate renewed", renew)

    # ---- what must hold

    def _changed(self, name: str, change: Callable[[], None]) -> Report:
        report = Report(name)
        lives = self._begin(KEPT) + self._begin(DELETED)
        until(lambda: self._running(lives), 60, "all objects run")
        self._mark, began = self._cluster.audit.mark(), time.monotonic()
        change()
        for life in lives[EACH:]:
            life.delete()
        lives += self._begin(KEPT)
        self._await_end(report, lives)
        report.objects, report.seconds = len(lives), time.monotonic() - began
        report.asked = self._asked() + self._refused(leases=False)
        if report.asked > BY_A_BUSY_LOOP + 12 * len(lives) + 2 * report.seconds:
            report.wrong.append(f"{report.asked} requests in {report.seconds:.0f} s")
        report.wrong += self._judged(lives)
        return report

    def _await_end(self, report: Report, lives: list[Life]) -> None:
        try:
            until(
                lambda: self._driven(lives), PATIENCE, lambda: f"all is over; the log ends {self.fork.logs()[-1500:]}"
            )
        except TimedOut as error:
            report.wrong.append(str(error)[:2500])

    def _judged(self, lives: list[Life]) -> list[str]:
        items, wrong = self._items(), list[str]()
        for life in lives:
            own = self._testbed.sim.runs(virtual_cluster_id=life.name)
            wrong += [f"{life.name}: {text}" for text in truth.of_life(life, items.get(life.name), own)]
        return wrong if self.fork.running else [*wrong, f"the operator ended with {self.fork.code}"]

    def _begin(self, scenario: Scenario) -> list[Life]:
        names = [self._testbed.name("p") for _ in range(EACH)]
        return [Life(scenario, name, self._runs, self._testbed.sim) for name in names]

    def _items(self) -> dict[str, Json]:
        return {item["metadata"]["name"]: item for item in self._runs.list()}

    def _driven(self, lives: list[Life]) -> bool:
        """One step of each; whether all are over."""
        items = self._items()
        over = [life.step(items.get(life.name)) for life in lives]
        return all(over)

    def _running(self, lives: list[Life]) -> bool:
        self._driven(lives)
        items = self._items()
        states = [items[life.name].get("status", {}).get("state") for life in lives if life.name in items]
        return len(states) == len(lives) and all(state in ("RUNNING", "COMPLETED") for state in states)

    def _asked(self) -> int:
        """Requests of the operator that the API server has answered since the change, without the Lease's."""
        events = self._cluster.audit_events(self._mark)
        return sum(event.user == USER and event.resource != "leases" for event in events)

    def _refused(self, *, leases: bool) -> int:
        """Requests with a token that is no longer good; their stage in the audit log is one of their own."""
        with (self._cluster.folder / "audit.log").open("rb") as log:
            log.seek(self._mark)
            refused = [line for line in log if b'"code":401' in line]
        return sum(leases or b"/leases" not in line for line in refused)


def _put(path: Path, text: str) -> None:
    """At once, as a kubelet does: nobody sees half a file."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
