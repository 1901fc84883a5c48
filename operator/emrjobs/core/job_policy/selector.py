"""For which namespaces a policy is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from emrjobs.api.job_policy.namespaces import LabelSelector, LabelSelectorRequirement, Namespaces, Operator
from emrjobs.core.job_policy.globs import NameGlobs


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace as policies see it."""

    name: str
    labels: Mapping[str, str] | None = None
    """None where they are not known: then no selector matches."""


class NamespaceSelector:
    """Names or labels, compiled once."""

    __slots__ = ("_names", "_selector")

    def __init__(self, namespaces: Namespaces) -> None:
        self._names = NameGlobs(namespaces.names or ())
        self._selector = namespaces.selector

    def match(self, namespace: Namespace) -> bool:
        """Whether the policy is for that namespace."""
        if self._names.match(namespace.name):
            return True
        return self._selector is not None and namespace.labels is not None and _meets(self._selector, namespace.labels)


def _meets(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    wanted = (selector.match_labels or {}).items()
    return all(labels.get(key) == value for key, value in wanted) and all(
        _meets_requirement(requirement, labels) for requirement in selector.match_expressions or ()
    )


def _meets_requirement(requirement: LabelSelectorRequirement, labels: Mapping[str, str]) -> bool:
    """As Kubernetes: NotIn is also true where the label is absent."""
    value = labels.get(requirement.key)
    match requirement.operator:
        case Operator.IN:
            return value in (requirement.values or ())
        case Operator.NOT_IN:
            return value not in (requirement.values or ())
        case Operator.EXISTS:
            return value is not None
        case Operator.DOES_NOT_EXIST:
            return value is None
