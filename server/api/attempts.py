"""Endpoints that make, start, show and resume attempts."""

import asyncio

from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.commands import Begin, Steer
from protocol.attempt.decisions.rules import ended
from protocol.attempt.model import ENDED, SITTING, Role, Status
from protocol.attempt.places import readable_sections
from protocol.attempt.sheet import terms_in_force
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.ids import normalize_id
from protocol.messages.staff import ResumeAttempt
from protocol.names import tidy_name
from protocol.paper import Paper
from protocol.rest.attempts import AttemptMade, NewAttempt, StateReply
from protocol.rest.connection import HeartbeatBody, HeartbeatReply, ResumeBody, ResumeReply
from protocol.rest.operations import StartBody
from protocol.rest.results import AnswersReply
from protocol.rules.admission import browser_fits
from protocol.rules.audit import AnswersRead
from protocol.rules.rights import Act
from server.access.blind import is_blind, only_marks, shown_id, without_instants
from server.access.finding import groups_for, may_see
from server.admission import admit
from server.api.endpoint import CONNECTION, HAS_ENDED, Call, Endpoint
from server.api.lookup import connection_of, done, find_attempt, heard_over_rest, named_id, whose
from server.attempts.live import LiveAttempt
from server.ids import new_id
from server.orders import carry_out
from server.prepared import Compressed
from server.presence.arrivals import Arrival, arrive, where_the_log_ends

_TOKEN_LIFETIME_MS = 30 * 24 * 3600 * 1000
"""Life of the token for one attempt that a service is given: longer than any exam."""


_OUTSIDE = "This token is limited to some branches or groups, and the attempt would be in none of them."


async def make_attempt(call: Call) -> AttemptMade:
    wanted = _with_ids_in_one_form(call.body)
    principal = call.principal
    if not principal.may_see_test(wanted.test_id):
        raise Refused(refuse(Code.NOT_FOUND))
    if principal.role is Role.CANDIDATE:
        if wanted.user_id not in (None, principal.actor.id) or wanted.extra_time_ms:
            raise Refused(refuse(Code.FORBIDDEN))
        user_id, name = principal.actor.id, principal.name or principal.actor.id
        branch_id = await _branch_of(call, user_id)
    else:
        if wanted.user_id is None:
            raise Refused(refuse(Code.MISSING_FIELD, "The field user_id is missing."))
        user_id = named_id("user_id", wanted.user_id)
        name = tidy_name(wanted.display_name or "") or user_id
        branch_id = await _branch_of(call, user_id)
        groups = await groups_for(call.node, principal, user_id)
        if not principal.scope.has(wanted.test_id, branch_id, groups):
            raise Refused(refuse(Code.FORBIDDEN, _OUTSIDE))
    live, created = await admit(
        call.node,
        principal.actor,
        principal.org_id,
        branch_id,
        user_id,
        name,
        wanted,
        may_see=lambda identity: may_see(call.node, principal, identity),
    )
    identity = live.committed.identity
    token = None
    if principal.role is Role.SERVICE:
        token = call.node.tokens.mint(
            Role.CANDIDATE,
            user_id,
            principal.org_id,
            lifetime_ms=_TOKEN_LIFETIME_MS,
            branches=None if identity.branch_id is None else [identity.branch_id],
            name=name,
            attempt_id=identity.attempt_id,
        )
    made = AttemptMade(
        attempt_id=identity.attempt_id,
        test_id=identity.test_id,
        attempt_number=identity.attempt_number,
        created=created,
        token=token,
        state=view.state(live.committed),
    )
    waits = live.committed.status is Status.INITIATED and not live.terms.link_opens_once
    if principal.role is not Role.CANDIDATE or not waits:
        return made
    if not created:
        await live.follow_test()
    now_ms = call.node.clock.now_ms()
    return replace(
        made,
        offer=view.offer(live.committed, live.sheet, call.ip_address, now_ms, call.proofs),
        candidate_name=live.display_name,
        now_ms=now_ms,
    )


async def _branch_of(call: Call, user_id: str) -> str | None:
    """The branch of somebody's new attempts: hers, and where nobody has said which, the token's."""
    own = await call.node.people.branch_of(call.principal.org_id, user_id)
    return call.principal.branch_id if own is None else own


def _with_ids_in_one_form(wanted: NewAttempt) -> NewAttempt:
    named = {"test_id": wanted.test_id, "user_id": wanted.user_id, "form_id": wanted.form_id}
    return replace(wanted, **{field: normalize_id(found) for field, found in named.items() if found is not None})


