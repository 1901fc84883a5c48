"""Kubeconfig files: a server, who vouches for it, and one token."""

import base64
from pathlib import Path

import yaml


def write_kubeconfig(path: Path, *, server: str, ca: Path, token: str, namespace: str = "default") -> Path:
    """Write a kubeconfig that only its owner may read, and return its path."""
    name = "emrjobs-sandbox"
    authority = base64.b64encode(ca.read_bytes()).decode()
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}],
        "current-context": name,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path
