"""A recorded exam day, written into a server's database with the instants of the day itself: hours that nobody waits
for. Each candidate goes to one item after the other, and answers it when she leaves it."""

from collections.abc import Iterator, Sequence
from typing import Final

from loadtest.exam import extra_time_ms, make_test
from loadtest.trace import Candidate, Trace
from protocol.attempt.commands import AnyCommand, Begin, Create, HandIn, Operate
from protocol.attempt.decide import create, decide
from protocol.attempt.evolve import evolve
from protocol.attempt.model import Accommodation, Actor, Identity, Role
from protocol.attempt.sheet import Sheet
from protocol.messages.operations import Answer, Progress
from server.ids import new_id, new_key, new_seed
from server.node import Node
from storage.log.batch import Append, Newcomer, Outcome, make_rows
from storage.log.journal import writer_for
from storage.snapshots import Snapshots
from tests.server.harness.exam import ORG, TEST

_SERVICE: Final = Actor(Role.SERVICE, "platform")
_AT_ONCE: Final = 20
START_MS: Final = 1_700_000_000_000
"""When everybody began."""


def leaving_ms(candidate: Candidate) -> list[int]:
    """When she left each of her items, from her start on."""
    passed, instants = 0.0, []
    for response in candidate.responses:
        passed += response.seconds
        instants.append(round(passed * 1_000))
    return instants


async def write_day(node: Node, trace: Trace, candidates: Sequence[Candidate]) -> dict[str, str]:
    """Stores the test and what these candidates did. Candidate → attempt."""
    await node.tests.put(ORG, TEST, make_test(trace), START_MS)
    writer = writer_for(node.database)
    made: dict[str, str] = {}
    for first in range(0, len(candidates), _AT_ONCE):
        appends = [await _sat(node, one) for one in candidates[first : first + _AT_ONCE]]
        assert not await writer.write(make_rows(node.database.dialect, appends, START_MS))
        await Snapshots(node.database).save([append.states[-1] for append in appends], START_MS)
        made |= {append.states[-1].identity.user_id: append.attempt_id for append in appends}
    await writer.close()
    return made


async def _sat(node: Node, candidate: Candidate) -> Append:
    actor = Actor(Role.CANDIDATE, candidate.candidate_id)
    identity = Identity(new_id(), ORG, None, TEST, candidate.form_id, actor.id, 1)
    extra = Accommodation(extra_time_ms(candidate))
    records = list(create(Create(_SERVICE, identity, new_seed(), extra, new_key()), START_MS))
    attempt = evolve(None, records[0])
    states = [attempt]
    sheet: Sheet = await node.papers.sheet(attempt)
    for at_ms, command in _commands(actor, candidate):
        decision = decide(attempt, command, START_MS + at_ms, sheet)
        assert isinstance(decision, tuple), decision
        for record in decision:
            attempt = evolve(attempt, record)
            records.append(record)
            states.append(attempt)
    return Append(identity.attempt_id, tuple(records), tuple(states), None, Newcomer(actor.id), _nobody_waits)


def _commands(actor: Actor, candidate: Candidate) -> Iterator[tuple[int, AnyCommand]]:
    yield 0, Begin(actor, 0)
    n, since_ms = 0, 0
    instants = leaving_ms(candidate)
    for position, (response, at_ms) in enumerate(zip(candidate.responses, instants, strict=True)):
        if position:
            n += 1
            yield since_ms, Operate(actor, None, Progress(n, position, 0))
        if response.option is not None:
            n += 1
            yield at_ms, Operate(actor, None, Answer(n, response.item.question_id, response.option, None, 0))
        since_ms = at_ms
    yield since_ms, HandIn(actor, 0)


def _nobody_waits(outcome: Outcome) -> None:
    """No live attempt has asked for it."""
