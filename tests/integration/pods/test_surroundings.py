"""A container has what its pod gives it, and nothing else of this machine."""

import json
from typing import Any

from tests.sandbox.paths import ROOT
from tests.support.pod_fixtures import needs_root, pods, workloads
from tests.support.workloads import Workloads, container

__all__ = ["pods", "workloads"]

Json = dict[str, Any]


WHO = """
import json, os, ssl, time, urllib.request
folder = "/var/run/secrets/kubernetes.io/serviceaccount"
def ask():
    token = open(f"{folder}/token").read()
    where = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
    body = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{where}/apis/authentication.k8s.io/v1/selfsubjectreviews", body, headers)
    trust = ssl.create_default_context(cafile=f"{folder}/ca.crt")
    with urllib.request.urlopen(request, context=trust) as answer:
        return token, json.load(answer)["status"]["userInfo"]
first, user = ask()
while open(f"{folder}/token").read() == first:
    time.sleep(0.1)
print(json.dumps([user, ask()[1], open(f"{folder}/namespace").read()]), flush=True)
"""


def test_a_pod_is_its_service_account_and_its_token_is_renewed(workloads: Workloads) -> None:
    workloads.create("/api/v1/serviceaccounts", "worker", {})
    workloads.pod("who", container(WHO), serviceAccountName="worker", restartPolicy="Never")

    workloads.pod_shows(lambda pod: pod["status"]["phase"] == "Succeeded", "has asked", "who")

    first, second, namespace = json.loads(workloads.log("who"))
    assert namespace == workloads.namespace
    for user in (first, second):
        assert user["username"] == f"system:serviceaccount:{workloads.namespace}:worker"
        assert user["extra"]["authentication.kubernetes.io/pod-name"] == ["who"]
    assert first["extra"] != second["extra"]


SURROUNDINGS = f"""
import json, os, socket
def writes(path):
    try:
        open(path, "w").close()
    except OSError as error:
        return error.strerror
    return "written"
print(json.dumps({{
    "environment": {{name: os.environ.get(name) for name in ("NAME", "ADDRESS", "NODE", "SETTING", "BOTH", "PATH_X")}},
    "user": [os.getuid(), os.getgid(), os.getgroups()],
    "files": {{path: writes(path) for path in ("/file", "/scratch/file", "/tmp/file")}},
    "config": open("/etc/settings/level").read(),
    "source": os.path.exists({str(ROOT / "Makefile")!r}),
    "host": socket.gethostname(),
    "process": os.getpid(),
    "capabilities": [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapBnd", "CapEff"))],
}}))
"""


STRICT = {
    "runAsUser": 1234,
    "runAsGroup": 1235,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
}


@needs_root
def test_a_container_has_what_its_pod_gives_and_nothing_else(workloads: Workloads) -> None:
    workloads.create("/api/v1/configmaps", "settings", {"data": {"level": "high"}})
    fields = {"NAME": "metadata.name", "ADDRESS": "status.podIP", "NODE": "spec.nodeName"}
    given: list[Json] = [
        {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in fields.items()
    ]
    given += [
        {"name": "SETTING", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "level"}}},
        {"name": "BOTH", "value": "$(NAME)-$(SETTING)-$$(NODE)"},
    ]
    mounts = [{"name": "scratch", "mountPath": "/scratch"}, {"name": "settings", "mountPath": "/etc/settings"}]
    volumes = [{"name": "scratch", "emptyDir": {}}, {"name": "settings", "configMap": {"name": "settings"}}]

    workloads.pod(
        "plain",
        container(SURROUNDINGS, env=given, securityContext=STRICT, volumeMounts=mounts),
        volumes=volumes,
        restartPolicy="Never",
        securityContext={"fsGroup": 77},
    )
    pod = workloads.pod_shows(lambda pod: pod["status"]["phase"] == "Succeeded", "has looked around", "plain")

    assert json.loads(workloads.log("plain")) == {
        "environment": {
            "NAME": "plain",
            "ADDRESS": pod["status"]["podIP"],
            "NODE": pod["spec"]["nodeName"],
            "SETTING": "high",
            "BOTH": "plain-high-$(NODE)",
            "PATH_X": None,
        },
        "user": [1234, 1235, [77]],
        "files": {"/file": "Read-only file system", "/scratch/file": "written", "/tmp/file": "Read-only file system"},
        "config": "high",
        "source": False,
        "host": "plain",
        "process": 1,
        "capabilities": ["0000000000000000", "0000000000000000"],
    }
