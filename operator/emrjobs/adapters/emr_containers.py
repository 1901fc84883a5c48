"""EMR on EKS through boto3: the only module that talks to it. One try per write, each outcome known."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

from botocore.config import Config
from botocore.exceptions import NoRegionError as NoRegionError

from emrjobs.adapters.assumed_role import CALLER, Caller
from emrjobs.adapters.aws_errors import TooLateError, failure_of
from emrjobs.adapters.job_run.shapes import (
    LONGEST_ARN,
    LONGEST_NAME,
    bounded,
    claim,
    cluster_view,
    job_run,
    progress,
    realm,
)
from emrjobs.core.failures import TEMPLATE_UNREADABLE, Failure, Operation, Verdict, judge
from emrjobs.core.job_policy.templates import Template, TemplateProblem, read_template
from emrjobs.core.job_run.effects import (
    CancelJob,
    ConfirmLoss,
    DescribeJob,
    FindRun,
    InspectCluster,
    ReadTemplate,
    StartJob,
)
from emrjobs.core.job_run.outcomes import ActivePage, CancelTaken, ClusterView, Found, LossChecked, Seen, Started
from emrjobs.core.job_run.runs import ACTIVE, RUN_ID
from emrjobs.core.job_run.time_ranges import TimeRange

_CONNECT_SECONDS: Final = 3
_READ_SECONDS: Final = 15
_HALF_A_SECOND: Final = timedelta(seconds=0.5)
"""A ``Date`` has whole seconds, rounded down."""
_NO_SKEW: Final = timedelta(seconds=2)
T = TypeVar("T")


class EmrContainers:
    """The calls that the operator makes. None of them raises: what fails comes back as a ``Failure``.

    A client for each class of calls, since botocore's retry quota belongs to a client. The number of calls
    at a time is bounded by ``connections``.
    """

    def __init__(self, connections: int, sessions: Callable[[], Any]) -> None:
        """``sessions`` gives a fresh boto3 session: at first, and whenever AWS does not accept our credentials.

        Raises botocore's ``NoRegionError`` where neither the session nor boto3's own chain names a Region.
        """
        self._sessions = sessions
        self._realms: set[str] = set()
        self._skew = timedelta(0)
        self._connections = connections
        self._threads = ThreadPoolExecutor(max_workers=connections, thread_name_prefix="aws")
        self._deadline = threading.local()
        self._lock = threading.Lock()
        self._session = sessions()
        self._clients: dict[str, Any] = {"read": self._new_client(2)}

    @property
    def skew(self) -> timedelta:
        """How far AWS's clock is ahead of ours, by the newest answer's ``Date``; zero where it may be none."""
        return self._skew

    async def start(self, effect: StartJob, not_after: float, caller: Caller | None = None) -> Started | Failure:
        """Send StartJobRun, unless ``not_after`` (monotonic seconds) has passed just before the send.

        ``caller``: for whom, where the session with AWS is to say so.
        """

        def call() -> Started | Failure:
            answer = self._client("start", 1).start_job_run(**effect.request)
            if not RUN_ID.fullmatch(answer["id"]):
                # No answer of AWS's: the run may exist under another id.
                return Failure(Operation.START, "AnswerLost", "the answer names no job run")
            return Started(
                answer["id"],
                bounded(answer.get("arn"), LONGEST_ARN),
                bounded(answer.get("name"), LONGEST_NAME),
            )

        return await self._run(Operation.START, call, not_after, caller)

    async def cancel(self, effect: CancelJob, not_after: float, caller: Caller | None = None) -> CancelTaken | Failure:
        """Send CancelJobRun, unless ``not_after`` has passed just before the send. ``caller``: as for ``start``."""

        def call() -> CancelTaken:
            self._client("cancel", 1).cancel_job_run(id=effect.id, virtualClusterId=effect.virtual_cluster_id)
            return CancelTaken()

        return await self._run(Operation.CANCEL, call, not_after, caller)

    async def describe(self, effect: DescribeJob) -> Seen | Failure:
        """Read the record of a run."""
        return await self._run(Operation.DESCRIBE, lambda: self._describe(effect.virtual_cluster_id, effect.id))

    async def find(self, effect: FindRun) -> Found | Failure:
        """Look for the run that carries the token: all states, all pages, and then the record's own token."""

        def call() -> Found:
            for item in self._matching(effect):
                if item.get("clientToken", effect.client_token) != effect.client_token:
                    continue
                run = self._describe(effect.virtual_cluster_id, item["id"]).run
                if run.client_token == effect.client_token:
                    return Found(run)
            return Found(None)

        return await self._run(Operation.LIST, call)

    async def list_active(
        self, cluster: str, span: TimeRange, next_page: str | None, *, claims: bool = False
    ) -> ActivePage | Failure:
        """A page of the runs of a virtual cluster that were created in that span and have not ended.

        ``claims``: with the tags.
        """
        given = {"createdAfter": span.after, "createdBefore": span.before, "nextToken": next_page}
        members = {name: value for name, value in given.items() if value}
        read = claim if claims else progress

        def call() -> ActivePage:
            answer = self._client("list", 2).list_job_runs(virtualClusterId=cluster, states=list(ACTIVE), **members)
            runs = tuple(read(item) for item in answer.get("jobRuns", ()))
            return ActivePage(runs, answer.get("nextToken") or None)

        return await self._run(Operation.LIST, call)

    async def inspect(self, effect: InspectCluster) -> ClusterView | Failure:
        """Ask whether a virtual cluster takes runs."""

        def call() -> ClusterView:
            answer = self._client("read", 2).describe_virtual_cluster(id=effect.virtual_cluster_id)
            return cluster_view(answer["virtualCluster"])

        return await self._run(Operation.INSPECT, call)

    async def read_template(self, effect: ReadTemplate) -> Template | Failure:
        """Read a job template. One that AWS shows without its content is a failure."""

        def call() -> Template | Failure:
            try:
                return read_template(self._client("read", 2).describe_job_template(id=effect.id))
            except TemplateProblem as problem:
                return Failure(Operation.READ_TEMPLATE, TEMPLATE_UNREADABLE, str(problem))

        return await self._run(Operation.READ_TEMPLATE, call)

    async def confirm_loss(self, effect: ConfirmLoss) -> LossChecked | Failure:
        """Whether this endpoint serves the account and Region that the run was started in.

        It does if it lists the run's virtual cluster; else by the ARN of that cluster, or of any other answer.
        """

        def call() -> LossChecked:
            client = self._client("read", 2)
            try:
                client.list_job_runs(virtualClusterId=effect.virtual_cluster_id, maxResults=1)
            except client.exceptions.ClientError:
                return LossChecked(self._serves(effect))
            return LossChecked(True)

        return await self._run(Operation.LIST, call)

    def _serves(self, effect: ConfirmLoss) -> bool:
        client = self._client("read", 2)
        try:
            cluster = client.describe_virtual_cluster(id=effect.virtual_cluster_id)["virtualCluster"]
        except client.exceptions.ResourceNotFoundException:
            return realm(effect.arn) in self._realms
        return realm(cluster.get("arn")) == realm(effect.arn)

    def close(self) -> None:
        """Take no more calls; those under way end by their own time-outs."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _describe(self, cluster: str, run_id: str) -> Seen:
        answer = self._client("read", 2).describe_job_run(id=run_id, virtualClusterId=cluster)
        run = job_run(answer["jobRun"], with_request=True)
        self._realms.add(realm(run.arn))
        return Seen(run)

    def _matching(self, effect: FindRun) -> Iterator[Mapping[str, Any]]:
        pages = (
            self._client("read", 2)
            .get_paginator("list_job_runs")
            .paginate(
                virtualClusterId=effect.virtual_cluster_id,
                name=effect.name,
                createdAfter=effect.created_after,
            )
        )
        for page in pages:
            yield from page.get("jobRuns", ())

    async def _run(
        self,
        operation: Operation,
        call: Callable[[], T],
        not_after: float | None = None,
        caller: Caller | None = None,
    ) -> T | Failure:
        def guarded() -> T | Failure:
            self._deadline.at = not_after
            CALLER.set(caller)
            try:
                return call()
            except Exception as error:  # noqa: BLE001 - every failure of a call is a value to the rules
                return self._failed(operation, error)

        return await asyncio.get_running_loop().run_in_executor(self._threads, guarded)

    def _failed(self, operation: Operation, error: Exception) -> Failure:
        failure = failure_of(operation, error)
        if judge(failure) is Verdict.CREDENTIALS:
            with self._lock:
                self._clients.clear()
                self._session = self._sessions()
        return failure

    def _client(self, name: str, attempts: int) -> Any:
        with self._lock:
            client = self._clients.get(name)
            if client is None:
                client = self._clients[name] = self._new_client(attempts)
            return client

    def _new_client(self, attempts: int) -> Any:
        config = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            max_pool_connections=self._connections,
            retries={"mode": "standard", "total_max_attempts": attempts},
        )
        client = self._session.client("emr-containers", config=config)
        client.meta.events.register("before-send.emr-containers", self._check_deadline)
        client.meta.events.register("after-call.emr-containers", self._read_clock)
        return client

    def _check_deadline(self, **_: Any) -> None:
        """Runs after signing, just before the request goes out."""
        deadline = getattr(self._deadline, "at", None)
        if deadline is not None and time.monotonic() > deadline:
            raise TooLateError

    def _read_clock(self, parsed: Mapping[str, Any], **_: Any) -> None:
        date = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        self._skew = skew_of(date, datetime.now(UTC)) if date else self._skew


def skew_of(date: str, now: datetime) -> timedelta:
    """How far a clock is ahead of ours that writes such a ``Date``; what two seconds may explain is nothing."""
    try:
        ahead = parsedate_to_datetime(date) + _HALF_A_SECOND - now
    except (ValueError, TypeError):
        return timedelta(0)
    return ahead if abs(ahead) > _NO_SKEW else timedelta(0)
