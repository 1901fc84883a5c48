"""The admin interface under `/_admin/`: script, inspect, break and reset the simulator. JSON in and out."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from tests.sandbox.emr import facts
from tests.sandbox.emr.errors import ServiceError
from tests.sandbox.emr.events import Publisher
from tests.sandbox.emr.faults import Fault
from tests.sandbox.emr.life import Moment, Run
from tests.sandbox.emr.region import Region
from tests.sandbox.emr.scripts import Rule
from tests.sandbox.emr.service import Service
from tests.sandbox.emr.settings import changed

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _guarded(work: Callable[[web.Request], Awaitable[Any]]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await work(request))
        except ServiceError as error:
            return web.json_response({"error": error.message}, status=400)
        except (ValidationError, ValueError, KeyError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return handle


async def _sent(request: web.Request) -> Json:
    body = await request.read()
    value = await request.json() if body else {}
    if not isinstance(value, dict):
        raise TypeError("a JSON object is expected")
    return value


class Admin:
    def __init__(self, service: Service, publisher: Publisher) -> None:
        self.service = service
        self.publisher = publisher

    def _run(self, request: web.Request) -> tuple[Region, Run]:
        self.service.settle()
        run_id = request.match_info["id"]
        for region in self.service.regions.values():
            run = region.runs.get(run_id)
            if run is not None:
                return region, run
        raise KeyError(run_id)

    async def health(self, _: web.Request) -> Json:
        return {"ok": True, "now": self.service.clock.now()}

    async def calls(self, request: web.Request) -> Json:
        query = request.query
        since, limit = int(query.get("since", 0)), int(query.get("limit", 100_000))
        return {"calls": self.service.calls.since(since, query.get("operation"), limit)}

    async def counts(self, _: web.Request) -> Json:
        return self.service.calls.counts()

    async def runs(self, _: web.Request) -> Json:
        return {"runs": [facts.of_run(run) for run in self.service.runs()]}

    async def run(self, request: web.Request) -> Json:
        return facts.of_run(self._run(request)[1])

    async def put_state(self, request: web.Request) -> Json:
        """Any state at once, also one that no model knows."""
        sent = await _sent(request)
        region, run = self._run(request)
        moment = Moment(self.service.clock.now(), sent["state"], sent.get("details"), sent.get("reason"), run.attempt)
        region.runs.schedule.force(run, moment)
        return facts.of_run(run)

    async def forget(self, request: web.Request) -> Json:
        region, run = self._run(request)
        region.runs.forget(run)
        return facts.of_run(run)

    async def cancel(self, request: web.Request) -> Json:
        """A cancellation by somebody else."""
        region, run = self._run(request)
        region.runs.cancel(run.cluster, run.id, self.service.clock.now(), "ResourceNotFoundException")
        self.service.settle()
        return facts.of_run(run)

    async def tokens(self, _: web.Request) -> Json:
        return {"tokens": facts.tokens(self.service.runs())}

    async def rules(self, request: web.Request) -> Json:
        if request.method == "POST":
            self.service.scripts.add(Rule.model_validate(await _sent(request)))
        if request.method == "DELETE":
            self.service.scripts.clear()
        return {"rules": [rule.model_dump() for rule in self.service.scripts.rules]}

    async def faults(self, _: web.Request) -> Json:
        return {"faults": [facts.of_fault(armed) for armed in self.service.faults.armed]}

    async def add_fault(self, request: web.Request) -> Json:
        return {"id": self.service.faults.add(Fault.model_validate(await _sent(request)))}

    async def drop_faults(self, request: web.Request) -> Json:
        chosen = request.match_info.get("id")
        self.service.faults.remove(int(chosen) if chosen else None)
        return await self.faults(request)

    async def settings(self, request: web.Request) -> Json:
        if request.method == "PATCH":
            self.service.settle()
            self.service.settings = changed(self.service.settings, await _sent(request))
        return self.service.settings.model_dump(mode="json")

    async def clock(self, request: web.Request) -> Json:
        clock = self.service.clock
        if request.method == "POST":
            sent = await _sent(request)
            if sent.get("mode") == "manual":
                clock.hold(sent.get("at"))
            if sent.get("mode") == "real":
                clock.run()
            clock.advance(float(sent.get("advance", 0)))
            self.service.settle()
        return {"mode": clock.mode, "now": clock.now()}

    async def clusters(self, _: web.Request) -> Json:
        now = self.service.settle()
        regions = self.service.regions.values()
        return {"clusters": [facts.of_cluster(r, c, now) for r in regions for c in r.clusters.all()]}

    async def put_cluster(self, request: web.Request) -> Json:
        """Make a virtual cluster what it shall be, in all regions of now and later, or in the one named."""
        sent = await _sent(request)
        self.service.settle()
        account, name = sent.pop("account", self.service.settings.account), sent.pop("region", None)
        self.service.put_cluster(request.match_info["id"], sent, (account, name) if name else None)
        return await self.clusters(request)

    async def events(self, _: web.Request) -> Json:
        await self.publisher.flush()
        return dict(self.publisher.stats())

    async def reset(self, request: web.Request) -> Json:
        sent = await _sent(request)
        self.service.clock.restart()
        self.service.reset(changed(self.service.initial, sent.get("settings", {})))
        self.publisher.clear()
        return {"ok": True}


def routes(service: Service, publisher: Publisher) -> list[web.RouteDef]:
    admin = Admin(service, publisher)
    table: list[tuple[str, str, Callable[[web.Request], Awaitable[Any]]]] = [
        ("GET", "health", admin.health),
        ("GET", "calls", admin.calls),
        ("GET", "counts", admin.counts),
        ("GET", "runs", admin.runs),
        ("GET", "runs/{id}", admin.run),
        ("POST", "runs/{id}/state", admin.put_state),
        ("POST", "runs/{id}/forget", admin.forget),
        ("POST", "runs/{id}/cancel", admin.cancel),
        ("GET", "tokens", admin.tokens),
        ("*", "rules", admin.rules),
        ("GET", "faults", admin.faults),
        ("POST", "faults", admin.add_fault),
        ("DELETE", "faults", admin.drop_faults),
        ("DELETE", "faults/{id}", admin.drop_faults),
        ("*", "settings", admin.settings),
        ("*", "clock", admin.clock),
        ("GET", "clusters", admin.clusters),
        ("POST", "clusters/{id}", admin.put_cluster),
        ("GET", "events", admin.events),
        ("POST", "reset", admin.reset),
    ]
    return [web.route(method, f"/_admin/{path}", _guarded(work)) for method, path, work in table]
