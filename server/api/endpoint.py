"""One endpoint: path, bodies, who may call it, what it may refuse. Routes and OpenAPI are made from this."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from protocol import limits
from protocol.attempt.model import Role
from protocol.codec import explain_shape
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.ids import normalize_id
from server.node import Node
from server.principal import Principal

EVERYBODY: Final = frozenset({Role.CANDIDATE, Role.INSTRUCTOR, Role.SERVICE})
STAFF: Final = frozenset({Role.INSTRUCTOR, Role.SERVICE})
CANDIDATE: Final = frozenset({Role.CANDIDATE, Role.SERVICE})
OWN: Final = frozenset({Role.CANDIDATE})
SERVICE: Final = frozenset({Role.SERVICE})

_PATIENCE_S: Final = 12.0
"""How long a call may wait for the database. A client waits for longer (15 s in the browser) and hears the refusal."""

HAS_ENDED: Final = (Code.ALREADY_SUBMITTED, Code.DEADLINE_PASSED, Code.CANCELLED)
"""What is refused once an attempt has ended, by how it ended."""
BAD_NUMBER: Final = (Code.NUMBER_REUSED, Code.NUMBER_SKIPPED, Code.TOO_MANY_OPERATIONS)
"""What is refused of a numbered operation for its number."""


class Call(msgspec.Struct, frozen=True):
    """One request, checked: who asks, the path's parameters and the query (ids in their one form), the body."""

    node: Node
    principal: Principal
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    ip_address: str
    user_agent: str


class Query(msgspec.Struct, frozen=True):
    """A query parameter, and what it may be; whoever reads it refuses what it is not."""

    name: str
    type: Any
    required: bool = False


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`handle` returns a value of the type `reply`, or its JSON where that is kept ready."""

    method: str
    path: str
    summary: str
    handle: Callable[[Call], Awaitable[Any]]
    reply: type
    roles: frozenset[Role]
    body: type | None = None
    query: tuple[Query, ...] = ()
    status: int = 200
    refusals: tuple[Code, ...] = ()
    max_body_bytes: int = limits.MAX_REST_BODY_BYTES
    cost: Callable[[Any], int] = lambda body: 1
    """Operations that a call with this body counts for."""

    def route(self) -> Route:
        """The Starlette route."""
        decoder: msgspec.json.Decoder[Any] | None = msgspec.json.Decoder(self.body) if self.body is not None else None

        async def respond(request: Request) -> Response:
            node: Node = request.app.state.node
            if node.tracing is not None:
                node.tracing.receive(request.headers.get("traceparent"))
            principal = await node.tokens.verify(_bearer(request))
            if principal.role not in self.roles:
                raise Refused(refuse(Code.FORBIDDEN))
            node.budgets.check(principal)
            _check_address(request, self.query)
            body, data = None, b""
            try:
                if decoder is not None:
                    data = await _read(request, self.max_body_bytes)
                    body = _decode(decoder, data)
                    # Other calls of hers may have been read meanwhile.
                    node.budgets.check(principal)
            finally:
                node.budgets.charge(principal, self.cost(body) if body is not None else 1, len(data))
            call = Call(
                node,
                principal,
                {name: normalize_id(value) for name, value in request.path_params.items()},
                {name: normalize_id(value) for name, value in request.query_params.items()},
                body,
                request.client.host if request.client else "",
                request.headers.get("user-agent", "")[:512],
            )
            try:
                # What is written waits for less (`live.PATIENCE_S`); this is for a database that cannot be read.
                async with asyncio.timeout(_PATIENCE_S):
                    reply = await self.handle(call)
            except TimeoutError:
                raise Refused(refuse(Code.STORAGE_UNAVAILABLE)) from None
            content = reply if isinstance(reply, bytes) else msgspec.json.encode(reply)
            return Response(content, self.status, {"cache-control": "no-store"}, media_type="application/json")

        return Route(self.path, respond, methods=[self.method], name=f"{self.method} {self.path}")


def with_post_twins(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Adds a `POST` for each `PUT` that a candidate may call: some filters on the way to the server block `PUT`."""
    puts = (endpoint for endpoint in endpoints if endpoint.method == "PUT" and Role.CANDIDATE in endpoint.roles)
    return [*endpoints, *(msgspec.structs.replace(endpoint, method="POST") for endpoint in puts)]


def _bearer(request: Request) -> str:
    """The token of the `Authorization` header; nowhere else is one looked for."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _check_address(request: Request, known: tuple[Query, ...]) -> None:
    """Nothing that is kept has a NUL in its name, and PostgreSQL would not even let us ask."""
    names = {query.name for query in known}
    for name in request.query_params:
        if name not in names:
            raise Refused(refuse(Code.UNKNOWN_FIELD, "This address takes no such query parameter."))
    if any("\0" in value for value in (*request.path_params.values(), *request.query_params.values())):
        raise Refused(refuse(Code.NOT_FOUND))


async def _read(request: Request, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise Refused(refuse(Code.TOO_LARGE))
            chunks.append(chunk)
    except ClientDisconnect:
        raise Refused(refuse(Code.MALFORMED)) from None
    return b"".join(chunks)


def _decode(decoder: msgspec.json.Decoder[Any], data: bytes) -> Any:
    """The body; none at all is read as `{}`."""
    try:
        return decoder.decode(data or b"{}")
    except msgspec.ValidationError as error:
        raise explain_shape(str(error)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        text = str(error)
        code = Code.TRAILING_BYTES if "trailing characters" in text else Code.MALFORMED
        raise Refused(refuse(Code.TOO_DEEP if isinstance(error, RecursionError) else code)) from None
