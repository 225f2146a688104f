"""From the opening of a socket to the outcome of its hello: what both ways of a socket share."""

import asyncio
from typing import Final

from server.node import Node
from server.sockets.candidate import CandidateSession
from server.sockets.instructor import InstructorSession

LAST_WORDS_S: Final = 2.0
"""How long closing a socket may take."""

AnySession = CandidateSession | InstructorSession


class Greeting:
    """The address has opened a socket that has not said hello."""

    def __init__(self, node: Node, address: str) -> None:
        self._node = node
        self._address = address
        self._over = False

    def over(self, *, known: bool) -> None:
        """Ends the greeting; only the first call counts. `known`: the token is valid, and its user has not connected
        too often."""
        if not self._over:
            self._over = True
            self._node.strangers.leave(self._address, known=known)


def let_go(node: Node, session: AnySession) -> None:
    """The session has no connection any more."""
    node.connections.closed(session)
    node.keep(asyncio.create_task(session.closed(), name="end of a session"))
