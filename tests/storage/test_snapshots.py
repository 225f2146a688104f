"""Recovery is snapshot + tail, and equals the fold of the whole log, whatever happened."""

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, select, text, update

from protocol.attempt.commands import AnyCommand, Begin, Connect, Disconnect, HandIn, Operate, Steer, Wake
from protocol.attempt.decide import decide
from protocol.attempt.evolve import fold
from protocol.attempt.facts import Messaged, Reopened
from protocol.attempt.model import Accommodation, Attempt
from protocol.attempt.view import answers, row
from protocol.messages.operations import Answer, Flag, Progress
from protocol.messages.staff import ExtendAttempt, MessageAttempt, PauseAttempt, ReopenAttempt, ResumeAttempt
from protocol.rules.admission import Candidacy
from storage import loading
from storage.answers import Answers
from storage.attempts import Attempts
from storage.database import Database
from storage.log.journal import Journal
from storage.postgresql import PostgresEngine
from storage.schema import snapshots as snapshots_table
from storage.schema import test_attempts as projection
from storage.snapshots import Snapshots, _save
from tests.storage.making import (
    CANDIDATE,
    CONTENT,
    NOW,
    SHEET,
    STAFF,
    SYSTEM,
    Owner,
    long_sheet,
    new_identity,
    open_database,
)

Step = Callable[[Attempt, int, str], AnyCommand]
"""What is asked next, from the state, the time and a fresh command id."""

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")

QUESTIONS = st.sampled_from(["q1", "q2", "q3"])
VALUES = st.sampled_from(["a", "b", None])


def answer(question_id: str, value: str | None) -> Step:
    return lambda a, now_ms, _: Operate(CANDIDATE, None, Answer(a.last_n + 1, question_id, value, None, now_ms))


def flag(question_id: str, flagged: bool) -> Step:
    return lambda a, now_ms, _: Operate(CANDIDATE, None, Flag(a.last_n + 2, question_id, flagged, now_ms))


def move(index: int) -> Step:
    return lambda a, now_ms, _: Operate(CANDIDATE, None, Progress(a.last_n + 1, index, now_ms))


ALONE = Candidacy(CONTENT.rules, (), Accommodation())
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(answer, QUESTIONS, VALUES),
    st.builds(answer, QUESTIONS, VALUES),
    st.builds(flag, QUESTIONS, st.booleans()),
    st.builds(move, st.integers(0, 9)),
    st.sampled_from(
        [
            lambda a, now_ms, name: Begin(CANDIDATE, 0),
            lambda a, now_ms, name: HandIn(CANDIDATE, 0),
            lambda a, now_ms, name: Wake(SYSTEM),
            lambda a, now_ms, name: Connect(CANDIDATE, name, "test", name, 1, True),
            lambda a, now_ms, name: Disconnect(CANDIDATE, a.connection_id or "none", now_ms),
            lambda a, now_ms, name: Steer(STAFF, PauseAttempt(name, a.identity.attempt_id, "x")),
            lambda a, now_ms, name: Steer(STAFF, ResumeAttempt(name, a.identity.attempt_id, "x")),
            lambda a, now_ms, name: Steer(STAFF, ExtendAttempt(name, a.identity.attempt_id, 60_000, "x")),
            lambda a, now_ms, name: Steer(STAFF, MessageAttempt(name, a.identity.attempt_id, "hello")),
            lambda a, now_ms, name: Steer(
                STAFF, ReopenAttempt(name, a.identity.attempt_id, 60_000, "x", False), candidacy=ALONE
            ),
        ]
    ),
)
SCRIPTS = st.lists(st.tuples(STEPS, st.sampled_from([0, 1, 50_000, 300_000]), st.booleans()), max_size=40)


async def read_together(attempts: Attempts, *attempt_ids: str) -> list[Attempt | None]:
    """These, found by one look."""
    found = await attempts.find(attempt_ids)
    return [await attempts.open(found[attempt_id]) for attempt_id in attempt_ids]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=SCRIPTS)
