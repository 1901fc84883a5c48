"""Runs the operator from its settings to its exit code."""

import asyncio
import gc
import logging
import sys
from typing import Final

from emrjobs.adapters.emr_containers import NoRegionError
from emrjobs.adapters.kube_session import ConfigException
from emrjobs.runtime.leader_election import LeadershipLostError
from emrjobs.runtime.logs import set_up
from emrjobs.runtime.operator import Operator
from emrjobs.runtime.policy_file import PolicyFileError
from emrjobs.runtime.unexpected import where
from emrjobs.settings import Settings

_LOG: Final = logging.getLogger("emrjobs")
_CANCELLATIONS: Final = 10
_CANCELLATION_SECONDS: Final = 0.5
_GARBAGE: Final = 10_000
"""New objects between two looks for cycles, of which we make few. With Python's 700 they took an eighth of our CPU."""


def operate(settings: Settings) -> int:
    """Run until told to stop: 0. 2: it cannot begin. 1: it has to be started again."""
    set_up(settings.log_format, settings.log_level)
    # The API server takes JSON of 10,000 levels. One such object must not end the watch of all others.
    sys.setrecursionlimit(100_000)
    # What was imported stays: it need not be searched for garbage again and again.
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    try:
        asyncio.run(_run(settings))
    except (ConfigException, NoRegionError, PolicyFileError) as error:
        _LOG.error("cannot begin: %s", error)
        return 2
    except LeadershipLostError:
        _LOG.warning("another process leads now: ending, to be started again as a standby")
        return 1
    except Exception as error:  # noqa: BLE001 - a traceback would be no log line, and may hold values of objects
        _LOG.error("ending, to be started again", extra={"error": type(error).__name__, **where(error)})
        return 1
    return 0


async def _run(settings: Settings) -> None:
    try:
        await Operator(settings).run()
    finally:
        await _end_all_tasks()


async def _end_all_tasks() -> None:
    """What kopf leaves. Its watchers may take a cancellation for the end of a pause, and go on: so more than one."""
    for _ in range(_CANCELLATIONS):
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if not left:
            return
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_CANCELLATION_SECONDS)
