"""The calls of a sign-in of staff (`server/access/oidc/`). All but the last take no token, so they are no `Endpoint`s:
whoever makes them waits for a turn as strangers do."""

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.sign_in import SignInBegun, SignInBody, SignInEnd, SignInOffer, SignInReply, SignOutReply
from protocol.rules.audit import TokenGiven
from server.access.principal import Principal
from server.api.endpoint import bearer, decode, read
from server.api.tokens import listed
from server.ids import new_id
from server.node import Node
from storage.revocations import Revocation

if TYPE_CHECKING:
    from server.access.oidc.sign_in import SignIn

_MAX_BYTES: Final = 16 * 1024
_NO_SIGN_IN: Final = "Nobody signs in here: open the link that you were given."
_body: Final = msgspec.json.Decoder(SignInBody)
_end: Final = msgspec.json.Decoder(SignInEnd)


async def _offer(request: Request) -> Response:
    node: Node = request.app.state.node
    return _reply(SignInOffer(offered=node.sign_in is not None))


async def _begin(request: Request) -> Response:
    sign_in = _of(request)
    body = decode(_body, await read(request, _MAX_BYTES))
    return _reply(SignInBegun(address=await sign_in.begin(body.verifier)))


async def _finish(request: Request) -> Response:
    sign_in = _of(request)
    body = decode(_end, await read(request, _MAX_BYTES))
    principal = await sign_in.finish(body.code, body.state, body.verifier, body.issuer)
    return _reply(await _signed_in(request.app.state.node, principal))


async def _signed_in(node: Node, principal: Principal) -> SignInReply:
    """Gives her a token of our own; the audit log says that she gave it to herself."""
    actor, scope = principal.actor, principal.scope
    token = node.tokens.mint(
        actor.role,
        actor.id,
        principal.org_id,
        lifetime_ms=node.settings.oidc_session_ms,
        name=principal.name,
        branches=scope.branches,
        tests=scope.tests,
        groups=scope.groups,
    )
    made = await node.tokens.verify(token)
    limits = (None if ids is None else tuple(ids) for ids in map(listed, (scope.branches, scope.tests, scope.groups)))
    entry = TokenGiven(made.token_id or "", actor.role, actor.id, made.expires_at_ms, None, *limits)
    await node.audit.add(principal.org_id, actor, entry, node.clock.now_ms())
    return SignInReply(token=token, expires_at_ms=made.expires_at_ms)


async def _out(request: Request) -> Response:
    sign_in = _of(request)
    node: Node = request.app.state.node
    principal = await node.tokens.verify(bearer(request))
    if not principal.is_staff or principal.by_key is not None or principal.token_id is None:
        raise Refused(refuse(Code.FORBIDDEN))
    revocation = Revocation(
        revocation_id=new_id(),
        org_id=principal.org_id,
        token_id=principal.token_id,
        user_id=None,
        revoked_at_ms=node.clock.now_ms(),
        revoked_by=principal.actor.id,
        reason="Signed out.",
    )
    await node.withdrawing.withdraw(revocation, principal.role)
    return _reply(SignOutReply(address=await sign_in.out()))


def _of(request: Request) -> "SignIn":
    node: Node = request.app.state.node
    if node.sign_in is None:
        raise Refused(refuse(Code.NOT_FOUND, _NO_SIGN_IN))
    return node.sign_in


def _reply(body: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(body), headers={"cache-control": "no-store"}, media_type="application/json")


def routes() -> list[BaseRoute]:
    """Between the monitor's page and this server."""
    return [
        Route("/sign-in", _offer, methods=["GET"]),
        Route("/sign-in", _begin, methods=["POST"]),
        Route("/sign-in/finish", _finish, methods=["POST"]),
        Route("/sign-out", _out, methods=["POST"]),
    ]
