"""The kind EmrJobPolicy. Pure."""

from typing import Final

from emrjobs.api.kind import GROUP, Kind

EMR_JOB_POLICY: Final = Kind("EmrJobPolicy", "emrjobpolicies", "emrjobpolicy", "ejp", f"{GROUP}/in-use")
"""Its finalizer is set while active runs depend on the policy."""
