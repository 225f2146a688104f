"""Finding, loading, making and forgetting live attempts."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from protocol import codec
from protocol.attempt.commands import Begin, Create, Operate, Wake
from protocol.attempt.model import Accommodation, Actor, Attempt, Identity, Role
from protocol.codes import Code
from protocol.messages.operations import Answer
from server.attempts import registry as registry_module
from server.attempts.live import LiveAttempt
from server.attempts.registry import LOADS_AT_ONCE
from server.ids import new_id, new_key, new_seed
from server.pacing.gathered import MOST
from storage.errors import StorageUnavailable
from storage.loading import Found
from storage.log.batch import Newcomer
from storage.schema import attempt_log
from tests.server.attempts.bench import ADA, Writer, answer, done, refusal, writer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import CANDIDATE, ORG, TEST

UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


class Chair:
    """A connection that does nothing."""

    connection_id = "chair"

    def record_committed(self, *_: object) -> None:
        """Does nothing."""

    def sheet_changed(self) -> None:
        pass

    def send_away(self, after_ms: int) -> None:
        """Does nothing."""


@pytest.fixture
async def file(tmp_path: Path, migrated_database: Path) -> Path:
    file = tmp_path / "log.sqlite3"
    file.write_bytes(migrated_database.read_bytes())
    return file


@pytest.fixture
async def one(file: Path) -> AsyncIterator[Writer]:
    async with writer(file, MovableClock()) as opened:
        yield opened


async def reopened(one: Writer, live: LiveAttempt) -> LiveAttempt:
    one.registry.forget(live)
    again = await one.registry.get(live.attempt_id)
    assert again is not None
    assert again is not live
    return again


async def test_a_forgotten_attempt_comes_back_as_it_was(one: Writer) -> None:
    live = await one.make()
    done(await live.run(Begin(ADA, 0)))
    done(await live.run(answer(1)))
    again = await reopened(one, live)
    assert again.committed == live.committed
    assert again.display_name == "Ada"


async def test_attempts_share_the_texts_of_their_paper(one: Writer) -> None:
    """As objects of their own, the ids of questions and options took a third of an attempt's memory."""
    live = await one.make()
    paper = live.sheet.questions
    done(await live.run(Begin(ADA, 0)))
    done(await live.run(Operate(ADA, None, sent(1, "single", "a"))))
    done(await live.run(Operate(ADA, None, sent(2, "multiple", ["a", "c"]))))
    for attempt in (live.committed, (await reopened(one, live)).committed):
        assert {question_id: saved.value for question_id, saved in attempt.answers.items()} == {
            "single": "a",
            "multiple": ["a", "c"],
        }
        for question_id in attempt.answers:
            assert question_id is paper[question_id].question_id


def sent(n: int, question_id: str, value: Any) -> Answer:
    """As it comes over the wire, with texts of its own."""
    told = codec.decode_from_candidate(codec.encode(Answer(n, question_id, value, None, 0)))
    assert isinstance(told, Answer)
    return told


async def made_for(one: Writer, user_id: str) -> LiveAttempt:
    """A new attempt of somebody else."""
    identity = Identity(new_id(), ORG, None, TEST, None, user_id, 1)
    command = Create(Actor(Role.CANDIDATE, user_id), identity, new_seed(), Accommodation(), new_key())
    live = await one.registry.make(command, Newcomer(user_id))
    assert isinstance(live, LiveAttempt), live
    return live


