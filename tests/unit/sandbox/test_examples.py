"""Each example says in one comment line what becomes of it."""

from pathlib import Path

import pytest

from tests.sandbox.examples import load, read

MANIFEST = "apiVersion: emrjobs.dev/v1alpha1\nkind: EmrJobRun\nmetadata:\n  name: pi\n"


def test_an_example_declares_its_end(tmp_path: Path) -> None:
    path = tmp_path / "pi.yaml"
    path.write_text(f"# A job.\n# demo: FAILED\n{MANIFEST}", encoding="utf-8")

    example = read(path)

    assert (example.name, example.expected) == ("pi", "FAILED")


@pytest.mark.parametrize("head", ["", "# demo: DONE\n", "# demo COMPLETED\n"], ids=["none", "unknown", "no colon"])
def test_an_example_without_an_end_is_an_error(tmp_path: Path, head: str) -> None:
    path = tmp_path / "pi.yaml"
    path.write_text(head + MANIFEST, encoding="utf-8")

    with pytest.raises(ValueError, match=r"pi\.yaml needs a line '# demo: "):
        read(path)


def test_a_folder_without_examples_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no manifests"):
        load(tmp_path)
