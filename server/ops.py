"""The operators' port (`PENCILSDOWN_OPS_PORT`): metrics, readiness with the reason, and liveness. The public port
offers none of them, so no proxy has to block them."""

from typing import Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from protocol.rest.readiness import Readiness
from server.node import Node

_NOT_KEPT: Final = {"cache-control": "no-store"}


def make_ops_app(state: State, version: str) -> Starlette:
    """`state` is that of the public application: it has the node and its metrics."""

    async def livez(request: Request) -> Response:
        return _readiness([], version)

    async def readyz(request: Request) -> Response:
        node: Node = state.node
        return _readiness(node.missing, version)

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(state.metrics), headers=_NOT_KEPT | {"content-type": CONTENT_TYPE_LATEST})

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)])


def _readiness(missing: list[str], version: str) -> Response:
    body = msgspec.json.encode(Readiness(ready=not missing, missing=missing, version=version))
    headers = _NOT_KEPT | ({"retry-after": "1"} if missing else {})
    return Response(body, 503 if missing else 200, headers, media_type="application/json")


class ByPort:
    """Hands requests that came to `ops_port` to `ops`, and everything else to `public`. The kernel tells the port;
    headers are ignored."""

    def __init__(self, public: ASGIApp, ops: ASGIApp, ops_port: int) -> None:
        self._public = public
        self._ops = ops
        self._ops_port = ops_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        server = scope.get("server")
        to_ops = server is not None and server[1] == self._ops_port
        await (self._ops if to_ops else self._public)(scope, receive, send)
