"""Making an attempt, and what stands between a candidate and her start."""

from collections.abc import Awaitable, Callable, Sequence

from protocol.attempt import view
from protocol.attempt.commands import Create, Steer
from protocol.attempt.model import OPEN, SITTING, Actor, Identity, Role
from protocol.attempt.sheet import terms_of
from protocol.codes import Code
from protocol.content import select_questions
from protocol.errors import Refusal, Refused, refuse
from protocol.messages.staff import AccommodateAttempt
from protocol.messages.state import Hindrance
from protocol.rest.admission import AdmissionReply
from protocol.rest.attempts import NewAttempt
from protocol.rules.admission import Candidacy, Earlier, Presented, admission_under, may_begin, may_make, would_end_ms
from protocol.rules.overrides import with_extra_attempts
from server.attempts.live import LiveAttempt
from server.attempts.registry import OVERTAKEN
from server.ids import new_id, new_key, new_seed
from server.node import Node
from server.orders import carry_out
from storage.log.journal import Newcomer
from storage.overrides import Candidate, Who, with_extra_time
from storage.people import USER
from storage.tests import StoredTest

_SAID = (Code.OVERLOADED, Code.UPGRADE_UNDER_WAY)
"""Reasons that the caller is told as they are."""
_TRIES = 5
"""Tries. One fails when another call takes the same attempt number, or ends the open attempt."""


async def admit(
    node: Node,
    by: Actor,
    org_id: str,
    branch_id: str | None,
    user_id: str,
    name: str,
    wanted: NewAttempt,
    may_see: Callable[[Identity], Awaitable[bool]] | None = None,
) -> tuple[LiveAttempt, bool]:
    """The candidate's open attempt, or a new one (true). `may_see`: whether the caller may have that open one (None:
    she may). Raises `Refused`."""
    for _ in range(_TRIES):
        test = await node.papers.newest(org_id, wanted.test_id)
        if test is None:
            raise Refused(refuse(Code.NOT_FOUND))
        earlier = await node.attempts.of_user(org_id, wanted.test_id, user_id)
        live = await _open_one(node, earlier)
        if live is not None:
            if may_see is not None and not await may_see(live.committed.identity):
                raise Refused(refuse(Code.NOT_FOUND))
            await _accommodate(node, by, live, wanted.extra_time_ms)
            return live, False
        if any(one.status in OPEN for one in earlier):
            # It has ended since the rows were read: look again.
            continue
        made = await _make(node, by, test, branch_id, user_id, name, wanted, earlier)
        if isinstance(made, LiveAttempt):
            return made, True
        if made != OVERTAKEN:
            raise Refused(refuse(Code(made) if made in _SAID else Code.STORAGE_UNAVAILABLE))
    raise Refused(refuse(Code.OVERLOADED))


async def admission_of(node: Node, test: StoredTest, user_id: str, presented: Presented | None) -> AdmissionReply:
    """What stands between this candidate and her start; `presented` as in `may_start`. Raises `StorageUnavailable`."""
    earlier = await node.attempts.of_user(test.org_id, test.test_id, user_id)
    live = await _open_one(node, earlier)
    rules = test.content.rules
    granted = await node.grants.of(test.org_id, test.test_id, user_id)
    if live is None:
        terms = terms_of(rules, granted)
    else:
        await live.follow_test()
        terms = live.terms
    now_ms = node.clock.now_ms()
    attempt = None if live is None else live.committed
    if live is None:
        hers = await node.papers.enrolment(test, user_id)
        own_code = None if hers is None else hers.access_code_digest
        off = await node.papers.is_off(test.org_id, user_id)
        admission = admission_under(rules, enrolled=hers is not None, own_code=own_code, off=off)
    else:
        admission = live.sheet.admission
    candidacy = Candidacy(with_extra_attempts(rules, granted), tuple(earlier), granted)
    reasons = may_begin(candidacy, attempt, admission, terms, presented, now_ms)
    ends_ms = would_end_ms(terms, reasons, now_ms)
    if attempt is not None and attempt.status in SITTING:
        ends_ms = attempt.deadline_ms
    return AdmissionReply(
        test_id=test.test_id,
        user_id=user_id,
        attempt_id=None if live is None else live.attempt_id,
        may_start=not reasons,
        hindrances=[Hindrance(one.code, one.detail, one.from_ms) for one in reasons],
        opens_at_ms=terms.window_opens_at_ms,
        closes_at_ms=terms.window_closes_at_ms,
        duration_ms=view.duration_ms(terms),
        ends_at_ms=ends_ms,
        forms=list(test.content.forms) if live is None and test.content.rules.form_choice == "candidate" else [],
        now_ms=now_ms,
    )


async def _open_one(node: Node, earlier: Sequence[Earlier]) -> LiveAttempt | None:
    """The candidate's open attempt; None where there is none."""
    for one in reversed(earlier):
        live = await node.registry.get(one.attempt_id) if one.status in OPEN else None
        if live is not None and live.committed.status in OPEN:
            return live
    return None


async def _accommodate(node: Node, by: Actor, live: LiveAttempt, extra_time_ms: int | None) -> None:
    """The candidate's open attempt is asked for again, with another extra time. Raises `Refused`."""
    if extra_time_ms is None:
        return
    identity = (await live.newest()).identity
    own = await node.overrides.get(identity.org_id, Who(USER, identity.user_id), identity.test_id)
    if own is not None and own.override == with_extra_time(own.override, extra_time_ms):
        return
    order = AccommodateAttempt(new_id(), live.attempt_id, extra_time_ms, "", may_shorten=False)
    outcome = await carry_out(node, live, Steer(by, order))
    if isinstance(outcome, Refusal):
        raise Refused(outcome)


async def _make(
    node: Node,
    by: Actor,
    test: StoredTest,
    branch_id: str | None,
    user_id: str,
    name: str,
    wanted: NewAttempt,
    earlier: Sequence[Earlier],
) -> LiveAttempt | str:
    node.check_room()
    candidate = Candidate(test.test_id, user_id)
    extra_time_ms = None if by.role is Role.CANDIDATE else wanted.extra_time_ms
    granted = await node.overrides.accommodation_with(test.org_id, candidate, extra_time_ms)
    rules, now_ms = with_extra_attempts(test.content.rules, granted), node.clock.now_ms()
    hers = await node.papers.enrolment(test, user_id)
    off = await node.papers.is_off(test.org_id, user_id)
    reasons = may_make(rules, terms_of(rules, granted), earlier, now_ms, enrolled=hers is not None, off=off)
    if reasons:
        raise Refused(reasons[0].refusal)
    if by.role is Role.CANDIDATE and wanted.form_id is not None and rules.form_choice == "staff":
        raise Refused(refuse(Code.FORM_CHOICE))
    own_form_id = None if hers is None else hers.form_id
    form_id = own_form_id if wanted.form_id is None else wanted.form_id
    select_questions(test.content, form_id)
    identity = Identity(
        attempt_id=new_id(),
        org_id=test.org_id,
        branch_id=branch_id,
        test_id=test.test_id,
        form_id=form_id,
        user_id=user_id,
        attempt_number=max((one.number for one in earlier), default=0) + 1,
    )
    if extra_time_ms is not None:
        revision = await node.overrides.set_extra_time(test.org_id, candidate, extra_time_ms, now_ms, by, "")
        if revision is not None:
            # The attempt that is made now has it, and she has no other one that is open.
            node.granting.changed(test.org_id, revision, (), test.test_id)
    command = Create(by, identity, new_seed(), granted, new_key())
    return await node.registry.make(command, Newcomer(name), tuple(earlier))
