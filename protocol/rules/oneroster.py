"""Reads rosters as OneRoster 1.1 and 1.2 write them in CSV (1EdTech, "OneRoster CSV Tables"): who learns in which class
of which course. Pure: whoever calls has read the files.

A class becomes a group, its students the members, and the group is enrolled for the class's course. Only students are
taken: nobody else sits a test. Nothing goes because a file lacks it; what has the status `tobedeleted` goes.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from protocol.emails import is_email
from protocol.ids import read_address_id, read_id
from protocol.names import tidy_name

USERS, CLASSES, ENROLMENTS = "users.csv", "classes.csv", "enrollments.csv"
FILES: Final = (USERS, CLASSES, ENROLMENTS)
MAX_ROWS: Final = 200_000
"""Of one file: a large district."""
MAX_MISTAKES: Final = 100
_NEEDED: Final = {
    USERS: ("sourcedId", "givenName", "familyName"),
    CLASSES: ("sourcedId", "title", "courseSourcedId"),
    ENROLMENTS: ("sourcedId", "classSourcedId", "userSourcedId", "role"),
}
_USED: Final = {
    USERS: (*_NEEDED[USERS], "status", "preferredGivenName", "preferredFamilyName", "email"),
    CLASSES: (*_NEEDED[CLASSES], "status"),
    ENROLMENTS: (*_NEEDED[ENROLMENTS], "status"),
}
"""Columns that mean something here. No others are kept: a small zip may hold rows without end."""
_MAX_ROW_CHARS: Final = 100_000
_DELETED: Final = "tobedeleted"
_STUDENT: Final = "student"
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_MAX_TITLE_CHARS: Final = 200


class Wrong(NamedTuple):
    """What is wrong in a file; `line` is that of its last row, 1 for the header, 0 for the whole file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class Student(msgspec.Struct, frozen=True):
    """Somebody who learns."""

    user_id: str
    name: str
    email: str | None


class Taught(msgspec.Struct, frozen=True):
    """A class. `course_id` nil: it belongs to none."""

    group_id: str
    title: str
    course_id: str | None


class Member(NamedTuple):
    """A student in a class."""

    group_id: str
    user_id: str


class Plan(msgspec.Struct, frozen=True):
    """What a set of files comes to."""

    students: dict[str, Student]
    classes: dict[str, Taught]
    members: frozenset[Member]
    users_gone: frozenset[str]
    classes_gone: frozenset[str]
    members_gone: frozenset[Member]


class _Row(NamedTuple):
    line: int
    cells: dict[str, str]

    @property
    def deleted(self) -> bool:
        return self.cells.get("status", "").lower() == _DELETED


def read_oneroster(files: Mapping[str, str]) -> tuple[Plan | None, list[Wrong]]:
    """The plan, or what is wrong (the first hundred): then nothing of it counts."""
    wrong: list[Wrong] = []
    rows: dict[str, list[_Row]] = {}
    for name in FILES:
        if name not in files:
            wrong.append(Wrong(name, 0, "it is missing"))
            continue
        rows[name] = list(_rows(name, files[name], wrong))
    if wrong:
        return None, wrong[:MAX_MISTAKES]
    plan = _Reader(wrong).read(rows)
    return (None, wrong[:MAX_MISTAKES]) if wrong else (plan, [])