async def test_recovery_equals_the_fold_of_the_whole_log(
    script: list[tuple[Step, int, bool]],
    journal: Journal,
    database: Database,
    attempts: Attempts,
    snapshots: Snapshots,
) -> None:
    owner = Owner()
    assert journal.submit(owner.made())
    expected = 1
    for number, (step, later_ms, save) in enumerate(script):
        owner.now_ms += later_ms
        decision = decide(owner.attempt, step(owner.attempt, owner.now_ms, f"c{number}"), owner.now_ms, SHEET)
        if isinstance(decision, tuple) and decision:
            reopens = isinstance(decision[0].entry.fact, Reopened)
            assert journal.submit(owner.append(decision, others=ALONE.others if reopens else None))
            expected += 1
        if save:
            await owner.heard(expected)
            await snapshots.save([owner.attempt], NOW)
    await owner.heard(expected)
    assert await attempts.load(owner.id) == owner.state
    assert await read_together(attempts, owner.id) == [owner.state]
    assert fold(await attempts.records(owner.id)) == owner.state

    await snapshots.save([owner.attempt], NOW)
    assert await attempts.load(owner.id) == owner.state
    assert await read_together(attempts, owner.id) == [owner.state]
    assert await attempts.row(owner.id) == row(owner.attempt, "Ann Other", "offline", None, 0)
    kept = await Answers(database).of(owner.id)
    assert kept == sorted(answers(owner.attempt), key=lambda saved: saved.question_id)


async def progressed(journal: Journal) -> tuple[Owner, list[Attempt]]:
    """An attempt, and its state after each of its records."""
    owner = Owner()
    assert journal.submit(owner.made())
    states = [owner.attempt]
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    states.append(owner.attempt)
    for question_id, value in (("q1", "a"), ("q2", "a"), ("q1", "b"), ("q2", None)):
        assert journal.submit(owner.answered(question_id, value))
        states.append(owner.attempt)
    await owner.heard(6)
    return owner, states


async def test_an_older_snapshot_never_overwrites(
    journal: Journal, database: Database, attempts: Attempts, snapshots: Snapshots
) -> None:
    owner, states = await progressed(journal)
    await snapshots.save([states[5]], NOW)
    newest_row, newest_answers = await attempts.row(owner.id), await Answers(database).of(owner.id)
    for older in states[:5]:
        await snapshots.save([older], NOW)
    assert await seq_of(database, owner.id) == 6
    assert await attempts.row(owner.id) == newest_row
    assert await Answers(database).of(owner.id) == newest_answers
    assert [saved.question_id for saved in newest_answers] == ["q1"]


async def test_two_nodes_that_save_at_once_lose_no_answer(migrated_postgres_url: str) -> None:
    database = await open_database(migrated_postgres_url)
    assert isinstance(database.engine, PostgresEngine)
    journal = Journal(database, lambda: NOW)
    await journal.start()
    owner, states = await progressed(journal)
    async with database.engine.journal_engine.begin() as newer:
        await newer.run_sync(partial(_save, attempts=[states[4]], now_ms=NOW))
        older = asyncio.create_task(Snapshots(database).save([states[2]], NOW))
        while not await database.read(lambda found: found.execute(_WAITING).scalar()):  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(0.005)
    await older
    assert [(saved.question_id, saved.value) for saved in await Answers(database).of(owner.id)] == [
        ("q1", "b"),
        ("q2", "a"),
    ]
    await journal.close()
    await database.close()


async def test_an_answer_that_was_taken_back_leaves_the_table(
    journal: Journal, database: Database, snapshots: Snapshots
) -> None:
    owner, states = await progressed(journal)
    neighbour, theirs = await progressed(journal)
    await snapshots.save([states[4], theirs[4]], NOW)
    assert [saved.question_id for saved in await Answers(database).of(owner.id)] == ["q1", "q2"]
    await snapshots.save([states[5]], NOW)
    assert [saved.question_id for saved in await Answers(database).of(owner.id)] == ["q1"]
    assert [saved.question_id for saved in await Answers(database).of(neighbour.id)] == ["q1", "q2"]


