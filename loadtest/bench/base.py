"""BASE, the bare web server beside which ours is measured: a Starlette application that sends every message back.

It runs as a process of its own, on the same web server and event loop as ours: `python -m loadtest.bench.base PORT`.
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from loadtest.drill.process import HOST


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_bytes(await socket.receive_bytes())
    except WebSocketDisconnect:
        return


def main() -> None:
    app = Starlette(routes=[WebSocketRoute("/", echo)])
    # The accept queue of our own server, in which a thousand who come at once have room.
    uvicorn.run(
        app,
        host=HOST,
        port=int(sys.argv[1]),
        loop="uvloop",
        ws="websockets-sansio",
        lifespan="off",
        log_level="warning",
        backlog=4096,
    )


if __name__ == "__main__":
    main()
