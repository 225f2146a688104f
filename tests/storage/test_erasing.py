"""A person is erased: nothing that names her or that she wrote is left anywhere, and every chain still verifies."""

from base64 import b64decode
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Delete, Update, delete, select, update

from protocol.attempt.chain import BrokenChain, ErasedLog, NewerLog
from protocol.attempt.commands import Begin, Connect, HandIn, MarkByHand, Steer
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Erased
from protocol.attempt.model import Actor, Attempt, Role, Status
from protocol.media import hash_of
from protocol.messages.staff import MessageAttempt, WarnAttempt
from protocol.override import Override
from protocol.rest.results import Mark, Result
from storage.answer_files import AnswerFile, AnswerFiles
from storage.answers import Answers
from storage.attempts import Attempts
from storage.captured_pictures import CapturedPicture, CapturedPictures
from storage.database import Database
from storage.enrolments import Enrolment, Enrolments, Key
from storage.erasing import OF_HER_IN_ROW, Erasing, Head, UnderWay
from storage.export import export_person
from storage.log.journal import Journal, Rejected
from storage.log.verify import InArchive, verify_log
from storage.nodes import Nodes
from storage.outbox import Outbox
from storage.overrides import Granted, Overrides, Who
from storage.people import USER, People, Person
from storage.results import Results
from storage.revocations import Revocation, Revocations
from storage.schema import attempt_keys, attempt_log, erasures, rest_contacts, staff_commands, test_attempts
from storage.snapshots import Snapshots
from storage.sorting import Sorting
from storage.staff_commands import StaffCommands
from tests.storage.leftovers import found_in
from tests.storage.making import CANDIDATE, NOW, ORG, STAFF, TEST, Owner, new_identity

HER = "canary-user-9f31"
ADDRESS = "203.0.113.77"
WORDS = {HER, ADDRESS, "canary-answer", "canary-message", "canary-remark", "canary-browser", "canary-name"}
WORDS |= {"canary-file", "canary-picture", "canary-email", "canary-reason", "canary-code"}
SERVICE = Actor(Role.SERVICE, "platform")
LATER = NOW + 1_000


@dataclass
class World:
    """What the tests work with."""

    database: Database
    url: str
    journal: Journal

    async def made(self, user_id: str | None = None, *, ended: bool = True, number: int = 1) -> Owner:
        """An attempt with something in every table."""
        owner = Owner(new_identity(user_id=user_id, number=number))
        others = tuple(await Attempts(self.database).of_user(ORG, TEST, owner.identity.user_id))
        steps = [
            owner.made(others=others),
            owner.asked(Connect(CANDIDATE, "c-" + owner.id, "p", "d", 1, False, ADDRESS, "canary-browser")),
            owner.asked(Begin(CANDIDATE, 0)),
            owner.asked(Steer(STAFF, MessageAttempt("m-" + owner.id, owner.id, "canary-message"))),
            owner.asked(Steer(STAFF, WarnAttempt("w-" + owner.id, owner.id, "canary-warning"))),
            owner.answered("essay", "canary-answer"),
        ]
        if ended:
            steps.append(owner.asked(HandIn(CANDIDATE, 0)))
            steps.append(owner.asked(MarkByHand(STAFF, "k-" + owner.id, "essay", 500, 1_000, "canary-remark")))
        for append in steps:
            assert self.journal.submit(append)
        outcomes = await owner.heard(len(steps))
        assert not any(isinstance(outcome, Rejected) for outcome in outcomes), outcomes
        await Snapshots(self.database).save([owner.attempt], NOW)
        await Results(self.database).save([(result_of(owner), owner.attempt.seq)], NOW)
        await Attempts(self.database).note_addresses([(owner.id, ADDRESS, "canary-browser")])
        await StaffCommands(self.database).claim(ORG, "m-" + owner.id, owner.id, NOW)
        await Nodes(self.database).keep_contacts({"c-" + owner.id: NOW})
        handed_in = b"canary-file " + owner.id.encode()
        file = AnswerFile(hash_of(handed_in), "text/plain", len(handed_in), NOW)
        await AnswerFiles(self.database).put(ORG, owner.id, file, handed_in)
        picture = CapturedPicture("screen", 1, NOW, NOW + 1, "image/jpeg", b"canary-picture " + owner.id.encode())
        await CapturedPictures(self.database).put(ORG, owner.id, picture, 10)
        await self.known(owner.attempt.identity.user_id)
        named = update(test_attempts).where(test_attempts.c.attempt_id == owner.id)
        await self.database.write(lambda connection: connection.execute(named.values(display_name="canary-name")))
        return owner

    async def known(self, user_id: str) -> None:
        """What the organisation has said of the person."""
        people, who = People(self.database), Who(USER, user_id)
        await people.put(ORG, Person(user_id, "canary-name", "canary-email", None), NOW)
        await people.put_group(ORG, "room", "Room 1")
        await people.join(ORG, "room", user_id)
        await Enrolments(self.database).put(ORG, Key("test", TEST, USER, user_id), Enrolment(b"canary-code"))
        granted = Granted(who, TEST, Override(extra_attempts=1), NOW, "grace", "canary-reason")
        await Overrides(self.database).put(ORG, granted)

    async def erase(self, user_id: str = HER) -> list[Head]:
        return await Erasing(self.database).erase(ORG, user_id, "hidden", SERVICE, LATER)

    async def verdicts(self) -> dict[str, BrokenChain | ErasedLog | InArchive | NewerLog | None]:
        return {attempt_id: said async for attempt_id, _, said in verify_log(self.database)}


