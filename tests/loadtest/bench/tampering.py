"""A proxy before a server that loses or makes up what one side has said."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from loadtest.drill.process import HOST

Change = Callable[[bytes], tuple[bytes | None, bytes | None]]
"""What goes on to the other side, and what goes back to the sender."""


def unchanged(message: bytes) -> tuple[bytes | None, bytes | None]:
    return message, None


@asynccontextmanager
async def tampering(port: int, of_client: Change = unchanged, of_server: Change = unchanged) -> AsyncIterator[int]:
    """The port at which it listens."""

    async def carry(client: ServerConnection) -> None:
        assert client.request is not None
        async with connect(f"ws://{HOST}:{port}{client.request.path}", compression=None) as server:
            await asyncio.gather(_carry(client, server, of_client), _carry(server, client, of_server))

    async with serve(carry, HOST, 0, compression=None) as listening:
        yield next(iter(listening.sockets)).getsockname()[1]


async def _carry(source: Connection, target: Connection, change: Change) -> None:
    try:
        async for message in source:
            assert isinstance(message, bytes)
            onward, back = change(message)
            if onward is not None:
                await target.send(onward)
            if back is not None:
                await source.send(back)
    except ConnectionClosed:
        pass
    await target.close()
