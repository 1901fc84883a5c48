"""Sessions with AWS that read only the part of botocore's data that we use: the rest is 7 MB."""

from typing import Any, Final

import boto3
import botocore.session
from botocore.loaders import JSONFileLoader

_OURS: Final = frozenset({"emr-containers", "sqs", "sts", "portal.sso", "oidc"})
"""The services that we call, and those that give credentials."""


class _OurFiles:
    """botocore's loader of files, which of the list of all endpoints of all services keeps ours."""

    def __init__(self) -> None:
        self._all: Any = JSONFileLoader()

    def exists(self, file_path: str) -> bool:
        """Whether botocore has that file."""
        return bool(self._all.exists(file_path))

    def load_file(self, file_path: str) -> Any:
        """Its content, or what we need of it."""
        data = self._all.load_file(file_path)
        for partition in data.get("partitions", ()) if isinstance(data, dict) else ():
            if "services" in partition:
                partition["services"] = {n: s for n, s in partition["services"].items() if n in _OURS}
        return data


def new_core() -> Any:
    """botocore's part of a session, with its usual ways to find credentials."""
    core = botocore.session.get_session()
    core.get_component("data_loader").file_loader = _OurFiles()
    return core


def new_session(region: str | None) -> Any:
    """One for all clients: it holds the credentials, and reads botocore's data once."""
    return boto3.session.Session(botocore_session=new_core(), region_name=region)
