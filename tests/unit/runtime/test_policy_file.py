"""The file of policies: what is read at the start, and what a later content does."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from emrjobs.core.job_policy.decision import PolicyMode
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.runtime import policy_file
from emrjobs.runtime.policy_file import PolicyFile, PolicyFileError

Json = dict[str, Any]
MINIMAL: Json = {"namespaces": {"names": ["team-a"]}, "allow": {}}


def document(name: str = "team-a", **members: Any) -> str:
    head = {"apiVersion": "emrjobs.dev/v1alpha1", "kind": "EmrJobPolicy", "metadata": {"name": name}}
    return yaml.safe_dump({**head, "spec": {**MINIMAL, **members}})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "policies.yaml"
    path.write_text(document())
    return path


def opened(path: Path) -> PolicyFile:
    return PolicyFile(path, PolicyMode.REQUIRED)


REFUSED: dict[str, tuple[bytes | None, str]] = {
    "no file": (None, "No such file or directory"),
    "not YAML": (b"a: [", "line 1"),
    "empty, which would allow everything where policies are optional": (b"", "holds no EmrJobPolicy"),
    "not UTF-8": (b"\xff\xfe\xfa", "is not UTF-8"),
    "another kind": (b"kind: Secret", "EmrJobPolicy"),
    "an unknown member": (document(allow={"buckets": []}).encode(), "spec.allow.buckets: is not a member of this API"),
    "two of one name": (f"{document()}---\n{document()}".encode(), "team-a"),
    "a selector, which needs the labels of namespaces": (
        document(namespaces={"selector": {"matchLabels": {"team": "a"}}}).encode(),
        "namespaces.selector of team-a",
    ),
}


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED)
def test_the_process_does_not_start_with_a_file_that_it_cannot_use(
    content: bytes | None, said: str, path: Path
) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(PolicyFileError, match=r"the policy file .*policies\.yaml") as error:
        opened(path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def seen_after(file: PolicyFile, changes: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[Policies]:
    """What is told of in the looks that follow the changes."""
    seen: list[Policies] = []

    async def look() -> None:
        task = asyncio.create_task(file.run(seen.append))
        for _ in range(10):
            await asyncio.sleep(0)
        changes()
        for _ in range(10):
            await asyncio.sleep(0)
        task.cancel()

    monkeypatch.setattr(policy_file, "_LOOK_SECONDS", 0)
    asyncio.run(look())
    return seen


def test_another_content_is_told_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = opened(path)
    (told,) = seen_after(file, lambda: path.write_text(document(namespaces={"names": ["x"]})), monkeypatch)
    assert told is file.policies
    assert told.version(Namespace("x")) != told.version(Namespace("team-a"))


@pytest.mark.parametrize("broken", [content for content, _ in REFUSED.values()], ids=REFUSED)
def test_the_last_good_content_holds_until_there_is_another(
    broken: bytes | None, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = opened(path)
    before = file.policies

    def breaks() -> None:
        if broken is None:
            path.unlink()
        else:
            path.write_bytes(broken)

    assert seen_after(file, breaks, monkeypatch) == []
    assert file.policies is before
    assert file.problem() is None
    monkeypatch.setattr(policy_file, "_BROKEN_SECONDS", -1)
    assert file.problem() == "the policy file cannot be read; the policies before it hold"

    (told,) = seen_after(file, lambda: path.write_text(document("other")), monkeypatch)
    assert file.policies is told
    assert file.problem() is None
