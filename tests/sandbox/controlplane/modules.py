"""The pinned Go modules that the control plane is built from; their `go.mod` files hold the versions."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.paths import GO_MODULES


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the control plane: the module and package it is built from, and what that takes."""

    name: str
    module: str
    package: str
    seconds: int
    """Cold build time on two cores, after the ones before it in `PROGRAMS`."""

    @property
    def folder(self) -> Path:
        return GO_MODULES / self.module


PROGRAMS = (
    Program("kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", 300),
    Program("kube-controller-manager", "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager", 85),
    Program("kubectl", "kubernetes", "k8s.io/kubernetes/cmd/kubectl", 35),
    Program("etcd", "etcd", "go.etcd.io/etcd/server/v3", 60),
)


def required_version(folder: Path, module: str) -> str:
    """Return the version of `module` that `folder/go.mod` requires, such as `v1.36.3`."""
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", _go_mod(folder), re.MULTILINE)
    if found is None:
        raise ValueError(f"{folder / 'go.mod'} does not require {module}")
    return found[1]


def kubernetes_version() -> str:
    return required_version(GO_MODULES / "kubernetes", "k8s.io/kubernetes")


def etcd_version() -> str:
    return required_version(GO_MODULES / "etcd", "go.etcd.io/etcd/server/v3")


def go_version() -> str:
    """Return the oldest Go that can build all modules, such as `1.26`."""
    found = re.search(r"^go (\d+\.\d+)", _go_mod(GO_MODULES / "kubernetes"), re.MULTILINE)
    if found is None:
        raise ValueError("the go.mod of Kubernetes names no Go version")
    return found[1]


def link_flags(program: Program) -> str:
    """Return the linker flags: no symbols, and the version stamp that Kubernetes programs report."""
    if program.module != "kubernetes":
        return "-s -w"
    version = kubernetes_version()
    major, minor, *_ = version.removeprefix("v").split(".")
    stamps = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s -w", *(f"-X k8s.io/component-base/version.{k}={v}" for k, v in stamps.items())])


def _go_mod(folder: Path) -> str:
    return (folder / "go.mod").read_text(encoding="utf-8")
