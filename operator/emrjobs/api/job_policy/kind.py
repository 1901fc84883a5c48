"""The kind EmrJobPolicy. Pure."""

from typing import Final

from emrjobs.api.kind import GROUP, Kind

EMR_JOB_POLICY: Final = Kind(
    "EmrJobPolicy", "emrjobpolicies", "emrjobpolicy", "ejp", f"{GROUP}/in-use", namespaced=False
)
"""Its finalizer is on policies that name an account or Region: without them their runs could not be followed."""
