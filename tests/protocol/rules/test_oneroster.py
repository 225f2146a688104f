"""OneRoster files as they are, and as they should not be."""

import tracemalloc
from io import BytesIO
from zipfile import ZipFile

import pytest

from protocol.rules.oneroster import CLASSES, ENROLMENTS, USERS, Member, Plan, Student, Taught, read_oneroster

SET = {
    USERS: "sourcedId,status,givenName,familyName,email,preferredGivenName\n"
    "ada,active,Ada,Lovelace,ada@example.org,\n"
    "bob,,Robert,Boyle,,Bob\n"
    "eve,tobedeleted,Eve,Gone,,\n"
    "tom,active,Tom,Teacher,tom@example.org,\n",
    CLASSES: "\ufeffsourcedId,status,title,courseSourcedId\n"
    'phys,active,"Physics, 1",p101\nhist,,History,\nold,toBeDeleted,Old,\n',
    ENROLMENTS: "sourcedId,status,classSourcedId,userSourcedId,role\n"
    "1,active,phys,ada,student\n2,,phys,bob,Student\n3,,phys,tom,teacher\n4,tobedeleted,hist,ada,student\n"
    "5,,old,ada,student\n6,,phys,eve,student\n\n",
}


def zipped(texts: dict[str, str]) -> bytes:
    """The set as a school's system exports it."""
    packed = BytesIO()
    with ZipFile(packed, "w") as made:
        for name, text in texts.items():
            made.writestr(name, text)
    return packed.getvalue()


def test_what_a_set_comes_to() -> None:
    plan, wrong = read_oneroster(SET)
    assert wrong == []
    assert plan == Plan(
        students={"ada": Student("ada", "Ada Lovelace", "ada@example.org"), "bob": Student("bob", "Bob Boyle", None)},
        classes={"phys": Taught("phys", "Physics, 1", "p101"), "hist": Taught("hist", "History", None)},
        members=frozenset({Member("phys", "ada"), Member("phys", "bob")}),
        users_gone=frozenset({"eve"}),
        classes_gone=frozenset({"old"}),
        members_gone=frozenset({Member("hist", "ada")}),
    )


def test_an_enrolment_that_was_made_anew_is_not_taken_back() -> None:
    again = SET[ENROLMENTS] + "7,active,hist,ada,student\n"
    plan, _ = read_oneroster(SET | {ENROLMENTS: again})
    assert plan is not None
    assert plan.members_gone == frozenset()
    assert ("hist", "ada") in plan.members


@pytest.mark.parametrize(
    ("file", "text", "line", "reason"),
    [
        (USERS, "", 1, "sourcedId is missing"),
        (USERS, "sourcedId,status,givenName\n", 1, "familyName is missing"),
        (USERS, "sourcedId,givenName,familyName\n,Ada,L\n", 2, "must not be empty"),
        (USERS, 'sourcedId,givenName,familyName,email\nada,A,L,"a@b.org\nBcc: x"\n', 3, "no address"),
        (CLASSES, "sourcedId,title,courseSourcedId\na/b,T,\n", 2, "slash"),
        (ENROLMENTS, "sourcedId,classSourcedId,userSourcedId,role\n1,phys,nobody,student\n", 2, "no user 'nobody'"),
        (ENROLMENTS, "sourcedId,classSourcedId,userSourcedId,role\n1,none,ada,student\n", 2, "no class 'none'"),
        (CLASSES, 'sourcedId,title,courseSourcedId\n"a,T\n', 2, "no CSV"),
    ],
)
def test_what_is_wrong_is_named(file: str, text: str, line: int, reason: str) -> None:
    plan, wrong = read_oneroster(SET | {file: text})
    assert plan is None
    assert (wrong[0].file, wrong[0].line) == (file, line)
    assert reason in wrong[0].reason
    assert str(line) in str(wrong[0])


def test_no_file_takes_more_memory_than_it_is_long() -> None:
    wide = SET[USERS].splitlines()[0] + "".join(f",c{number}" for number in range(10_000)) + "\n"
    tracemalloc.start()
    plan, _ = read_oneroster(SET | {USERS: wide + "ada,,Ada,L\nbob,,Bob,B\neve,,Eve,G\n" * 100})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
    assert plan is not None


@pytest.mark.parametrize("row", ["a," * 60_000, '"a\n",' * 20_000])
def test_a_row_has_an_end(row: str) -> None:
    plan, (wrong,) = read_oneroster(SET | {USERS: SET[USERS] + row + "\n"})
    assert plan is None
    assert "a row has more than 100,000 characters" in wrong.reason


def test_a_file_that_is_missing() -> None:
    plan, wrong = read_oneroster({USERS: SET[USERS]})
    assert plan is None
    assert [str(one) for one in wrong] == ["classes.csv: it is missing", "enrollments.csv: it is missing"]
