"""Everything that is kept of a person, as one document."""

from base64 import b64encode
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, select

from protocol.attempt.answers import Answers
from protocol.attempt.evolve import fold
from protocol.attempt.facts import Record
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.view import formal_warnings
from protocol.messages.state import SavedAnswer
from protocol.rest.personal import (
    ExportedAccount,
    ExportedAttempt,
    ExportedEnrolment,
    ExportedFile,
    ExportedOverride,
    ExportedPerson,
    ExportedPicture,
    ExportedRecord,
    ExportedRevocation,
    ExportedStand,
    PersonExport,
)
from protocol.rest.results import Result
from storage.answer_files import AnswerFile, data_of, files_of
from storage.answers import answers_of
from storage.archives.kept import away
from storage.captured_pictures import CapturedPicture, pictures_of
from storage.database import Database
from storage.log.reading import read_lines
from storage.people import USER, groups_of
from storage.schema import (
    api_keys,
    audit_log,
    bulk_acts,
    enrolments,
    erasures,
    events,
    group_members,
    leaderboard,
    mail_stops,
    marking_tasks,
    overrides,
    people,
    regrades,
    releases,
    results,
    revocations,
    subscriptions,
    test_attempts,
)

_NAMES_HER: Final = (
    (test_attempts, "user_id"),
    (people, "user_id"),
    (group_members, "user_id"),
    (enrolments, "who_id"),
    (overrides, "who_id"),
    (overrides, "changed_by"),
    (revocations, "user_id"),
    (revocations, "revoked_by"),
    (releases, "changed_by"),
    (regrades, "by_id"),
    (bulk_acts, "by_id"),
    (api_keys, "user_id"),
    (api_keys, "made_by"),
    (subscriptions, "changed_by"),
    (erasures, "erased_by"),
    (events, "user_id"),
    (audit_log, "subject"),
    (mail_stops, "user_id"),
    (leaderboard, "user_id"),
    (marking_tasks, "first_by"),
    (marking_tasks, "second_by"),
    (marking_tasks, "claimed_by"),
)
"""Tables, and their columns that name somebody."""
_decode_result: Final = msgspec.json.Decoder(Result).decode


async def export_person(database: Database, org_id: str, user_id: str, now_ms: int) -> PersonExport:
    """All attempts with their logs, answers and results, and withdrawals of all the person's tokens. Reads one attempt
    at a time. Raises `BrokenChain`, `NewerLog` and `StorageUnavailable`."""
    table = test_attempts.c
    mine = select(test_attempts).where(table.org_id == org_id, table.user_id == user_id).order_by(table.attempt_id)
    withdrawn = select(revocations).where(revocations.c.org_id == org_id, revocations.c.user_id == user_id)
    hers = database.for_org(org_id)
    rows = await hers.read(lambda connection: connection.execute(mine).all())
    attempts = [await hers.read(partial(_attempt, row=row)) for row in rows]
    taken_back = await hers.read(lambda connection: connection.execute(withdrawn).all())
    return PersonExport(
        org_id=org_id,
        user_id=user_id,
        exported_at_ms=now_ms,
        person=await hers.read(partial(_person, org_id=org_id, user_id=user_id)),
        attempts=attempts,
        revocations=[
            ExportedRevocation(revoked_at_ms=one.revoked_at_ms, revoked_by=one.revoked_by, reason=one.reason)
            for one in taken_back
        ],
    )


async def is_known(database: Database, org_id: str, user_id: str) -> bool:
    """Whether anything is kept of the person."""

    def look(connection: Connection) -> bool:
        hers = (
            select(table.c.org_id).where(table.c.org_id == org_id, table.c[column] == user_id).limit(1)
            for table, column in _NAMES_HER
        )
        return any(connection.execute(query).first() is not None for query in hers)

    return await database.for_org(org_id).read(look)