async def start(call: Call) -> StateReply:
    live = await find_attempt(call)
    connection_id = connection_of(call)
    if live.committed.status is Status.INITIATED and not live.presence.sessions:
        call.node.check_room()
    body: StartBody = call.body
    begin = Begin(
        call.principal.actor, body.client_at_ms, connection_id, call.ip_address, body.access_code, call.proofs
    )
    outcome = await live.run(begin)
    if isinstance(outcome, Refusal):
        call.node.budgets.charge_guess(call.principal, outcome)
        raise Refused(outcome)
    return _state(call, live)


async def status(call: Call) -> StateReply:
    live = await find_attempt(call)
    await live.newest()
    return _state(call, live)


async def heartbeat(call: Call) -> HeartbeatReply:
    received_at_ms = call.node.clock.now_ms()
    live = await find_attempt(call)
    connection_id = connection_of(call)
    if connection_id is not None:
        await call.node.losses.end_if_lost(live, connection_id)
        attempt = await live.newest()
        if connection_id != attempt.connection_id and attempt.status not in ENDED:
            raise Refused(refuse(Code.SUPERSEDED))
        heard_over_rest(call, live, connection_id)
    waits = live.committed.status is Status.INITIATED
    if waits:
        await live.follow_test()
    now_ms = call.node.clock.now_ms()
    return HeartbeatReply(
        t0_ms=call.body.t0_ms,
        t1_ms=received_at_ms,
        t2_ms=now_ms,
        state=view.state(live.committed),
        unseen=view.unseen(live.committed),
        offer=view.offer(live.committed, live.sheet, call.ip_address, now_ms, call.proofs) if waits else None,
    )


async def paper(call: Call) -> Compressed:
    """Kept ready as JSON: ten thousand candidates ask for it at the same instant. A candidate sees it only while her
    attempt runs: after it others may still sit the same questions."""
    live = await find_attempt(call)
    if call.principal.role is Role.CANDIDATE:
        # Another node may have started or reopened the attempt, so look at the log before refusing.
        attempt = live.committed if live.committed.status in SITTING else await live.newest()
        if attempt.status is Status.INITIATED:
            raise Refused(refuse(Code.NOT_STARTED))
        if refusal := ended(attempt):
            raise Refused(refusal)
        if not browser_fits(live.sheet.admission.rules, call.proofs):
            raise Refused(refuse(Code.SAFE_EXAM_BROWSER))
    sheet = live.sheet
    if sheet.layout is None:
        raise Refused(refuse(Code.UNKNOWN_FORM))
    form = await call.node.papers.of(live.committed.identity, sheet.test_version)
    by_section = call.principal.role is Role.CANDIDATE and sheet.layout.by_section
    # Another node may have opened the section, and said so, before this one has heard of it.
    attempt = await live.newest() if by_section else live.committed
    readable = readable_sections(attempt, sheet.layout) if by_section else None
    return form.paper_json(sheet.layout, terms_in_force(attempt, sheet), readable)


async def answers(call: Call) -> AnswersReply:
    live = await find_attempt(call)
    attempt = await live.newest()
    await call.was_read(AnswersRead(*whose(live), "answers"))
    saved, principal = view.answers(attempt), call.principal
    if only_marks(principal):
        rules = await call.node.tests.rules(principal.org_id, attempt.identity.test_id)
        if rules is not None and is_blind(principal, rules):
            shown = shown_id(principal, rules, attempt)
            return AnswersReply(attempt_id=shown, seq=0, answers=without_instants(saved))
    return AnswersReply(attempt_id=live.attempt_id, seq=attempt.seq, answers=saved)