def result_of(owner: Owner) -> Result:
    mark = Mark(question_id="essay", score_mpt=500, max_mpt=1_000, marked_by="staff", remark="canary-remark")
    return Result(
        attempt_id=owner.id,
        test_id=TEST,
        test_version=1,
        user_id=owner.identity.user_id,
        status="submitted",
        reference=None,
        complete=True,
        score_mpt=500,
        max_mpt=1_000,
        awaiting_marks=0,
        marks=[mark],
    )


@pytest.fixture
async def world(database: Database, migrated_url: str, journal: Journal) -> World:
    if database.dialect == "sqlite":
        # Some builds of SQLite overwrite what is deleted, and others don't.
        await database.write(lambda connection: connection.exec_driver_sql("PRAGMA secure_delete = OFF").close())
    return World(database, migrated_url, journal)


async def test_nothing_of_her_is_left_anywhere(world: World) -> None:
    hers = [await world.made(HER), await world.made(HER, number=2)]
    await Revocations(world.database).add(
        Revocation(
            revocation_id=Owner().id,
            org_id=ORG,
            token_id=None,
            user_id=HER,
            revoked_at_ms=NOW,
            revoked_by="platform",
            reason="canary-message",
        )
    )
    assert await found_in(world.database, world.url, WORDS) == WORDS
    heads = await world.erase()
    assert await Erasing(world.database).scrub()
    assert sorted(head.attempt_id for head in heads) == sorted(owner.id for owner in hers)
    assert await found_in(world.database, world.url, WORDS | {owner.attempt.key.hex() for owner in hers}) == set()
    key = await Attempts(world.database).key(hers[0].id)
    assert key not in (None, hers[0].attempt.key), "the old key is gone"
    for table, column in ((staff_commands, "attempt_id"), (rest_contacts, "connection_id")):
        query = select(table.c[column])
        left = await world.database.read(lambda connection, query=query: connection.execute(query).all())  # type: ignore[misc]
        assert left == []


async def test_the_chain_still_verifies_and_says_what_was_erased(world: World) -> None:
    hers, other = await world.made(HER), await world.made()
    await world.erase()
    verdicts = await world.verdicts()
    assert verdicts[other.id] is None
    said = verdicts[hers.id]
    assert isinstance(said, ErasedLog)
    entry = said.record.entry
    assert (said.erased, entry.seq) == (hers.attempt.seq, hers.attempt.seq + 1)
    assert (entry.at_ms, entry.role, entry.by) == (LATER, Role.SERVICE, "platform")
    with pytest.raises(ErasedLog):
        await Attempts(world.database).load(hers.id)
    with pytest.raises(ErasedLog):
        await Attempts(world.database).records(hers.id, hers.attempt.seq - 2)


async def test_numbers_stay(world: World) -> None:
    hers, other = await world.made(HER), await world.made()
    before = {row.attempt_id: row for row in await Attempts(world.database).rows(ORG, TEST, None, 10)}
    await world.erase()
    after = {row.attempt_id: row for row in await Attempts(world.database).rows(ORG, TEST, None, 10)}
    assert after[other.id] == before[other.id]
    left = after[hers.id]
    assert left.user_id.startswith("erased-")
    forgotten: dict[str, Any] = dict.fromkeys(OF_HER_IN_ROW)
    assert left == replace(before[hers.id], seq=hers.attempt.seq + 1, user_id=left.user_id, name="", **forgotten)
    result = await Results(world.database).get(hers.id)
    assert result is not None
    assert (result.score_mpt, result.user_id, result.marks[0].score_mpt) == (500, left.user_id, 500)
    assert (result.marks[0].remark, result.marks[0].marked_by) == ("", None)
    assert await Answers(world.database).of(hers.id) == []
    known = await Attempts(world.database).identity(hers.id)
    assert known is not None
    assert (known.user_id, known.erased_at_ms) == (left.user_id, LATER)
    assert await Erasing(world.database).since(LATER) == [(left.user_id, ORG)]
    assert await Erasing(world.database).attempts_of(ORG, left.user_id) == [hers.id]


