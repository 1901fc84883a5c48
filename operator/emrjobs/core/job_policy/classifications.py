"""Judges ``applicationConfiguration``. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from emrjobs.core.job_policy.problems import NOT_ALLOWED, Problem, Rule
from emrjobs.core.job_policy.properties import PropertyRules

_READ_BY_HADOOP: Final = frozenset({"core-site", "hive-site", "spark-hive-site", "emrfs-site", "hdfs-site"})
"""Their properties mean what ``spark.hadoop.NAME`` means."""
JUDGED: Final = (
    "spark-defaults",
    "spark-log4j",
    *sorted(_READ_BY_HADOOP),
    "emr-containers-defaults",
    "emr-job-submitter",
)
"""Those whose properties can all be judged. ``spark-env`` is not among them: its ``export`` sets any variable."""


class ClassificationRules:
    """What one policy says of classifications."""

    def __init__(
        self, allowed: Sequence[str] | None, defaults: Sequence[Mapping[str, Any]], properties: PropertyRules
    ) -> None:
        """What stands in the defaults of a policy is allowed by that."""
        self._allowed = JUDGED if allowed is None else tuple(allowed)
        self._defaults = {each["classification"]: each for each in defaults}
        self._properties = properties

    def judge(self, place: str, configurations: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
        """What is wrong with each of them; one that is there twice is judged twice."""
        for index, configuration in enumerate(configurations):
            default = self._defaults.get(configuration["classification"], {})
            if configuration == default:
                continue
            if configuration["classification"] in self._allowed:
                yield from self._judge_one(f"{place}[{configuration['classification']}]", configuration, default)
            else:
                field = f"{place}[{index}].classification"
                yield Problem(field, Rule.NOT_ALLOWED, NOT_ALLOWED, self._allowed)

    def _judge_one(self, place: str, configuration: Mapping[str, Any], default: Mapping[str, Any]) -> Iterator[Problem]:
        inside = configuration.get("configurations")
        if inside and inside != default.get("configurations"):
            text = "may not have configurations inside: export sets any environment variable"
            yield Problem(place, Rule.DENIED, text)
        name, given = configuration["classification"], default.get("properties") or {}
        for key, value in (configuration.get("properties") or {}).items():
            if given.get(key) != value:
                known = f"spark.hadoop.{key}" if name in _READ_BY_HADOOP else key
                yield from self._properties.judge(place, key, value, known=known, classification=name)
