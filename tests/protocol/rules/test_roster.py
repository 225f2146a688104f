"""Rosters: what is read, and what is wrong, with its line, its column and the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits
from protocol.override import NOTHING, Override
from protocol.rules.access_codes import digest_of_code
from protocol.rules.roster import COLUMNS, Entry, Mistake, read_roster
from server.instants import read_instant

FULL = """\
id;Name;E-Mail;GROUP;branch;Extra Minutes;extra_factor;opens;closes;access code
ada;Ada Lovelace;ada@example.org;"room-1;late";south;15;;2027-03-01T09:00:00+01:00;2027-03-01T12:00:00+01:00;Blue Moon

bob;;;;;;25 %;;;
"""


def read(text: str) -> tuple[list[Entry], list[Mistake]]:
    return read_roster(text, read_instant)


def entry(line: int, user_id: str, override: Override = NOTHING) -> Entry:
    return Entry(line, user_id, None, None, (), None, override, None)


def test_everything_that_a_roster_can_say() -> None:
    entries, mistakes = read(FULL)
    assert mistakes == []
    opens_ms = 1_803_888_000_000
    override = Override(extra_time_ms=900_000, opens_at_ms=opens_ms, closes_at_ms=opens_ms + 3 * 3_600_000)
    assert entries == [
        Entry(
            line=2,
            user_id="ada",
            name="Ada Lovelace",
            email="ada@example.org",
            groups=("room-1", "late"),
            branch_id="south",
            override=override,
            access_code_digest=digest_of_code("blue moon"),
        ),
        entry(4, "bob", Override(extra_time_permille=250)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "id,name\nada,Ada",
        "\ufeffid;name\r\nada;Ada\r\n",
        "ID\tNAME\nada\tAda\n\n\n",
        '"id","name"\n"ada","Ada"',
        "\nid,name\nada,Ada",
    ],
)
def test_how_spreadsheets_write_it_does_not_matter(text: str) -> None:
    entries, mistakes = read(text)
    assert mistakes == []
    assert [(one.user_id, one.name) for one in entries] == [("ada", "Ada")]


@pytest.mark.parametrize(
    ("cell", "override"),
    [
        ("extra_minutes:0", Override(extra_time_ms=0)),
        ("extra_minutes:7.5", Override(extra_time_ms=450_000)),
        ("extra_minutes:1440", Override(extra_time_ms=limits.MAX_EXTENSION_MS)),
        ("extra_minutes:Unlimited", Override(unlimited_time=True)),
        ("extra_factor:1", Override(extra_time_permille=0)),
        ("extra_factor:1.25", Override(extra_time_permille=250)),
        ("extra_factor:25%", Override(extra_time_permille=250)),
        ("extra_factor:11", Override(extra_time_permille=10_000)),
        ("extra_factor:1000 %", Override(extra_time_permille=10_000)),
        ("opens:2027-03-01T09:00:00Z", Override(opens_at_ms=1_803_891_600_000)),
    ],
)
def test_what_is_granted(cell: str, override: Override) -> None:
    column, _, value = cell.partition(":")
    assert read(f"id,{column}\nada,{value}") == ([entry(2, "ada", override)], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the roster is empty"),
        ("id", "line 1: there is nobody in it"),
        ("name\nAda", "line 1: there is no column `id`"),
        ("id,nme\nada,Ada", "line 1, nme: there is no such column"),
        ("id,,name\nada,,Ada", "line 1: there is no such column"),
        ("id,ID\nada,ada", "line 1, id: this column is there twice"),
        ("id,name\n,Ada", "line 2, id: it is blank"),
        ("id\nada,Ada", "line 2: it has 2 fields, and there are 1 columns"),
        ("id\nada\nbob\nada", "line 4, id: ada is in line 2 too"),
        ("id\nada\nAda", "line 3, id: Ada and ada in line 2 differ in letter case alone"),
        ("id,group\nada,Room 1\nbob,room 1", "line 3, group: room 1 and Room 1 in line 2 differ in letter case alone"),
        ("id,group\nada,a;A", "line 2, group: A and a in line 2 differ in letter case alone"),
        ("id,branch\nada,South\nbob,south", "line 3, branch: south and South in line 2 differ in letter case alone"),
        ("id\na\u200bda", "line 2, id: the id must not have an invisible character"),
        ("id,name\nada,\u200b", "line 2, name: a name shows something"),
        ("id,email\nada,ada at example", "line 2, email: this is no e-mail address"),
        ('id,group\nada,"a;b/c"', "line 2, group: a group's id must not have a slash"),
        ("id,extra_minutes\nada,-5", "line 2, extra_minutes: write minutes from 0 to 1440"),
        ("id,extra_minutes\nada,1441", "line 2, extra_minutes: write minutes from 0 to 1440"),
        ('id,extra_minutes\nada,"7,5"', "line 2, extra_minutes: write minutes from 0 to 1440"),
        ("id,extra_minutes\nada,0.000001", "line 2, extra_minutes: write minutes from 0 to 1440"),
        ("id,extra_factor\nada,0.99", "line 2, extra_factor: write a factor from 1 to 11"),
        ("id,extra_factor\nada,11.001", "line 2, extra_factor: write a factor from 1 to 11"),
        ("id,extra_factor\nada,1.00001", "line 2, extra_factor: write a factor from 1 to 11"),
        ("id,extra_minutes,extra_factor\nada,5,1.5", "line 2, extra_factor: give the extra time in minutes or as"),
        ("id,opens\nada,2027-03-01T09:00:00", "line 2, opens: it must be an instant with its zone"),
        ("id,opens\nada,1969-03-01T09:00:00Z", "line 2, opens: this instant is before 1970"),
        ("id,opens,closes\nada,2027-03-01T09:00Z,2027-03-01T09:00Z", "line 2, closes: the window closes before it"),
        ("id,access_code\nada," + "x" * 201, "line 2, access_code: an access code has 1 to 200 characters"),
        ('id,name\nada,"Ada\nbob,Bob', "line 2: it can't be read"),
    ],
)
def test_each_mistake_is_named(text: str, said: str) -> None:
    entries, mistakes = read(text)
    assert entries == []
    assert len(mistakes) == 1
    assert str(mistakes[0]).startswith(said)


def test_all_mistakes_are_named_at_once_in_the_order_of_the_lines() -> None:
    text = "id,extra_minutes,opens\nada,x,y\nbob,5,\nbob,,\n,,z"
    _, mistakes = read(text)
    assert [(one.line, one.column) for one in mistakes] == [
        (2, "extra_minutes"),
        (2, "opens"),
        (4, "id"),
        (5, "opens"),
        (5, "id"),
    ]


def test_a_roster_has_only_so_many_lines() -> None:
    people = [f"u{number}" for number in range(limits.MAX_ROSTER_LINES + 1)]
    assert len(read("\n".join(["id", *people[:-1]]))[0]) == limits.MAX_ROSTER_LINES
    _, (mistake,) = read("\n".join(["id", *people]))
    assert "more than 20,000 lines" in mistake.reason


_CELLS = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.lists(_CELLS, max_size=5), max_size=6), st.sampled_from(",;\t"))
def test_whatever_is_in_it_gets_entries_or_mistakes(rows: list[list[str]], separator: str) -> None:
    text = "\n".join(separator.join(row) for row in [list(COLUMNS[:5]), *rows])
    entries, mistakes = read(text)
    assert bool(entries) is not bool(mistakes)


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    entries, mistakes = read(text)
    assert bool(entries) is not bool(mistakes)


def test_an_id_is_found_twice_though_its_first_line_has_another_mistake() -> None:
    entries, mistakes = read_roster("id,extra_minutes\nada,-5\nada,5\nAda,5\n", read_instant)
    assert entries == []
    assert [(one.line, one.column) for one in mistakes] == [(2, "extra_minutes"), (3, "id"), (4, "id")]
