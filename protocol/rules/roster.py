"""A roster: who sits, in which groups, and what is granted, as a table that a spreadsheet writes (CSV).

The first line names the columns; order, letter case, spaces, hyphens and underscores don't matter. Every mistake is
found, each with its line, its column and the reason. A roster with a mistake is none: nothing of it counts.
"""

import csv
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final, NamedTuple

import msgspec

from protocol import limits
from protocol.attempt.model import Accommodation
from protocol.content import Rules
from protocol.emails import is_email
from protocol.errors import Refusal
from protocol.ids import find_twins, read_address_id, read_id
from protocol.names import tidy_name
from protocol.override import NOTHING, Override
from protocol.rules.access_codes import digest_of_code, plain_code
from protocol.rules.overrides import check_not_over, check_override, check_window, over

COLUMNS: Final = (
    "id",
    "name",
    "email",
    "group",
    "branch",
    "extra_minutes",
    "extra_factor",
    "opens",
    "closes",
    "access_code",
)
_SEPARATORS: Final = (",", ";", "\t")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?", re.ASCII)


class Mistake(NamedTuple):
    """What is wrong, where. `line` counts from 1; `column` is nil where the whole line is meant."""

    line: int
    column: str | None
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.column is None else f"line {self.line}, {self.column}"
        return f"{where}: {self.reason}"


class Entry(msgspec.Struct, frozen=True):
    """One person of a roster. A name, an address or a branch that is nil, and an override that says nothing, leave what
    is known as it is."""

    line: int
    user_id: str
    name: str | None
    email: str | None
    groups: tuple[str, ...]
    branch_id: str | None
    override: Override
    access_code_digest: bytes | None


Instants = Callable[[str], int]
"""Reads an instant as people write it: milliseconds since the epoch. Raises `ValueError` with the end of a sentence."""


def read_roster(text: str, read_instant: Instants, *, now_ms: int | None = None) -> tuple[list[Entry], list[Mistake]]:
    """The entries, or all mistakes: one of the two is empty. With `now_ms` a window that is over by then is a
    mistake. What an entry comes to beside what is known says `check_known`."""
    mistakes: list[Mistake] = []
    lines = _lines(text.removeprefix("\ufeff"), mistakes)
    head = next(lines, None)
    if head is None:
        return [], mistakes or [Mistake(1, None, "the roster is empty")]
    columns = _columns(*head, mistakes)
    if "id" not in columns:
        mistakes.append(Mistake(head[0], None, "there is no column `id`"))
    entries: list[Entry] = []
    ids: list[tuple[int, str]] = []
    if not mistakes:
        for line, cells in lines:
            if line - head[0] > limits.MAX_ROSTER_LINES:
                mistakes.append(Mistake(line, None, f"there are more than {limits.MAX_ROSTER_LINES:,} lines"))
                break
            named = _id_of(columns, cells)
            if named is not None:
                ids.append((line, named))
            entry = _entry(line, columns, cells, mistakes, read_instant)
            if entry is not None:
                entries.append(entry)
                mistakes += _is_over(entry, now_ms)
        mistakes += _repeated(ids)
        mistakes += _alike("group", [(entry.line, group_id) for entry in entries for group_id in entry.groups])
        mistakes += _alike("branch", [(entry.line, entry.branch_id) for entry in entries if entry.branch_id])
        if not entries and not mistakes:
            mistakes.append(Mistake(head[0], None, "there is nobody in it"))
    return ([], sorted(mistakes, key=lambda one: one.line)) if mistakes else (entries, [])


