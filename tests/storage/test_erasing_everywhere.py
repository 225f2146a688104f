"""Erasing is held against the whole schema: each column that can hold a text says what becomes of a person's in it. A
new column, a new field of a result, or a new one of a monitor's row fails here until it says so too."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import pytest
from msgspec import inspect
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from protocol.attempt.commands import Begin, Connect, HandIn
from protocol.attempt.model import Actor, Role
from protocol.rest.results import Mark, Result
from storage.columns import AttemptId, JsonText
from storage.database import Database
from storage.erasing import OF_HER_IN_ROW, Erasing
from storage.export import _NAMES_HER
from storage.log.journal import Journal
from storage.projection import _SESSION_DATA
from storage.schema import metadata
from tests.storage.leftovers import found_in
from tests.storage.making import CANDIDATE, NOW, ORG, Owner, new_identity

HER: Final = "canary-her-9f31"
OTHER: Final = "spared-other-4c20"
SERVICE: Final = Actor(Role.SERVICE, "platform")
_FREE: Final = (Text, JsonText, LargeBinary)
_WRITTEN: Final = ("attempt_log", "test_attempts")
"""Tables in which the journal has written about her."""

NAMES: Final[Mapping[str, str]] = {
    "api_keys": "user_id",
    "audit_log": "subject",
    "enrolments": "who_id",
    "events": "user_id",
    "group_members": "user_id",
    "leaderboard": "user_id",
    "mail_stops": "user_id",
    "overrides": "who_id",
    "people": "user_id",
    "revocations": "user_id",
    "test_attempts": "user_id",
}
"""Columns that hold the id of the person whom a row is about."""
ACTED: Final[Mapping[str, str]] = {
    "api_keys": "made_by",
    "bulk_acts": "by_id",
    "erasures": "erased_by",
    "marking_tasks": "first_by second_by claimed_by",
    "overrides": "changed_by",
    "regrades": "by_id",
    "releases": "changed_by",
    "revocations": "revoked_by",
    "subscriptions": "changed_by",
}
"""Columns that hold the id of whoever did something to others: an alias comes in its place."""
ABOUT_HER: Final[Mapping[str, str]] = {
    "answer_files": "hash type data",
    "answers": "question_id value",
    "api_keys": "name",
    "attempt_keys": "key",
    "attempt_log": "body",
    "audit_log": "body key by_id test_id",
    "bulk_acts": "order filter scope request",
    "bulk_targets": "outcome code detail",
    "captured_pictures": "type data",
    "courses": "course shape",
    "deliveries": "lane state error",
    "enrolments": "to_id access_code_digest form_id",
    "events": "event_id topic lane data",
    "group_members": "group_id",
    "keyed_calls": "answer",
    "leaderboard": "pseudonym folded",
    "marking_tasks": "question_id answer first_remark first_criteria second_remark second_criteria",
    "outbox": "topic payload",
    "overrides": "override reason",
    "people": "name email branch_id user_name user_name_key external_id given_name family_name",
    "rest_contacts": "connection_id",
    "revocations": "reason",
    "snapshots": "head shape state",
    "staff_commands": "command_id",
    "test_attempts": "display_name ip_address user_agent",
}
"""Columns of rows about her of which nothing is left."""
IN_PARTS: Final[Mapping[str, str]] = {
    "result_versions": "result",
    "results": "marks result",
    "test_attempts": "navigation_history session_data",
}
"""Columns of which numbers stay: tests of their own look at what goes."""
NOTHING_OF_HER: Final[Mapping[str, str]] = {
    "api_keys": "org_id key_id role reach secrets",
    "answer_files": "org_id",
    "archived_logs": "org_id archive head",
    "attempt_log": "kind role digest hash",
    "audit_log": "org_id kind role digest hash",
    "bulk_acts": "org_id bulk_id test_id role",
    "bulk_targets": "org_id bulk_id",
    "captured_pictures": "org_id source",
    "deliveries": "org_id subscription_id",
    "enrolments": "org_id to_kind who_kind",
    "erasures": "alias org_id",
    "event_positions": "org_id",
    "events": "org_id",
    "group_members": "org_id",
    "groups": "org_id group_id title external_id",
    "head_files": "node mac",
    "keyed_calls": "org_id key request state",
    "leaderboard": "org_id test_id",
    "left_media": "org_id place",
    "mail_stops": "org_id",
    "marking_tasks": "org_id test_id",
    "media": "org_id hash type data place",
    "nodes": "name",
    "overrides": "org_id who_kind test_id",
    "people": "org_id",
    "people_revisions": "org_id",
    "regrades": "org_id regrade_id test_id reason role",
    "releases": "org_id test_id reason",
    "result_versions": "",
    "results": "status",
    "retention": "org_id",
    "revocations": "org_id token_id",
    "staff_commands": "org_id",
    "subscriptions": "org_id subscription_id kind target topics description secrets mail why_off",
    "test_attempts": "org_id branch_id test_id form_id status",
    "tests": "org_id test_id title content content_hash",
}
"""Columns that say nothing of a candidate: what they hold is the organisation's, the operator's, or a keyed digest."""

STAYS_OF_RESULT: Final = {
    "Result.attempt_id",
    "Result.test_id",
    "Result.status",
    "Result.reference",
    "Result.grade",
    "Mark.question_id",
    "Mark.feedback",
    "PartMark.response_id",
    "JudgedCriterion.name",
    "JudgedCriterion.says",
    "Counting.grade",
    "Feedback.question_id",
    "Feedback.response_id",
    "Feedback.option",
    "Feedback.body",
    "PaperMedium.address",
    "PaperMedium.hash",
    "Skill.tag",
    "Skill.title",
}
"""Texts of a result that the author wrote, or that name a question."""
STAYS_OF_ROW: Final = {
    "answered",
    "flagged",
    "total",
    "left_ms",
    "score_mpt",
    "max_mpt",
    "awaiting_marks",
    "lost_records",
    "link",
    "section_id",
    "admission",
    "counts",
    "forgotten_since_ms",
    "over_since_ms",
    "pause",
    "ended_by_staff",
}
"""Numbers, and where the attempt stood, which lists of attempts go on showing."""


def columns_of(*said: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(table, column) for one in said for table, columns in one.items() for column in columns.split()]


def test_every_column_that_can_hold_a_text_says_what_becomes_of_it() -> None:
    said = columns_of(NAMES, ACTED, ABOUT_HER, IN_PARTS, NOTHING_OF_HER)
    free = [
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, _FREE) and not isinstance(column.type, AttemptId)
    ]
    assert sorted(said) == sorted(free)


def test_whoever_is_looked_for_is_looked_for_in_every_column_that_names_somebody() -> None:
    looked_for = {(table.name, column) for table, column in _NAMES_HER}
    assert looked_for == set(columns_of(NAMES, ACTED))


def test_every_field_of_a_row_says_what_becomes_of_it() -> None:
    assert sorted([*STAYS_OF_ROW, *OF_HER_IN_ROW]) == sorted(_SESSION_DATA)


def word(who: str, table: str, column: str) -> str:
    """What stands for something personal in this column; `;` ends it, so that none is a part of another."""
    return f"{who.partition('-')[0]}-{table}-{column};"


def filler(column: Column[Any], number: int) -> object:
    """What a column has that says nothing."""
    match column.type:
        case AttemptId():
            return Owner().id
        case JsonText():
            return "[]"
        case LargeBinary():
            return str(number).encode()
        case Boolean():
            return False
        case BigInteger() | Integer():
            return number
        case _:
            return str(number)


def personal(column: Column[Any], text: str) -> object:
    """The word, as a value of this column."""
    match column.type:
        case JsonText():
            return msgspec.json.encode(text).decode()
        case LargeBinary():
            return text.encode()
        case _:
            return text


def row_of(table: Table, who: str, number: int, **given: object) -> dict[str, object]:
    """A row with a word wherever it can tell something of this person."""
    told = {column for of, column in columns_of(ABOUT_HER) if of == table.name}
    values = {
        column.name: personal(column, word(who, table.name, column.name))
        if column.name in told
        else filler(column, number)
        for column in table.columns
        if column.name in told or not column.nullable
    }
    return values | {name: value for name, value in given.items() if name in table.columns}


def texts_of(struct: type[msgspec.Struct]) -> Any:
    """A value of this type with its own name in every text."""
    return msgspec.convert(_filled(inspect.type_info(struct), ""), struct)


def _filled(of: inspect.Type, name: str) -> Any:
    match of:
        case inspect.StructType():
            return {field.encode_name: _filled(field.type, f"{of.cls.__name__}.{field.name}") for field in of.fields}
        case inspect.UnionType():
            return _filled(next(one for one in of.types if not isinstance(one, inspect.NoneType)), name)
        case inspect.ListType():
            return [_filled(of.item_type, name)]
        case inspect.DictType():
            return {}
        case inspect.LiteralType():
            return of.values[0]
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return of.ge or 1
        case inspect.StrType():
            return name
        case _:
            raise AssertionError(f"{name} is of a type that has no case here: {of}")


def said_in(value: object) -> Iterator[str]:
    """Every text in it, but for keys."""
    match value:
        case dict():
            for one in value.values():
                yield from said_in(one)
        case list():
            for one in value:
                yield from said_in(one)
        case str():
            yield value


async def sat(journal: Journal, who: str) -> Owner:
    """An attempt with a connection whose name is a word."""
    owner = Owner(new_identity(user_id=who))
    steps = [
        owner.made(),
        owner.asked(Connect(CANDIDATE, word(who, "rest_contacts", "connection_id"), "p", "d", 1, False, "", "")),
        owner.asked(Begin(CANDIDATE, 0)),
        owner.answered("essay", word(who, "attempt_log", "body")),
        owner.asked(HandIn(CANDIDATE, 0)),
    ]
    for append in steps:
        assert journal.submit(append)
    await owner.heard(len(steps))
    return owner


def fill(connection: Connection, owner: Owner, number: int) -> None:
    """A row about this person in every table that can have one."""
    who = owner.identity.user_id
    given = {"attempt_id": owner.id, "org_id": ORG, "who_kind": "user"}
    for table in metadata.sorted_tables:
        if table.name in _WRITTEN or table.name not in {*NAMES, *ABOUT_HER}:
            continue
        if "attempt_id" in table.columns:
            connection.execute(delete(table).where(table.c.attempt_id == owner.id))
        named = {NAMES[table.name]: who} if table.name in NAMES else {}
        connection.execute(insert(table).values(row_of(table, who, number, **given, **named)))
    table = metadata.tables["test_attempts"]
    told = {name: word(who, table.name, name) for name in ABOUT_HER[table.name].split()}
    connection.execute(update(table).where(table.c.attempt_id == owner.id).values(told))


@pytest.fixture
async def filled(database: Database, journal: Journal) -> list[Owner]:
    """She and somebody else."""
    if database.dialect == "sqlite":
        await database.write(lambda connection: connection.exec_driver_sql("PRAGMA secure_delete = OFF").close())
    owners = [await sat(journal, HER), await sat(journal, OTHER)]

    def work(connection: Connection) -> None:
        # Behind what is there already.
        for number, owner in enumerate(owners, 100):
            fill(connection, owner, number)

    await database.write(work)
    return owners


async def erase(database: Database) -> None:
    await Erasing(database).erase(ORG, HER, "hidden", SERVICE, NOW + 1)
    assert await Erasing(database).scrub()


async def test_of_every_table_nothing_is_left_of_her_and_all_of_somebody_else(
    database: Database, migrated_url: str, filled: list[Owner]
) -> None:
    hers = {HER, *(word(HER, table, column) for table, column in columns_of(ABOUT_HER))}
    spared = {OTHER, *(word(OTHER, table, column) for table, column in columns_of(ABOUT_HER))}
    assert await found_in(database, migrated_url, hers | spared) == hers | spared
    await erase(database)
    # Any answer that is kept may name anybody, and nobody can look into it.
    left = spared - {word(OTHER, "keyed_calls", "answer")}
    assert await found_in(database, migrated_url, hers | spared) == left


@pytest.mark.parametrize(("name", "column"), columns_of(ACTED))
@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_who_did_something_to_others_is_an_alias(database: Database, name: str, column: str) -> None:
    table = metadata.tables[name]
    row = row_of(table, OTHER, 1, org_id=ORG, bulk_id="1", **{column: HER})
    # An act on many that is for nobody goes.
    target = row_of(metadata.tables["bulk_targets"], OTHER, 1, org_id=ORG)

    def work(connection: Connection) -> None:
        connection.execute(insert(table).values(row))
        connection.execute(insert(metadata.tables["bulk_targets"]).values(target))

    await database.write(work)
    await erase(database)
    query = select(table.c[column]).where(table.c[column].is_not(None))
    named = await database.read(lambda connection: connection.execute(query).scalars().all())
    assert HER not in named
    assert any(one.startswith("erased-") for one in named)


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_of_results_no_text_stays_that_a_person_wrote(database: Database, journal: Journal) -> None:
    owner = await sat(journal, HER)
    full = texts_of(Result)
    values = {"result": msgspec.json.encode(full).decode(), "attempt_id": owner.id, "seq": 1, "status": "submitted"}
    shared = {"complete": True, "score_mpt": 1, "max_mpt": 1, "saved_at_ms": NOW}
    marks = msgspec.json.encode(full.marks).decode()
    results, versions = metadata.tables["results"], metadata.tables["result_versions"]

    def work(connection: Connection) -> None:
        connection.execute(insert(results).values(values | shared | {"marks": marks, "awaiting_marks": 0}))
        of_version = {name: value for name, value in values.items() if name != "status"}
        connection.execute(insert(versions).values(of_version | shared | {"version": 1, "key_version": 1}))

    await database.write(work)
    await erase(database)
    stored = await database.read(
        lambda connection: [
            *connection.execute(select(results.c.result, results.c.marks)).one(),
            connection.execute(select(versions.c.result)).scalar_one(),
        ]
    )
    of_marks = {name for name in STAYS_OF_RESULT if name.partition(".")[0] in ("Mark", "PartMark", "JudgedCriterion")}
    for text, stays in zip(stored, (STAYS_OF_RESULT, of_marks, STAYS_OF_RESULT), strict=True):
        assert {one for one in said_in(msgspec.json.decode(text)) if "." in one} == stays


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_of_her_row_numbers_stay_and_nothing_that_is_about_her(database: Database, journal: Journal) -> None:
    owner = await sat(journal, HER)
    table = metadata.tables["test_attempts"]
    data = msgspec.json.encode(dict.fromkeys(_SESSION_DATA, "hers")).decode()
    changed = update(table).values(session_data=data, navigation_history="[[7,7]]")
    await database.write(lambda connection: connection.execute(changed.where(table.c.attempt_id == owner.id)))
    await erase(database)
    query = select(table.c.session_data, table.c.navigation_history).where(table.c.attempt_id == owner.id)
    left, visits = await database.read(lambda connection: connection.execute(query).one())
    assert {name for name, value in msgspec.json.decode(left).items() if value is not None} == STAYS_OF_ROW
    assert visits == "[]"


def test_what_a_result_says_of_its_marks_is_looked_at() -> None:
    """The filler reaches what lies deepest."""
    texts = set(said_in(msgspec.to_builtins(texts_of(Mark))))
    assert {"Mark.remark", "Mark.marked_by", "JudgedCriterion.says", "PartMark.response_id"} <= texts
