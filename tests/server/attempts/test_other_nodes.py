"""What other nodes have written, heard of or not."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import delete

from protocol.attempt.commands import Begin, Connect, HandIn, Steer
from protocol.attempt.facts import Record
from protocol.codes import Code
from protocol.limits import MAX_INT
from protocol.messages.staff import ExtendAttempt, MessageAttempt, PauseAttempt, ReopenAttempt, ResumeAttempt
from server.attempts import live as live_module
from server.attempts.hearsay import DEAF_MS
from storage.log.batch import NotWritten, Rows
from storage.schema import attempt_log
from tests.server.attempts.bench import ADA, GRACE, Writer, answer, done, offer, refusal, writer
from tests.server.attempts.started import copy_of, running
from tests.server.harness.waiting import eventually
from tests.services.patience import PATIENCE_S


class Looks:
    """Counts how often a writer reads a log."""

    def __init__(self, writer: Writer) -> None:
        self.number = 0
        self._records = writer.store.records
        writer.store.records = self._count  # type: ignore[method-assign]

    async def _count(self, attempt_id: str, after: int = 0, head: bytes | None = None) -> list[Record]:
        self.number += 1
        return await self._records(attempt_id, after, head)


async def test_what_another_node_tells_of_is_read_from_the_log(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    looks = Looks(other)
    for n in (1, 2, 3):
        done(await live.run(answer(n)))
    copy.hear(live.committed.seq, live.committed.head)
    await copy.settle()
    assert (copy.committed.seq, copy.committed.head) == (live.committed.seq, live.committed.head)
    assert other.heard.facts == [(3, "answered", False), (4, "answered", False), (5, "answered", False)]
    copy.hear(live.committed.seq, live.committed.head)
    copy.hear(4, b"whatever it was")
    assert (copy.busy, looks.number) == (False, 1), "what is known leads to no other look"


async def test_what_is_heard_while_something_is_on_its_way_is_not_lost(one: Writer, other: Writer) -> None:
    """What is on its way may have been written before them, and is not fenced then."""
    live = await running(one)
    gate = one.hold(written=True)
    mine = offer(live, answer(1))
    await eventually(lambda: gate.waiting)
    copy = await copy_of(live, other)
    done(await copy.run(Steer(GRACE, MessageAttempt("m", live.attempt_id, "Hello"))))
    live.hear(copy.committed.seq, copy.committed.head)
    gate.open()
    done(await mine)
    await live.settle()
    assert live.committed.head == copy.committed.head


async def test_a_word_of_what_the_log_does_not_have_leads_to_one_look_and_then_to_none_for_a_while(
    one: Writer, other: Writer
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    looks = Looks(other)
    for seq in (3, 1_000_000, MAX_INT, 7):
        copy.hear(seq, bytes(32))
        await copy.settle()
    assert looks.number == 1
    assert copy.committed == live.committed, "nothing of it is believed"
    done(await copy.run(answer(1)))
    assert await one.log(live) == ["created", "started", "answered"], "and nothing is held up by it"
    one.clock.advance(DEAF_MS)
    live.reload()
    await live.settle()
    done(await live.run(answer(2)))
    copy.hear(live.committed.seq, live.committed.head)
    await copy.settle()
    assert copy.committed.head == live.committed.head, "heard again"


async def test_a_word_of_another_record_with_the_number_of_the_last_one_is_looked_at_once(
    one: Writer, other: Writer
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    looks = Looks(other)
    for _ in range(3):
        copy.hear(copy.committed.seq, bytes(32))
        await copy.settle()
    assert (looks.number, other.heard.diverged_at) == (1, [])
    assert copy.committed == live.committed


async def test_a_copy_that_does_not_lie_on_the_log_is_let_go_of(one: Writer, other: Writer) -> None:
    """As when a database takes over that lacks the newest records."""
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))
    statement = delete(attempt_log).where(attempt_log.c.seq == copy.committed.seq)
    await one.database.write(lambda connection: connection.execute(statement))
    done(await live.run(answer(1, "b")))
    copy.hear(live.committed.seq, live.committed.head)
    await copy.settle()
    assert other.heard.diverged_at == [copy]
    assert copy.committed.answers["single"].value == "a", "it is not mended: whoever is told of it makes it anew"


async def test_a_connection_elsewhere_supersedes(one: Writer, other: Writer) -> None:
    live = await running(one)
    done(await live.run(Connect(ADA, "here", "x", "d", 1, True)))
    copy = await copy_of(live, other)
    done(await copy.run(Connect(ADA, "there", "x", "e", 1, True)))
    live.reload()
    await live.settle()
    assert live.committed.connection_id == "there"


async def test_an_old_copy_whose_time_seems_up_knows_of_a_command_that_was_executed_elsewhere(
    one: Writer, other: Writer
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    pause = Steer(GRACE, PauseAttempt("pause-1", live.attempt_id, "fire alarm"))
    executed = done(await live.run(pause))
    one.clock.advance(700_000)
    assert done(await copy.run(pause)).attempt.seq == executed.attempt.seq
    assert await one.log(live) == ["created", "started", "paused"]


async def test_an_old_copy_refuses_no_answer_for_a_time_that_was_extended_elsewhere(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await live.run(Steer(GRACE, ExtendAttempt("extend-1", live.attempt_id, 600_000, ""))))
    one.clock.advance(700_000)
    done(await copy.run(answer(1)))
    assert await one.log(live) == ["created", "started", "extended", "answered"]


async def test_an_old_copy_of_several_refuses_no_command_that_was_executed_elsewhere(
    one: Writer, tmp_path: Path
) -> None:
    async with writer(tmp_path / "log.sqlite3", one.clock, alone=False) as other:
        live = await running(one)
        copy = await copy_of(live, other)
        resume = Steer(GRACE, ResumeAttempt("resume-1", live.attempt_id, ""))
        done(await live.run(Steer(GRACE, PauseAttempt("pause-1", live.attempt_id, ""))))
        executed = done(await live.run(resume))
        assert copy.committed.status == "in_progress"
        assert done(await copy.run(resume)).attempt.seq == executed.attempt.seq
        assert refusal(await copy.run(Steer(GRACE, ResumeAttempt("resume-2", live.attempt_id, "")))) == Code.NOT_PAUSED
        assert await one.log(live) == ["created", "started", "paused", "resumed"]


async def test_an_old_copy_of_several_refuses_no_answer_after_a_reopening_elsewhere(
    one: Writer, tmp_path: Path
) -> None:
    async with writer(tmp_path / "log.sqlite3", one.clock, alone=False) as other:
        live = await running(one)
        done(await live.run(HandIn(ADA, 0)))
        copy = await copy_of(live, other)
        done(await live.run(Steer(GRACE, ReopenAttempt("reopen-1", live.attempt_id, 60_000, "a mistake", False))))
        assert copy.committed.status == "submitted"
        done(await copy.run(answer(1)))
        assert await one.log(live) == ["created", "started", "submitted", "reopened", "answered"]


async def test_an_old_copy_of_several_does_not_say_handed_in_of_what_was_reopened_elsewhere(
    one: Writer, tmp_path: Path
) -> None:
    async with writer(tmp_path / "log.sqlite3", one.clock, alone=False) as other:
        live = await running(one)
        done(await live.run(HandIn(ADA, 0)))
        copy = await copy_of(live, other)
        done(await live.run(Steer(GRACE, ReopenAttempt("reopen-1", live.attempt_id, 60_000, "a mistake", False))))
        assert done(await copy.run(HandIn(ADA, 1))).records != (), "it is handed in again, and recorded"


async def test_what_no_record_can_change_is_refused_without_a_look_at_the_log(one: Writer, tmp_path: Path) -> None:
    async with writer(tmp_path / "log.sqlite3", one.clock, alone=False) as other:
        copy = await copy_of(await running(one), other)
        outcome = offer(copy, answer(1, "z"))
        assert refusal(outcome.result()) == Code.UNKNOWN_OPTION


async def test_what_nobody_waits_for_any_more_is_not_carried_out(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "PATIENCE_S", 0.05)
    live = await one.make()
    back = away(one, monkeypatch)
    assert refusal(await live.run(Begin(ADA, 0))) == Code.STORAGE_UNAVAILABLE
    one.clock.advance(1_000)
    back.set()
    await live.settle()
    assert await one.log(live) == ["created"]
    monkeypatch.setattr(live_module, "PATIENCE_S", PATIENCE_S)
    asked_ms = one.clock.now_ms()
    (started,) = done(await live.run(Begin(ADA, 0))).records
    assert started.entry.at_ms >= asked_ms, "asked again, the clock starts now"


async def test_an_operation_is_saved_although_its_caller_was_refused(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    monkeypatch.setattr(live_module, "PATIENCE_S", 0.05)
    back = away(one, monkeypatch)
    assert refusal(await live.run(answer(1))) == Code.STORAGE_UNAVAILABLE
    one.clock.advance(1_000)
    back.set()
    await live.settle()
    assert await one.log(live) == ["created", "started", "answered"]
    assert done(await live.run(answer(1))).records == (), "asked again, it counts once"


def away(one: Writer, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The database takes nothing until the event is set."""
    back, write = asyncio.Event(), one.journal._writer.write

    async def refuse_to(rows: Rows) -> dict[str, str]:
        if not back.is_set():
            raise NotWritten("full")
        return await write(rows)

    monkeypatch.setattr(one.journal._writer, "write", refuse_to)
    return back
