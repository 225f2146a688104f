"""Another writer was first: the log is read again, and what waits is decided anew."""

import asyncio
from typing import Any

import pytest

from protocol.attempt.commands import HandIn, Steer
from protocol.codes import Code
from protocol.messages.staff import ExtendAttempt
from storage.errors import StorageUnavailable
from tests.server.attempts.bench import ADA, GRACE, Writer, answer, done, offer, refusal
from tests.server.attempts.started import copy_of, running


async def test_a_second_writer_is_fenced_reloads_and_decides_again(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))
    done(await copy.run(answer(2, "b")))
    assert live.committed.last_n == 0, "nobody has told it"
    outcome = done(await live.run(answer(3, "c")))
    assert (outcome.attempt.last_n, len(outcome.records)) == (3, 1)
    assert await one.log(live) == ["created", "started", "answered", "answered", "answered"]
    assert [own for _, tag, own in one.heard.facts if tag == "answered"] == [False, False, True]


async def test_what_waits_is_decided_again_in_its_order(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))
    outcomes = [offer(live, answer(n, "abc"[n % 3])) for n in (2, 3, 4)]
    assert [done(outcome).records[0].entry.seq for outcome in await asyncio.gather(*outcomes)] == [4, 5, 6]


async def test_what_the_other_has_made_impossible_is_refused_in_the_end(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(HandIn(ADA, 0)))
    assert refusal(await live.run(answer(1))) == Code.ALREADY_SUBMITTED
    assert await one.log(live) == ["created", "started", "submitted"]


async def test_what_the_other_has_done_already_is_done(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    order = Steer(GRACE, ExtendAttempt("e", live.attempt_id, 60_000, ""))
    done(await copy.run(order))
    assert done(await live.run(order)).records == ()
    assert (await one.log(live)).count("extended") == 1


async def test_a_repeated_command_keeps_its_own_answer_when_the_one_before_it_is_refused(
    one: Writer, other: Writer
) -> None:
    live = await running(one)
    done(await live.run(answer(1)))
    copy = await copy_of(live, other)
    done(await copy.run(HandIn(ADA, 0)))
    new, repeated = offer(live, answer(2)), offer(live, answer(1))
    assert refusal(await new) == Code.ALREADY_SUBMITTED
    assert done(await repeated).records == (), "it is in the log, and nothing changes that"


async def test_commands_that_come_while_the_log_is_read_again_wait(
    one: Writer, other: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))
    real, reading = one.store.records, asyncio.Event()

    async def records(*args: Any, **kwargs: Any) -> Any:
        if not reading.is_set():
            reading.set()
            outcomes.append(offer(live, answer(3, "c")))
            raise StorageUnavailable("not now")
        return await real(*args, **kwargs)

    monkeypatch.setattr(one.store, "records", records)
    outcomes = [offer(live, answer(2, "b"))]
    await reading.wait()
    assert [done(await outcome).attempt.last_n for outcome in outcomes] == [2, 3]
