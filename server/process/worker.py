"""One of several processes that serve the same port: a node of its own, started by `server.process.workers`.

`python -m server.process.worker INDEX`: the settings come from the environment, and standard input is a pipe whose
other end the supervisor holds. When that end closes, the supervisor is gone, and the worker leaves in order.
"""

import asyncio
import os
import signal
import sys
import threading

from server.node import Node
from server.process import logs, serving
from server.process.listening import shared_socket
from server.process.starting import EXPECTED, exit_status, in_words
from server.process.workers import READY
from server.settings import load_settings


def main() -> None:
    """Serves until a signal, or the end of the supervisor, says to stop."""
    try:
        _serve(int(sys.argv[1]))
    except EXPECTED as error:
        sys.stderr.write(in_words(error) + "\n")
        raise SystemExit(exit_status(error)) from None


def _serve(index: int) -> None:
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    sockets = [shared_socket(settings.host, settings.port)]
    if settings.ops_port:
        settings = settings.model_copy(update={"ops_port": settings.ops_port + index})
        sockets.append(shared_socket(settings.ops_host, settings.ops_port))
    threading.Thread(target=_leave_with_the_supervisor, name="supervisor", daemon=True).start()
    # Before the node has started, there are no connections to redistribute.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    serving.run(settings, announce=_tell_the_supervisor, sockets=sockets)


def _tell_the_supervisor(node: Node) -> None:
    """Tells the supervisor that this worker serves. From now on SIGUSR1 means that another worker was replaced."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, node.make_even)
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()


def _leave_with_the_supervisor() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
