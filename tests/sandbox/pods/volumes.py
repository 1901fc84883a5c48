"""A pod's volumes as folders of this machine, with real service account tokens that are renewed in time."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.sandbox.pods.api import Api, Refused
from tests.sandbox.pods.container import Mount
from tests.sandbox.pods.environment import Unusable, content, field_of
from tests.sandbox.pods.syscalls import can_be_others

Json = dict[str, Any]

# As the kubelet: a token is replaced when so much of its life is over.
RENEWED_AT = 0.8


class Volumes:
    """The volumes of one pod. `owner` may read what they hold."""

    def __init__(self, api: Api, pod: Json, folder: Path, owner: int, tokens_last: float | None) -> None:
        self._api = api
        self._pod = pod
        self._folder = folder
        self._owner = owner
        self._tokens_last = tokens_last
        self._tokens: list[tuple[Path, Json, float]] = []

    async def make(self) -> None:
        """Write all files. Raises `Unusable` or `Refused`."""
        for volume in self._pod["spec"].get("volumes", []):
            place = self._folder / volume["name"]
            place.mkdir(parents=True, exist_ok=True)
            if "emptyDir" in volume:
                place.chmod(0o777)
            for source in _sources(volume):
                await self._write(source, place)

    async def renew(self) -> None:
        """Replace tokens while the pod lives."""
        while self._tokens:
            await asyncio.sleep(max(0.1, min(due for *_, due in self._tokens) - time.monotonic()))
            due = [token for token in self._tokens if token[2] <= time.monotonic()]
            for place, source, _ in due:
                self._tokens = [token for token in self._tokens if token[0] != place]
                await self._token(source, place)

    def mounts(self, container: Json) -> Iterator[Mount]:
        only_read = {volume["name"]: not _writable(volume) for volume in self._pod["spec"].get("volumes", [])}
        for given in container.get("volumeMounts", []):
            name = given["name"]
            source = self._folder / name / given.get("subPath", "")
            yield Mount(str(source), given["mountPath"], given.get("readOnly", False) or only_read[name])

    async def _write(self, source: Json, place: Path) -> None:
        match source:
            case {"serviceAccountToken": token}:
                await self._token(token, place / token["path"])
            case {"downwardAPI": {"items": items}}:
                for item in items:
                    self._put(place / item["path"], field_of(self._pod, item["fieldRef"]["fieldPath"]).encode())
            case {"configMap": reference} | {"secret": reference}:
                await self._copy(next(iter(source)), reference, place)
            case _:
                raise Unusable(f"a volume of {', '.join(source)} is not played here")

    async def _copy(self, kind: str, reference: Json, place: Path) -> None:
        name = reference.get("name") or reference["secretName"]
        try:
            found = await self._api.call("GET", f"{self._namespace}/{kind.lower()}s/{name}")
        except Refused as error:
            if error.code == 404 and reference.get("optional"):
                return
            raise
        held = content(found)
        for item in reference.get("items") or [{"key": key, "path": key} for key in held]:
            self._put(place / item["path"], held[item["key"]])

    async def _token(self, source: Json, place: Path) -> None:
        metadata, seconds = self._pod["metadata"], max(600, source.get("expirationSeconds", 3600))
        reference = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]}
        spec: Json = {"expirationSeconds": seconds, "boundObjectRef": reference}
        if "audience" in source:
            spec["audiences"] = [source["audience"]]
        account = self._pod["spec"].get("serviceAccountName", "default")
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        answer = await self._api.call("POST", f"{self._namespace}/serviceaccounts/{account}/token", body)
        self._put(place, answer["status"]["token"].encode())
        due = time.monotonic() + (self._tokens_last or seconds * RENEWED_AT)
        self._tokens.append((place, source, due))

    @property
    def _namespace(self) -> str:
        return f"/api/v1/namespaces/{self._pod['metadata']['namespace']}"

    def _put(self, place: Path, data: bytes) -> None:
        """Write a file in one step: a reader sees the old one or the new one."""
        place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_name(f"..{place.name}")
        half.write_bytes(data)
        half.chmod(0o600 if place.name == "token" else 0o644)
        if can_be_others():
            os.chown(half, self._owner, self._owner)
        half.replace(place)


def _sources(volume: Json) -> list[Json]:
    if "projected" in volume:
        sources: list[Json] = volume["projected"]["sources"]
        return sources
    return [{key: value} for key, value in volume.items() if key not in {"name", "emptyDir"}]


def _writable(volume: Json) -> bool:
    return "emptyDir" in volume