async def test_a_crowd_that_comes_back_is_read_together(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who ask while a look is under way are found by the next one, all of them."""
    asked: list[int] = []
    find = one.store.find

    async def counted(attempt_ids: Sequence[str]) -> dict[str, Found]:
        asked.append(len(attempt_ids))
        return await find(attempt_ids)

    monkeypatch.setattr(one.store, "find", counted)
    made = [await made_for(one, f"candidate-{number}") for number in range(5)]
    for live in made:
        one.registry.forget(live)
    crowd = [live.attempt_id for live in made] + [new_id() for _ in range(MOST)]
    found = await asyncio.gather(*map(one.registry.get, crowd))
    assert [None if live is None else live.attempt_id for live in found] == crowd[:5] + [None] * MOST
    assert asked == [MOST, 5]


async def test_a_crowd_with_long_logs_leaves_room_for_others(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way = most = 0
    open_log = one.store.open

    async def counted(found: Found) -> Attempt | None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            await asyncio.sleep(0.02)
            return await open_log(found)
        finally:
            under_way -= 1

    monkeypatch.setattr(one.store, "open", counted)
    made = [await made_for(one, f"candidate-{number}") for number in range(3 * LOADS_AT_ONCE)]
    for live in made:
        one.registry.forget(live)
    found = await asyncio.gather(*(one.registry.get(live.attempt_id) for live in made))
    assert [live is not None and live.attempt_id for live in found] == [live.attempt_id for live in made]
    assert most == LOADS_AT_ONCE


async def test_many_who_ask_at_once_get_the_same(one: Writer) -> None:
    live = await one.make()
    one.registry.forget(live)
    found = await asyncio.gather(*(one.registry.get(live.attempt_id) for _ in range(10)))
    assert len({id(each) for each in found}) == 1
    assert found[0] is one.registry.at_hand(live.attempt_id)


async def test_there_is_no_such_attempt(one: Writer) -> None:
    assert await one.registry.get(UNKNOWN_ID) is None
    assert refusal(await one.registry.execute(UNKNOWN_ID, Begin(ADA, 0))) == Code.NOT_FOUND


async def test_the_journal_says_why_an_attempt_is_not_made(one: Writer) -> None:
    await one.make()
    with pytest.raises(AssertionError, match="attempt_exists"):
        await one.make()


async def test_a_wake_that_was_missed_is_made_up_for_after_loading(one: Writer) -> None:
    live = await one.make()
    done(await live.run(Begin(ADA, 0)))
    one.registry.forget(live)
    one.clock.advance(10_000_000)
    again = await one.registry.get(live.attempt_id)
    assert again is not None
    outcome = done(await again.run(Wake(Actor(Role.SYSTEM, "test"))))
    assert outcome.attempt.ended_as == "expired"
    assert await one.log(live) == ["created", "started", "warned", "expired"] or await one.log(live) == [
        "created",
        "started",
        "expired",
    ]


async def test_what_nobody_uses_is_idle_after_a_while(one: Writer) -> None:
    live = await one.make()
    assert one.registry.idle(one.registry.all()) == []
    one.clock.advance(120_001)
    assert one.registry.idle(one.registry.all()) == [live]
    chair = Chair()
    live.presence.sit(chair)
    assert one.registry.idle(one.registry.all()) == [], "somebody sits there"
    live.presence.rise(chair)
    done(await live.run(Begin(ADA, 0)))
    assert one.registry.idle(one.registry.all()) == []


async def test_what_closes_soon_stays_so_that_its_own_timer_closes_it(one: Writer) -> None:
    live = await one.make(duration_ms=900_000)
    done(await live.run(Begin(ADA, 0)))
    one.clock.advance(200_000)
    assert one.registry.idle(one.registry.all()) == [live], "eleven minutes: the database has it"
    one.clock.advance(200_000)
    assert one.registry.idle(one.registry.all()) == []


async def test_with_other_nodes_about_an_unused_copy_goes_at_once(file: Path) -> None:
    async with writer(file, MovableClock(), alone=False) as shared:
        live = await shared.make(duration_ms=60_000)
        done(await live.run(Begin(ADA, 0)))
        shared.clock.advance(1_001)
        assert shared.registry.idle(shared.registry.all()) == [live]


async def test_a_copy_that_somebody_has_just_asked_for_stays_until_she_sits_there(file: Path) -> None:
    """It was forgotten while she came in, and her hello was answered with `storage_unavailable`."""
    async with writer(file, MovableClock(), alone=False) as shared:
        live = await shared.make(duration_ms=60_000)
        shared.clock.advance(1_001)
        assert await shared.registry.get(live.attempt_id) is live
        assert shared.registry.idle(shared.registry.all()) == []


async def test_a_copy_to_which_somebody_is_about_to_connect_stays_however_long_that_takes(file: Path) -> None:
    """A slow look into the database before her connect was decided was enough for it to be forgotten."""
    async with writer(file, MovableClock(), alone=False) as shared:
        live = await shared.make(duration_ms=60_000)
        with live.arriving():
            shared.clock.advance(60_000)
            assert shared.registry.idle(shared.registry.all()) == []
        assert shared.registry.idle(shared.registry.all()) == [live]


async def test_whoever_calls_over_rest_stays_in_memory_as_long_as_she_is_heard(file: Path) -> None:
    async with writer(file, MovableClock(), alone=False) as shared:
        live = await shared.make(duration_ms=60_000)
        live.presence.saw(shared.clock.now_ms())
        shared.clock.advance(30_000)
        assert shared.registry.idle(shared.registry.all()) == []
        async with writer(file, shared.clock, alone=False) as other:
            copy = await other.registry.get(live.attempt_id)
            assert copy is not None
            done(await copy.run(Begin(ADA, 0)))
        await shared.registry.find_moved()
        await live.settle()
        assert live.committed.status == "in_progress", "what is kept is compared with the log"
        live.presence.fell_silent()
        assert shared.registry.idle(shared.registry.all()) == [live]


async def test_what_moved_elsewhere_unheard_is_found(one: Writer, file: Path) -> None:
    live = await one.make()
    done(await live.run(Begin(ADA, 0)))
    async with writer(file, one.clock) as other:
        copy = await other.registry.get(live.attempt_id)
        assert copy is not None
        done(await live.run(answer(1)))
        await other.registry.find_moved()
        await copy.settle()
        assert copy.committed.seq == 2, "nobody sits at the copy, so nobody needs it to be right"
        copy.presence.sit(Chair())
        await other.registry.find_moved()
        await copy.settle()
        assert copy.committed.head == live.committed.head


async def test_a_log_that_is_shorter_than_it_was_is_found(one: Writer, file: Path) -> None:
    """As when a database takes over that lacks the newest records."""
    live = await one.make()
    done(await live.run(Begin(ADA, 0)))
    live.presence.sit(Chair())
    await one.registry.find_moved()
    assert not live.busy
    await one.database.write(lambda connection: connection.execute(delete(attempt_log).where(attempt_log.c.seq == 2)))
    await one.registry.find_moved()
    await live.settle()
    assert one.heard.diverged_at == [live]


async def test_a_failed_load_that_nobody_waits_for_any_more_is_no_complaint(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the simulation, seed 246: the socket that asked was closed while the database was frozen."""
    go_on = asyncio.Event()

    async def away(attempt_id: str) -> None:
        await go_on.wait()
        raise StorageUnavailable("away")

    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    monkeypatch.setattr(one.registry, "_load", away)
    waiter = asyncio.create_task(one.registry.get(UNKNOWN_ID))
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait([waiter])
    go_on.set()
    for _ in range(3):
        await asyncio.sleep(0)
    gc.collect()
    assert complaints == []


async def test_what_is_forgotten_takes_no_command_any_more(one: Writer) -> None:
    """Whoever still holds it would write on beside the one that is loaded next, and hear of nothing."""
    live = await one.make()
    one.registry.forget(live)
    assert refusal(await live.run(Begin(ADA, 0))) == Code.STORAGE_UNAVAILABLE
    assert await one.log(live) == ["created"]


async def test_nobody_is_given_what_was_forgotten_while_she_waited(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await one.make()
    one.registry.forget(live)
    given: list[LiveAttempt] = []
    load = one.registry._load

    async def load_and_forget(attempt_id: str) -> LiveAttempt | None:
        loaded = await load(attempt_id)
        assert loaded is not None
        if not given:
            one.registry.forget(loaded)
        given.append(loaded)
        return loaded

    monkeypatch.setattr(one.registry, "_load", load_and_forget)
    found = await one.registry.get(live.attempt_id)
    assert found is given[1]
    assert found is one.registry.at_hand(live.attempt_id)


async def test_an_attempt_that_waits_too_long_is_not_made(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "PATIENCE_S", 0.02)
    identity = Identity(new_id(), ORG, None, TEST, None, CANDIDATE, 1)
    gate = one.hold()
    made = await one.registry.make(Create(ADA, identity, new_seed(), Accommodation(), new_key()), Newcomer("Ada"))
    assert made == "late"
    assert one.registry.at_hand(identity.attempt_id) is None
    gate.open()
