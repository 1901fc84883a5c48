"""Sessions with a role of another account: assumed by STS, renewed in time, and never anybody else's.

botocore keeps and renews each session's credentials. What is ours: one session for each namespace, so that AWS sees
and can restrict whose request it is, and a back-off after a refusal, so that whoever waits does not ask STS each time.
"""

import logging
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError

from emrjobs.adapters.aws_errors import RoleNotAssumedError
from emrjobs.adapters.aws_session import new_core
from emrjobs.adapters.job_run.shapes import LONGEST_NAME, bounded
from emrjobs.core.backoff import Backoff

_LOG: Final = logging.getLogger("emrjobs.sts")
_SESSION_SECONDS: Final = 3600
"""The longest that STS gives to an identity that is a role itself (IAM User Guide, role chaining)."""
_RENEW_SECONDS: Final = 900.0
"""Left of a session when it is renewed, while it still serves all others."""
_LAST_SECONDS: Final = 30.0
"""Left of a session that serves no longer."""
_LONGEST_SESSION_NAME: Final = 64
_METHOD: Final = "assume-role"
_MOST_SESSIONS: Final = 1000


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a request is sent."""

    namespace: str
    policy: str


CALLER: Final[ContextVar[Caller | None]] = ContextVar("emrjobs.caller", default=None)
"""Of the request that the current thread sends. None: for nobody in particular, as the lists are."""


@dataclass(frozen=True, slots=True)
class Role:
    """Whom to become, and what to say."""

    arn: str
    region: str | None
    external_id: str | None = field(default=None, repr=False)
    tag_sessions: bool = True
    """Whether sessions for a namespace carry its name as tags, which needs sts:TagSession."""
    cluster: str | None = None
    """The installation, for such a tag."""
    retry: Backoff = Backoff(timedelta(seconds=1), timedelta(minutes=1))
    """After a refusal; until then nobody asks STS again."""

    def request(self, caller: Caller | None) -> dict[str, Any]:
        """The arguments of AssumeRole."""
        name = "emrjobs" if caller is None else f"emrjobs-{caller.namespace}"[:_LONGEST_SESSION_NAME]
        request: dict[str, Any] = {
            "RoleArn": self.arn,
            "RoleSessionName": name,
            "DurationSeconds": _SESSION_SECONDS,
        }
        if self.external_id is not None:
            request["ExternalId"] = self.external_id
        if caller is not None and self.tag_sessions:
            tags = {"emrjobs-namespace": caller.namespace, "emrjobs-policy": caller.policy}
            tags |= {"emrjobs-cluster": self.cluster} if self.cluster is not None else {}
            request["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        return request


class _Session:
    """That of one caller."""

    def __init__(self, assume: Callable[[], dict[str, str]], retry: Backoff) -> None:
        self._assume = assume
        self._retry = retry
        self._lock = threading.Lock()
        self._credentials: Any = None
        self._refusals = 0
        """In a row."""
        self._code = ""
        self._retry_at = 0.0

    def frozen(self) -> Any:
        """Credentials that hold now. Whoever comes first gets them; one that has them does not wait for another."""
        if self._credentials is None:
            self._begin()
        return self._credentials.get_frozen_credentials()

    def _begin(self) -> None:
        with self._lock:
            if self._credentials is not None:
                return
            self._credentials = RefreshableCredentials.create_from_metadata(
                self._assumed(),
                refresh_using=self._assumed,
                method=_METHOD,
                advisory_timeout=_RENEW_SECONDS * random.uniform(1.0, 1.1),  # noqa: S311 - no secret
                mandatory_timeout=_LAST_SECONDS,
            )

    def _assumed(self) -> dict[str, str]:
        if time.monotonic() < self._retry_at:
            raise RoleNotAssumedError(self._code)
        try:
            answer = self._assume()
        except RoleNotAssumedError as error:
            self._refusals += 1
            self._code = error.code
            pause = self._retry.delay(self._refusals, random.random())  # noqa: S311 - no secret
            self._retry_at = time.monotonic() + pause.total_seconds()
            raise
        self._refusals, self._retry_at = 0, 0.0
        return answer


class AssumedRole(Credentials):  # type: ignore[misc]  # botocore has no types
    """Credentials that are the session of whoever the current thread calls for. Used by many threads."""

    def __init__(self, role: Role, sts: Callable[[], Any]) -> None:
        """``sts`` makes a client of STS with the operator's own identity: at first, and after each refusal."""
        self._role = role
        self._new_sts = sts
        self._sts: Any = None
        self._lock = threading.Lock()
        self._sessions: OrderedDict[Caller | None, _Session] = OrderedDict()
        self.method = _METHOD
        self.account_id = role.arn.split(":")[4]

    def get_frozen_credentials(self) -> Any:
        """What the next request is signed with. Raises RoleNotAssumedError."""
        return self._session(CALLER.get()).frozen()

    def _session(self, caller: Caller | None) -> _Session:
        with self._lock:
            session = self._sessions.get(caller)
            if session is None:
                assume = partial(self._assume, self._role.request(caller))
                session = self._sessions[caller] = _Session(assume, self._role.retry)
                if len(self._sessions) > _MOST_SESSIONS:
                    self._sessions.popitem(last=False)
            self._sessions.move_to_end(caller)
            return session

    def _assume(self, request: dict[str, Any]) -> dict[str, str]:
        try:
            sts = self._sts = self._sts or self._new_sts()
            answer = sts.assume_role(**request)["Credentials"]
        except (BotoCoreError, ClientError) as error:
            self._sts = None
            code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
            code = bounded(code, LONGEST_NAME) or type(error).__name__
            _LOG.warning("the role could not be assumed", extra={"role": self._role.arn, "code": code})
            raise RoleNotAssumedError(code) from None
        return {
            "access_key": answer["AccessKeyId"],
            "secret_key": answer["SecretAccessKey"],
            "token": answer["SessionToken"],
            "expiry_time": answer["Expiration"].isoformat(),
        }


class _Provider(CredentialProvider):  # type: ignore[misc]  # as above
    """Gives these, whatever else the environment would give."""

    METHOD = _METHOD

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Credentials:
        return self._credentials


def assumed_session(role: Role, own: Callable[[], Any]) -> Any:
    """A boto3 session of which every request is signed as that role. ``own``: makes a session of the operator's own.

    STS is asked in the operator's own Region: what it gives there holds in all Regions, also in those that the
    operator's account has not enabled, and it is there that a private network has an endpoint of STS.
    """

    def sts() -> Any:
        config = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})
        return own().client("sts", config=config)

    core = new_core()
    core.register_component("credential_provider", CredentialResolver([_Provider(AssumedRole(role, sts))]))
    return boto3.session.Session(botocore_session=core, region_name=role.region)
