"""All policies that hold, as one value. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from emrjobs.api.job_run.spec import DeletionPolicy
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.decision import Decision, PolicyMode, decide
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.core.job_policy.templates import FindTemplate, no_template

_MOST_SCOPES: Final = 10_000
"""Whoever may label a namespace could make one after the other."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What members that may change after submission may ask for at most: the loosest that any policy there allows."""

    retain: bool = True
    """Whether a run may go on without its object."""
    active_deadline: timedelta | None = None


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds in one namespace."""

    policies: tuple[CompiledPolicy, ...]
    version: str
    bounds: Bounds


class Policies:
    """Never changed: another set is another value."""

    def __init__(self, policies: Iterable[CompiledPolicy] = (), mode: PolicyMode = PolicyMode.OPTIONAL) -> None:
        self._policies = sorted(policies, key=lambda policy: policy.name)
        self._by_name = {policy.name: policy for policy in self._policies}
        self._mode = mode
        self._scopes: dict[tuple[str, frozenset[tuple[str, str]] | None], _Scope] = {}

    def __len__(self) -> int:
        return len(self._policies)

    def __iter__(self) -> Iterator[CompiledPolicy]:
        return iter(self._policies)

    def named(self, name: str) -> CompiledPolicy | None:
        """The policy of that name."""
        return self._by_name.get(name)

    def decide(
        self, spec: Mapping[str, Any], namespace: Namespace, object_name: str, templates: FindTemplate = no_template
    ) -> Decision:
        """Judge a spec, see ``decision.decide``."""
        policies = self._scope(namespace).policies
        return decide(spec, namespace, policies, self._mode, object_name=object_name, templates=templates)

    def version(self, namespace: Namespace) -> str:
        """Another word for another answer: policies that are not for the namespace have no part in it."""
        return self._scope(namespace).version

    def bounds(self, namespace: Namespace) -> Bounds:
        """Of the members that may change at any time."""
        return self._scope(namespace).bounds

    def names(self, namespace: Namespace) -> Iterator[str]:
        """Of the policies that are for the namespace."""
        return (policy.name for policy in self._scope(namespace).policies)

    def _scope(self, namespace: Namespace) -> _Scope:
        labels = None if namespace.labels is None else frozenset(namespace.labels.items())
        found = self._scopes.get((namespace.name, labels))
        if found is None:
            if len(self._scopes) >= _MOST_SCOPES:
                self._scopes.clear()
            policies = tuple(policy for policy in self._policies if policy.namespaces.match(namespace))
            parts = (str(self._mode), *(policy.digest for policy in policies))
            version = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
            found = self._scopes[namespace.name, labels] = _Scope(policies, version, _bounds(policies))
        return found


def _bounds(policies: tuple[CompiledPolicy, ...]) -> Bounds:
    if not policies:
        return Bounds()
    lists = [policy.spec.allow.deletion_policies for policy in policies]
    retain = any(allowed is None or DeletionPolicy.RETAIN in allowed for allowed in lists)
    by_default = any(policy.spec.defaults.deletion_policy is DeletionPolicy.RETAIN for policy in policies)
    limits = [policy.spec.limits.max_active_deadline_seconds for policy in policies]
    longest = None if None in limits else max(limit for limit in limits if limit is not None)
    return Bounds(retain or by_default, None if longest is None else timedelta(seconds=longest))
