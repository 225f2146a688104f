"""Refusals as problem details (RFC 9457)."""

import asyncio
import logging
import math
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from protocol.codes import REFUSALS, Code
from protocol.errors import Refusal, Refused, refuse
from protocol.rest.problems import Problem
from protocol.rest.scim import ERROR_URN, SCIM_BASE, SCIM_MEDIA_TYPE, ScimError
from protocol.scim.faults import scim_status_of, scim_type_of
from server import pages
from server.limits.budgets import Paced
from server.limits.gate import stranger
from server.node import Node
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

_LONGEST_REFUSAL_MS: Final = 1_000
"""How long a call over the rate limit waits for its refusal."""
_HTTP_CODES = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED, 413: Code.TOO_LARGE}


def problem(refusal: Refusal, node: Node | None = None, after_ms: int | None = None) -> Response:
    """The response for a refusal; `node` counts it. `after_ms`: when to come back, if the caller knows; otherwise it is
    computed here."""
    if node is not None:
        node.tally.refuse(refusal.code)
    body = Problem(
        type=f"urn:pencilsdown:refusal:{refusal.code}",
        title=REFUSALS[refusal.code].sentence,
        status=refusal.http_status,
        detail=refusal.detail,
        code=refusal.code,
        retry=refusal.retry,
    )
    headers = {"cache-control": "no-store"}
    if refusal.http_status == 401:
        headers["www-authenticate"] = "Bearer"
    if after_ms is None and refusal.http_status in (429, 503):
        after_ms = _after_ms(refusal.code, node)
    if after_ms is not None:
        headers["retry-after"] = str(max(1, math.ceil(after_ms / 1000)))
    return Response(msgspec.json.encode(body), refusal.http_status, headers, media_type="application/problem+json")


def scim_problem(response: Response, error: Refused) -> Response:
    """The same refusal as SCIM says it (RFC 7644, 3.12)."""
    refusal = error.refusal
    status = scim_status_of(refusal)
    body = ScimError(
        schemas=[ERROR_URN],
        status=str(status),
        detail=refusal.detail,
        code=refusal.code,
        scim_type=scim_type_of(error),
    )
    kept = ("cache-control", "www-authenticate", "retry-after", "allow")
    headers = {name: response.headers[name] for name in kept if name in response.headers}
    return Response(msgspec.json.encode(body), status, headers, media_type=SCIM_MEDIA_TYPE)


def _is_scim(request: Request) -> bool:
    return request.url.path.startswith(f"{SCIM_BASE}/")


def _shown(request: Request, response: Response, error: Refused) -> Response:
    """The same refusal as SCIM says it, or as a page, where a browser would show it to a person."""
    if _is_scim(request):
        return scim_problem(response, error)
    says = error.refusal.detail
    page = pages.refused(response.status_code, says) if pages.in_a_window(request) else None
    if page is None:
        return response
    kept = ("cache-control", "www-authenticate", "retry-after", "allow")
    headers = {name: response.headers[name] for name in kept if name in response.headers}
    return Response(page, response.status_code, headers | {"vary": "accept"}, media_type="text/html")


def _after_ms(code: Code, node: Node | None) -> int:
    if node is not None and code in (Code.OVERLOADED, Code.NEWER_LOG):
        return node.spread.put_off_ms()
    return node.spread.return_after_ms() if node is not None and code is Code.DRAINING else 1_000


def _node(request: Request) -> Node:
    node: Node = request.app.state.node
    return node


async def on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    if not isinstance(error, Paced):
        return _shown(request, problem(error.refusal, _node(request), error.after_ms), error)
    # Delay the refusal: a client that ignores `Retry-After` would otherwise take time from others with refusals alone.
    await asyncio.sleep(min(error.after_ms, _LONGEST_REFUSAL_MS) / 1000)
    await stranger(request.scope)
    return _shown(request, problem(error.refusal, _node(request), error.after_ms), error)


async def on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    await stranger(request.scope)
    if error.status_code == 404 and (page := pages.lost(request)) is not None:
        return page
    if error.status_code == 404 and b"%2f" in request.scope.get("raw_path", b"").lower():
        # Servers decode the path before routing, so an id with a slash could be created but never fetched.
        slash = refuse(Code.INVALID_ID, "An id in an address must not have a slash in it.")
        return _shown(request, problem(slash, _node(request)), Refused(slash))
    refusal = refuse(_HTTP_CODES.get(error.status_code, Code.INTERNAL))
    response = problem(refusal, _node(request))
    if error.status_code == 405:
        response.headers["allow"] = ", ".join(_methods(request))
    return _shown(request, response, Refused(refusal))


def _methods(request: Request) -> list[str]:
    """The methods that the address offers; one address may have several routes."""
    routes = (route for route in request.app.routes if isinstance(route, Route))
    found = (route.methods or () for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for methods in found for method in methods})


async def on_storage_unavailable(request: Request, error: Exception) -> Response:
    refusal = refuse(Code.STORAGE_UNAVAILABLE)
    return _shown(request, problem(refusal, _node(request)), Refused(refusal))


async def on_error(request: Request, error: Exception) -> Response:
    """Answers an unexpected exception. The log has the details; the client learns only that the server is at fault."""
    node = _node(request)
    refusal = refuse(Code.INTERNAL)
    response = _shown(request, problem(refusal, node), Refused(refusal))
    # Starlette answers for a bug outside of all middleware, `pages.SecurityHeaders` included.
    response.headers.update(pages.security_headers(node.settings.own_origins))
    return response


HANDLERS = {
    Refused: on_refused,
    HTTPException: on_http_exception,
    StorageUnavailable: on_storage_unavailable,
    Exception: on_error,
}
