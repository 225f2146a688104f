"""Imports a roster: all of it in one transaction, or nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from protocol.attempt.model import Actor
from protocol.content import Rules
from protocol.override import NOTHING, Override
from protocol.rules.audit import EnrolmentsChanged
from protocol.rules.overrides import over
from protocol.rules.roster import Entry, Mistake, check_known, has_half_a_window
from storage.audit import append
from storage.database import Database
from storage.enrolments import TEST, Enrolment
from storage.overrides import EVERY_TEST, Candidate, accommodations_in
from storage.people import USER, Person
from storage.people_revisions import count_change
from storage.placing import place
from storage.schema import enrolments, group_members, groups, overrides, people

T = TypeVar("T")

_AT_ONCE: Final = 500
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Override).decode

_CHANGE_PERSON: Final = (
    update(people)
    .where(people.c.org_id == bindparam("new_org_id"), people.c.user_id == bindparam("new_user_id"))
    .values({name: bindparam(f"new_{name}") for name in ("name", "email", "branch_id", "changed_at_ms")})
)


class Report(msgspec.Struct, frozen=True):
    """How many people of the roster are new, were changed, or were known exactly so. `revision`: the number of the
    change; nil for a dry run."""

    made: int
    changed: int
    unchanged: int
    revision: int | None


class Contradicted(Exception):
    """Lines of the roster make no sense beside what is known. Nothing was imported."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("; ".join(map(str, mistakes)))
        self.mistakes = mistakes


class _Known(msgspec.Struct, frozen=True):
    """What the tables say of somebody, or are to say."""

    person: Person | None
    groups: frozenset[str]
    enrolment: Enrolment | None
    override: Override


async def import_roster(
    database: Database,
    org_id: str,
    entries: Sequence[Entry],
    to_kind: str,
    to_id: str,
    *,
    rules: Rules | None,
    now_ms: int,
    by: Actor,
    dry_run: bool,
) -> Report:
    """Adds the people of the roster or changes what is known of them, puts them into their groups, which it makes where
    there are none, enrols them for the test or course, and grants what the roster says: at the test, or for a course at
    every test. `rules` are those of the test; nil: of a course's tests none count. Nobody is taken out of anything. A
    dry run changes nothing. Raises `Contradicted`."""

    def work(connection: Connection) -> Report:
        revision = None if dry_run else count_change(connection, org_id)
        test_id = to_id if to_kind == TEST else EVERY_TEST
        known = _read(connection, org_id, [entry.user_id for entry in entries], to_kind, to_id, test_id)
        mistakes = list(_contradictions(connection, org_id, entries, known, test_id, rules))
        if mistakes:
            raise Contradicted(mistakes)
        wanted = {entry.user_id: _after(entry, known[entry.user_id]) for entry in entries}
        made = [user_id for user_id in wanted if known[user_id].person is None]
        changed = [
            user_id for user_id in wanted if known[user_id].person is not None and wanted[user_id] != known[user_id]
        ]
        if not dry_run:
            after = {user_id: wanted[user_id] for user_id in (*made, *changed)}
            _write(connection, org_id, after, known, (to_kind, to_id, test_id), now_ms, by.id)
            place(connection, org_id, {one.user_id: one.branch_id for one in entries if one.branch_id is not None})
            if after:
                entry = EnrolmentsChanged(to_kind, to_id, USER, None, people=len(after))
                append(connection, org_id, by, entry, now_ms)
        return Report(len(made), len(changed), len(wanted) - len(made) - len(changed), revision)

    walled = database.for_org(org_id)
    return await (walled.read(work) if dry_run else walled.write(work))


def _after(entry: Entry, known: _Known) -> _Known:
    was, enrolled = known.person, known.enrolment or Enrolment()
    person = Person(
        entry.user_id,
        entry.name or (entry.user_id if was is None else was.name),
        entry.email or (None if was is None else was.email),
        entry.branch_id or (None if was is None else was.branch_id),
    )
    return _Known(
        person,
        known.groups | set(entry.groups),
        Enrolment(entry.access_code_digest or enrolled.access_code_digest, enrolled.form_id),
        known.override if entry.override == NOTHING else over(entry.override, known.override),
    )


def _contradictions(
    connection: Connection,
    org_id: str,
    entries: Sequence[Entry],
    known: dict[str, _Known],
    test_id: str,
    rules: Rules | None,
) -> Iterator[Mistake]:
    for page in _pages([entry for entry in entries if has_half_a_window(entry)]):
        of = {entry.user_id: Candidate(test_id, entry.user_id) for entry in page}
        own, joining = dict.fromkeys(of.values(), NOTHING), {entry.user_id: entry.groups for entry in page}
        besides = accommodations_in(connection, org_id, list(of.values()), own, joining)
        for entry in page:
            mistake = check_known(entry, known[entry.user_id].override, besides[of[entry.user_id]], rules)
            if mistake is not None:
                yield mistake


