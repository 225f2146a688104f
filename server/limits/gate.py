"""ASGI middleware in front of all routes: a request without a token waits for a turn."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from server.node import Node
from server.pacing.turns import turns

_PASSED: Final = "pencilsdown.passed"


class Gate:
    """Plain ASGI. Lets a request pass if it has a token and its path begins with one of `guarded`, whose endpoints
    verify tokens, or if it reads below one of `sealed`, where the address itself is the token. Such an endpoint calls
    `stranger` if the token is not valid."""

    def __init__(self, app: ASGIApp, guarded: frozenset[str], sealed: frozenset[str]) -> None:
        self._app = app
        self._guarded = guarded
        self._sealed = sealed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if not self._shows_a_token(scope):
                await stranger(scope)
            await turns().take()
        await self._app(scope, receive, send)

    def _shows_a_token(self, scope: Scope) -> bool:
        if scope["method"] == "OPTIONS":
            # The answer to a preflight verifies no token, and no browser sends one along.
            return False
        first = scope["path"].lstrip("/").partition("/")[0]
        if first in self._sealed and scope["method"] in ("GET", "HEAD"):
            return True
        return first in self._guarded and any(name == b"authorization" for name, _ in scope["headers"])


async def stranger(scope: Scope) -> None:
    """Waits for a turn, once a request."""
    if scope.get(_PASSED):
        return
    scope[_PASSED] = True
    node: Node = scope["app"].state.node
    await node.strangers.turn(address_of(scope))


def address_of(scope: Scope) -> str:
    """The client's address: the peer's, or the one that a trusted proxy names."""
    client = scope.get("client")
    return str(client[0]) if client else ""
