"""Compares the rights that the operator is granted with those that the API server saw it use."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.sandbox.controlplane.audit import AuditEvent
from tests.sandbox.paths import RULES
from tests.sandbox.rights import NAMESPACE, USER

_OF_THE_CLUSTER: Final = ("emrjobpolicies", "namespaces")
HEADS: Final = ("where", "resource", "verb", "granted", "used")


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """`own` is the operator's own namespace, `watched` every namespace that it watches, `cluster` what is in none."""

    where: str
    resource: str
    verb: str


@dataclass(frozen=True, slots=True)
class Audit:
    """`refused` counts what no role allowed; the two sets should be the same."""

    granted: frozenset[Right]
    used: Counter[Right]
    refused: Counter[Right]

    @property
    def unused(self) -> set[Right]:
        """Granted and never used: these should not be granted."""
        return set(self.granted - self.used.keys())

    @property
    def missing(self) -> set[Right]:
        """Asked for, and not granted."""
        return set(self.refused)

    def rows(self) -> list[tuple[str, ...]]:
        """One row a right, for a table."""
        found = sorted(self.granted | self.used.keys() | self.refused.keys())
        return [(r.where, r.resource, r.verb, "yes" if r in self.granted else "no", self._told(r)) for r in found]

    def _told(self, right: Right) -> str:
        """Not how often: that differs from run to run."""
        return "refused" if right in self.refused else "yes" if right in self.used else "never"


def granted(rules: Path = RULES, *, cluster_wide: bool = True) -> frozenset[Right]:
    """The rights of the rules file."""
    given = yaml.safe_load(rules.read_text(encoding="utf-8"))
    of_the_cluster = _rights("cluster", given["clusterRules"]) if cluster_wide else set()
    return frozenset(_rights("watched", given["rules"]) | _rights("own", given["leaseRules"]) | of_the_cluster)


def audit(events: Iterable[AuditEvent], rules: Path = RULES, *, cluster_wide: bool = True) -> Audit:
    """Read the operator's requests; the answers to what it was allowed do not matter."""
    used: Counter[Right] = Counter()
    refused: Counter[Right] = Counter()
    for event in events:
        if event.user == USER:
            (refused if event.forbidden else used)[_right(event)] += 1
    return Audit(granted(rules, cluster_wide=cluster_wide), used, refused)


def _rights(where: str, rules: list[dict[str, Any]]) -> set[Right]:
    return {
        Right(where, _named(group, *resource.split("/")), verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def _right(event: AuditEvent) -> Right:
    where = "watched"
    if event.namespace == NAMESPACE and event.resource == "leases":
        where = "own"
    elif event.resource in _OF_THE_CLUSTER:
        where = "cluster"
    return Right(where, _named(event.group, event.resource, *filter(None, [event.subresource])), event.verb)


def _named(group: str, *path: str) -> str:
    """As kubectl writes it: `emrjobruns.emrjobs.dev/status`."""
    resource, *rest = path
    return "/".join([f"{resource}.{group}" if group else resource, *rest])
