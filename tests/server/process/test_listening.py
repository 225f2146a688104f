"""The sockets that a server listens on."""

import asyncio
import socket

from server.process.listening import sockets_at


async def test_an_answer_in_two_writes_is_not_held_back() -> None:
    """Also on asyncio's own loop: a server without uvloop had taken 40 ms for every call."""
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    (listening,) = sockets_at("127.0.0.1", 0)
    async with await asyncio.start_server(meet, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        assert await accepted
        writer.close()
        await writer.wait_closed()
