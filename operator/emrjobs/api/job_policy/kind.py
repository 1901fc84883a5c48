"""The kind EmrJobPolicy. Pure."""

from typing import Final

from emrjobs.api.kind import GROUP, Kind

EMR_JOB_POLICY: Final = Kind(
    "EmrJobPolicy", "emrjobpolicies", "emrjobpolicy", "ejp", f"{GROUP}/in-use", namespaced=False
)
"""Its finalizer is not set by this version: no run depends on the policy once it is submitted."""
