"""Policies that change while everything else goes wrong: other defaults, nothing allowed, none there, a broken file."""

import random
import time
from pathlib import Path
from typing import Any

import yaml

from tests.support.jobs import spark_pi

CHANGE_SECONDS = (2.0, 12.0)
"""Between two changes. An operator looks at its file every five seconds."""


class ChangingPolicies:
    """The file of one cell's operators, which require policies."""

    def __init__(self, path: Path, namespace: str, cluster: str, rng: random.Random) -> None:
        self.path, self._namespace, self._rng = path, namespace, rng
        self._cluster = cluster
        self._change_at = 0.0
        self.changes = 0
        self.allow()

    def environment(self) -> dict[str, str]:
        """What operators of the cell are given besides."""
        return {"EMRJOBS_POLICY": "required", "EMRJOBS_POLICY_FILE": str(self.path)}

    def keep(self) -> None:
        """Change them when it is time."""
        if time.monotonic() < self._change_at:
            return
        self._change_at = time.monotonic() + self._rng.uniform(*CHANGE_SECONDS)
        self.changes += 1
        draw = self._rng.random()
        if draw < 0.5:
            self.allow()
        elif draw < 0.75:
            self._put(self._policy(allow={"entryPoints": ["s3://elsewhere/"]}))
        elif draw < 0.9:
            self._put(self._policy(namespaces={"names": ["elsewhere"]}))
        else:
            self._put("kind: EmrJobPolicy\nspec: {}")

    def allow(self) -> None:
        """All that the cell's objects ask for, with a default that differs from time to time."""
        self._put(self._policy())

    def _policy(self, **members: Any) -> str:
        spec = {
            "namespaces": {"names": [self._namespace]},
            "defaults": {"virtualClusterId": self._cluster, "tags": {"default": str(self.changes)}},
            "allow": {"executionRoleArns": [spark_pi(self._cluster)["executionRoleArn"]]},
            **members,
        }
        head = {"apiVersion": "emrjobs.dev/v1alpha1", "kind": "EmrJobPolicy", "metadata": {"name": "team"}}
        return yaml.safe_dump({**head, "spec": spec})

    def _put(self, text: str) -> None:
        part = self.path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(self.path)
