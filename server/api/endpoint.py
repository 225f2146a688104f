"""One endpoint: path, bodies, who may call it, what it may refuse. Routes and OpenAPI are made from this."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import msgspec
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from protocol import limits
from protocol.attempt.model import Role
from protocol.codec import explain_json
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse, to_staff
from protocol.ids import normalize_id
from protocol.integrity.safe_exam_browser import Proof
from protocol.rest.body import DEVICE_HEADER, IDEMPOTENCY_HEADER
from protocol.rules.audit import AnyEntry
from protocol.rules.rights import Act, roles_with
from server.access.principal import ONLY_THE_RESULT, Principal
from server.access.safe_browser import proofs_in
from server.api.deprecation import Deprecated
from server.api.lines import Lines
from server.api.once import once
from server.api.query import Query, read_query
from server.api.tags import ANYTHING, Expected, Tagged, expected, is_known
from server.limits.gate import stranger
from server.node import Node
from server.prepared import Compressed
from storage.audit import Note
from storage.errors import StorageUnavailable

_PATIENCE_S: Final = 12.0
"""How long a call may wait for the database. A client waits for longer (15 s in the browser) and hears the refusal."""

_PIECE: Final = 128 * 1024
"""Bytes of a file that cost as much as one operation."""

HAS_ENDED: Final = (Code.ALREADY_SUBMITTED, Code.DEADLINE_PASSED, Code.CANCELLED, Code.ABSENT, Code.ABANDONED)
"""Refusals after the end of an attempt, one for each way to end."""
CONNECTION: Final = (Code.MISSING_FIELD, Code.SUPERSEDED)
"""Refusals of a candidate's call that names no connection, or one that is not in force."""
BAD_NUMBER: Final = (Code.NUMBER_REUSED, Code.NUMBER_SKIPPED, Code.TOO_MANY_OPERATIONS)
"""Refusals of an operation because of its number."""


class _UserIds(Convertor[str]):
    """Ids of users in an address: some identity providers write slashes into them. One that ends in `/export` would be
    the address of another person's export, so over REST it names nobody."""

    regex = ".+(?<!/export)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("user", _UserIds())


class Call(msgspec.Struct, frozen=True):
    """One checked request: the caller, the path's parameters and the query (ids in canonical form), the body. `device`
    is the value of the header `DEVICE_HEADER`, or empty; `endpoint` is the path, with the names of its parameters;
    `expects` is what a `tagged` endpoint must find before it changes anything; `proofs` are those of the browser, and
    `accept_language` is the value of its header."""

    node: Node
    principal: Principal
    path: dict[str, str]
    query: dict[str, Any]
    body: Any
    ip_address: str
    user_agent: str
    device: str = ""
    endpoint: str = ""
    expects: Expected = ANYTHING
    proofs: tuple[Proof, ...] = ()
    accept_language: str = ""

    def note(self, entry: AnyEntry) -> Note:
        """What the caller does, for the audit log, in the transaction that does it."""
        return Note(self.principal.actor, entry, self.node.clock.now_ms())

    async def was_read(self, entry: AnyEntry) -> None:
        """Notes in the audit log what staff read, and returns when that is durable: before they are shown it."""
        principal = self.principal
        if principal.is_staff:
            await self.node.audit.add(principal.org_id, principal.actor, entry, self.node.clock.now_ms())


