"""`python -m tests.chaos.forkserver`: forks operators from one process that has loaded all of their modules.

Loading takes a second of the processor, and a thousand kills need two thousand starts. What is forked has no
thread, no connection and no environment before; it runs the console script's own `main`. Commands come as JSON
lines on stdin; answers go to stdout: {"pid": …} for a start, {"ended": pid, "code": …} for an end.
"""

import atexit
import gc
import json
import os
import select
import sys
import threading
import traceback
from typing import Any

from kubernetes.config import incluster_config, kube_config

from emrjobs import __main__ as program
from emrjobs.runtime import operator as wiring
from tests.sandbox.processes import _ending_with_us

LOADED = (program, wiring)  # and with them everything that an operator imports
LOOK_SECONDS = 0.02
SERVICE_ACCOUNT = "CHAOS_SERVICE_ACCOUNT"
"""The variable that names the folder with an operator's token and authority, as a pod has it elsewhere."""


def _told(**facts: object) -> None:
    os.write(1, json.dumps(facts).encode() + b"\n")


def _dress(order: dict[str, Any]) -> None:
    """A session, a log and an environment of its own."""
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((nothing, log, log)):
        os.dup2(source, number)
    os.environ.clear()
    os.environ.update(order["env"])
    # Read from the environment when the module is loaded.
    kube_config.KUBE_CONFIG_DEFAULT_LOCATION = order["env"]["KUBECONFIG"]
    if folder := order["env"].get(SERVICE_ACCOUNT):
        incluster_config.SERVICE_TOKEN_FILENAME = f"{folder}/token"
        incluster_config.SERVICE_CERT_FILENAME = f"{folder}/ca.crt"
    sys.argv = ["emrjobs", "run", *order["args"]]


def _operate() -> int:
    """As the interpreter does with a script, to its end: threads are waited for, exit functions run."""
    try:
        code = program.main(sys.argv[1:])
    except BaseException:  # noqa: BLE001 - printed, as the interpreter does
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    return code


def _start(order: dict[str, Any]) -> None:
    end_with_us = _ending_with_us()
    pid = os.fork()
    if pid:
        _told(pid=pid)
        return
    code = 1
    try:
        if end_with_us is not None:
            end_with_us()
        _dress(order)
        code = _operate()
    finally:
        os._exit(code)


def _reap() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _told(ended=pid, code=os.waitstatus_to_exitcode(status))


def main() -> None:
    gc.collect()
    gc.freeze()
    _told(ready=True)
    rest = b""
    while True:
        if select.select([0], [], [], LOOK_SECONDS)[0]:
            read = os.read(0, 65536)
            if not read:
                return
            *orders, rest = (rest + read).split(b"\n")
            for order in orders:
                _start(json.loads(order))
        _reap()


if __name__ == "__main__":
    main()
