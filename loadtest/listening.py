"""How a server of ours stops listening, so that nothing it has taken is left behind."""

import asyncio
from typing import Final

_TURNS: Final = 10
"""Of the loop: more than asyncio takes from an accepted socket to the first line of its task."""


async def stop_listening(server: asyncio.Server) -> None:
    """Closes `server` once each connection that it has accepted has its task; those go on.

    asyncio of Python 3.11 drops the socket of whoever was accepted in the turn before the closing: `Server._attach`
    asserts that the server is open, and nobody closes the socket then.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    server.close()