class Download(msgspec.Struct, frozen=True):
    """A file that is saved, and never shown: it is a candidate's. `name` is plain ASCII."""

    data: bytes
    name: str


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`handle` returns a value of the type `reply`, or the bytes of such a value as `media_type` writes it,
    or these `Compressed`, or a `Download`; a `tagged` one returns the value in a `Tagged`. One of the `status` 204
    returns None.

    `handle` gets the body as a `body`, or as a `reads` if it decodes a part of the body itself.
    """

    method: str
    path: str
    summary: str
    handle: Callable[[Call], Awaitable[Any]]
    reply: type
    act: Act
    own: bool = False
    """Whether candidates may call it too, for their own attempts, without the right to `act`."""
    body: type | None = None
    reads: type | None = None
    query: tuple[Query, ...] = ()
    lines: Lines | None = None
    """The lines of a list."""
    status: int = 200
    refusals: tuple[Code, ...] = ()
    max_body_bytes: int = limits.MAX_REST_BODY_BYTES
    raw: bool = False
    """The body is a file, whatever its type: `handle` gets its bytes."""
    shape: type | None = None
    """What a `raw` body looks like, which `handle` reads by itself and more leniently. It is of the `media_type`."""
    cost: Callable[[Any], int] = lambda body: 1
    """Operations that a call with this body counts for."""
    shows_result: bool = False
    """Whether result tokens open it: they open nothing else."""
    media_type: str = "application/json"
    lenient: bool = False
    """Whether a query may have parameters in it that are not known: they are passed over."""
    tagged: bool = False
    """What it shows or changes has an entity tag: a GET knows `If-None-Match`, all else `If-Match`."""
    deprecated: Deprecated | None = None
    patience_s: float = _PATIENCE_S
    """For how long the call may wait: for the database, or for a process that writes a file."""
    late: Code = Code.STORAGE_UNAVAILABLE
    """What a call is told that has waited in vain."""

    @property
    def roles(self) -> frozenset[Role]:
        """Whoever may call it."""
        return roles_with(self.act) | ({Role.CANDIDATE} if self.own else set())

    def in_words_for(self, principal: Principal, refusal: Refusal) -> Refusal:
        """The refusal as this caller reads it. What a service asks for in the place of a candidate it hands on to her;
        in everything else it is staff."""
        reads_hers = principal.role is Role.SERVICE and (self.own or self.act is Act.SIT)
        return refusal if principal.role is Role.CANDIDATE or reads_hers else to_staff(refusal)

    def route(self) -> Route:
        """The Starlette route."""
        roles = self.roles
        reads = self.reads or self.body
        decoder: msgspec.json.Decoder[Any] | None = None if reads is None else msgspec.json.Decoder(reads)

        async def respond(request: Request) -> Response:
            node: Node = request.app.state.node
            if node.tracing is not None:
                node.tracing.receive(request.headers.get("traceparent"))
            try:
                # `find_attempt` decides whether an expired token is still good for the attempt.
                of_attempt = "attempt_id" in request.path_params
                principal = await node.tokens.verify(bearer(request), ended=of_attempt)
                if principal.role is not Role.CANDIDATE and principal.has_expired(node.clock.now_ms()):
                    raise Refused(refuse(Code.TOKEN_EXPIRED))
            except Refused:
                # Callers with a wrong token wait for a turn, so that they cost others no time.
                await stranger(request.scope)
                raise
            node.budgets.check(principal)
            body, data = None, b""
            try:
                if principal.only_result and not self.shows_result:
                    raise Refused(refuse(Code.FORBIDDEN, ONLY_THE_RESULT))
                if principal.role not in roles:
                    raise Refused(refuse(Code.FORBIDDEN))
                # No id has a NUL in it, and PostgreSQL refuses a query with one.
                if any("\0" in value for value in request.path_params.values()):
                    raise Refused(self.in_words_for(principal, refuse(Code.NOT_FOUND)))
                known = {query.name for query in self.query}
                given = request.query_params.multi_items()
                query = read_query(
                    ((name, normalize_id(text)) for name, text in given if name in known or not self.lenient),
                    self.query,
                )
                if decoder is not None:
                    data = await read(request, self.max_body_bytes)
                    body = decode(decoder, data)
                    # Other calls of the same person may have been charged while this body was read.
                    node.budgets.check(principal)
                elif self.raw:
                    body = await read(request, self.max_body_bytes)
            finally:
                # The budget of bytes is for what people type; a file costs as many operations as it has pieces.
                cost = 1 + len(body or b"") // _PIECE if self.raw else self.cost(body) if body is not None else 1
                node.budgets.charge(principal, cost, len(data))
            call = Call(
                node,
                principal,
                {name: normalize_id(value) for name, value in request.path_params.items()},
                query,
                body,
                request.client.host if request.client else "",
                request.headers.get("user-agent", "")[:512],
                request.headers.get(DEVICE_HEADER, ""),
                self.path,
                ANYTHING if self.method == "GET" else expected(request.headers, tagged=self.tagged),
                proofs_in(request, node.settings.url),
                request.headers.get("accept-language", ""),
            )
            if self.method == "POST" and IDEMPOTENCY_HEADER in request.headers:
                return await once(node, principal, request, data or body or b"", partial(self._answer, call, request))
            return await self._answer(call, request)

        path = self.path.replace("{user_id}", "{user_id:user}")
        return Route(path, respond, methods=[self.method], name=f"{self.method} {self.path}")

    async def _answer(self, call: Call, request: Request) -> Response:
        """Carries the call out. Raises `Refused`."""
        principal = call.principal
        try:
            # Writes give up earlier (`live.PATIENCE_S`); this limit is for reads.
            async with asyncio.timeout(self.patience_s):
                reply = await self.handle(call)
        except TimeoutError:
            raise Refused(self.in_words_for(principal, refuse(self.late))) from None
        except StorageUnavailable as error:
            raise Refused(self.in_words_for(principal, refuse(Code.STORAGE_UNAVAILABLE))) from error
        except Refused as error:
            if type(error) is not Refused:
                raise
            raise Refused(self.in_words_for(principal, error.refusal), error.after_ms) from error
        headers = {"cache-control": "no-store"}
        if self.deprecated is not None:
            headers |= self.deprecated.headers
        if isinstance(reply, Tagged):
            headers["etag"] = reply.tag
            if reply.location:
                headers["location"] = reply.location
            if self.method == "GET" and is_known(request.headers, reply.tag):
                return Response(status_code=304, headers=headers)
            reply = reply.reply
        if reply is None:
            return Response(status_code=self.status, headers=headers)
        if isinstance(reply, Download):
            headers["content-disposition"] = f'attachment; filename="{reply.name}"'
            headers["content-security-policy"] = "default-src 'none'; sandbox"
            return Response(reply.data, self.status, headers, media_type=self.media_type)
        if isinstance(reply, Compressed):
            content, more = reply.for_client(request.headers.get("accept-encoding", ""))
            headers |= more
        else:
            fields: str | None = None if self.lines is None else call.query.get("fields")
            if self.lines is not None and fields is not None:
                reply = self.lines.only(reply, fields)
            content = reply if isinstance(reply, bytes) else msgspec.json.encode(reply)
        return Response(content, self.status, headers, media_type=self.media_type)


def with_post_twins(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Adds a `POST` for each `PUT` that a candidate may call: some filters on the way to the server block `PUT`."""
    puts = (endpoint for endpoint in endpoints if endpoint.method == "PUT" and Role.CANDIDATE in endpoint.roles)
    return [*endpoints, *(msgspec.structs.replace(endpoint, method="POST") for endpoint in puts)]


def bearer(request: Request) -> str:
    """The token of the `Authorization` header; nowhere else is one looked for."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def read(request: Request, limit: int) -> bytes:
    """The body. Raises `Refused` where it has more bytes."""
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


def decode(decoder: msgspec.json.Decoder[Any], data: bytes) -> Any:
    """The decoded body; an absent body is read as `{}`."""
    try:
        return decoder.decode(data or b"{}")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise explain_json(error) from None
