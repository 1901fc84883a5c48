"""A small Kubernetes client for tests: kept connections, plain JSON, one class for errors, nothing cached."""

import base64
import json
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode

import urllib3
import yaml

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.kind import API_VERSION

Json = dict[str, Any]

PATCH_TYPES = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}


class ApiError(Exception):
    """An answer of 400 or more; `reason` and `message` are the API server's."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(f"{code} {reason}: {message}")
        self.code = code
        self.reason = reason
        self.message = message


class Kube:
    """One user at one API server. Safe to share between threads."""

    def __init__(self, server: str, ca: str, token: str, *, timeout: float = 30.0) -> None:
        self.server = server
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._pool = urllib3.connection_from_url(server, ca_cert_data=ca, maxsize=16, timeout=timeout, retries=False)

    @classmethod
    def from_kubeconfig(cls, path: Path) -> "Kube":
        """Read the first cluster and user of a kubeconfig that holds its data in itself."""
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        cluster = config["clusters"][0]["cluster"]
        ca = base64.b64decode(cluster["certificate-authority-data"]).decode()
        return cls(cluster["server"], ca, config["users"][0]["user"]["token"])

    def close(self) -> None:
        self._pool.close()

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        content_type: str = "application/json",
        query: dict[str, str] | None = None,
    ) -> Json:
        """Send one request, never repeated. Raises `ApiError`, or urllib3's errors where no answer came."""
        url = f"{path}?{urlencode(query)}" if query else path
        content = None if body is None else json.dumps(body).encode()
        headers = {**self._headers, "Content-Type": content_type}
        response = self._pool.request(method, url, body=content, headers=headers)
        if response.status >= 400:
            raise _error(response.status, response.data)
        answer: Json = json.loads(response.data) if response.data else {}
        return answer

    def lines(self, path: str, query: dict[str, str], *, timeout: float) -> Generator[Json]:
        """Send a GET whose answer is one JSON document a line, as a watch's is, and yield them as they come.

        `timeout` seconds without a line raise urllib3's error. The caller closes the generator.
        """
        url = f"{path}?{urlencode(query)}"
        response = self._pool.request("GET", url, headers=self._headers, preload_content=False, timeout=timeout)
        try:
            if response.status >= 400:
                raise _error(response.status, response.read())
            for line in response:
                if line.strip():
                    yield json.loads(line)
        finally:
            response.close()

    def runs(self, namespace: str) -> "Runs":
        return Runs(self, namespace)

    def all_runs(self) -> list[Json]:
        """Return the EmrJobRuns of all namespaces."""
        items: list[Json] = self.request("GET", f"/apis/{API_VERSION}/{EMR_JOB_RUN.plural}")["items"]
        return items

    def create_namespace(self, name: str) -> Json:
        return self.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    def delete_namespace(self, name: str) -> None:
        """Begin to delete a namespace; one that is gone already is fine."""
        try:
            self.request("DELETE", f"/api/v1/namespaces/{quote(name)}")
        except ApiError as error:
            if error.code != 404:
                raise

    def events(self, namespace: str, involved: str | None = None) -> list[Json]:
        """Return the core Events of a namespace, of one object by its name if given."""
        query = {"fieldSelector": f"involvedObject.name={involved}"} if involved else None
        path = f"/api/v1/namespaces/{quote(namespace)}/events"
        items: list[Json] = self.request("GET", path, query=query)["items"]
        return items


class Runs:
    """The EmrJobRuns of one namespace."""

    def __init__(self, kube: Kube, namespace: str) -> None:
        self._kube = kube
        self.namespace = namespace
        self._path = f"/apis/{API_VERSION}/namespaces/{quote(namespace)}/{EMR_JOB_RUN.plural}"

    def create(self, name: str, spec: Json, **metadata: object) -> Json:
        """Create one, judged strictly: an unknown field is an error, as with `kubectl apply`."""
        body = {
            "apiVersion": API_VERSION,
            "kind": EMR_JOB_RUN.kind,
            "metadata": {"name": name, **metadata},
            "spec": spec,
        }
        return self._kube.request("POST", self._path, body, query={"fieldValidation": "Strict"})

    def get(self, name: str) -> Json:
        return self._kube.request("GET", self._item(name))

    def find(self, name: str) -> Json | None:
        """As `get`, but None where there is none."""
        try:
            return self.get(name)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def history(self, since: Json) -> list[Json]:
        """Return every version of an object from `since`, one of them, to the newest, in order.

        The API server tells them all, so a state that lasted a moment is there too. It is its watch cache
        that remembers: for minutes, not for ever.
        """
        name, newest = since["metadata"]["name"], self.get(since["metadata"]["name"])
        until, versions = newest["metadata"]["resourceVersion"], [since]
        query = {
            "watch": "true",
            "fieldSelector": f"metadata.name={name}",
            "resourceVersion": since["metadata"]["resourceVersion"],
            "timeoutSeconds": "30",
        }
        if until == since["metadata"]["resourceVersion"]:
            return versions
        with closing(self._kube.lines(self._path, query, timeout=35)) as told:
            for event in told:
                versions.append(event["object"])
                if versions[-1]["metadata"]["resourceVersion"] == until:
                    return versions
        raise AssertionError(f"the watch of {name} ended before version {until}")

    def list(self) -> list[Json]:
        items: list[Json] = self._kube.request("GET", self._path)["items"]
        return items

    def patch(
        self,
        name: str,
        body: object,
        *,
        kind: Literal["merge", "json", "apply"] = "merge",
        subresource: str | None = None,
        query: dict[str, str] | None = None,
    ) -> Json:
        path = self._item(name) + (f"/{subresource}" if subresource else "")
        return self._kube.request("PATCH", path, body, content_type=PATCH_TYPES[kind], query=query)

    def patch_spec(self, name: str, **members: object) -> Json:
        return self.patch(name, {"spec": members})

    def delete(self, name: str) -> None:
        """Begin to delete one; one that is gone already is fine."""
        try:
            self._kube.request("DELETE", self._item(name))
        except ApiError as error:
            if error.code != 404:
                raise

    def delete_all(self) -> None:
        """Begin to delete all of the namespace."""
        self._kube.request("DELETE", self._path)

    def release(self, name: str) -> None:
        """Take all finalizers off, so that a deletion ends without an operator."""
        try:
            self.patch(name, {"metadata": {"finalizers": None}})
        except ApiError as error:
            if error.code != 404:
                raise

    def _item(self, name: str) -> str:
        return f"{self._path}/{quote(name)}"


def _error(code: int, data: bytes) -> ApiError:
    try:
        status = json.loads(data)
        return ApiError(code, str(status.get("reason", "")), str(status.get("message", "")))
    except (ValueError, AttributeError):
        return ApiError(code, "", data.decode(errors="replace")[:500])
