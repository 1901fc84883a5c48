"""The command lines of the control plane's programs. Pure, apart from the files they name."""

from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.controlplane.pki import Pki

# What the product's promises lean on, and what makes pods of deployments and jobs. No nodes, no clouds.
CONTROLLERS = (
    "garbage-collector-controller",
    "namespace-controller",
    "serviceaccount-controller",
    "root-ca-certificate-publisher-controller",
    "deployment-controller",
    "replicaset-controller",
    "statefulset-controller",
    "daemonset-controller",
    "job-controller",
    "cronjob-controller",
    "disruption-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "ttl-after-finished-controller",
    "clusterrole-aggregation-controller",
)

ISSUER = "https://kubernetes.default.svc.cluster.local"

# Everything is kept that writes or that a test may want to count; what the API server says to itself is not.
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    users: [system:apiserver]
  - level: None
    nonResourceURLs: ["/*"]
  # What the operator writes is held against what it may write, member by member.
  - level: Request
    users: ["system:serviceaccount:emrjobs-system:emrjobs"]
    verbs: [create, update, patch, delete]
  - level: Metadata
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where this control plane keeps its files and listens."""

    folder: Path
    pki: Pki
    etcd_port: int
    peer_port: int
    api_port: int

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.api_port}"

    @property
    def audit_log(self) -> Path:
        return self.folder / "audit.log"

    @property
    def audit_policy(self) -> Path:
        return self.folder / "audit-policy.yaml"

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens.csv"


def etcd(program: Path, layout: Layout) -> list[str]:
    """One member. Its data need not outlive the machine's power, so nothing waits for the disk."""
    client = f"http://127.0.0.1:{layout.etcd_port}"
    peer = f"http://127.0.0.1:{layout.peer_port}"
    return [
        str(program),
        "--name=sandbox",
        f"--data-dir={layout.folder / 'etcd'}",
        "--unsafe-no-fsync=true",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=sandbox={peer}",
        "--log-level=warn",
    ]


def api_server(program: Path, layout: Layout) -> list[str]:
    pki = layout.pki
    return [
        str(program),
        f"--etcd-servers=http://127.0.0.1:{layout.etcd_port}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={layout.api_port}",
        f"--tls-cert-file={pki.serving_certificate}",
        f"--tls-private-key-file={pki.serving_key}",
        f"--token-auth-file={layout.tokens}",
        "--anonymous-auth=false",
        "--authorization-mode=RBAC",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={pki.service_account_key}",
        f"--service-account-signing-key-file={pki.service_account_key}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--allow-privileged=true",
        f"--audit-policy-file={layout.audit_policy}",
        f"--audit-log-path={layout.audit_log}",
        # Megabytes. Never turned over, so that a reader's place in it stays true.
        "--audit-log-maxsize=100000",
        "--shutdown-watch-termination-grace-period=1s",
        "--profiling=false",
    ]


def controller_manager(program: Path, layout: Layout, kubeconfig: Path) -> list[str]:
    return [
        str(program),
        f"--kubeconfig={kubeconfig}",
        f"--controllers={','.join(CONTROLLERS)}",
        "--leader-elect=false",
        "--secure-port=0",
        f"--root-ca-file={layout.pki.ca}",
        "--kube-api-qps=300",
        "--kube-api-burst=600",
        "--concurrent-namespace-syncs=20",
        "--profiling=false",
    ]