class _Reader:
    def __init__(self, wrong: list[Wrong]) -> None:
        self._wrong = wrong

    def read(self, rows: Mapping[str, list[_Row]]) -> Plan:
        users_gone, known = self._users(rows[USERS])
        classes_gone, classes = self._classes(rows[CLASSES])
        members: set[Member] = set()
        gone: set[Member] = set()
        for row in rows[ENROLMENTS]:
            group_id, user_id = self._id(ENROLMENTS, row, "classSourcedId"), self._id(ENROLMENTS, row, "userSourcedId")
            if group_id is None or user_id is None or row.cells["role"].lower() != _STUDENT:
                continue
            if row.deleted:
                gone.add(Member(group_id, user_id))
            elif group_id in classes_gone or user_id in users_gone:
                continue
            elif group_id not in classes:
                self._say(ENROLMENTS, row, f"there is no class {group_id!r} in {CLASSES}")
            elif user_id not in known:
                self._say(ENROLMENTS, row, f"there is no user {user_id!r} in {USERS}")
            else:
                members.add(Member(group_id, user_id))
        learning = {user_id for _, user_id in members}
        students = {user_id: student for user_id, student in known.items() if user_id in learning}
        # One enrolment may have been deleted, and another one made in its place.
        return Plan(
            students,
            classes,
            frozenset(members),
            frozenset(users_gone),
            frozenset(classes_gone),
            frozenset(gone - members),
        )

    def _users(self, rows: list[_Row]) -> tuple[set[str], dict[str, Student]]:
        gone: set[str] = set()
        known: dict[str, Student] = {}
        for row in rows:
            user_id = self._id(USERS, row, "sourcedId")
            if user_id is None:
                continue
            if row.deleted:
                gone.add(user_id)
                continue
            cells = row.cells
            given = cells.get("preferredGivenName") or cells["givenName"]
            family = cells.get("preferredFamilyName") or cells["familyName"]
            email = cells.get("email") or None
            if email is not None and not is_email(email):
                self._say(USERS, row, "the email is no address that mail can be sent to")
            known[user_id] = Student(user_id, tidy_name(f"{given} {family}") or user_id, email)
        return gone, known

    def _classes(self, rows: list[_Row]) -> tuple[set[str], dict[str, Taught]]:
        gone: set[str] = set()
        classes: dict[str, Taught] = {}
        for row in rows:
            group_id = self._id(CLASSES, row, "sourcedId")
            if group_id is None:
                continue
            if row.deleted:
                gone.add(group_id)
                continue
            course_id = self._id(CLASSES, row, "courseSourcedId") if row.cells["courseSourcedId"] else None
            title = (tidy_name(row.cells["title"]) or group_id)[:_MAX_TITLE_CHARS]
            classes[group_id] = Taught(group_id, title, course_id)
        return gone, classes

    def _id(self, file: str, row: _Row, column: str) -> str | None:
        read = read_id if file == USERS or column == "userSourcedId" else read_address_id
        try:
            return read(row.cells[column])
        except ValueError as error:
            self._say(file, row, f"{column} {error}")
            return None

    def _say(self, file: str, row: _Row, reason: str) -> None:
        self._wrong.append(Wrong(file, row.line, reason))


class _Lines:
    """The lines of a file, one at a time. `in_row`: the characters of the row that is being read."""

    def __init__(self, text: str) -> None:
        self._found = _LINE.finditer(text.removeprefix("\ufeff"))
        self.in_row = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._found:
            self.in_row += line.end() - line.start()
            if self.in_row > _MAX_ROW_CHARS:
                raise csv.Error(f"a row has more than {_MAX_ROW_CHARS:,} characters")
            yield line[0]


def _rows(file: str, text: str, wrong: list[Wrong]) -> Iterator[_Row]:
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in _NEEDED[file] if name not in header]
        if missing:
            wrong.append(Wrong(file, 1, f"the column {missing[0]} is missing"))
            return
        place = {name: header.index(name) for name in _USED[file] if name in header}
        lines.in_row = 0
        for number, cells in enumerate(reader, start=1):
            lines.in_row = 0
            if number > MAX_ROWS:
                wrong.append(Wrong(file, 0, f"it has more than {MAX_ROWS:,} rows"))
                return
            if not any(cell.strip() for cell in cells):
                continue
            # Systems leave out empty cells at the end.
            row = {name: cells[at].strip() if at < len(cells) else "" for name, at in place.items()}
            yield _Row(reader.line_num, row)
    except csv.Error as error:
        wrong.append(Wrong(file, reader.line_num, f"it is no CSV ({error})"))