async def test_again_is_harmless(world: World) -> None:
    await world.made(HER)
    assert len(await world.erase()) == 1
    assert await world.erase() == []
    assert await world.erase("nobody") == []
    assert len(await Erasing(world.database).since(0)) == 1


async def test_not_while_she_sits(world: World) -> None:
    ended, sitting = await world.made(HER), await world.made(HER, number=2, ended=False)
    with pytest.raises(UnderWay):
        await world.erase()
    assert await world.verdicts() == {ended.id: None, sitting.id: None}
    assert world.journal.submit(sitting.asked(HandIn(CANDIDATE, 0)))
    await sitting.heard(7)
    assert len(await world.erase()) == 2


async def test_another_organisation_keeps_its_own(world: World) -> None:
    hers = await world.made(HER)
    assert await Erasing(world.database).erase("elsewhere", HER, "hidden", SERVICE, LATER) == []
    assert await world.verdicts() == {hers.id: None}


async def test_what_a_node_still_has_in_memory_does_not_come_back(world: World) -> None:
    hers = await world.made(HER)
    stale: Attempt = hers.attempt
    late = hers.asked(MarkByHand(STAFF, "again", "essay", 600, 1_000, "canary-remark"))
    await world.erase()
    assert await Erasing(world.database).scrub()
    assert world.journal.submit(late)
    assert (await hers.heard(9))[-1] == Rejected("fenced")
    await Snapshots(world.database).save([stale], NOW)
    await Results(world.database).save([(result_of(hers), stale.seq + 5)], NOW)
    await Attempts(world.database).note_addresses([(hers.id, ADDRESS, "canary-browser")])
    assert await found_in(world.database, world.url, WORDS) == set()
    assert isinstance((await world.verdicts())[hers.id], ErasedLog)


async def test_withdrawals_stay_in_force_under_another_name(world: World) -> None:
    for user_id, by in ((HER, "platform"), ("other", HER)):
        await Revocations(world.database).add(
            Revocation(
                revocation_id=Owner().id,
                org_id=ORG,
                token_id=None,
                user_id=user_id,
                revoked_at_ms=NOW,
                revoked_by=by,
                reason="x",
            )
        )
    assert await world.erase() == []
    left = {(one.user_id, one.revoked_by.startswith("erased-")) for one in await Revocations(world.database).since(0)}
    assert left == {("hidden", False), ("other", True)}


def flip(connection: Connection, attempt_id: str, seq: int, column: str) -> None:
    here = (attempt_log.c.attempt_id == attempt_id) & (attempt_log.c.seq == seq)
    data = bytearray(connection.execute(select(attempt_log.c[column]).where(here)).scalar_one())
    data[0] ^= 1
    connection.execute(update(attempt_log).where(here).values({column: bytes(data)}))


@pytest.mark.parametrize("column", ["digest", "hash"])
async def test_a_changed_byte_is_found_after_erasing(world: World, column: str) -> None:
    hers = await world.made(HER)
    await world.erase()
    await world.database.write(partial(flip, attempt_id=hers.id, seq=3, column=column))
    said = (await world.verdicts())[hers.id]
    assert isinstance(said, BrokenChain)
    assert said.seq == 3


async def test_what_happened_to_an_erased_log_is_found(world: World) -> None:
    """A header, the record that says it, a body that came back, a record behind it, and the key."""
    changes: list[Update | Delete] = [
        update(attempt_log).where(attempt_log.c.seq == 3).values(at_ms=1),
        update(attempt_log).where(attempt_log.c.kind == "erased").values(role="system"),
        update(attempt_log).where(attempt_log.c.kind == "erased").values(body=b"\x80"),
        update(attempt_log).where(attempt_log.c.seq == 3).values(body=b"back"),
        delete(attempt_log).where(attempt_log.c.kind == "erased"),
        update(attempt_keys).values(key=bytes(32)),
        update(test_attempts).values(seq=3),
    ]
    for change in changes:
        hers = await world.made(HER)
        await world.erase()
        mine = change.where(change.table.c.attempt_id == hers.id)
        await world.database.write(lambda connection, mine=mine: connection.execute(mine))  # type: ignore[misc]
        assert isinstance((await world.verdicts())[hers.id], BrokenChain), str(change)


