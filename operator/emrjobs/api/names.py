"""The fixed names of the API. Pure: constants only."""

from typing import Final

GROUP: Final = "emrjobs.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "EmrJobRun"
PLURAL: Final = "emrjobruns"
SINGULAR: Final = "emrjobrun"
SHORT_NAME: Final = "ejr"
CATEGORY: Final = "emr"
FINALIZER: Final = f"{GROUP}/job-run"
"""Set from before the submission until the end of the run, unless ``deletionPolicy`` is ``Retain``."""
