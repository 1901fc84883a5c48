"""A request or an answer that waits in the proxy until it is let go."""

import asyncio

from tests.chaos.proxy import Proxy


class Held:
    """Its `hook` is for faults; `arrived` is set when something waits."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._go = asyncio.Event()
        self.arrived = False

    async def hook(self) -> None:
        """Wait in the proxy's thread."""
        self.arrived = True
        await self._go.wait()

    def let_go(self) -> None:
        """From any thread."""

        async def go() -> None:
            self._go.set()

        self._proxy.call(go())
