"""The database goes away, is in doubt, or has too much to do."""

from typing import Any

import pytest

from protocol.codes import Code
from storage.errors import StorageUnavailable
from storage.log.batch import NotWritten, OutcomeUnknown, Rows
from tests.server.attempts.bench import Writer, answer, done, offer, refusal
from tests.server.attempts.started import copy_of, running
from tests.server.harness.waiting import eventually


async def test_an_outage_keeps_the_commands_and_answers_them_later(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    real, away = one.journal._writer.write, True

    async def write(rows: Rows) -> dict[str, str]:
        if away:
            raise NotWritten("the database is away")
        return await real(rows)

    monkeypatch.setattr(one.journal._writer, "write", write)
    monkeypatch.setattr("storage.log.journal.BACKOFF_S", 0.01)
    outcomes = [offer(live, answer(n)) for n in (1, 2)]
    await eventually(lambda: one.journal.stats.retries)
    assert not any(outcome.done() for outcome in outcomes)
    away = False
    for outcome in outcomes:
        done(await outcome)
    assert await one.log(live) == ["created", "started", "answered", "answered"]


@pytest.mark.parametrize("was_written", [True, False])
async def test_an_unknown_outcome_is_looked_up(one: Writer, monkeypatch: pytest.MonkeyPatch, was_written: bool) -> None:
    live = await running(one)
    real, failures = one.journal._writer.write, 0

    async def write(rows: Rows) -> dict[str, str]:
        nonlocal failures
        if failures == 0:
            failures += 1
            if was_written:
                await real(rows)
            raise OutcomeUnknown("the connection was lost in COMMIT")
        return await real(rows)

    monkeypatch.setattr(one.journal._writer, "write", write)
    outcomes = [offer(live, answer(1)), offer(live, answer(2, "b"))]
    for outcome in outcomes:
        done(await outcome)
    assert failures == 1
    assert await one.log(live) == ["created", "started", "answered", "answered"]
    assert [own for _, tag, own in one.heard.facts if tag == "answered"] == [True, True]


async def test_a_full_journal_refuses_and_changes_nothing(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await running(one)
    with monkeypatch.context() as patch:
        patch.setattr(one.journal, "submit", lambda append: False)
        assert refusal(await live.run(answer(1))) == Code.OVERLOADED
    done(await live.run(answer(1)))
    assert live.committed.last_n == 1


async def test_what_can_not_be_decided_any_more_is_refused_when_the_node_stops(
    one: Writer, other: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))

    async def records(*_: Any, **__: Any) -> None:
        raise StorageUnavailable("for good")

    monkeypatch.setattr(one.store, "records", records)
    outcome = offer(live, answer(2))
    await eventually(lambda: live._reloading)
    late = offer(live, answer(3))
    live.close()
    assert refusal(await outcome) == Code.STORAGE_UNAVAILABLE
    assert refusal(await late) == Code.STORAGE_UNAVAILABLE
    assert refusal(await live.run(answer(4))) == Code.STORAGE_UNAVAILABLE