def _lines(text: str, mistakes: list[Mistake]) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each line that is not blank. A cell may go over several lines: the first one counts."""
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(_LINE.findall(text), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            mistakes.append(Mistake(line, None, f"it can't be read ({error}); look for a quotation mark too many"))
            return
        if cells is None:
            return
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield line, stripped


def _columns(line: int, cells: list[str], mistakes: list[Mistake]) -> list[str]:
    known = {_plain(column): column for column in COLUMNS}
    found: list[str] = []
    for cell in cells:
        column = known.get(_plain(cell))
        if column is None:
            reason = f"there is no such column; the columns are {', '.join(COLUMNS)}"
            mistakes.append(Mistake(line, cell or None, reason))
        elif column in found:
            mistakes.append(Mistake(line, column, "this column is there twice"))
        found.append(column or "")
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


def _entry(
    line: int, columns: list[str], cells: list[str], mistakes: list[Mistake], read_instant: Instants
) -> Entry | None:
    if len(cells) > len(columns) and any(cells[len(columns) :]):
        mistakes.append(Mistake(line, None, f"it has {len(cells)} fields, and there are {len(columns)} columns"))
        return None
    given = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}
    before = len(mistakes)
    read: dict[str, Any] = {}
    for column, cell in given.items():
        try:
            read[column] = _instant(read_instant, cell) if column in _INSTANTS else _READERS[column](cell)
        except ValueError as error:
            mistakes.append(Mistake(line, column, str(error)))
    if "id" not in given:
        mistakes.append(Mistake(line, "id", "it is blank"))
    if "extra_minutes" in given and "extra_factor" in given:
        mistakes.append(Mistake(line, "extra_factor", "give the extra time in minutes or as a factor, not both"))
    if len(mistakes) > before:
        return None
    granted: dict[str, Any] = {**read.get("extra_minutes", {}), **read.get("extra_factor", {})}
    override = Override(opens_at_ms=read.get("opens"), closes_at_ms=read.get("closes"), **granted)
    refusal = None if override == NOTHING else check_override(override)
    if refusal is not None:
        mistakes.append(Mistake(line, "closes", "the window closes before it opens"))
        return None
    return Entry(
        line=line,
        user_id=read["id"],
        name=read.get("name"),
        email=read.get("email"),
        groups=read.get("group", ()),
        branch_id=read.get("branch"),
        override=override,
        access_code_digest=read.get("access_code"),
    )


def _is_over(entry: Entry, now_ms: int | None) -> Iterator[Mistake]:
    refusal = None if now_ms is None else check_not_over(entry.override, now_ms)
    if refusal is not None:
        yield Mistake(entry.line, "closes", _within(refusal))


def _within(refusal: Refusal) -> str:
    """The refusal's sentence as a part of another one."""
    return refusal.detail[0].lower() + refusal.detail[1:].removesuffix(".")


def has_half_a_window(entry: Entry) -> bool:
    """Whether the other half comes from elsewhere."""
    return (entry.override.opens_at_ms is None) != (entry.override.closes_at_ms is None)


def check_known(entry: Entry, known: Override, besides: Accommodation, rules: Rules | None) -> Mistake | None:
    """What is wrong with the window that the entry makes together with what its person is granted already: `known` is
    her own override there, of which a blank cell leaves the other half as it is; `besides` is what she is granted for
    every test and by her groups; `rules` are those of the test, nil: of several."""
    if not has_half_a_window(entry):
        return None
    opens = entry.override.closes_at_ms is None
    together = over(entry.override, known)
    if check_override(together) is not None:
        reason = (
            "the window would open when the end that was granted before has passed: give its end too"
            if opens
            else "the window would close before the beginning that was granted before: give its beginning too"
        )
        return Mistake(entry.line, "opens" if opens else "closes", reason)
    refusal = None if rules is None else check_window(together, rules, besides)
    return None if refusal is None else Mistake(entry.line, "opens" if opens else "closes", _within(refusal))


def _id_of(columns: list[str], cells: list[str]) -> str | None:
    """The id of a line, whatever else is wrong with it; None: it has none that can be read."""
    try:
        return _id(dict(zip(columns, cells, strict=False)).get("id", ""))
    except ValueError:
        return None


