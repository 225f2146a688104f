"""The servers that are measured beside ours."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from loadtest.bench.script import Script
from loadtest.drill.process import HOST, find_program
from loadtest.peers.wires import channels, socketio, socketio_echo

APPS: Final = Path(__file__).with_name("apps")
Write = Callable[[int, int], Script]
"""The script of so many candidates, whose messages begin with this number."""


class Peer(msgspec.Struct, frozen=True):
    """`app`: its folder. `command`: what it is started with, given the folder in which it is installed and its port;
    its working folder is `app`. `echo`: the script of its bare echo, where that is measured too."""

    name: str
    app: Path
    language: Literal["python", "node"]
    command: Callable[[Path, int], Sequence[str | Path]]
    script: Write
    echo: Write | None = None


def _python_socketio(installed: Path, port: int) -> Sequence[str | Path]:
    # With uvicorn[standard] that is uvloop, httptools and the WebSockets on which ours stands too.
    quiet = ("--log-level", "warning")
    return [installed / "bin" / "uvicorn", "app:app", "--host", HOST, "--port", str(port), *quiet]


def _django_channels(installed: Path, port: int) -> Sequence[str | Path]:
    return [installed / "bin" / "daphne", "-b", HOST, "-p", str(port), "-v", "0", "asgi:application"]


def _node_socketio(installed: Path, port: int) -> Sequence[str | Path]:
    return [find_program("node"), installed / "server.js", str(port)]


PEERS: Final = (
    Peer("python-socketio", APPS / "python_socketio", "python", _python_socketio, socketio, socketio_echo),
    Peer("Socket.IO on Node", APPS / "node_socketio", "node", _node_socketio, socketio),
    Peer("Django Channels", APPS / "django_channels", "python", _django_channels, channels),
)
