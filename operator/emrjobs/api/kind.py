"""What a kind of custom resource is called, and where the API server serves it. Pure."""

from dataclasses import dataclass
from typing import Final

GROUP: Final = "emrjobs.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
CATEGORY: Final = "emr"


@dataclass(frozen=True, slots=True)
class Kind:
    """The names of one kind, as its CustomResourceDefinition has them."""

    kind: str
    plural: str
    singular: str
    short_name: str
    finalizer: str
    """The only finalizer that the operator sets on or takes off objects of this kind."""
    namespaced: bool = True
    group: str = GROUP
    version: str = VERSION

    @property
    def api_version(self) -> str:
        """As manifests write it: ``group/version``, or the version alone of a kind of Kubernetes' core."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """As RBAC and the CustomResourceDefinition's name write it: ``plural.group``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def root(self) -> str:
        """The URL path under which the API server serves the kind's group."""
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """The URL path of a collection (of all namespaces, without one), or of one object."""
        scope = f"/namespaces/{namespace}" if namespace else ""
        collection = f"{self.root}{scope}/{self.plural}"
        return f"{collection}/{name}" if name else collection
