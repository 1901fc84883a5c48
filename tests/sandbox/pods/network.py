"""A pod's network: a namespace with nothing but loopback, and relays that carry what it may reach."""

import asyncio
import contextlib
import fcntl
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from tests.sandbox.pods import syscalls

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Target = Callable[[], Awaitable[Streams]]

_SET_FLAGS = 0x8914
_SET_ADDRESS = 0x8916
_UP = 1
_CHUNK = 65_536


class Network:
    """A namespace belongs to a thread, and sockets stay where they began: a thread stays there and makes them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._there = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"network-{address}")
        self.namespace = self._there.submit(_begin, address).result()
        self._relays: list[asyncio.Server] = []
        self._carrying: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        for task in self._carrying:
            task.cancel()
        for relay in self._relays:
            relay.close()
        os.close(self.namespace)
        self._there.shutdown(wait=False)

    async def connect(self, host: str, port: int) -> Streams:
        """Connect to what listens in the pod."""
        made = self._socket()
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, (host, port))
        except BaseException:
            made.close()
            raise
        return await asyncio.open_connection(sock=made)

    async def relay(self, host: str, port: int, target: Target) -> None:
        """Listen in the pod, and carry each connection to `target`."""
        made = self._socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))

        def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(_carry((reader, writer), target))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

        self._relays.append(await asyncio.start_server(carry, sock=made))

    def _socket(self) -> socket.socket:
        try:
            return self._there.submit(socket.socket, socket.AF_INET, socket.SOCK_STREAM).result()
        except RuntimeError:
            raise ConnectionRefusedError("the pod is gone") from None


def outside(host: str, port: int) -> Target:
    """A server of this machine."""

    async def connect() -> Streams:
        return await asyncio.open_connection(host, port)

    return connect


def _begin(address: str) -> int:
    """Bring this thread into a namespace of its own with loopback up, and return that as an open file.

    The mask of a class A address makes all of 10.0.0.0/8 the pod's own, as 127.0.0.0/8 is.
    """
    syscalls.unshare(syscalls.NEW_NETWORK)
    packed = struct.pack("=H2s4s8s", socket.AF_INET, b"", socket.inet_aton(address), b"")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        fcntl.ioctl(made, _SET_FLAGS, struct.pack("16sH14s", b"lo", _UP, b""))
        fcntl.ioctl(made, _SET_ADDRESS, struct.pack("16s16s", b"lo:1", packed))
        fcntl.ioctl(made, _SET_FLAGS, struct.pack("16sH14s", b"lo:1", _UP, b""))
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


async def _carry(near: Streams, target: Target) -> None:
    try:
        far = await target()
    except OSError:
        near[1].transport.abort()
        return
    try:
        await asyncio.gather(_pour(near[0], far[1]), _pour(far[0], near[1]))
    finally:
        for _, writer in (near, far):
            writer.transport.abort()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
