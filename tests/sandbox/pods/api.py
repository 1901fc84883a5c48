"""The API server as the pod runner uses it: plain JSON, one class for refusals, lists followed by watches."""

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import yaml

Json = dict[str, Any]

MERGE = "application/merge-patch+json"
_AGAIN_AFTER = 0.2


class Refused(Exception):
    """An answer of 400 or more."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Api:
    """One user. Use as an async context manager."""

    def __init__(self, kubeconfig: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster = config["clusters"][0]["cluster"]
        self.server: str = cluster["server"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._tls = ssl.create_default_context(cadata=authority)
        token = config["users"][0]["user"]["token"]
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": "pod-runner"}

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=self._tls, limit=50)
        whole = aiohttp.ClientTimeout(total=30)
        self._session = aiohttp.ClientSession(
            self.server, connector=connector, headers=self._headers, timeout=whole, read_bufsize=2**22
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def call(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> Json:
        """Send one request. Raises `Refused`, or aiohttp's errors where no answer came."""
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": content_type}
        async with self._session.request(method, path, data=content, headers=headers) as answer:
            if answer.status >= 400:
                raise Refused(answer.status, await answer.text())
            found: Json = await answer.json()
            return found

    async def changes(self, path: str) -> AsyncIterator[tuple[str, Json]]:
        """Yield (`SYNC`, list) for every list, then (type, object) of the watch, for ever.

        Troubles of the connection and of old versions lead to another list.
        """
        while True:
            try:
                listed = await self.call("GET", path)
                yield "SYNC", listed
                async for event in self._watched(path, listed["metadata"]["resourceVersion"]):
                    yield event
            except (aiohttp.ClientError, TimeoutError, Refused):
                await asyncio.sleep(_AGAIN_AFTER)

    async def _watched(self, path: str, version: str) -> AsyncIterator[tuple[str, Json]]:
        query = {"watch": "true", "resourceVersion": version, "timeoutSeconds": "300"}
        for_ever = aiohttp.ClientTimeout(total=None, sock_connect=5)
        async with self._session.get(path, params=query, timeout=for_ever) as answer:
            if answer.status >= 400:
                return
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                yield event["type"], event["object"]
