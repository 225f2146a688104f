"""The ASGI application: routes to the node's parts."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from protocol.rest import Readiness
from server import pages
from server.api import attempts, log, operations, results, revocations, staff, tests
from server.api.endpoint import with_post_twins
from server.api.openapi import document
from server.api.problems import HANDLERS
from server.gate import Gate
from server.metrics.collector import make_registry
from server.node import Node
from server.prepared import ASK_AGAIN, Prepared
from server.settings import Settings
from server.sockets.shell import candidate_socket, monitor_socket

VERSION = version("pencilsdown")
ENDPOINTS = with_post_twins(
    [
        *tests.ENDPOINTS,
        *attempts.ENDPOINTS,
        *operations.ENDPOINTS,
        *staff.ENDPOINTS,
        *results.ENDPOINTS,
        *log.ENDPOINTS,
        *revocations.ENDPOINTS,
    ]
)


def make_app(settings: Settings, make_node: Callable[[], Awaitable[Node]]) -> Starlette:
    """The application; `make_node` makes and starts its node when the server starts."""
    openapi()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        node = await make_node()
        app.state.node = node
        app.state.metrics = make_registry(node, VERSION)
        try:
            yield
        finally:
            await node.stop()

    app = Starlette(
        routes=[
            *(endpoint.route() for endpoint in ENDPOINTS),
            WebSocketRoute("/ws/attempts/{attempt_id}", candidate_socket),
            WebSocketRoute("/ws/monitor/{test_id}", monitor_socket),
            Route("/openapi.json", _openapi),
            Route("/livez", _livez),
            Route("/readyz", _readyz),
            Route("/metrics", _metrics),
            *pages.routes(),
        ],
        middleware=[
            Middleware(Gate, guarded=frozenset(endpoint.path.split("/")[1] for endpoint in ENDPOINTS)),
            Middleware(pages.SecurityHeaders, own_origins=settings.own_origins),
            Middleware(
                CORSMiddleware,
                allow_origins=sorted(settings.origins),
                allow_methods=["GET", "POST", "PUT"],
                allow_headers=["authorization", "content-type"],
                max_age=600,
            ),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    # Its redirects would lead to whatever `Host` the request names.
    app.router.redirect_slashes = False
    return app


@cache
def openapi() -> Prepared:
    """The OpenAPI document, built when the first application of this process is made."""
    return Prepared(msgspec.json.encode(document(ENDPOINTS, VERSION)), "application/json", ASK_AGAIN)


async def _openapi(request: Request) -> Response:
    return openapi().respond(request)


async def _livez(request: Request) -> Response:
    return _readiness([])


async def _readyz(request: Request) -> Response:
    node: Node = request.app.state.node
    return _readiness(node.missing)


async def _metrics(request: Request) -> Response:
    """For Prometheus. Counts and no names; still nobody's business outside: the proxy in front keeps it inside."""
    return Response(
        generate_latest(request.app.state.metrics),
        headers={"cache-control": "no-store", "content-type": CONTENT_TYPE_LATEST},
    )


def _readiness(missing: list[str]) -> Response:
    body = Readiness(ready=not missing, missing=missing, version=VERSION)
    return Response(
        msgspec.json.encode(body),
        503 if missing else 200,
        {"cache-control": "no-store"},
        media_type="application/json",
    )