def _pages(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for begin in range(0, len(items), _AT_ONCE):
        yield items[begin : begin + _AT_ONCE]


def _read(
    connection: Connection, org_id: str, user_ids: Sequence[str], to_kind: str, to_id: str, test_id: str
) -> dict[str, _Known]:
    persons: dict[str, Person] = {}
    member_of: dict[str, set[str]] = defaultdict(set)
    enrolled: dict[str, Enrolment] = {}
    granted: dict[str, Override] = {}
    for page in _pages(user_ids):
        for row in connection.execute(select(people).where(people.c.org_id == org_id, people.c.user_id.in_(page))):
            persons[row.user_id] = Person(row.user_id, row.name, row.email, row.branch_id)
        member = group_members.c
        for row in connection.execute(select(group_members).where(member.org_id == org_id, member.user_id.in_(page))):
            member_of[row.user_id].add(row.group_id)
        for row in connection.execute(
            select(enrolments).where(*_theirs(enrolments, org_id, page, to_kind=to_kind, to_id=to_id))
        ):
            enrolled[row.who_id] = Enrolment(row.access_code_digest, row.form_id)
        for row in connection.execute(select(overrides).where(*_theirs(overrides, org_id, page, test_id=test_id))):
            granted[row.who_id] = _decode(row.override)
    return {
        user_id: _Known(
            persons.get(user_id),
            frozenset(member_of[user_id]),
            enrolled.get(user_id),
            granted.get(user_id, NOTHING),
        )
        for user_id in user_ids
    }


def _theirs(table: Table, org_id: str, user_ids: Sequence[str], **at: str) -> list[Any]:
    places = [table.c[name] == value for name, value in at.items()]
    return [table.c.org_id == org_id, table.c.who_kind == USER, table.c.who_id.in_(user_ids), *places]


def _write(
    connection: Connection,
    org_id: str,
    after: dict[str, _Known],
    before: dict[str, _Known],
    at: tuple[str, str, str],
    now_ms: int,
    by: str,
) -> None:
    to_kind, to_id, test_id = at
    new_groups = {group for known in after.values() for group in known.groups}
    for ids in _pages(sorted(new_groups)):
        there = select(groups.c.group_id).where(groups.c.org_id == org_id, groups.c.group_id.in_(ids))
        new_groups -= set(connection.execute(there).scalars())
    _insert(connection, groups, [{"org_id": org_id, "group_id": name, "title": name} for name in sorted(new_groups)])
    for page in _pages(list(after)):
        connection.execute(delete(enrolments).where(*_theirs(enrolments, org_id, page, to_kind=to_kind, to_id=to_id)))
        regranted = [user_id for user_id in page if after[user_id].override != before[user_id].override]
        connection.execute(delete(overrides).where(*_theirs(overrides, org_id, regranted, test_id=test_id)))
        rows = [after[user_id] for user_id in page]
        made, changed = (
            [
                {"org_id": org_id, **msgspec.structs.asdict(known.person), "changed_at_ms": now_ms}
                for known in rows
                if known.person is not None and (before[known.person.user_id].person is None) is is_new
            ]
            for is_new in (True, False)
        )
        _insert(connection, people, made)
        if changed:
            # What an identity provider says of them stays.
            as_new = [{f"new_{name}": value for name, value in one.items()} for one in changed]
            connection.execute(_CHANGE_PERSON, as_new)
        _insert(
            connection,
            group_members,
            [
                {"org_id": org_id, "group_id": group, "user_id": user_id}
                for user_id in page
                for group in sorted(after[user_id].groups - before[user_id].groups)
            ],
        )
        who = {"org_id": org_id, "who_kind": USER}
        _insert(
            connection,
            enrolments,
            [
                {
                    **who,
                    "who_id": user_id,
                    "to_kind": to_kind,
                    "to_id": to_id,
                    **msgspec.structs.asdict(after[user_id].enrolment or Enrolment()),
                }
                for user_id in page
            ],
        )
        _insert(
            connection,
            overrides,
            [
                {
                    **who,
                    "who_id": user_id,
                    "test_id": test_id,
                    "override": _encode(after[user_id].override).decode(),
                    "changed_at_ms": now_ms,
                    "changed_by": by,
                    "reason": "roster",
                }
                for user_id in regranted
            ],
        )


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
