"""Operations that come again, also those that memory has forgotten."""

from functools import partial
from typing import Any

import pytest

from protocol.attempt import digests
from protocol.attempt.commands import Operate
from protocol.attempt.facts import Answered
from protocol.codes import Code
from protocol.messages.operations import Answer
from storage.errors import StorageUnavailable
from storage.log.batch import OutcomeUnknown, Rows
from tests.server.attempts.bench import ADA, Writer, answer, done, offer, refusal
from tests.server.attempts.started import copy_of, running
from tests.server.harness.waiting import eventually


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three digests are kept."""
    monkeypatch.setattr(digests, "_DROPPED", -2 * 2 * digests.SIZE)


@pytest.mark.usefixtures("short_memory")
async def test_what_memory_has_forgotten_the_log_decides(one: Writer) -> None:
    live = await running(one)
    for n in range(2, 22, 2):
        done(await live.run(answer(n)))
    before = live.committed.seq
    assert done(await live.run(answer(2))).records == ()
    assert refusal(await live.run(answer(4, "b"))) == Code.NUMBER_REUSED
    assert refusal(await live.run(answer(5))) == Code.NUMBER_SKIPPED
    assert live.committed.seq == before


@pytest.mark.usefixtures("short_memory")
async def test_old_and_new_operations_are_answered_in_their_order(one: Writer, other: Writer) -> None:
    """Also where a record of the same turn is on its way, and another node has written in the meantime."""
    live = await running(one)
    for n in range(1, 11):
        done(await live.run(answer(n)))
    copy = await copy_of(live, other)
    done(await copy.run(answer(11)))
    told: list[int] = []
    commands = [answer(n) for n in (12, 1, 2, 13, 3, 14, 9, 15)]
    outcomes = [offer(live, command) for command in commands]
    for command, outcome in zip(commands, outcomes, strict=True):
        outcome.add_done_callback(partial(_note, told, command.operation.n))
    for outcome in outcomes:
        done(await outcome)
    assert told == [12, 1, 2, 13, 3, 14, 9, 15]
    facts = [record.entry.fact for record in await one.store.records(live.attempt_id, 2)]
    numbers = [fact.n for fact in facts if isinstance(fact, Answered)]
    assert numbers == list(range(1, 16)), "each once"


@pytest.mark.parametrize("is_over", [False, True])
async def test_no_acknowledgement_goes_before_a_refusal_that_the_log_is_asked_for(
    one: Writer, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, is_over: bool
) -> None:
    """An acknowledgement speaks for all lesser numbers, refused or not: the client would drop what was never saved.
    Here all was written, but the connection was lost in the commit, and the refusal must be decided anew; the time may
    be up by then, so that the end is written first."""
    if not is_over:
        request.getfixturevalue("short_memory")
    live = await running(one)
    real, told = one.journal._writer.write, list[int]()

    async def write(rows: Rows) -> dict[str, str]:
        monkeypatch.setattr(one.journal._writer, "write", real)
        await real(rows)
        if is_over:
            one.clock.advance((live.committed.closes_at_ms or 0) - one.clock.now_ms())
        raise OutcomeUnknown("the connection was lost in COMMIT")

    monkeypatch.setattr(one.journal._writer, "write", write)
    misplaced = Operate(ADA, None, Answer(2, "single", "a", 99, 0))
    commands = [answer(1), misplaced, *(answer(n) for n in range(3, 9))]
    outcomes = [offer(live, command) for command in commands]
    for command, outcome in zip(commands, outcomes, strict=True):
        outcome.add_done_callback(partial(_note, told, command.operation.n))
    for command, outcome in zip(commands, outcomes, strict=True):
        if command is misplaced:
            assert refusal(await outcome) in (Code.NUMBER_SKIPPED, Code.DEADLINE_PASSED)
        else:
            assert len(done(await outcome).records) == 1
    await eventually(lambda: len(told) == len(commands))
    assert told == list(range(1, 9))


def _note(told: list[int], n: int, _: object) -> None:
    told.append(n)


@pytest.mark.usefixtures("short_memory")
async def test_many_old_operations_are_looked_for_together(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await running(one)
    for n in range(1, 41):
        done(await live.run(answer(n)))
    searches: list[set[int]] = []
    search = one.store.operations

    async def counted(attempt_id: str, numbers: set[int], newest: int) -> Any:
        searches.append(numbers)
        return await search(attempt_id, numbers, newest)

    monkeypatch.setattr(one.store, "operations", counted)
    outcomes = [offer(live, answer(n)) for n in range(1, 31)]
    for outcome in outcomes:
        done(await outcome)
    assert searches == [set(range(1, 31))], "the others had come before the log was read"


@pytest.mark.usefixtures("short_memory")
async def test_an_old_operation_waits_for_the_database(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await running(one)
    for n in range(1, 11):
        done(await live.run(answer(n)))
    search, tries = one.store.operations, 0

    async def away(*given: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise StorageUnavailable("away")
        return await search(*given)

    monkeypatch.setattr(one.store, "operations", away)
    old, new = offer(live, answer(1)), offer(live, answer(11))
    done(await old)
    done(await new)
    assert tries == 3
