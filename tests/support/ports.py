"""Free ports on loopback for servers that must know their port before they start."""

import random
import socket

# Below the range from which Linux and macOS take the ports of outgoing connections, so that a server which is
# stopped for a while finds its port still free when it comes back.
LOWEST, HIGHEST = 20_000, 30_000


def free_port() -> int:
    """Return a port that nothing listens on now."""
    for _ in range(200):
        port = random.randint(LOWEST, HIGHEST)
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no free port between {LOWEST} and {HIGHEST}")
