"""Making an attempt: whether the test is open, and whether the candidate may have one more."""

from protocol.attempt.commands import Create, Steer
from protocol.attempt.model import OPEN, Accommodation, Actor, Identity
from protocol.codes import Code
from protocol.content import select_questions
from protocol.errors import Refusal, Refused, refuse
from protocol.messages import AccommodateAttempt
from protocol.rest import NewAttempt
from server.attempts.live import LiveAttempt
from server.attempts.registry import OVERTAKEN
from server.ids import new_id, new_key, new_seed
from server.node import Node
from server.orders import carry_out
from storage.journal import Newcomer
from storage.tests import StoredTest

_SAID = (Code.OVERLOADED, Code.UPGRADE_UNDER_WAY)
"""Reasons that the caller is told as they are."""
_TRIES = 5
"""Tries. One fails when another call takes the same attempt number."""


async def admit(
    node: Node, by: Actor, org_id: str, branch_id: str | None, user_id: str, name: str, wanted: NewAttempt
) -> tuple[LiveAttempt, bool]:
    """The candidate's open attempt, or a new one (true). Raises `Refused`."""
    for _ in range(_TRIES):
        test = await node.tests.get(org_id, wanted.test_id)
        if test is None:
            raise Refused(refuse(Code.NOT_FOUND))
        earlier = await node.attempts.of_user(org_id, wanted.test_id, user_id)
        for attempt_id, _, status in reversed(earlier):
            live = await node.registry.get(attempt_id) if status in OPEN else None
            if live is not None and live.committed.status in OPEN:
                await _accommodate(node, by, live, wanted.extra_time_ms)
                return live, False
        made = await _make(node, by, test, branch_id, user_id, name, wanted, len(earlier))
        if isinstance(made, LiveAttempt):
            return made, True
        if made != OVERTAKEN:
            raise Refused(refuse(Code(made) if made in _SAID else Code.STORAGE_UNAVAILABLE))
    raise Refused(refuse(Code.OVERLOADED))


async def _accommodate(node: Node, by: Actor, live: LiveAttempt, extra_time_ms: int | None) -> None:
    """The candidate's open attempt is asked for again, with another extra time. Raises `Refused`."""
    attempt = await live.newest()
    if extra_time_ms in (None, attempt.accommodation.extra_time_ms):
        return
    order = AccommodateAttempt(new_id(), live.attempt_id, extra_time_ms or 0, "")
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
    earlier: int,
) -> LiveAttempt | str:
    node.check_room()
    rules = test.content.rules
    if rules.max_attempts is not None and earlier >= rules.max_attempts:
        raise Refused(refuse(Code.ATTEMPT_LIMIT))
    if rules.closes_at_ms is not None and node.clock.now_ms() >= rules.closes_at_ms:
        raise Refused(refuse(Code.WINDOW_CLOSED))
    select_questions(test.content, wanted.form_id)
    identity = Identity(
        attempt_id=new_id(),
        org_id=test.org_id,
        branch_id=branch_id,
        test_id=test.test_id,
        form_id=wanted.form_id,
        user_id=user_id,
        attempt_number=earlier + 1,
    )
    command = Create(by, identity, new_seed(), Accommodation(wanted.extra_time_ms or 0), new_key())
    return await node.registry.make(command, Newcomer(name))
