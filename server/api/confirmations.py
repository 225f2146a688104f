"""Signed confirmations: a candidate gets one of her attempt, and anybody whom she shows it to can check it. The check
and the keys take no token, so they are no `Endpoint`s: whoever asks waits for a turn as strangers do."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from protocol.attempt.model import Identity, Status
from protocol.codes import Code
from protocol.content import Rules
from protocol.errors import Refused
from protocol.rest.confirmations import CheckBody, CheckReply, Confirmation, Confirmed
from protocol.rest.results import Result
from protocol.rules.audit import ResultsRead
from protocol.rules.confirming import Sat, confirmed, standing_of
from protocol.rules.grading import grade_of
from protocol.rules.release import no_result
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint, decode, read
from server.api.lookup import as_named, find_attempt, find_kept
from server.api.results import shown_from_ms, shown_to_candidate
from server.node import Node

CHECK: Final = "/confirmations/check"
KEYS: Final = "/.well-known/pencilsdown-keys.json"
_MAX_BYTES: Final = 64 * 1024
_HIDDEN: Final = frozenset({Code.NOT_READY, Code.NOT_RELEASED, Code.RESULT_HIDDEN})
"""Why a candidate may not see her result; she sat the test all the same."""
_body: Final = msgspec.json.Decoder(CheckBody)


async def confirm(call: Call) -> Confirmation:
    try:
        sat = await _by_log(call)
    except Refused as error:
        if error.refusal.code is not Code.ARCHIVED:
            raise
        sat = await _by_what_is_kept(call)
    node = call.node
    url = node.settings.url
    says = confirmed(sat, await _shown(call), url, node.clock.now_ms())
    await call.was_read(ResultsRead(*as_named(sat.identity)))
    return Confirmation(signed=node.confirming.sign(says), confirmed=says, keys=url + KEYS, check=url + CHECK)


async def _by_log(call: Call) -> Sat:
    live = await find_attempt(call, for_result=True)
    attempt = await live.newest()
    started_ms, ended_ms = attempt.started_at_ms, attempt.ended_at_ms
    return _sat(
        attempt.status, attempt.identity, attempt.reference, live.sheet.title, live.display_name, started_ms, ended_ms
    )


async def _by_what_is_kept(call: Call) -> Sat:
    """Where the log is in an archive. The reference is that of the result, without which no completed attempt goes
    there."""
    identity = await find_kept(call, for_result=True)
    node, attempt_id = call.node, identity.attempt_id
    row, stored = await node.attempts.row(attempt_id), await node.results.for_org(identity.org_id).get(attempt_id)
    assert row is not None, "an attempt that was found has a row"
    title, reference = "", None
    if stored is not None:
        reference = stored.reference
        title = (await node.papers.of(identity, stored.test_version)).test.content.title
    return _sat(Status(row.status), identity, reference, title, row.name, row.started_at_ms, row.ended_at_ms)


def _sat(
    status: Status,
    identity: Identity,
    reference: str | None,
    title: str,
    name: str,
    started_ms: int | None,
    ended_ms: int | None,
) -> Sat:
    refusal = no_result(status, reference)
    if refusal is not None:
        raise Refused(refusal)
    assert reference is not None and ended_ms is not None, "what has ended has both"  # noqa: PT018
    return Sat(identity, reference, title, name, started_ms, ended_ms)


async def _shown(call: Call) -> Result | None:
    """What the candidate may see of her result, whoever asks: the confirmation is for others."""
    try:
        return await shown_to_candidate(call)
    except Refused as error:
        if error.refusal.code not in _HIDDEN:
            raise
        return None


async def _check(request: Request) -> Response:
    node: Node = request.app.state.node
    says = node.confirming.read(decode(_body, await read(request, _MAX_BYTES)).signed)
    if says is None:
        return _reply(CheckReply(genuine=False))
    status = await _status(node, says)
    stored = None if status is None else await node.results.for_org(says.org_id).get(says.attempt_id)
    rules = await node.tests.rules(says.org_id, says.test_id)
    assert rules is not None, "a test that was sat is not there"
    grade = None if stored is None else grade_of(rules.grades, stored.score_mpt, stored.max_mpt)
    standing = standing_of(says, status, stored, grade, is_shown=await _is_shown(node, says, rules))
    # Of somebody who was erased nothing is said any more.
    return _reply(CheckReply(genuine=True, standing=standing, confirmed=None if status is None else says))


async def _is_shown(node: Node, says: Confirmed, rules: Rules) -> bool:
    """Whether candidates may see results of the test now."""
    if rules.shows == "reference":
        return False
    try:
        await shown_from_ms(node, says.org_id, says.test_id, rules)
    except Refused:
        return False
    return True


async def _status(node: Node, says: Confirmed) -> Status | None:
    """Of the attempt now, by its log; None: what was personal in it was erased."""
    live = await node.registry.get(says.attempt_id)
    if live is not None:
        try:
            return (await live.newest()).status
        except Refused as error:
            # Another node has erased or archived it just now: its row says which.
            if error.refusal.code not in (Code.ERASED, Code.ARCHIVED):
                raise
    attempts = node.attempts.for_org(says.org_id)
    card = await attempts.identity(says.attempt_id)
    row = None if card is None or card.erased_at_ms is not None else await attempts.row(says.attempt_id)
    return None if row is None else Status(row.status)


async def _keys(request: Request) -> Response:
    node: Node = request.app.state.node
    return _reply({"keys": [node.confirming.public_key]})


def _reply(body: msgspec.Struct | dict[str, list[dict[str, str]]]) -> Response:
    return Response(msgspec.json.encode(body), headers={"cache-control": "no-store"}, media_type="application/json")


def routes() -> list[BaseRoute]:
    """For whoever is shown a confirmation."""
    return [Route(CHECK, _check, methods=["POST"]), Route(KEYS, _keys, methods=["GET"])]


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/test-attempts/{attempt_id}/confirmation",
        summary="A signed confirmation that the candidate sat the test, and of what came of it, as far as she may see.",
        handle=confirm,
        reply=Confirmation,
        act=Act.READ_RESULTS,
        own=True,
        shows_result=True,
        refusals=(
            Code.NOT_FOUND,
            Code.NOT_ENDED,
            Code.CANCELLED,
            Code.ABSENT,
            Code.ABANDONED,
        ),
    ),
]
