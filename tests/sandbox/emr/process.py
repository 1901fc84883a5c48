"""The simulator as a child process, with its admin client and boto3 clients: no cluster needed."""

import json
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

from tests.sandbox.emr.admin import Admin
from tests.sandbox.paths import ROOT
from tests.sandbox.processes import Process, clean_environment
from tests.support.poll import until

REGION = "eu-west-1"


class Simulator:
    """Up from `with` to its end. `args` go to its command line."""

    def __init__(self, *args: str) -> None:
        self._args = args
        self._folder = tempfile.TemporaryDirectory()
        self.url = ""

    def __enter__(self) -> Self:
        home = Path(self._folder.name)
        argv = [sys.executable, "-m", "tests.sandbox.emr", "--port", "0", *self._args]
        self.process = Process("emr simulator", argv, env=clean_environment(home), log=home / "log", cwd=ROOT)
        try:
            self.url = until(self._printed_url, 30, lambda: f"the address\n{self.process.tail()}")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.admin = Admin(self.url)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.stop(grace=5)
        self._folder.cleanup()

    def client(self, region: str = REGION, key: str = "AKIASIMULATOR", **config: Any) -> Any:
        """An unchanged boto3 client, without retries unless `config` says otherwise."""
        options = {"retries": {"total_max_attempts": 1}, "connect_timeout": 5, "read_timeout": 30, **config}
        return boto3.client(
            "emr-containers",
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key="not-a-secret",
            config=Config(**options),
        )

    def _printed_url(self) -> str | None:
        self.process.must_run()
        first, newline, _ = self.process.log.read_text(encoding="utf-8").partition("\n")
        return str(json.loads(first)["url"]) if newline else None