def _repeated(ids: list[tuple[int, str]]) -> Iterator[Mistake]:
    """`ids` are (line, id)."""
    first: dict[str, tuple[int, str]] = {}
    for line, user_id in ids:
        other_line, other = first.setdefault(user_id.casefold(), (line, user_id))
        if other_line == line:
            continue
        if other == user_id:
            yield Mistake(line, "id", f"{user_id} is in line {other_line} too")
        elif find_twins((other, user_id)):
            reason = f"{user_id} and {other} in line {other_line} differ in letter case alone"
            yield Mistake(line, "id", reason)


def _alike(column: str, ids: list[tuple[int, str]]) -> Iterator[Mistake]:
    """`ids` are (line, id) of what many may share. Two that people would take for one are a slip of the pen."""
    first: dict[str, tuple[int, str]] = {}
    for line, named in ids:
        other_line, other = first.setdefault(named.casefold(), (line, named))
        if other != named:
            yield Mistake(line, column, f"{named} and {other} in line {other_line} differ in letter case alone")


# Readers of cells. Each raises ValueError with a sentence.


def _id(cell: str) -> str:
    return _or_say("the id", read_id, cell)


def _or_say(what: str, reader: Callable[[str], str], cell: str) -> str:
    try:
        return reader(cell)
    except ValueError as error:
        raise ValueError(f"{what} {error}") from None


def _name(cell: str) -> str:
    name = tidy_name(cell)
    if name is None or len(cell) > limits.MAX_NAME_CHARS:
        raise ValueError(f"a name shows something, and has at most {limits.MAX_NAME_CHARS} characters")
    return name


def _email(cell: str) -> str:
    if not is_email(cell):
        raise ValueError("this is no e-mail address")
    return cell


def _groups(cell: str) -> tuple[str, ...]:
    named = [_or_say("a group's id", read_address_id, name.strip()) for name in cell.split(";") if name.strip()]
    return tuple(dict.fromkeys(named))


def _branch(cell: str) -> str:
    return _or_say("the branch's id", read_id, cell)


def _number(cell: str) -> Fraction | None:
    return Fraction(cell) if _NUMBER.fullmatch(cell) else None


def _minutes(cell: str) -> dict[str, Any]:
    if cell.casefold() == "unlimited":
        return {"unlimited_time": True}
    minutes = _number(cell)
    most = limits.MAX_EXTENSION_MS // 60_000
    if minutes is None or minutes > most or (minutes * 60_000).denominator != 1:
        raise ValueError(f'write minutes from 0 to {most} with a point, like "15" or "7.5", or "unlimited"')
    return {"extra_time_ms": int(minutes * 60_000)}


def _factor(cell: str) -> dict[str, Any]:
    share = _number(cell.removesuffix("%").rstrip()) if cell.endswith("%") else None
    factor = _number(cell)
    if share is not None:
        permille = share * 10
    elif factor is not None:
        permille = (factor - 1) * 1_000
    else:
        permille = Fraction(-1)
    if permille.denominator != 1 or not 0 <= permille <= limits.MAX_EXTRA_PERMILLE:
        most = 1 + limits.MAX_EXTRA_PERMILLE // 1_000
        raise ValueError(f'write a factor from 1 to {most} with a point, like "1.25", or the share more, like "25 %"')
    return {"extra_time_permille": int(permille)}


def _code(cell: str) -> bytes:
    if not plain_code(cell) or len(cell) > 200 or "\0" in cell:
        raise ValueError("an access code has 1 to 200 characters, and no NUL")
    return digest_of_code(cell)


def _instant(read_instant: Instants, cell: str) -> int:
    try:
        at_ms = read_instant(cell)
    except ValueError as error:
        raise ValueError(f"it {error}") from None
    if at_ms < 0:
        raise ValueError("this instant is before 1970")
    return at_ms


_INSTANTS: Final = ("opens", "closes")
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "id": _id,
    "name": _name,
    "email": _email,
    "group": _groups,
    "branch": _branch,
    "extra_minutes": _minutes,
    "extra_factor": _factor,
    "access_code": _code,
}
