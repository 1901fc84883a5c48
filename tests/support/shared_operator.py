"""One operator for all tests that do not care which: started when asked for, replaced when it is gone."""

from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import World

# Tests submit faster than AWS's default rates, and look more often; tests of the rates start an operator of
# their own. All lengths are seconds.
ENVIRONMENT = {
    "EMRJOBS_QUOTAS": "off",
    "EMRJOBS_POLL_INTERVAL": "0.2",
    "EMRJOBS_POLL_INTERVAL_LONGEST": "0.4",
    "EMRJOBS_RETRY_FIRST": "0.1",
    "EMRJOBS_RETRY_LONGEST": "0.5",
    "EMRJOBS_DENIED_PATIENCE": "3",
    "EMRJOBS_DENIED_RETRY": "1",
    "EMRJOBS_UNCLEAR_RETRY_LONGEST": "1",
    "EMRJOBS_CANCEL_AGAIN": "1",
    "EMRJOBS_GONE_AGAIN": "2",
    "EMRJOBS_GRACE": "2",
}


class SharedOperator:
    """At most one operator runs as shared; a test with operators of its own stops it first."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._operator: OperatorProcess | None = None

    def running(self) -> OperatorProcess:
        if self._operator is None or not self._operator.running:
            self._world.forget_leases()
            self._operator = self._world.operator(**ENVIRONMENT)
        return self._operator

    def stop(self) -> None:
        if self._operator is not None:
            self._operator.terminate()
            self._operator = None
        self._world.forget_leases()
