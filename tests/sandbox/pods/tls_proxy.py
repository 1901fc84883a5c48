"""The kubelet's door, through which the API server leads `kubectl logs` and `helm test --logs`."""

import ssl
from pathlib import Path

from aiohttp import web


async def open_door(logs: Path, certificate: Path, key: Path) -> int:
    """Serve what containers said so far, as files in `logs`, on loopback; return the port. Nothing is followed."""

    async def told(request: web.Request) -> web.Response:
        namespace, pod, container = (request.match_info[part] for part in ("namespace", "pod", "container"))
        place = log_of(logs, namespace, pod, container)
        if not place.exists():
            return web.Response(status=404, text=f"container {container} of {namespace}/{pod} said nothing yet\n")
        lines = place.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        wanted = int(request.query.get("tailLines", len(lines)))
        return web.Response(text="".join(lines[-wanted:] if wanted else []))

    application = web.Application()
    application.router.add_get("/containerLogs/{namespace}/{pod}/{container}", told)
    runner = web.AppRunner(application)
    await runner.setup()
    trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trusted.load_cert_chain(certificate, key)
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=trusted)
    await site.start()
    port: int = runner.addresses[0][1]
    return port


def log_of(logs: Path, namespace: str, pod: str, container: str) -> Path:
    """The file of a container, over all its restarts."""
    return logs / namespace / f"{pod}.{container}.log"
