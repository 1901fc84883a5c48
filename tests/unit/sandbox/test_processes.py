"""Processes of the sandbox see nothing of this machine, and end when they are told to."""

import signal
import sys
from pathlib import Path

import pytest

from tests.sandbox.processes import Process, clean_environment
from tests.support.poll import until

HIDDEN = ("AWS_PROFILE", "AWS_CA_BUNDLE", "HTTPS_PROXY", "KUBECONFIG", "EMRJOBS_QUOTAS", "PYTHONPATH")


def start(tmp_path: Path, code: str) -> Process:
    env = clean_environment(tmp_path)
    return Process("child", [sys.executable, "-c", code], env=env, log=tmp_path / "logs" / "child.log")


def test_nothing_of_this_machine_reaches_a_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in HIDDEN:
        monkeypatch.setenv(name, "of this machine")

    environment = clean_environment(tmp_path, KUBECONFIG="given")

    assert "of this machine" not in environment.values()
    assert environment["KUBECONFIG"] == "given"
    assert environment["HOME"] == str(tmp_path), "~/.aws and ~/.kube are not the user's"


def test_a_paused_process_can_be_stopped(tmp_path: Path) -> None:
    process = start(tmp_path, "import time; print('up', flush=True); time.sleep(60)")
    until(lambda: "up" in process.tail(), 10, "the child is up")
    process.signal(signal.SIGSTOP)

    assert process.stop(grace=10) == -signal.SIGTERM
    assert not process.running


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    ignoring = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)"
    process = start(tmp_path, f"{ignoring}; time.sleep(60)")
    until(lambda: "up" in process.tail(), 10, "the child is up")

    assert process.stop(grace=0.1) == -signal.SIGKILL


def test_an_ended_process_is_reported_with_its_log(tmp_path: Path) -> None:
    process = start(tmp_path, "raise SystemExit('no such thing')")
    process.wait(10)

    with pytest.raises(RuntimeError, match="child ended with 1:\nno such thing"):
        process.must_run()
