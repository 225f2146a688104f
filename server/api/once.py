"""A POST that is carried out once, however often it arrives: by the key that its caller gives it.

`Idempotency-Key` as in draft-ietf-httpapi-idempotency-key-header: claimed before the call is carried out, kept with the
answer for `storage.keyed_calls.KEPT_MS`. A refusal changes nothing, so it leaves the key free. A key belongs to one
caller with one reach: a token that sees less never hears what one that sees more was answered.
"""

import asyncio
import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from protocol import limits
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.body import DEVICE_HEADER, IDEMPOTENCY_HEADER, REPLAYED_HEADER
from server.access.principal import Principal
from server.node import Node
from storage.errors import StorageUnavailable
from storage.keyed_calls import Kept, State

log = logging.getLogger(__name__)

_PATIENCE_S: Final = 12.0
"""As in `endpoint`: how long a claim may wait for the database."""
_ASK_AGAIN_MS: Final = 1_000
_KEY: Final = re.compile(rf"[\x21-\x7e]{{1,{limits.MAX_IDEMPOTENCY_KEY_CHARS}}}")
_NOBODY_KNOWS: Final = frozenset({Code.STORAGE_UNAVAILABLE, Code.INTERNAL})
"""Refusals after which the call may have been carried out all the same."""


async def once(
    node: Node, principal: Principal, request: Request, data: bytes, answer: Callable[[], Awaitable[Response]]
) -> Response:
    """What `answer` gives, or gave to the same call before. Raises `Refused`."""
    key = node.once_keys.of_caller(principal, request.headers.get(DEVICE_HEADER, ""), _key(request))
    asked = node.once_keys.of_request(request, data)
    node.budgets.charge(principal, limits.KEYED_COST, 0)
    org_id, calls = principal.org_id, node.keyed_calls
    try:
        async with asyncio.timeout(_PATIENCE_S):
            before = await calls.claim(org_id, key, asked, node.clock.now_ms())
    except TimeoutError:
        raise Refused(refuse(Code.STORAGE_UNAVAILABLE)) from None
    if before is not None:
        return _again(before, asked)
    try:
        response = await answer()
    except Refused as error:
        known = error.refusal.code not in _NOBODY_KNOWS
        await _noted(calls.release(org_id, key) if known else calls.leave_open(org_id, key))
        raise
    except Exception:
        await _noted(calls.leave_open(org_id, key))
        raise
    body = bytes(response.body)
    is_short = len(body) <= limits.MAX_KEPT_ANSWER_BYTES
    await _noted(calls.finish(org_id, key, response.status_code, body.decode() if is_short else None))
    return response


async def _noted(work: Awaitable[None]) -> None:
    """Whoever called is answered all the same: where this fails, a repetition hears that nobody knows."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await work
    except (StorageUnavailable, TimeoutError):
        log.warning("What became of a call with an idempotency key could not be noted")


def _again(before: Kept, asked: str) -> Response:
    """The answer to a call whose key was used before."""
    if not hmac.compare_digest(before.request, asked):
        raise Refused(refuse(Code.IDEMPOTENCY_KEY_REUSED))
    if before.state is State.RUNNING:
        raise Refused(refuse(Code.IDEMPOTENCY_KEY_IN_USE), _ASK_AGAIN_MS)
    if before.state is State.UNKNOWN or before.status is None:
        raise Refused(refuse(Code.OUTCOME_UNKNOWN))
    if before.answer is None:
        raise Refused(refuse(Code.ANSWER_GONE))
    headers = {"cache-control": "no-store", REPLAYED_HEADER.lower(): "true"}
    return Response(before.answer.encode(), before.status, headers, media_type="application/json")


def _key(request: Request) -> str:
    """The key, in quotes as the draft writes it or without them."""
    given = request.headers.getlist(IDEMPOTENCY_HEADER)
    text = given[0].strip() if len(given) == 1 else ""
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if not _KEY.fullmatch(text) or '"' in text:
        raise Refused(refuse(Code.INVALID_IDEMPOTENCY_KEY))
    return text
