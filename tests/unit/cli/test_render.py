"""``emrjobs render``: what is printed, what is said to be wrong, and the exit codes."""

import io
import json
from pathlib import Path

import pytest
import yaml

from emrjobs.cli import render
from tests.contract.corpus.cases import full, without
from tests.sandbox.paths import EXAMPLES

GOOD = {"apiVersion": "emrjobs.dev/v1alpha1", "kind": "EmrJobRun", "metadata": {"name": "good"}, "spec": full()}
BAD = {**GOOD, "metadata": {"name": "bad"}, "spec": {**full(), "name": "s3cr3t name", "tagz": {}}}


def written(folder: Path, *documents: object) -> str:
    path = folder / "runs.yaml"
    path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    return str(path)


def test_the_request_is_printed_without_token_and_own_members(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render.main(render.Wanted([written(tmp_path, GOOD)])) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == without(full(), ("deletionPolicy",))
    assert said.err == ""


def test_good_ones_are_printed_beside_bad_ones_which_are_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, GOOD, BAD, {"kind": "ConfigMap"})
    assert render.main(render.Wanted([path])) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["name"] == "job"
    assert f"{path}: EmrJobRun bad: spec.name: must hold only letters" in said.err
    assert f"{path}: EmrJobRun bad: spec.tagz: is not a member of this API" in said.err
    assert "'ConfigMap' is not an EmrJobRun: passed over" in said.err
    assert "s3cr3t" not in said.err


def test_the_object_s_name_stands_in_for_a_missing_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nameless = {**GOOD, "spec": without(full(), ("name",))}
    assert render.main(render.Wanted([written(tmp_path, nameless)])) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "good"


def test_a_spec_is_required(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render.main(render.Wanted([written(tmp_path, without(GOOD, ("spec",)))])) == 1
    assert capsys.readouterr().err.endswith("EmrJobRun good: spec: is required\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: [", "line 1"),
        (b"\xff\xfe\xff", "is not UTF-8"),
        (b"kind: ConfigMap", "holds no EmrJobRun"),
        (b"", "holds no EmrJobRun"),
    ],
)
def test_files_that_hold_nothing_to_render(
    content: bytes, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert render.main(render.Wanted([str(path)])) == 2
    assert told in capsys.readouterr().err


def test_a_missing_file_does_not_keep_others_from_being_rendered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render.main(render.Wanted([str(tmp_path / "none"), written(tmp_path, GOOD)])) == 2
    said = capsys.readouterr()
    assert "No such file" in said.err
    assert json.loads(said.out)["name"] == "job"


def test_a_dash_is_the_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(yaml.safe_dump(GOOD).encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert render.main(render.Wanted(["-"])) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "job"


def test_no_file_is_no_success() -> None:
    assert render.main(render.Wanted([])) == 2


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_examples_render_unless_the_api_server_refuses_them(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = "# demo: refused" in path.read_text(encoding="utf-8")
    assert render.main(render.Wanted([str(path)])) == (1 if refused else 0)
    assert bool(capsys.readouterr().err) == refused
