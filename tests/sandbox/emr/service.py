"""The service in front of its operations: routes, signatures, faults, quotas, checks. No I/O."""

import json
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.sandbox.emr import faults, model, signature, validation, wire
from tests.sandbox.emr.calls import Call, Calls
from tests.sandbox.emr.clock import Clock
from tests.sandbox.emr.context import Context
from tests.sandbox.emr.errors import ServiceError, preset, throttled
from tests.sandbox.emr.faults import Damage, Faults, Target
from tests.sandbox.emr.ids import Ids
from tests.sandbox.emr.life import Moment, Run
from tests.sandbox.emr.operations import HANDLERS
from tests.sandbox.emr.region import Region
from tests.sandbox.emr.scripts import ScriptBook
from tests.sandbox.emr.settings import Settings
from tests.sandbox.emr.signature import UNKNOWN, Caller

P99 = 2.326  # standard deviations from the median to the 99th percentile


@dataclass(frozen=True, slots=True)
class Request:
    """What HTTP says, before anything is understood. Header names are in lower case."""

    method: str
    raw_path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    document: dict[str, Any]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call at the door: who, what, and what shall go wrong with it."""

    request: Request
    found: model.Match | None
    caller: Caller
    damage: Damage
    call: Call
    refusal: ServiceError | None


class Service:
    def __init__(self, settings: Settings, wall: Callable[[], float] = time.time) -> None:
        self.initial = settings
        self.wall = wall
        self.clock = Clock()
        self._ids = Ids(settings.seed)  # outlives a reset: an old world's id must never come back
        self.observers: list[Callable[[Region, Run, Moment], None]] = []
        self.reset()

    def reset(self, settings: Settings | None = None) -> None:
        """A new world: nothing of the old one is known any more."""
        self.settings = settings or self.initial
        self.calls = Calls()
        self.faults = Faults(self.settings.seed)
        self.scripts = ScriptBook()
        self.regions: dict[tuple[str, str], Region] = {}
        self.dice = random.Random(self.settings.seed)
        self._wanted_clusters: dict[str, dict[str, Any]] = {}

    def region(self, account: str, name: str) -> Region:
        if (account, name) not in self.regions:
            region = Region(account, name, self.clock.now(), lambda: self.settings)
            region.runs.observers.append(lambda run, moment: self._observed(region, run, moment))
            self.regions[account, name] = region
            for cluster_id, change in self._wanted_clusters.items():
                region.put_cluster(cluster_id, change, self.clock.now())
        return self.regions[account, name]

    def _observed(self, region: Region, run: Run, moment: Moment) -> None:
        for observer in self.observers:
            observer(region, run, moment)

    def put_cluster(self, cluster_id: str, change: dict[str, Any], where: tuple[str, str] | None) -> None:
        """By the admin interface: in one account and region, or everywhere, now and later."""
        if where is not None:
            self.region(*where).put_cluster(cluster_id, change, self.clock.now())
            return
        self._wanted_clusters[cluster_id] = {**self._wanted_clusters.get(cluster_id, {}), **change}
        for region in self.regions.values():
            region.put_cluster(cluster_id, change, self.clock.now())

    def settle(self) -> float:
        """Let everything happen that is due by now."""
        now = self.clock.now()
        for region in self.regions.values():
            region.settle(now)
        return now

    def runs(self) -> list[Run]:
        self.settle()
        return [run for region in self.regions.values() for run in region.runs.all()]

    def admit(self, request: Request) -> Admitted:
        """Everything that is decided when a request arrives."""
        found = model.match(request.method, request.raw_path)
        caller, refusal = self._who(request)
        seen = wire.glimpse(found, request.body) if found else {}
        operation = found.operation.name if found else "Unknown"
        damage = self.faults.strike(Target(operation, caller.region, seen)) if found else Damage()
        call = self._open(operation, caller, seen, damage, request.headers)
        refusal = refusal or self._at_the_door(request, found, caller, damage)
        return Admitted(request, found, caller, damage, call, refusal)

    def _who(self, request: Request) -> tuple[Caller, ServiceError | None]:
        try:
            caller = signature.caller(request.headers.get("authorization"), self.settings)
            if self.settings.verify_signature_date:
                stamp, now = request.headers.get("x-amz-date"), self.wall()
                signature.check_date(stamp, now, self.settings.signature_tolerance)
        except ServiceError as error:
            return UNKNOWN, error
        return caller, None

    def _open(
        self, operation: str, caller: Caller, seen: wire.Params, damage: Damage, headers: Mapping[str, str]
    ) -> Call:
        def text(member: str) -> str | None:
            value = seen.get(member)
            return value if isinstance(value, str) else None

        on_cluster = operation in {"DescribeVirtualCluster", "DeleteVirtualCluster", "UpdateVirtualCluster"}
        return self.calls.open(
            at=self.wall(),
            operation=operation,
            region=caller.region,
            account=caller.account,
            access_key=caller.access_key,
            virtual_cluster_id=text("id") if on_cluster else text("virtualClusterId"),
            job_run_id=text("id") if operation.endswith("JobRun") else None,
            client_token=text("clientToken"),
            sdk_attempt=headers.get("amz-sdk-request"),
            faults=tuple(damage.by),
        )

    def _at_the_door(
        self, request: Request, found: model.Match | None, caller: Caller, damage: Damage
    ) -> ServiceError | None:
        if found is None:
            return ServiceError("UnknownOperationException", "The operation does not exist.", 404)
        if len(request.body) > self.settings.max_body:
            return preset("too-large")
        if damage.refuse is not None:
            return self._refusal(damage.refuse, found, caller)
        if not self.region(caller.account, caller.region).buckets.take(
            found.operation.name, self.settings.quotas, self.wall()
        ):
            return throttled()
        return None

    def _refusal(self, fault: faults.Fault, found: model.Match, caller: Caller) -> ServiceError:
        region = self.region(caller.account, caller.region)
        resource = region.arn(found.labels.get("virtualClusterId", "*"))
        return faults.refusal(fault, caller.principal, found.operation.name, resource)

    def perform(self, admitted: Admitted) -> Answer:
        """Carry the call out now, and note what came of it."""
        call = admitted.call
        try:
            document = self._perform(admitted)
            call.code, call.status = "OK", 200
            answer = Answer(200, document)
        except ServiceError as error:
            answer = self._noted(call, error)
        after = admitted.damage.refuse_after
        if after is not None and admitted.found is not None:
            answer = self._noted(call, self._refusal(after, admitted.found, admitted.caller))
        return answer

    def _noted(self, call: Call, error: ServiceError) -> Answer:
        call.code, call.status, call.message = error.code, error.status, error.message
        return Answer(error.status, error.body(), error.code)

    def _perform(self, admitted: Admitted) -> dict[str, Any]:
        if admitted.refusal is not None or admitted.found is None:
            raise admitted.refusal or preset("internal")
        operation = admitted.found.operation
        handler = HANDLERS.get(operation.name)
        if handler is None:
            raise ServiceError("UnknownOperationException", f"The simulator has no {operation.name}.", 404)
        params = wire.params_of(admitted.found, admitted.request.query, admitted.request.body)
        validation.check(operation.input, params)
        now = self.settle()
        region = self.region(admitted.caller.account, admitted.caller.region)
        document = handler(self._context(admitted, region, params, now))
        admitted.call.done = True
        return document

    def _context(self, admitted: Admitted, region: Region, params: dict[str, Any], now: float) -> Context:
        assert admitted.found is not None
        return Context(
            region=region,
            request=params,
            shape=admitted.found.operation.input,
            now=now,
            principal=admitted.caller.principal,
            settings=self.settings,
            ids=self._ids,
            scripts=self.scripts,
            faults=self.faults,
            dice=self.dice,
            damage=admitted.damage,
            call=admitted.call,
        )

    def latency(self, operation: str) -> float:
        """Seconds that this call takes, drawn from the settings' distribution."""
        known = self.settings.latency
        shape = known.get(operation) or known.get("*")
        if shape is None:
            return 0.0
        sigma = math.log(max(shape.p99 / shape.median, 1.0)) / P99
        return self.dice.lognormvariate(math.log(shape.median), sigma)


def encoded(answer: Answer) -> bytes:
    return json.dumps(answer.document, separators=(",", ":")).encode()