async def test_bodies_that_are_gone_without_a_record_of_it_are_found(world: World) -> None:
    hers = await world.made(HER)
    gone = update(attempt_log).where(attempt_log.c.attempt_id == hers.id).values(body=None)
    await world.database.write(lambda connection: connection.execute(gone))
    said = (await world.verdicts())[hers.id]
    assert isinstance(said, BrokenChain)
    assert "the body is gone" in str(said)


async def test_the_fold_of_an_erasure_leaves_nothing_personal(world: World) -> None:
    hers = await world.made(HER)
    (erased,) = hers.stated(Erased("alias")).records
    state = evolve(replace(hers.attempt, seq=erased.entry.seq - 1), erased)
    assert not {word for word in WORDS if word in str(state)}
    assert (state.identity.user_id, state.status, state.erased) == ("alias", Status.SUBMITTED, True)


async def test_everything_is_exported_before(world: World) -> None:
    hers = await world.made(HER)
    export = await export_person(world.database, ORG, HER, LATER)
    (attempt,) = export.attempts
    assert (export.user_id, attempt.attempt_id, attempt.display_name) == (HER, hers.id, "canary-name")
    assert (attempt.ip_address, attempt.user_agent) == (ADDRESS, "canary-browser")
    assert [(one.question_id, one.value) for one in attempt.answers] == [("essay", "canary-answer")]
    assert attempt.result is not None
    assert attempt.result.marks[0].remark == "canary-remark"
    kinds = ["created", "connected", "started", "messaged", "formally_warned", "answered", "submitted", "hand_marked"]
    assert [record.kind for record in attempt.log] == kinds
    assert attempt.log[3].fact["text"] == "canary-message"
    assert attempt.log[1].fact["address"] == ADDRESS
    (picture,) = attempt.captured_pictures
    assert (picture.at_ms, b64decode(picture.data)) == (NOW, b"canary-picture " + hers.id.encode())
    (file,) = attempt.files
    assert (file.type, b64decode(file.data)) == ("text/plain", b"canary-file " + hers.id.encode())
    said = export.person
    assert (said.name, said.email, said.groups) == ("canary-name", "canary-email", ["room"])
    assert [(one.to_id, one.has_access_code) for one in said.enrolments] == [(TEST, True)]
    assert [(one.test_id, one.override, one.reason) for one in said.overrides] == [
        (TEST, {"extra_attempts": 1}, "canary-reason")
    ]
    await world.erase()
    after = await export_person(world.database, ORG, HER, LATER)
    assert (after.attempts, after.person.name, after.person.groups) == ([], "", [])


async def test_who_never_sat_is_erased_too_and_staff_who_are_erased_keep_what_they_granted(world: World) -> None:
    await world.known(HER)
    other = Granted(Who(USER, "bob"), TEST, Override(extra_attempts=1), NOW, HER, "a certificate")
    await Overrides(world.database).put(ORG, other)
    assert await world.erase() == []
    assert await Erasing(world.database).scrub()
    assert await found_in(world.database, world.url, {HER, "canary-email", "canary-name"}) == set()
    (kept,) = await Overrides(world.database).list(ORG, TEST, Sorting(), 10)
    assert (kept.who.id, kept.changed_by.startswith("erased-")) == ("bob", True)


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_the_file_is_written_anew_when_nobody_sits(world: World) -> None:
    await world.made(HER)
    sitting = await world.made(ended=False)
    await world.erase()
    assert not await Erasing(world.database).scrub(), "somebody sits"
    assert world.journal.submit(sitting.asked(HandIn(CANDIDATE, 0)))
    await sitting.heard(7)
    assert await Erasing(world.database).scrub()
    assert HER not in await found_in(world.database, world.url, {HER})
    query = select(erasures.c.scrubbed)
    assert await world.database.read(lambda connection: connection.execute(query).scalars().all()) == [True]


async def test_the_outbox_forgets_her(world: World) -> None:
    await world.made(HER)
    other = await world.made()
    await world.erase()
    left = {event.event_id.partition(":")[0] for event in await Outbox(world.database).pending(100)}
    assert left == {other.id}


async def test_somebody_who_appends_at_the_same_moment_is_met(world: World) -> None:
    """The record of the erasure goes behind whatever is there when its transaction comes to it."""
    hers = await world.made(HER)
    seen = hers.attempt.seq
    extra = select(attempt_log).where(attempt_log.c.attempt_id == hers.id, attempt_log.c.seq == seen)
    assert world.journal.submit(hers.asked(MarkByHand(STAFF, "more", "essay", 600, 1_000, "canary-remark")))
    await hers.heard(9)
    (head,) = await world.erase()
    assert head.seq == hers.attempt.seq + 1
    row = await world.database.read(lambda connection: connection.execute(extra).one())
    assert row.body is None
