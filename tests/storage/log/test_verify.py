"""A changed, removed or inserted byte or record is found, and only there."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from protocol.attempt.chain import BrokenChain, NewerLog
from protocol.attempt.commands import Begin, HandIn
from protocol.attempt.model import Status
from storage.database import Database
from storage.log.journal import Committed, Journal
from storage.log.reading import Kept, read_lines
from storage.log.verify import verify_log
from storage.schema import attempt_keys, attempt_log, snapshots, test_attempts
from storage.snapshots import Snapshots
from tests.storage.making import CANDIDATE, NOW, Owner
from tests.storage.newer import append_new

LOG = attempt_log.c


def here(attempt_id: str, seq: int) -> tuple[ColumnElement[bool], ...]:
    return (LOG.attempt_id == attempt_id, LOG.seq == seq)


def kept(connection: Connection, attempt_id: str, seq: int, column: str = "body") -> bytes:
    found: bytes = connection.execute(select(LOG[column]).where(*here(attempt_id, seq))).scalar_one()
    return found


def flip(connection: Connection, owner: Owner, column: str) -> None:
    data = bytearray(kept(connection, owner.id, 3, column))
    data[-1] ^= 1
    connection.execute(update(attempt_log).where(*here(owner.id, 3)).values({column: bytes(data)}))


def change_a_byte_of_a_body(connection: Connection, owner: Owner) -> None:
    flip(connection, owner, "body")


def change_a_byte_of_a_digest(connection: Connection, owner: Owner) -> None:
    flip(connection, owner, "digest")


def change_an_instant(connection: Connection, owner: Owner) -> None:
    connection.execute(update(attempt_log).where(*here(owner.id, 3)).values(at_ms=LOG.at_ms + 1))


def change_a_kind(connection: Connection, owner: Owner) -> None:
    connection.execute(update(attempt_log).where(*here(owner.id, 3)).values(kind="answeree"))


def change_a_role(connection: Connection, owner: Owner) -> None:
    connection.execute(update(attempt_log).where(*here(owner.id, 3)).values(role="service"))


def change_the_key(connection: Connection, owner: Owner) -> None:
    connection.execute(update(attempt_keys).where(attempt_keys.c.attempt_id == owner.id).values(key=bytes(32)))


def remove_the_key(connection: Connection, owner: Owner) -> None:
    connection.execute(delete(attempt_keys).where(attempt_keys.c.attempt_id == owner.id))


def remove_a_body(connection: Connection, owner: Owner) -> None:
    connection.execute(update(attempt_log).where(*here(owner.id, 3)).values(body=None))


def insert_a_byte(connection: Connection, owner: Owner) -> None:
    body = kept(connection, owner.id, 3)
    connection.execute(update(attempt_log).where(*here(owner.id, 3)).values(body=body + b"\0"))


def remove_a_byte(connection: Connection, owner: Owner) -> None:
    body = kept(connection, owner.id, 3)
    connection.execute(update(attempt_log).where(*here(owner.id, 3)).values(body=body[:-1]))


def change_a_hash(connection: Connection, owner: Owner) -> None:
    connection.execute(update(attempt_log).where(*here(owner.id, 3)).values(hash=bytes(32)))


def remove_a_record(connection: Connection, owner: Owner) -> None:
    connection.execute(delete(attempt_log).where(*here(owner.id, 3)))


def remove_a_record_and_close_the_gap(connection: Connection, owner: Owner) -> None:
    remove_a_record(connection, owner)
    connection.execute(update(attempt_log).where(*here(owner.id, 4)).values(seq=3))


def add(connection: Connection, owner: Owner, seq: int) -> None:
    values = {"seq": seq, "at_ms": 0, "kind": "x", "role": "system", "digest": bytes(32), "hash": bytes(32)}
    body = kept(connection, owner.id, 1)
    connection.execute(insert(attempt_log).values(attempt_id=owner.id, body=body, written_at_ms=0, **values))


def insert_a_record(connection: Connection, owner: Owner) -> None:
    for seq in (5, 4, 3):
        connection.execute(update(attempt_log).where(*here(owner.id, seq)).values(seq=seq + 1))
    add(connection, owner, 3)


def append_a_record(connection: Connection, owner: Owner) -> None:
    add(connection, owner, 6)


def cut_the_end(connection: Connection, owner: Owner) -> None:
    """Nothing in the log tells; the snapshot does."""
    connection.execute(delete(attempt_log).where(*here(owner.id, 5)))


def remove_everything(connection: Connection, owner: Owner) -> None:
    connection.execute(delete(attempt_log).where(LOG.attempt_id == owner.id))


def forge_the_snapshot(connection: Connection, owner: Owner) -> None:
    connection.execute(update(snapshots).where(snapshots.c.attempt_id == owner.id).values(head=bytes(32)))


def forge_the_projection(connection: Connection, owner: Owner) -> None:
    connection.execute(update(test_attempts).where(test_attempts.c.attempt_id == owner.id).values(status="submitted"))


def remove_from_the_projection(connection: Connection, owner: Owner) -> None:
    connection.execute(delete(test_attempts).where(test_attempts.c.attempt_id == owner.id))


async def five_records(journal: Journal, database: Database) -> Owner:
    owner = Owner()
    for append in (owner.made(), owner.asked(Begin(CANDIDATE, 0))):
        assert journal.submit(append)
    for question_id in ("q1", "q2", "q3"):
        assert journal.submit(owner.answered(question_id, "a"))
    await owner.heard(5)
    await Snapshots(database).save([owner.attempt], NOW)
    return owner


@pytest.mark.parametrize(
    ("tamper", "seq"),
    [
        (change_a_byte_of_a_body, 3),
        (change_a_byte_of_a_digest, 3),
        (change_an_instant, 3),
        (change_a_kind, 3),
        (change_a_role, 3),
        (change_the_key, 1),
        (remove_the_key, 1),
        (remove_a_body, 3),
        (insert_a_byte, 3),
        (remove_a_byte, 3),
        (change_a_hash, 3),
        (remove_a_record, 3),
        (remove_a_record_and_close_the_gap, 3),
        (insert_a_record, 3),
        (append_a_record, 6),
        (cut_the_end, 5),
        (remove_everything, 1),
        (forge_the_snapshot, 5),
        (forge_the_projection, 5),
        (remove_from_the_projection, 5),
    ],
)
async def test_what_was_tampered_with_is_found(
    journal: Journal, database: Database, tamper: Callable[[Connection, Owner], None], seq: int
) -> None:
    sound, broken = await five_records(journal, database), await five_records(journal, database)
    await database.write(lambda connection: tamper(connection, broken))
    verdicts = {attempt_id: found async for attempt_id, _, found in verify_log(database)}
    assert verdicts[sound.id] is None
    found = verdicts[broken.id]
    assert isinstance(found, BrokenChain)
    assert (found.attempt_id, found.seq) == (broken.id, seq)
    assert [str(one[2]) async for one in verify_log(database, broken.id)] == [str(found)]


async def test_what_is_sound_is_said_to_be(journal: Journal, database: Database) -> None:
    owners = [await five_records(journal, database) for _ in range(3)]
    verdicts = [verdict async for verdict in verify_log(database)]
    assert verdicts == [(attempt_id, 5, None) for attempt_id in sorted(owner.id for owner in owners)]
    assert [verdict async for verdict in verify_log(database, owners[0].id)] == [(owners[0].id, 5, None)]
    assert [verdict async for verdict in verify_log(database, "no id")] == []


async def test_the_log_of_another_attempt_is_found(journal: Journal, database: Database) -> None:
    """A whole log put under another id: the chain begins with a seed of its own."""
    owner = await five_records(journal, database)
    other = Owner(replace(owner.identity, attempt_id=Owner().id))
    for table in (attempt_log, attempt_keys, snapshots, test_attempts):
        moved = update(table).where(table.c.attempt_id == owner.id).values(attempt_id=other.id)
        await database.write(partial(Connection.execute, statement=moved))
    ((attempt_id, _, found),) = [verdict async for verdict in verify_log(database)]
    assert attempt_id == other.id
    assert isinstance(found, BrokenChain)
    assert found.seq == 1


async def test_an_attempt_that_goes_on_meanwhile_is_sound(
    journal: Journal, database: Database, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She hands in after the status was read, and before the log is."""
    owner = await five_records(journal, database)

    async def hand_in() -> None:
        beside = await Database.open(migrated_url)
        own = Journal(beside, lambda: owner.now_ms)
        await own.start()
        done = asyncio.get_running_loop().create_future()
        own.submit(owner.asked(HandIn(CANDIDATE, owner.now_ms), on_outcome=done.set_result))
        assert isinstance(await done, Committed)
        await own.close()
        await beside.close()

    def read_later(connection: Connection, attempt_id: str) -> Kept:
        if owner.attempt.status is not Status.SUBMITTED:
            with ThreadPoolExecutor() as threads:
                threads.submit(asyncio.run, hand_in()).result()
        return read_lines(connection, attempt_id)

    monkeypatch.setattr("storage.log.verify.read_lines", read_later)
    assert [verdict async for verdict in verify_log(database)] == [(owner.id, 5, None)]
    assert [verdict async for verdict in verify_log(database)] == [(owner.id, 6, None)]


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", ["'a text'", "7"])
async def test_a_value_of_another_type_is_found(journal: Journal, database: Database, value: str) -> None:
    """SQLite keeps any type in any column."""
    owner = await five_records(journal, database)
    statement = f"UPDATE attempt_log SET hash = {value} WHERE seq = 3"  # noqa: S608 (a value of this test)
    await database.write(lambda connection: connection.exec_driver_sql(statement))
    ((_, _, found),) = [verdict async for verdict in verify_log(database, owner.id)]
    assert found is not None
    assert "a text" not in str(found)


async def test_what_only_a_newer_version_knows_is_named_and_the_chain_holds(
    journal: Journal, database: Database
) -> None:
    owner = await five_records(journal, database)
    await append_new(database, owner.id)
    ((_, count, found),) = [verdict async for verdict in verify_log(database)]
    assert isinstance(found, NewerLog)
    assert (count, [unread.what for unread in found.unread]) == (6, ["the kind noted"])
    for tamper, seq in ((remove_from_the_projection, 6), (forge_the_snapshot, 5), (change_a_byte_of_a_body, 3)):
        await database.write(partial(tamper, owner=owner))
        ((_, _, found),) = [verdict async for verdict in verify_log(database)]
        assert isinstance(found, BrokenChain)
        assert found.seq == seq
