"""The ways to install that are tested: values by a name in plain words."""

from typing import Final

from tests.chart.comments import Json

RELEASE: Final = "emrjobs"
NAMESPACE: Final = "emrjobs-system"
DIGEST: Final = "sha256:" + "0123456789abcdef" * 4
NAMED: Final = ("team-a", "team-b")

_PEER: Final[Json] = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
_BLOCK: Final[Json] = {"ipBlock": {"cidr": "10.0.0.0/16"}}

_RESTRICTED: Final[Json] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}

OPTIONS: Final[Json] = {
    "fullnameOverride": "emr-operator",
    "commonLabels": {"team": "data"},
    "commonAnnotations": {"owner": "data"},
    "image": {"registry": "registry.example.com", "repository": "data/emrjobs", "digest": DIGEST},
    "imagePullSecrets": [{"name": "pull"}],
    "replicaCount": 3,
    "aws": {
        "region": "eu-west-1",
        "useFipsEndpoint": True,
        "useDualstackEndpoint": True,
        "endpoints": {"emrContainers": "https://emr.example.com", "sts": "https://sts.example.com"},
    },
    "serviceAccount": {
        "name": "emr-operator-account",
        "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/emrjobs"},
        "labels": {"identity": "irsa"},
    },
    "podLabels": {"tier": "control"},
    "podAnnotations": {"example.com/scraped": "yes"},
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "system", "operator": "Exists", "effect": "NoSchedule"}],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "arch", "operator": "In", "values": ["arm64"]}]}]
            }
        }
    },
    "priorityClassName": "system-cluster-critical",
    "dnsPolicy": "None",
    "dnsConfig": {"nameservers": ["10.0.0.10"]},
    "hostAliases": [{"ip": "10.0.0.9", "hostnames": ["proxy.example.com"]}],
    "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"}],
    "extraEnvFrom": [{"configMapRef": {"name": "more", "optional": True}}],
    "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
    "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/ca", "readOnly": True}],
    "podDisruptionBudget": {"maxUnavailable": "34%"},
    "networkPolicy": {
        "metricsFrom": [_PEER],
        "dns": {"to": [_PEER]},
        "apiServer": {"to": [_BLOCK]},
        "aws": {"to": [_BLOCK]},
        "instanceMetadata": True,
        "extraEgress": [{"ports": [{"port": 3128, "protocol": "TCP"}], "to": [_BLOCK]}],
    },
    "metrics": {
        "service": {"annotations": {"a": "b"}},
        "serviceMonitor": {"enabled": True, "labels": {"release": "p"}, "jobLabel": "app", "honorLabels": True},
    },
    "policy": {"inline": [{"name": "all", "spec": {"namespaces": {"names": ["*"]}, "allow": {}}}]},
    "settings": {"quotas": {"StartJobRun": [100, 10], "total": [400, 50]}, "logLevel": "DEBUG", "stopLimit": 12.5},
}

GUESTS: Final[Json] = {
    "runtimeClassName": "gvisor",
    "initContainers": [{"name": "first", "image": "busybox:1", "securityContext": _RESTRICTED}],
    "extraContainers": [{"name": "beside", "image": "busybox:1", "securityContext": _RESTRICTED}],
    "extraObjects": [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-more"}},
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-text\n",
    ],
}
"""What the users bring along."""

BARE: Final[Json] = {
    "crds": {"install": False},
    "rbac": {"create": False},
    "admission": {"enabled": False},
    "serviceAccount": {"create": False, "name": "brought"},
    "podDisruptionBudget": {"enabled": False},
    "networkPolicy": {"enabled": False},
    "metrics": {"service": {"enabled": False}},
    "uninstall": {"release": False},
    "tests": {"enabled": False},
}

VARIANTS: Final[dict[str, Json]] = {
    "as it comes": {},
    "in named namespaces": {"watch": {"namespaces": list(NAMED)}},
    "in named namespaces, without CRDs": {"watch": {"namespaces": list(NAMED)}, "crds": {"install": False}},
    "with every option": OPTIONS,
    "with every option, in named namespaces": {**OPTIONS, "watch": {"namespaces": list(NAMED)}},
    "with nothing that can be left out": BARE,
    "one operator without a Lease": {"replicaCount": 1, "settings": {"leaderElection": False}},
    "CRDs that go with the release": {"crds": {"keep": False}},
}
