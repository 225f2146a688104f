"""The ASGI application: routes to the node's parts."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from protocol.integrity.safe_exam_browser import PAGE_HEADER
from protocol.rest.body import DEVICE_HEADER, IDEMPOTENCY_HEADER, REPLAYED_HEADER
from server import pages
from server.api import (
    admission,
    alerts,
    analytics,
    api_keys,
    attempt_lists,
    attempts,
    audit,
    bulk,
    captured_pictures,
    confirmations,
    enrolments,
    events,
    expected,
    files,
    further_attempts,
    gradebook,
    gradebook_files,
    imports,
    incidents,
    late,
    leaderboard,
    log,
    marking_queue,
    media,
    oneroster,
    operations,
    overrides,
    papers,
    people,
    preview,
    regrades,
    report_files,
    results,
    retention,
    revocations,
    rooms,
    rosters,
    safe_exam_browser,
    schedules,
    scim_documents,
    scim_groups,
    scim_users,
    sign_in,
    skills,
    staff,
    statistics,
    subscriptions,
    tests,
    tokens,
    users,
)
from server.api.endpoint import with_post_twins
from server.api.openapi import document
from server.api.problems import HANDLERS
from server.api.tags import IF_MATCH, IF_NONE_MATCH
from server.limits.gate import Gate
from server.mail import stopping
from server.media import serving
from server.metrics.collector import make_registry
from server.node import Node
from server.prepared import ASK_AGAIN, Prepared
from server.settings import Settings
from server.sockets.shell import candidate_socket, monitor_socket, no_socket

VERSION = version("pencilsdown")
_HEALTH: Final = {"cache-control": "no-store"}
ENDPOINTS = with_post_twins(
    [
        *tests.ENDPOINTS,
        *preview.ENDPOINTS,
        *media.ENDPOINTS,
        *imports.ENDPOINTS,
        *admission.ENDPOINTS,
        *attempts.ENDPOINTS,
        *attempt_lists.ENDPOINTS,
        *operations.ENDPOINTS,
        *files.ENDPOINTS,
        *captured_pictures.ENDPOINTS,
        *staff.ENDPOINTS,
        *bulk.ENDPOINTS,
        *confirmations.ENDPOINTS,
        *further_attempts.ENDPOINTS,
        *incidents.ENDPOINTS,
        *alerts.ENDPOINTS,
        *results.ENDPOINTS,
        *late.ENDPOINTS,
        *gradebook.ENDPOINTS,
        *leaderboard.ENDPOINTS,
        *gradebook_files.ENDPOINTS,
        *report_files.ENDPOINTS,
        *regrades.ENDPOINTS,
        *safe_exam_browser.ENDPOINTS,
        *skills.ENDPOINTS,
        *statistics.ENDPOINTS,
        *analytics.ENDPOINTS,
        *marking_queue.ENDPOINTS,
        *log.ENDPOINTS,
        *tokens.ENDPOINTS,
        *revocations.ENDPOINTS,
        *api_keys.ENDPOINTS,
        *audit.ENDPOINTS,
        *retention.ENDPOINTS,
        *users.ENDPOINTS,
        *people.ENDPOINTS,
        *enrolments.ENDPOINTS,
        *overrides.ENDPOINTS,
        *rosters.ENDPOINTS,
        *oneroster.ENDPOINTS,
        *expected.ENDPOINTS,
        *rooms.ENDPOINTS,
        *schedules.ENDPOINTS,
        *papers.ENDPOINTS,
        *subscriptions.ENDPOINTS,
        *events.ENDPOINTS,
        *scim_users.ENDPOINTS,
        *scim_groups.ENDPOINTS,
        *scim_documents.ENDPOINTS,
    ]
)


class Application(Starlette):
    """Starlette, except that a socket goes straight to its endpoint. No middleware does anything for sockets, and each
    of its coroutines would stay in memory for as long as the socket is open."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Of a socket, the endpoint's own coroutine."""
        if scope["type"] == "websocket":
            for route in self.routes:
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found, app=self)
                    endpoint: Callable[[WebSocket], Coroutine[Any, Any, None]] = found["endpoint"]
                    return endpoint(WebSocket(scope, receive, send))
        return super().__call__(scope, receive, send)


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

    app = Application(
        routes=_routes(),
        middleware=[
            Middleware(
                Gate,
                guarded=frozenset(endpoint.path.split("/")[1] for endpoint in ENDPOINTS),
                sealed=frozenset({"media"}),
            ),
            Middleware(
                pages.SecurityHeaders, own_origins=settings.own_origins, frame_ancestors=settings.frame_ancestors
            ),
            Middleware(
                _Shared,
                allow_origins=sorted(settings.origins),
                allow_methods=["GET", "POST", "PUT"],
                allow_headers=[
                    "authorization",
                    "content-type",
                    DEVICE_HEADER,
                    PAGE_HEADER,
                    IDEMPOTENCY_HEADER,
                    IF_MATCH,
                    IF_NONE_MATCH,
                ],
                expose_headers=[REPLAYED_HEADER, "retry-after", "etag"],
                max_age=600,
            ),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    # Starlette's redirects would go to whatever `Host` the request names.
    app.router.redirect_slashes = False
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Made once: they keep nothing of an application, and a process may make several."""
    return (
        # Routes are tried in order, so the most frequent ones come first.
        WebSocketRoute("/ws/attempts/{attempt_id}", candidate_socket),
        WebSocketRoute("/ws/monitor/{test_id}", monitor_socket),
        WebSocketRoute("/{path:path}", no_socket),
        *(endpoint.route() for endpoint in ENDPOINTS),
        *sign_in.routes(),
        *confirmations.routes(),
        Route("/openapi.json", _openapi),
        Route("/asyncapi.json", _asyncapi),
        Route("/healthz", _healthz),
        *serving.routes(),
        *stopping.routes(),
        *pages.routes(),
    )


class _Shared(CORSMiddleware):
    """Lets pages of other origins call this server. The files of its own pages are for no other: an answer that
    depended on the origin would be asked for again by a page that has it, since a script names its origin and a `fetch`
    of the same file does not."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = scope["type"] == "http" and scope["path"].startswith(pages.ASSETS)
        await (self.app if own else super().__call__)(scope, receive, send)


@cache
def openapi() -> Prepared:
    """The OpenAPI document, built when the first application of this process is made."""
    return Prepared(msgspec.json.encode(document(ENDPOINTS, VERSION)), "application/json", ASK_AGAIN)


async def _openapi(request: Request) -> Response:
    return openapi().respond(request)


@cache
def asyncapi() -> Prepared:
    """The AsyncAPI document, built when somebody asks for it."""
    from server.api import asyncapi as made

    return Prepared(msgspec.json.encode(made.document(VERSION)), "application/json", ASK_AGAIN)


async def _asyncapi(request: Request) -> Response:
    # Making it takes thirty milliseconds, which nobody else is to wait for.
    return (await to_thread(asyncapi)).respond(request)


async def _healthz(request: Request) -> Response:
    """For the proxy in front: whether this node can serve. The operations port tells the reason."""
    node: Node = request.app.state.node
    if node.missing:
        return Response("not now\n", 503, _HEALTH | {"retry-after": "1"}, media_type="text/plain")
    return Response("ok\n", 200, _HEALTH, media_type="text/plain")
