"""Tags that the operator puts on job runs, by which AWS's bill, IAM and we ourselves know whose a run is. Pure data."""

from typing import Final

from emrjobs.api.kind import GROUP

PREFIX: Final = f"{GROUP}/"
INSTALLATION: Final = f"{PREFIX}installation"
NAMESPACE: Final = f"{PREFIX}namespace"
NAME: Final = f"{PREFIX}name"
POLICY: Final = f"{PREFIX}policy"
MOST: Final = 50
"""Tags of one job run, as the service's model bounds them."""