async def test_what_is_not_on_the_log_is_nobodys_snapshot(
    journal: Journal, database: Database, snapshots: Snapshots, attempts: Attempts
) -> None:
    owner, states = await progressed(journal)
    neighbour, theirs = await progressed(journal)
    owner.answered("q3", "a")  # decided, never committed
    await snapshots.save([owner.attempt, replace(states[3], head=b"another" + bytes(25)), theirs[4]], NOW)
    assert await seq_of(database, owner.id) is None
    assert await seq_of(database, neighbour.id) == 5
    assert await attempts.load(owner.id) == states[5]


async def test_a_snapshot_that_this_version_cannot_read_is_left_alone(
    journal: Journal, database: Database, snapshots: Snapshots, attempts: Attempts
) -> None:
    owner, states = await progressed(journal)
    await snapshots.save([states[4]], NOW)
    # the state is wrong, so that using it would show
    wrong = msgspec.msgpack.encode(replace(states[4], question_index=9))
    await change(database, owner.id, state=wrong)
    used = await attempts.load(owner.id)
    assert used is not None
    assert used.answers == states[5].answers
    await change(database, owner.id, shape=b"of others")
    assert await attempts.load(owner.id) == states[5]
    await snapshots.save([states[5]], NOW)
    await change(database, owner.id, state=b"\xc1")
    assert await attempts.load(owner.id) == states[5]