async def resume(call: Call) -> ResumeReply:
    """A candidate's client comes back; staff let the clock run again."""
    live = await find_attempt(call, comes=True)
    body: ResumeBody = call.body
    connection_id = None
    restored = False
    if call.principal.is_staff:
        order = ResumeAttempt(body.command_id or new_id(), live.attempt_id, body.reason, body.seen_seq)
        done(await carry_out(call.node, live, Steer(call.principal.actor, order)))
    else:
        await asyncio.sleep(call.node.budgets.connect(call.principal, 0) / 1000)
        if body.device is None or body.connect_n is None:
            raise Refused(refuse(Code.MISSING_FIELD, "The fields device and connect_n are missing."))
        if live.committed.status not in SITTING:
            call.node.check_room()
        await live.follow_test()
        arrival = Arrival(
            body.client,
            body.device,
            body.connect_n,
            body.takeover,
            body.seen_seq,
            body.seen_head,
            call.ip_address,
            call.user_agent,
            call.proofs,
        )
        connection_id = new_id()
        with live.arriving():
            arrived = await arrive(call.node, live, call.principal, arrival, connection_id, None)
        restored = arrived.restored
        if arrived.recorded:
            call.node.contacts.heard(live.attempt_id, connection_id, call.node.clock.now_ms())
        call.node.seats.heard_of(live, call.node.clock.now_ms())
    return where_the_log_ends(call.node, live, connection_id, call.ip_address, call.proofs, restored=restored)


def _state(call: Call, live: LiveAttempt) -> StateReply:
    return StateReply(attempt_id=live.attempt_id, now_ms=call.node.clock.now_ms(), state=view.state(live.committed))


_ATTEMPT = "/test-attempts/{attempt_id}"

ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/test-attempts",
        summary="Make an attempt, or get the candidate's open one back.",
        handle=make_attempt,
        body=NewAttempt,
        reply=AttemptMade,
        act=Act.SIT,
        status=201,
        refusals=(
            Code.MISSING_FIELD,
            Code.INVALID_ID,
            Code.NOT_FOUND,
            Code.FORM_CHOICE,
            Code.NOT_ACTIVE,
            Code.NOT_ENROLLED,
            Code.ACCOUNT_OFF,
            Code.ATTEMPT_LIMIT,
            Code.ATTEMPT_DELAY,
            Code.WINDOW_CLOSED,
            Code.UNKNOWN_FORM,
            Code.DRAINING,
        ),
    ),
    Endpoint(
        method="POST",
        path=_ATTEMPT + "/start",
        summary="Start the clock. Starting a started attempt again changes nothing.",
        handle=start,
        body=StartBody,
        reply=StateReply,
        act=Act.SIT,
        refusals=(
            Code.NOT_FOUND,
            *CONNECTION,
            Code.NOT_ACTIVE,
            Code.NOT_ENROLLED,
            Code.ACCOUNT_OFF,
            Code.NOT_OPEN_YET,
            Code.WINDOW_CLOSED,
            Code.WAITING,
            Code.WRONG_ADDRESS,
            Code.SAFE_EXAM_BROWSER,
            Code.CODE_REQUIRED,
            Code.WRONG_CODE,
            *HAS_ENDED,
            Code.DRAINING,
        ),
    ),
    Endpoint(
        method="GET",
        path=_ATTEMPT + "/status",
        summary="The attempt's state and the server's clock.",
        handle=status,
        reply=StateReply,
        act=Act.WATCH,
        own=True,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="PUT",
        path=_ATTEMPT + "/heartbeat",
        summary="A sign of life; brings the state, the clock, and messages not yet dismissed.",
        handle=heartbeat,
        body=HeartbeatBody,
        reply=HeartbeatReply,
        act=Act.SIT,
        refusals=(Code.NOT_FOUND, *CONNECTION),
    ),
    Endpoint(
        method="GET",
        path=_ATTEMPT + "/paper",
        summary="The questions, without keys; for the candidate from the start to the end of the attempt.",
        handle=paper,
        reply=Paper,
        act=Act.READ_ANSWERS,
        own=True,
        refusals=(Code.NOT_FOUND, Code.NOT_STARTED, Code.UNKNOWN_FORM, Code.SAFE_EXAM_BROWSER, *HAS_ENDED),
    ),
    Endpoint(
        method="GET",
        path=_ATTEMPT + "/answers",
        summary="Every answer that the log holds, the last one of each question.",
        handle=answers,
        reply=AnswersReply,
        act=Act.READ_ANSWERS,
        own=True,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="POST",
        path=_ATTEMPT + "/resume",
        summary="A candidate comes back and gets all she needs to go on; staff let a paused clock run again.",
        handle=resume,
        body=ResumeBody,
        reply=ResumeReply,
        act=Act.RESUME,
        own=True,
        refusals=(
            Code.NOT_FOUND,
            Code.NOT_PAUSED,
            Code.COMMAND_REUSED,
            Code.ACTED_MEANWHILE,
            *CONNECTION,
            Code.CONNECTION_EXISTS,
            Code.DRAINING,
        ),
    ),
]