def _person(connection: Connection, org_id: str, user_id: str) -> ExportedPerson:
    known = select(people).where(people.c.org_id == org_id, people.c.user_id == user_id)
    row = connection.execute(known).first()

    def hers(table: Table) -> Any:
        mine = table.c.who_id == user_id, table.c.who_kind == USER, table.c.org_id == org_id
        return connection.execute(select(table).where(*mine)).all()

    stopped = select(mail_stops.c.stopped_at_ms).where(mail_stops.c.org_id == org_id, mail_stops.c.user_id == user_id)
    stands = select(leaderboard).where(leaderboard.c.org_id == org_id, leaderboard.c.user_id == user_id)
    return ExportedPerson(
        leaderboards=[
            ExportedStand(test_id=one.test_id, number=one.number, pseudonym=one.pseudonym, since_ms=one.since_ms)
            for one in connection.execute(stands.order_by(leaderboard.c.test_id)).all()
        ],
        mail_stopped_at_ms=connection.execute(stopped).scalar(),
        by_provider=None
        if row is None or row.user_name is None
        else ExportedAccount(
            user_name=row.user_name,
            external_id=row.external_id,
            given_name=row.given_name,
            family_name=row.family_name,
        ),
        name="" if row is None else row.name,
        email=None if row is None else row.email,
        branch_id=None if row is None else row.branch_id,
        groups=list(groups_of(connection, org_id, user_id)),
        enrolments=[
            ExportedEnrolment(
                to_kind=one.to_kind,
                to_id=one.to_id,
                form_id=one.form_id,
                has_access_code=one.access_code_digest is not None,
            )
            for one in hers(enrolments)
        ],
        overrides=[
            ExportedOverride(
                test_id=one.test_id or None,
                override=msgspec.json.decode(one.override),
                changed_at_ms=one.changed_at_ms,
                reason=one.reason,
            )
            for one in hers(overrides)
        ],
    )


def _attempt(connection: Connection, row: Any) -> ExportedAttempt:
    gone = away(connection, row.attempt_id)
    kept = read_lines(connection, row.attempt_id)
    # What is left of a log that is in an archive names nobody but who moved it.
    records = kept.opened(row.attempt_id) if gone is None else []
    attempt = fold(records)
    result = connection.execute(select(results.c.result).where(results.c.attempt_id == row.attempt_id)).scalar()
    saved = Answers() if attempt is None else attempt.answers
    return ExportedAttempt(
        attempt_id=row.attempt_id,
        test_id=row.test_id,
        test_version=row.test_version,
        form_id=row.form_id,
        branch_id=row.branch_id,
        attempt_number=row.attempt_number,
        display_name=row.display_name,
        status=row.status,
        started_at_ms=row.start_time,
        ended_at_ms=row.submit_time,
        ip_address=row.ip_address,
        user_agent=row.user_agent,
        answers=[SavedAnswer(question_id, one.value, one.n, one.at_ms) for question_id, one in saved.items()]
        if gone is None
        else answers_of(connection, row.attempt_id),
        archive=None if gone is None else gone.archive,
        result=None if result is None else _decode_result(result),
        warnings=[] if attempt is None else formal_warnings(attempt),
        log=[_record(record) for record in records],
        files=[_file(connection, row.attempt_id, file) for file in files_of(connection, row.attempt_id)],
        captured_pictures=[_picture(picture) for picture in pictures_of(connection, row.attempt_id)],
    )


def _file(connection: Connection, attempt_id: str, file: AnswerFile) -> ExportedFile:
    data = data_of(connection, attempt_id, file.hash) or b""
    return ExportedFile(**msgspec.structs.asdict(file), data=b64encode(data).decode())


def _picture(picture: CapturedPicture) -> ExportedPicture:
    return ExportedPicture(
        source=picture.source,
        at_ms=picture.at_ms,
        delete_at_ms=picture.delete_at_ms,
        type=picture.type,
        data=b64encode(picture.data).decode(),
    )


def _record(record: Record) -> ExportedRecord:
    entry = record.entry
    return ExportedRecord(
        seq=entry.seq,
        at_ms=entry.at_ms,
        kind=KIND_OF[type(entry.fact)].tag,
        role=entry.role.value,
        by=entry.by,
        fact=msgspec.to_builtins(entry.fact),
    )
