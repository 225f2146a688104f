"""The leaderboard of a test: who stands on it, and with which rank."""

from typing import Annotated, Final

from msgspec import Meta

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.content import Rules
from protocol.errors import Refused, refuse
from protocol.names import tidy_name
from protocol.rest.leaderboard import LeaderboardReply, Ranked, StandBody, StandReply
from protocol.rules.audit import LeaderboardChanged, ResultsRead
from protocol.rules.ranking import Contender
from protocol.rules.rights import Act
from server.access.principal import Principal
from server.api.admission import may_ask
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_kept, find_test, whole_test
from server.api.query import Query
from server.api.results import shown_from_ms
from storage.leaderboard import Stand

_USUAL: Final = 100
_NONE: Final = "This test has no leaderboard."
_ONLY_OFF: Final = "Candidates alone choose to stand on a leaderboard."
_SHOWS_NOTHING: Final = "The pseudonym shows nothing."


async def get_leaderboard(call: Call) -> LeaderboardReply:
    principal, test_id = call.principal, call.path["test_id"]
    org_id, is_candidate = principal.org_id, principal.role is Role.CANDIDATE
    if is_candidate:
        await _has_sat(call, test_id)
    else:
        whole_test(call, (await find_test(call, test_id)).test_id)
    rules = await call.node.tests.rules(org_id, test_id)
    await _is_shown(call, test_id, rules)
    assert rules is not None, "it has a leaderboard"
    board = await call.node.boards.of_test(org_id, test_id, rules)
    lines = [_line(principal, rank, one) for rank, one in board]
    own = await call.node.leaderboards.of_candidate(org_id, test_id, principal.actor.id) if is_candidate else None
    await call.was_read(ResultsRead(test_id))
    return LeaderboardReply(
        test_id=test_id,
        by=rules.leaderboard,
        total=len(lines),
        lines=lines[: call.query.get("limit", _USUAL)],
        own=_stand(own) if is_candidate else None,
        place=next((one for one in lines if one.yours), None),
    )


async def put_stand(call: Call) -> StandReply:
    identity, principal, body = await find_kept(call, for_result=True), call.principal, call.body
    org_id, test_id, user_id = identity.org_id, identity.test_id, identity.user_id
    note = None
    if principal.is_staff:
        if body.stands and not principal.may(Act.SIT):
            raise Refused(refuse(Code.FORBIDDEN, _ONLY_OFF))
        note = call.note(LeaderboardChanged(test_id, user_id, body.stands))
    if not body.stands:
        # Whatever the test says by now: nobody is held there.
        await call.node.leaderboards.remove(org_id, test_id, user_id, note)
        call.node.boards.changed(org_id, test_id)
        return _stand(None)
    await _is_shown(call, test_id, await call.node.tests.rules(org_id, test_id))
    pseudonym = None if body.pseudonym is None else tidy_name(body.pseudonym)
    if body.pseudonym is not None and pseudonym is None:
        raise Refused(refuse(Code.OUT_OF_RANGE, _SHOWS_NOTHING))
    now_ms = call.node.clock.now_ms()
    stand = await call.node.leaderboards.put(org_id, test_id, user_id, pseudonym, now_ms, note)
    call.node.boards.changed(org_id, test_id)
    return _stand(stand)


async def _has_sat(call: Call, test_id: str) -> None:
    """Raises `Refused(not_found)` for a candidate who has no attempt at it."""
    principal = call.principal
    hers, _ = await call.node.results.of_candidate(principal.org_id, test_id, principal.actor.id)
    if not hers or not await may_ask(call, test_id):
        raise Refused(refuse(Code.NOT_FOUND))


async def _is_shown(call: Call, test_id: str, rules: Rules | None) -> None:
    """Raises `Refused` where the test has none, or its results are held back."""
    if rules is None or rules.leaderboard == "off":
        raise Refused(refuse(Code.NOT_FOUND, _NONE))
    await shown_from_ms(call.node, call.principal.org_id, test_id, rules)


def _line(principal: Principal, rank: int, one: Contender) -> Ranked:
    """As this caller may see it. A link to one result says nothing of other attempts."""
    is_candidate = principal.role is Role.CANDIDATE
    hers = is_candidate and one.user_id == principal.actor.id
    return Ranked(
        rank=rank,
        number=one.number,
        pseudonym=one.name,
        score_mpt=one.score_mpt,
        max_mpt=one.max_mpt,
        time_ms=one.time_ms,
        yours=hers and not (principal.only_result and one.attempt_id != principal.attempt_id),
        user_id=None if is_candidate else one.user_id,
        attempt_id=None if is_candidate else one.attempt_id,
    )


def _stand(stand: Stand | None) -> StandReply:
    if stand is None:
        return StandReply(stands=False, pseudonym=None, number=None)
    return StandReply(stands=True, pseudonym=stand.pseudonym, number=stand.number)


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/leaderboard",
        summary="Ranks of those who chose to stand on the leaderboard, for staff and for who has sat the test.",
        handle=get_leaderboard,
        reply=LeaderboardReply,
        act=Act.READ_RESULTS,
        own=True,
        query=(Query("limit", Annotated[int, Meta(ge=1, le=limits.MAX_LEADERBOARD_LINES)]),),
        refusals=(Code.NOT_FOUND, Code.NOT_RELEASED),
        shows_result=True,
    ),
    Endpoint(
        method="PUT",
        path="/test-attempts/{attempt_id}/leaderboard",
        summary="Stand on the leaderboard of the test, under a pseudonym or a number, or no longer.",
        handle=put_stand,
        body=StandBody,
        reply=StandReply,
        act=Act.RELEASE,
        own=True,
        refusals=(Code.NOT_FOUND, Code.NOT_RELEASED, Code.TAKEN, Code.OUT_OF_RANGE),
        shows_result=True,
    ),
]