async def test_attempts_that_are_read_together_are_as_each_alone(
    journal: Journal, database: Database, snapshots: Snapshots, attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a snapshot and a tail, with neither, with a snapshot that is of no use here, and with a log too long to be
    read with others."""
    monkeypatch.setattr(loading, "_MOST_LINES", 1)
    (kept, states), (new, _), (other, theirs), (broken, _) = [await progressed(journal) for _ in range(4)]
    made = Owner()
    assert journal.submit(made.made())
    await made.heard()
    await snapshots.save([states[3], theirs[3]], NOW)
    await change(database, other.id, shape=b"of others")
    owners = [kept, new, other, made]
    found = await attempts.find([new_identity().attempt_id, *(owner.id for owner in owners)])
    assert found.keys() == {owner.id for owner in owners}
    assert {owner.id: len(one.lines) for owner in owners if (one := found[owner.id].kept)} == {kept.id: 3, made.id: 1}
    assert await read_together(attempts, *(owner.id for owner in owners)) == [owner.state for owner in owners]
    await snapshots.save([broken.attempt], NOW)
    await change(database, broken.id, state=b"\xc1")
    assert await read_together(attempts, broken.id) == [broken.state]
    assert await attempts.find(["no id of an attempt"]) == {}


async def test_a_log_with_long_records_is_not_read_with_others(
    journal: Journal, attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred attempts with a hundred essays each would be one look into the database."""
    monkeypatch.setattr(loading, "_MOST_LINES", 100)
    short, long = Owner(), Owner()
    for owner, length in ((short, 10), (long, 2_000)):
        assert journal.submit(owner.made())
        for number in range(80):
            assert journal.submit(owner.stated(Messaged(f"command-{number}", "x" * length)))
        await owner.heard(81)
    found = await attempts.find([short.id, long.id])
    kept = found[short.id].kept
    assert kept is not None
    assert (len(kept.lines), found[long.id].kept) == (81, None)
    assert await read_together(attempts, short.id, long.id) == [short.state, long.state]


async def test_many_at_once(journal: Journal, database: Database, snapshots: Snapshots) -> None:
    owners = [Owner() for _ in range(120)]
    for owner in owners:
        assert journal.submit(owner.made())
        assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
        assert journal.submit(owner.answered("q1", "a"))
    await owners[-1].heard(3)
    await snapshots.save([owner.attempt for owner in owners], NOW)
    await snapshots.save([], NOW)
    count = select(snapshots_table.c.attempt_id)
    assert len(await database.read(lambda connection: connection.execute(count).all())) == 120
    assert all([len(await Answers(database).of(owner.id)) == 1 for owner in owners])


async def test_the_projections_columns(journal: Journal, database: Database, snapshots: Snapshots) -> None:
    owner, _ = await progressed(journal)
    assert journal.submit(owner.asked(Operate(CANDIDATE, None, Progress(owner.attempt.last_n + 1, 3, 0))))
    await owner.heard(7)
    await snapshots.save([owner.attempt], NOW)
    query = select(projection).where(projection.c.attempt_id == owner.id)
    found = await database.read(lambda connection: connection.execute(query).one())
    assert found.progress_percentage == 10
    assert found.current_question_index == 3
    assert msgspec.json.decode(found.navigation_history) == [[3, NOW]]
    assert msgspec.json.decode(found.session_data)["answered"] == 1
    assert (found.start_time, found.submit_time, found.expires_at) == (NOW, None, NOW + 600_000)
    assert found.wake_at_ms == NOW + 602_000


async def test_progress_follows_in_steps_of_ten_and_is_exact_at_the_end(
    journal: Journal, database: Database, snapshots: Snapshots
) -> None:
    """The column has an index: what changes it with every snapshot touches every index of the table."""
    owner = Owner(sheet=long_sheet(40))
    assert journal.submit(owner.made())
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    await owner.heard(2)
    query = select(projection.c.progress_percentage).where(projection.c.attempt_id == owner.id)
    shown = []
    for number in range(1, 8):
        assert journal.submit(owner.answered(f"q{number}", "a"))
        await owner.heard(2 + number)
        await snapshots.save([owner.attempt], NOW)
        shown.append(await database.read(lambda connection: connection.execute(query).scalar()))
    assert shown == [0, 0, 0, 10, 10, 10, 10]
    assert journal.submit(owner.asked(HandIn(CANDIDATE, 0)))
    await owner.heard(10)
    assert await database.read(lambda connection: connection.execute(query).scalar()) == 17


async def test_a_snapshot_writes_no_new_entries_into_indexes(
    journal: Journal, database: Database, snapshots: Snapshots
) -> None:
    if database.dialect != "postgresql":
        pytest.skip("only PostgreSQL writes a row anew and counts that")
    owner = Owner(sheet=long_sheet(100))
    assert journal.submit(owner.made())
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    await owner.heard(2)
    before = await updates(database)
    for number in range(1, 9):
        assert journal.submit(owner.answered(f"q{number}", "a"))
        await owner.heard(2 + number)
        await snapshots.save([owner.attempt], NOW)
    assert await updates(database) - before == Counter(
        {"test_attempts": 8, "test_attempts, heap-only": 8, "snapshots": 7, "snapshots, heap-only": 7}
    )


async def updates(database: Database) -> Counter[str]:
    """Rows updated by table, and those of them that no index was told of."""

    def work(connection: Connection) -> Counter[str]:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))
        tables = "relname IN ('test_attempts', 'snapshots')"
        query = text(f"SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE {tables}")  # noqa: S608
        found: Counter[str] = Counter()
        for name, updated, heap_only in connection.execute(query):
            found |= Counter({name: updated, f"{name}, heap-only": heap_only})
        return found

    return await database.read(work)


async def seq_of(database: Database, attempt_id: str) -> int | None:
    query = select(snapshots_table.c.seq).where(snapshots_table.c.attempt_id == attempt_id)
    return await database.read(lambda connection: connection.execute(query).scalar())


async def change(database: Database, attempt_id: str, **values: bytes) -> None:
    statement = update(snapshots_table).where(snapshots_table.c.attempt_id == attempt_id).values(**values)
    await database.write(lambda connection: connection.execute(statement))
