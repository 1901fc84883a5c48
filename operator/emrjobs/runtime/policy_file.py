"""Policies from a file: read at the start, and again whenever its content changes."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from emrjobs.api.yaml_documents import NotYaml
from emrjobs.core.job_policy.decision import PolicyMode
from emrjobs.core.job_policy.manifests import PolicyProblem, read_policies
from emrjobs.core.job_policy.policies import Policies
from emrjobs.runtime.metrics import METRICS

_LOG: Final = logging.getLogger("emrjobs.policies")
_LOOK_SECONDS: Final = 5.0
_BROKEN_SECONDS: Final = 300.0
"""A broken file makes the process unready after so long; until then the last good one holds in silence."""


class PolicyFileError(Exception):
    """The policies cannot be read; the text names each problem and holds no value."""


class PolicyFile:
    """One file. The last good content holds."""

    def __init__(self, path: Path, mode: PolicyMode) -> None:
        """Raises PolicyFileError where the file cannot be used at the start."""
        self._path, self._mode = path, mode
        self._content: bytes | None = None
        """What was read last. None where it could not be."""
        self._broken_since: float | None = None
        try:
            self._content = self._read()
            self.policies = self._parse(self._content)
        except _Broken as error:
            raise PolicyFileError(f"the policy file {path}: {error}") from None

    def problem(self) -> str | None:
        """For readiness."""
        since = self._broken_since
        broken = since is not None and time.monotonic() - since > _BROKEN_SECONDS
        return "the policy file cannot be read; the policies before it hold" if broken else None

    async def run(self, changed: Callable[[Policies], None]) -> None:
        """Look for ever; told of each new content that can be used."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self._look(changed)

    def _look(self, changed: Callable[[Policies], None]) -> None:
        before = self._content
        try:
            self._content = None
            self._content = self._read()
            if self._content == before:
                return
            policies = self._parse(self._content)
        except _Broken as error:
            if self._broken_since is None:
                self._broken_since = time.monotonic()
            if self._content != before:
                METRICS.policy_file_errors.inc()
                _LOG.error("the policy file cannot be used; the policies before it hold: %s", error)
            return
        self._broken_since = None
        self.policies = policies
        _LOG.info("the policies have changed", extra={"policies": len(policies)})
        changed(policies)

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise _Broken(error.strerror or "cannot be read") from None

    def _parse(self, content: bytes) -> Policies:
        try:
            policies = read_policies(content.decode("utf-8-sig"))
        except (PolicyProblem, NotYaml) as error:
            raise _Broken(str(error).replace("\n", "; ")) from None
        except UnicodeDecodeError:
            raise _Broken("is not UTF-8") from None
        selecting = [policy.name for policy in policies if policy.spec.namespaces.selector is not None]
        if selecting:
            text = "labels of namespaces are not read where policies are a file"
            raise _Broken("; ".join(f"namespaces.selector of {name}: {text}" for name in selecting))
        return Policies(policies, self._mode)


class _Broken(Exception):
    """What is wrong with the content."""
