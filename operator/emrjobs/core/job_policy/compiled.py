"""One policy, made ready for many decisions: once for each of its generations. Pure."""

import hashlib
from typing import Any

from emrjobs.api.job_policy.spec import EmrJobPolicySpec
from emrjobs.core.job_policy.classifications import ClassificationRules
from emrjobs.core.job_policy.defaults import Json
from emrjobs.core.job_policy.globs import Globs
from emrjobs.core.job_policy.properties import PropertyRules
from emrjobs.core.job_policy.selector import NamespaceSelector
from emrjobs.core.job_policy.uris import UriPatterns


class CompiledPolicy:
    """Its lists as matchers. A list that is absent and would be free is None."""

    def __init__(self, name: str, spec: EmrJobPolicySpec, *, generation: int | None = None, ready: bool = True) -> None:
        """A policy that is not ready still is for its namespaces, and allows nothing there."""
        allow = spec.allow
        self.name, self.spec, self.generation, self.ready = name, spec, generation, ready
        self.digest = hashlib.sha256(f"{name} {generation} {ready} {spec.model_dump_json()}".encode()).hexdigest()
        self.namespaces = NamespaceSelector(spec.namespaces)
        self.defaults: Json = spec.defaults.model_dump(by_alias=True, exclude_none=True, mode="json")
        self.enforced_tags = dict(spec.enforce.tags or {})
        self.virtual_clusters = Globs(allow.virtual_cluster_ids or ())
        self.execution_roles = Globs(allow.execution_role_arns or ())
        self.job_templates = Globs(allow.job_template_ids or ())
        self.kms_keys = Globs(allow.kms_key_arns or ())
        self.release_labels = None if allow.release_labels is None else Globs(allow.release_labels)
        self.log_groups = None if allow.log_groups is None else Globs(allow.log_groups)
        self.log_uris = None if allow.log_uris is None else UriPatterns(allow.log_uris)
        self.properties = PropertyRules(spec)
        overrides = self.defaults.get("configurationOverrides", {})
        given = overrides.get("applicationConfiguration", ())
        self.classifications = ClassificationRules(allow.classifications, given, self.properties)

    def default(self, member: str) -> str | None:
        """The default of a member that is a text."""
        value: str | None = self.defaults.get(member)
        return value

    @property
    def default_log_uri(self) -> str | None:
        """Where logs go in S3 where the user says nothing."""
        return self._monitoring("s3MonitoringConfiguration").get("logUri")

    @property
    def default_log_group(self) -> str | None:
        """The log group where the user says nothing."""
        return self._monitoring("cloudWatchMonitoringConfiguration").get("logGroupName")

    @property
    def default_keys(self) -> frozenset[str]:
        """Keys for logs that the defaults name."""
        members = ("s3MonitoringConfiguration", "managedLogs")
        return frozenset(key for member in members if (key := self._monitoring(member).get("encryptionKeyArn")))

    def _monitoring(self, member: str) -> dict[str, Any]:
        monitoring = self.defaults.get("configurationOverrides", {}).get("monitoringConfiguration", {})
        found: dict[str, Any] = monitoring.get(member, {})
        return found
