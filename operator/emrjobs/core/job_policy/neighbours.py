"""Policies that are for the same namespaces, or whose runs share a virtual cluster: told, since neither may be meant.

The namespace of a virtual cluster is one trust domain, so two teams in one are not separated, whatever policies say.
Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_policy.selector import Namespace


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Names of other policies."""

    overlapping: tuple[str, ...] = ()
    """For a namespace that this one is for, too."""
    sharing: tuple[str, ...] = ()
    """For other namespaces, with a virtual cluster that this one allows."""


def neighbours(policies: Policies, namespaces: Iterable[Namespace]) -> Mapping[str, Neighbours]:
    """By the name of each policy that has any. ``namespaces`` are those with EmrJobRuns."""
    overlapping: dict[str, set[str]] = defaultdict(set)
    for namespace in namespaces:
        names = tuple(policies.names(namespace))
        for name in names:
            overlapping[name].update(names)
    users: dict[object, set[str]] = defaultdict(set)
    for policy in policies:
        for cluster in _clusters(policy):
            users[cluster].add(policy.name)
    sharing: dict[str, set[str]] = defaultdict(set)
    for names_of_one in users.values():
        for name in names_of_one:
            sharing[name].update(names_of_one)
    found = {
        policy.name: Neighbours(
            tuple(sorted(overlapping[policy.name] - {policy.name})),
            tuple(sorted(sharing[policy.name] - overlapping[policy.name] - {policy.name})),
        )
        for policy in policies
    }
    return {name: each for name, each in found.items() if each != Neighbours()}


def _clusters(policy: CompiledPolicy) -> set[object]:
    """The virtual clusters that it allows, each with the account and Region where that is."""
    spec = policy.spec
    listed = {*(spec.allow.virtual_cluster_ids or ()), spec.defaults.virtual_cluster_id} - {None}
    account = spec.aws.role_arn.split(":")[4] if spec.aws.role_arn is not None else None
    return {(account, spec.aws.region, cluster) for cluster in listed}
