"""Which node a pod goes to: taints, selectors, affinity between pods, topology spread. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]


def choose(pod: Json, nodes: Sequence[Json], pods: Iterable[Json]) -> str | None:
    """Return the node's name, the emptiest of those that the pod may go to and that spread it best; or None."""
    there = [other for other in pods if other["spec"].get("nodeName") and not _over(other)]
    fit = [node for node in nodes if _allows(node, pod) and not _repelled(node, pod, nodes, there)]
    for constraint in pod["spec"].get("topologySpreadConstraints", []):
        if constraint["whenUnsatisfiable"] == "DoNotSchedule":
            fit = [node for node in fit if _skew(constraint, pod, node, nodes, there) <= constraint["maxSkew"]]
    if not fit:
        return None

    def rank(node: Json) -> tuple[int, int]:
        spread = pod["spec"].get("topologySpreadConstraints", [])
        skew = sum(_skew(constraint, pod, node, nodes, there) for constraint in spread)
        return skew, sum(other["spec"]["nodeName"] == node["metadata"]["name"] for other in there)

    name: str = min(fit, key=rank)["metadata"]["name"]
    return name


def selects(selector: Json | None, labels: dict[str, str]) -> bool:
    """Return whether a label selector covers these labels; none covers nothing."""
    if selector is None:
        return False
    plain = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return plain and all(_holds(expression, labels) for expression in selector.get("matchExpressions", []))


def _holds(expression: Json, labels: dict[str, str]) -> bool:
    value = labels.get(expression["key"])
    match expression["operator"]:
        case "In":
            return value in expression["values"]
        case "NotIn":
            return value not in expression["values"]
        case "Exists":
            return value is not None
        case _:
            return value is None


def _over(pod: Json) -> bool:
    return pod.get("status", {}).get("phase") in {"Succeeded", "Failed"}


def _allows(node: Json, pod: Json) -> bool:
    labels = node["metadata"]["labels"]
    wanted = pod["spec"].get("nodeSelector", {})
    if node["spec"].get("unschedulable") or any(labels.get(key) != value for key, value in wanted.items()):
        return False
    taints = [taint for taint in node["spec"].get("taints", []) if taint["effect"] != "PreferNoSchedule"]
    return all(any(_tolerates(given, taint) for given in pod["spec"].get("tolerations", [])) for taint in taints)


def _tolerates(toleration: Json, taint: Json) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, taint["key"])
    same: bool = (toleration.get("key"), toleration.get("value", "")) == (taint["key"], taint.get("value", ""))
    return same


def _repelled(node: Json, pod: Json, nodes: Sequence[Json], there: Sequence[Json]) -> bool:
    """Return whether a required anti-affinity keeps the pod away from what runs in the node's domains."""
    anti = (pod["spec"].get("affinity") or {}).get("podAntiAffinity", {})
    for term in anti.get("requiredDuringSchedulingIgnoredDuringExecution", []):
        counts = _counts(term["topologyKey"], term.get("labelSelector"), pod, nodes, there)
        if counts[node["metadata"]["labels"].get(term["topologyKey"], "")]:
            return True
    return False


def _skew(constraint: Json, pod: Json, node: Json, nodes: Sequence[Json], there: Sequence[Json]) -> int:
    selector = dict(constraint.get("labelSelector") or {})
    labels = pod["metadata"].get("labels", {})
    same = {key: labels[key] for key in constraint.get("matchLabelKeys", []) if key in labels}
    selector["matchLabels"] = {**selector.get("matchLabels", {}), **same}
    counts = _counts(constraint["topologyKey"], selector, pod, nodes, there)
    own = counts[node["metadata"]["labels"].get(constraint["topologyKey"], "")]
    return own + 1 - min(counts.values(), default=0)


def _counts(key: str, selector: Json | None, pod: Json, nodes: Sequence[Json], there: Sequence[Json]) -> Counter[str]:
    """Return how many pods of the namespace that the selector covers are in each domain."""
    domains = {node["metadata"]["name"]: node["metadata"]["labels"].get(key, "") for node in nodes}
    counts: Counter[str] = Counter(dict.fromkeys(domains.values(), 0))
    for other in there:
        metadata = other["metadata"]
        near = metadata["namespace"] == pod["metadata"]["namespace"] and not metadata.get("deletionTimestamp")
        if near and selects(selector, metadata.get("labels", {})) and other["spec"]["nodeName"] in domains:
            counts[domains[other["spec"]["nodeName"]]] += 1
    return counts
