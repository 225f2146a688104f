"""A server of ours that stops listening leaves nothing behind that it has taken."""

import asyncio
import gc
import socket

import pytest

from loadtest.listening import stop_listening


@pytest.mark.parametrize("turns", range(5))
async def test_whoever_was_just_accepted_is_met(turns: int) -> None:
    """Whichever turn of the loop it is: by `Server.close` alone a socket is lost in one of them, which is a warning."""
    met: list[asyncio.StreamWriter] = []

    async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(writer)

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    with socket.create_connection(server.sockets[0].getsockname()):
        for _ in range(turns):
            await asyncio.sleep(0)
        await stop_listening(server)
        gc.collect()
        for writer in met:
            writer.close()
            await writer.wait_closed()
    assert not server.is_serving()
