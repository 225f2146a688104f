import pytest

from protocol.content import Match, SingleChoice
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from tests.server.importing.qti.writing import (
    MATCH,
    choices,
    correct,
    drafted,
    item,
    mapping,
    points,
    processed,
    report,
    response,
    set_score,
    taken,
    variable,
    when,
)

_TYPE = '<p><textEntryInteraction responseIdentifier="R"/></p>'
_LOOK_UP = f'<lookupOutcomeValue identifier="SCORE">{variable("RAW")}</lookupOutcomeValue>'
_RAW = '<outcomeDeclaration identifier="RAW" cardinality="single" baseType="float">{}</outcomeDeclaration>'


def _item(table: str, declared: str, body: str, processing: str) -> str:
    plain = item(declared, body, processing)
    return plain.replace('baseType="float"/><itemBody', f'baseType="float">{table}</outcomeDeclaration><itemBody')


def _steps(default: str, *entries: tuple[float, float], more: str = "") -> str:
    inside = "".join(
        f'<interpolationTableEntry sourceValue="{source}" targetValue="{target}" {more}/>' for source, target in entries
    )
    return f"<interpolationTable {default}>{inside}</interpolationTable>"


def _chosen(table: str) -> list[int | None]:
    """What a raw score of 1, 2, 3 is worth by a table."""
    declared = response("R", "single", "identifier", mapping({"A": 1, "B": 2, "C": 3})) + _RAW.format("")
    raw = '<setOutcomeValue identifier="RAW"><mapResponse identifier="R"/></setOutcomeValue>'
    question = taken(_item(table, declared, choices("A", "B", "C"), processed(raw, _LOOK_UP)))
    [asked] = question.interactions
    assert isinstance(asked, SingleChoice)
    return [mark_question(question, name) for name in "ABC"]


def test_a_raw_score_becomes_points_by_a_table() -> None:
    assert _chosen(_steps('defaultValue="0"', (3, 5), (2, 1))) == [0, 1_000, 5_000]
    assert _chosen(_steps('defaultValue="0"', (3, 5), (2, 1), more='includeBoundary="false"')) == [0, 0, 1_000]
    exact = '<matchTable><matchTableEntry sourceValue="2" targetValue="4"/></matchTable>'
    assert _chosen(exact) == [0, 4_000, 0]


def test_an_answer_is_looked_up_itself_and_all_bounds_are_tried() -> None:
    looked_up = processed(f'<lookupOutcomeValue identifier="SCORE">{variable()}</lookupOutcomeValue>')
    table = _steps("", (7.5, 0), (7, 2), (-100, 0))
    question = taken(_item(table, response("R", "single", "float"), _TYPE, looked_up))
    said: list[Value] = ["6.9", "7", "7.4", "7.5"]
    assert [mark_question(question, one) for one in said] == [0, 2_000, 2_000, 0]


def test_a_mapping_of_an_outcome_is_the_same() -> None:
    copied = f'<setOutcomeValue identifier="RAW">{variable()}</setOutcomeValue>'
    declared = response("R", "single", "integer") + _RAW.format(mapping({"1": 0.5, "2": 1}))
    question = taken(item(declared, _TYPE, processed(copied, set_score('<mapOutcome identifier="RAW"/>'))))
    assert [mark_question(question, said) for said in ("0", "1", "2", "3")] == [0, 500, 1_000, 0]


@pytest.mark.parametrize(
    ("rounding", "right", "wrong"),
    [
        ('roundingMode="decimalPlaces" figures="1"', ["1.25", "1.34"], ["1.24", "1.35"]),
        ('roundingMode="significantFigures" figures="2"', ["1.25", "1.34"], ["1.24", "1.35"]),
    ],
)
def test_an_answer_is_rounded_before_it_is_compared(rounding: str, right: list[str], wrong: list[str]) -> None:
    condition = f"<equal><roundTo {rounding}>{variable()}</roundTo>{points(1.3)}</equal>"
    question = taken(item(response("R", "single", "float"), _TYPE, processed(when(condition, 1))))
    assert [mark_question(question, said) for said in (*right, *wrong)] == [1_000, 1_000, 0, 0]


@pytest.mark.parametrize(
    ("processing", "reason"),
    [
        (_LOOK_UP.replace("SCORE", "NONE"), "'NONE', which is not declared"),
        (_LOOK_UP, "has no table"),
        (set_score("<roundTo figures='x'><null/></roundTo>"), "'x' is no number"),
    ],
)
def test_a_table_that_is_not_there_is_named(processing: str, reason: str) -> None:
    declared = response("R", "single", "identifier") + _RAW.format("")
    told = report(item(declared, choices("A", "B"), processed(processing)))
    assert reason in told.reasons[0]


def test_the_words_of_a_picture_that_is_not_here_are_left() -> None:
    sides = "".join(
        "<simpleMatchSet>"
        + "".join(
            f'<simpleAssociableChoice identifier="{name}">'
            f'<img src="{name}.png" alt="A {name}"/></simpleAssociableChoice>'
            for name in names
        )
        + "</simpleMatchSet>"
        for names in ("ab", "xy")
    )
    declared = response("R", "multiple", "directedPair", correct("a x", "b y"))
    written = item(declared, f'<matchInteraction responseIdentifier="R">{sides}</matchInteraction>', MATCH)
    drafts = drafted(written)
    assert drafts.reports[0].reasons[0] == "left out: the file 'a.png', which is not here"
    [asked] = drafts.questions[0].interactions
    assert isinstance(asked, Match)
    assert [row.body for row in asked.rows] == ["A a", "A b"]
    without = report(written.replace('alt="A a"', ""))
    assert without.outcome == "refused"
    assert without.reasons == [
        "One of its choices is nothing but a picture that can't be shown: the file 'a.png', which is not here."
    ]
    declared = response("R", "single", "identifier", correct("A"))
    blank = choices("A", "B").replace(">a<", '><img src="a.png" alt=""/><')
    assert "can't be shown: the file 'a.png'" in report(item(declared, blank, MATCH)).reasons[0]
    assert report(item(declared, blank.replace("<img", "<br").replace('src="a.png" alt=""', ""), MATCH)).reasons == [
        "One of its choices shows nothing."
    ]
