"""Which content a reference of an image stands for, and what the Dockerfile says of it."""

from pathlib import Path

import pytest

from tests.sandbox.image.build import allowed
from tests.sandbox.image.dockerfile import replaced, stages
from tests.sandbox.pods import images
from tests.sandbox.pods.environment import expanded, quantity

EMRJOBS = images.Image(mounts=())
EXACT = images.Image(mounts=(), user=1)


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("emrjobs", EMRJOBS),
        ("emrjobs:0.1.0", EMRJOBS),
        ("registry.example.com:5000/data/emrjobs:1@sha256:0123", EMRJOBS),
        ("registry.example.com/emrjobs:old", EXACT),
        ("registry.example.com/other:1", None),
        ("emrjobs-other", None),
    ],
)
def test_a_reference_is_found_by_its_text_or_its_name(reference: str, found: images.Image | None) -> None:
    assert images.find({"emrjobs": EMRJOBS, "registry.example.com/emrjobs:old": EXACT}, reference) is found


def test_images_survive_being_written(tmp_path: Path) -> None:
    given = {"emrjobs": images.of_this_checkout()}
    images.write(given, tmp_path / "images.json")

    assert images.read(tmp_path / "images.json") == given


def test_a_dockerfile_is_read(tmp_path: Path) -> None:
    text = """\
# a comment
ARG BASE=python
FROM ${BASE} AS first
RUN one \\
    # between
    && two
FROM python
ENV A=1 \\
    PATH=/opt:$PATH
COPY --from=first /a /b
USER 5:6
ENTRYPOINT ["run", "it"]
"""
    (tmp_path / "Dockerfile").write_text(text, encoding="utf-8")

    first, final = stages(tmp_path / "Dockerfile")

    assert (first.name, [step.text for step in first.instructions]) == ("first", ["one && two"])
    assert final.environment({"PATH": "/bin"}) == {"A": "1", "PATH": "/opt:/bin"}
    assert final.last("ENTRYPOINT").words == ["run", "it"]
    assert final.last("COPY").words == ["--from=first", "/a", "/b"]
    with pytest.raises(LookupError):
        first.last("USER")


def test_variables() -> None:
    assert replaced("$A-${B}-$C", {"A": "1", "B": "2"}) == "1-2-"
    assert expanded("$(A)-$(B)-$$(A)", {"A": "1"}) == "1-$(B)-$(A)"


@pytest.mark.parametrize(("text", "number"), [("100m", 0.1), ("2", 2), ("1Ki", 1024), ("512Mi", 512 * 2**20)])
def test_quantities(text: str, number: float) -> None:
    assert quantity(text) == pytest.approx(number)


def test_the_context_holds_what_dockerignore_leaves() -> None:
    patterns = ["*", "!operator", "!requirements/*.txt"]

    assert [allowed(path, patterns) for path in ("operator/", "operator/x.py", "requirements/a.txt")] == [True] * 3
    assert [allowed(path, patterns) for path in ("tests", "requirements/a.in", ".git")] == [False] * 3
