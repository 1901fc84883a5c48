"""The kind EmrJobRun. Pure."""

from typing import Final

from emrjobs.api.kind import GROUP, Kind

FINALIZER: Final = f"{GROUP}/job-run"
"""Set from before the submission until the end of the run, unless ``deletionPolicy`` is ``Retain``."""

EMR_JOB_RUN: Final = Kind("EmrJobRun", "emrjobruns", "emrjobrun", "ejr", FINALIZER)
