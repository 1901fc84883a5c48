"""Judges one property of Spark, Hadoop or EMR, wherever it was set. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from emrjobs.api.job_policy.spec import EmrJobPolicySpec, SparkBaseline
from emrjobs.core.job_policy.baseline import BASELINE
from emrjobs.core.job_policy.globs import Globs
from emrjobs.core.job_policy.problems import NOT_ALLOWED, Finding, Problem, Rule, shown_name
from emrjobs.core.job_policy.uris import FORM, UriPatterns, canonical

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,1023}")
_BREAKS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_NAMES_INSIDE: Final = re.compile(r"(?:spark|jobsubmitter)\.[A-Za-z0-9._-]+")
_QUOTES: Final = str.maketrans("", "", "'\"\\")
_AGENTS: Final = re.compile(
    r"-javaagent|-agent(?:lib|path)|-Dcom\.amazonaws|-D(?:aws|software\.amazon)\.|(?:^|\s)@|-Xbootclasspath"
    r"|-XX:(?:Flags|VMOptionsFile)|(?:^|\s)-(?:cp|classpath)\b",
    re.IGNORECASE,
)
_IMAGES: Final = Globs(
    (
        "spark.kubernetes.container.image",
        "spark.kubernetes.driver.container.image",
        "spark.kubernetes.executor.container.image",
        "jobsubmitter.logging.image",
        "jobsubmitter.container.image",
        "logging.image",
    )
)
_POD_TEMPLATES: Final = Globs(("spark.kubernetes.**odTemplateFile", "jobsubmitter.**odTemplateFile"))
_CODE: Final = Globs(("spark.jars", "spark.submit.pyFiles", "spark.files", "spark.archives"))
_TYPED_AT_ALL: Final = Globs((*_IMAGES.patterns, *_POD_TEMPLATES.patterns, *_CODE.patterns))
_HARMLESS: Final = re.compile(r"[A-Za-z0-9_:,]*")
"""A value that holds no name of a property, no path and no option: each of these has a character more."""
_JAVA_OPTIONS: Final = Globs(("spark.**avaOptions", "spark.**JavaOptions"))


class PropertyRules:
    """What one policy says of properties; compiled once."""

    def __init__(self, spec: EmrJobPolicySpec) -> None:
        spark, allow = spec.spark, spec.allow
        enforced = spark.baseline is SparkBaseline.ENFORCED
        self._baseline = Globs(BASELINE if enforced else ())
        self._deny = Globs(spark.deny or ())
        self._exempt = Globs(spark.exempt or ())
        self._images = Globs(allow.images or ())
        self._pod_templates = UriPatterns(allow.pod_templates or ())
        self._code = None if allow.entry_points is None else UriPatterns(allow.entry_points)

    def judge(
        self, place: str, name: str, value: str, *, known: str | None = None, classification: str = ""
    ) -> Iterator[Problem]:
        """What is wrong with a property at a place. ``known`` is the name that Spark has for it, if another."""
        for finding in self._findings(name, known or name, f"{classification}:{name}", value):
            yield finding.at(f"{place}, {shown_name(name)}")

    def hidden(self, text: str, known: Iterable[str] = ()) -> Iterator[Finding]:
        """Names of properties inside a text, which something may read as if they were set: ``-Dspark.master=…``."""
        names = set(_NAMES_INSIDE.findall(text.translate(_QUOTES))).difference(known)
        for name in sorted(name.rstrip(".") for name in names):
            if self._denied(name) or _TYPED_AT_ALL.match(name):
                yield Finding(Rule.DENIED, f"may not hold the name {shown_name(name)}")

    def code(self, uris: Iterable[str], *, aliased: bool = False) -> Iterator[Finding]:
        """URIs of code, each with ``#name`` after it where aliases are known."""
        if self._code is None:
            return
        for text in uris:
            uri = canonical(text.partition("#")[0] if aliased else text)
            if uri is None:
                yield Finding(Rule.CANNOT_BE_JUDGED, FORM)
            elif not self._code.match(uri):
                yield Finding(Rule.NOT_ALLOWED, NOT_ALLOWED, self._code.patterns)

    def _findings(self, name: str, known: str, by_classification: str, value: str) -> Iterator[Finding]:
        if not _NAME.fullmatch(name):
            yield Finding(Rule.CANNOT_BE_JUDGED, "must be a name of letters, digits and . _ / -")
        elif _BREAKS.search(value) or value.endswith("\\"):
            text = "must have a value without control characters, line breaks and a backslash at its end"
            yield Finding(Rule.CANNOT_BE_JUDGED, text)
        elif _TYPED_AT_ALL.match(known):
            yield from self._typed(known, value)
        elif self._denied(known, by_classification):
            yield Finding(Rule.DENIED, "may not be set in this namespace")
        elif _HARMLESS.fullmatch(value) is None:
            yield from self.hidden(value)
            if _JAVA_OPTIONS.match(known) and _AGENTS.search(value):
                yield Finding(Rule.DENIED, "may not load agents or option files, nor set properties of the AWS SDK")

    def _typed(self, known: str, value: str) -> Iterator[Finding]:
        """Properties whose values the policy lists."""
        if _CODE.match(known):
            yield from self.code(value.split(","), aliased=known == "spark.archives")
        elif _IMAGES.match(known):
            if not self._images.match(value):
                yield Finding(Rule.NOT_ALLOWED, NOT_ALLOWED, self._images.patterns)
        elif not self._pod_templates.match(canonical(value) or ""):
            yield Finding(Rule.NOT_ALLOWED, NOT_ALLOWED, self._pod_templates.patterns)

    def _denied(self, *names: str) -> bool:
        """Whether a name is on the policy's own list, or on the baseline and not exempt."""
        if any(map(self._deny.match, names)):
            return True
        return any(map(self._baseline.match, names)) and not any(map(self._exempt.match, names))
