"""Where the control plane's programs come from: given, cached, built, or not to be had."""

from pathlib import Path

import pytest

from tests.sandbox.controlplane import binaries
from tests.sandbox.controlplane.binaries import cache_folder, found, missing, one_folder, provide, why_not
from tests.sandbox.controlplane.build import GoMissing
from tests.sandbox.controlplane.modules import PROGRAMS, Program, link_flags, required_version

NAMES = [program.name for program in PROGRAMS]


def place(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty cache and no Go."""
    return {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": str(tmp_path / "nothing")}


def test_given_programs_come_before_cached_ones(environ: dict[str, str], tmp_path: Path) -> None:
    place(cache_folder(environ), *NAMES)
    environ["KUBEBUILDER_ASSETS"] = str(place(tmp_path / "given", "etcd", "kube-apiserver", "kubectl"))

    where = {name: path.parent for name, path in found(environ).items()}

    assert where["kube-apiserver"] == tmp_path / "given"
    assert where["kube-controller-manager"] == cache_folder(environ), "envtest's assets lack it"


def test_a_file_that_cannot_run_does_not_count(environ: dict[str, str]) -> None:
    place(cache_folder(environ), *NAMES)
    (cache_folder(environ) / "etcd").chmod(0o644)

    assert [program.name for program in missing(environ)] == ["etcd"]


def test_without_programs_and_go_the_text_says_what_to_do(environ: dict[str, str]) -> None:
    place(cache_folder(environ), "etcd", "kubectl")

    with pytest.raises(GoMissing, match="kube-apiserver, kube-controller-manager not found") as raised:
        provide(environ, say=lambda _: None)

    assert "KUBEBUILDER_ASSETS" in str(raised.value)
    assert why_not(environ) == str(raised.value)


def test_only_what_is_missing_is_built(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ["KUBEBUILDER_ASSETS"] = str(place(tmp_path / "given", "etcd", "kube-apiserver", "kubectl"))
    environ["PATH"] = str(place(tmp_path / "go", "go"))
    built: list[str] = []

    def build(program: Program, into: Path, say: object) -> Path:
        built.append(program.name)
        return place(into, program.name) / program.name

    monkeypatch.setattr(binaries, "build", build)
    provided = provide(environ, say=lambda _: None)
    again = provide(environ, say=lambda _: None)

    assert built == ["kube-controller-manager"]
    assert provided == again
    assert provided.kube_controller_manager.parent == cache_folder(environ)
    assert provided.etcd.parent == tmp_path / "given"


def test_programs_of_several_folders_are_linked_into_one(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", environ["XDG_CACHE_HOME"])
    environ["KUBEBUILDER_ASSETS"] = str(place(tmp_path / "given", "etcd"))
    place(cache_folder(environ), *NAMES)

    folder = one_folder(provide(environ))

    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert (folder / "etcd").resolve() == tmp_path / "given" / "etcd"


def test_programs_of_one_folder_stay_there(environ: dict[str, str]) -> None:
    place(cache_folder(environ), *NAMES)

    assert one_folder(provide(environ)) == cache_folder(environ)


def test_versions_are_read_from_go_mod(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text(
        "module m\n\nrequire (\n\texample.org/a/b v1.2.3 // indirect\n\texample.org/a v4.5.6\n)\n",
        encoding="utf-8",
    )

    assert required_version(tmp_path, "example.org/a") == "v4.5.6"
    with pytest.raises(ValueError, match=r"does not require example\.org/c"):
        required_version(tmp_path, "example.org/c")


def test_kubernetes_programs_are_stamped_with_their_version() -> None:
    version = required_version(PROGRAMS[0].folder, "k8s.io/kubernetes")

    assert f"version.gitVersion={version}" in link_flags(PROGRAMS[0])
    assert "gitVersion" not in link_flags(next(p for p in PROGRAMS if p.name == "etcd"))
