"""Questions in a table."""

from pathlib import Path

import pytest

from protocol.content import MultipleChoice, Order
from protocol.marking.best import right_answer
from protocol.marking.question import mark_question
from server.importing.drafts import Drafts
from server.importing.faults import ImportFault
from server.importing.files import bring
from server.importing.sheets import draft_sheet, is_sheet

DOCUMENT = (Path(__file__).parents[3] / "docs" / "importing.md").read_text("utf-8")
EXAMPLE = DOCUMENT.partition("```csv\n")[2].partition("```")[0]


def drafts(text: str) -> Drafts:
    return draft_sheet("a.csv", text)


def test_the_documented_table_is_read() -> None:
    content = bring("bank.csv", EXAMPLE.encode()).content
    assert content is not None
    assert [question.question_id for question in content.questions] == ["capital", "signs", "speed", "word"]
    assert [right_answer(question) for question in content.questions] == ["a", ["a", "c"], "300", "Euler"]
    assert mark_question(content.questions[2], "302") == 1_000
    assert content.questions[0].tags == ["africa", "cities"]
    assert sum(question.points_mpt for question in content.questions) == 5_000


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_cells_are_parted_by_commas_semicolons_or_tabs(mark: str) -> None:
    text = (
        mark.join(["Type", '"prompt"', "Correct"])
        + "\r\n"
        + mark.join(["true_false", '"So, or ""not""; yes?"', "true"])
    )
    assert is_sheet(text)
    [question] = drafts(text).questions
    assert (question.question_id, question.body) == ("q1", '<p>So, or "not"; yes?</p>')


def test_lists_of_options_are_parted_by_semicolons() -> None:
    rows = ["order,Sort,1,2,3,c; a;b,places", "multiple_choice,Which,1,2,3,b,true", "", ",,,,,,", ""]
    text = "\n".join(["type,prompt,a,b,c,correct,partial", *rows])
    order, some = (question.interactions[0] for question in drafts(text).questions)
    assert isinstance(order, Order)
    assert (order.correct, order.partial) == (["c", "a", "b"], "places")
    assert isinstance(some, MultipleChoice)
    assert (some.correct, some.partial) == (["b"], True)


def test_a_row_that_makes_no_question_is_refused_with_its_line() -> None:
    text = 'type,prompt,correct\ntrue_false,"two\nlines",true\nnumeric,How many,many\nquiz,What,x\n'
    found = drafts(text)
    assert [report.outcome for report in found.reports] == ["taken", "refused", "refused"]
    assert [report.item for report in found.reports] == ["line 2", "line 4", "line 5"]
    assert "`correct` is not a number" in found.reports[1].reasons[0]
    assert "`type` must be one of" in found.reports[2].reasons[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("type,prompt,colour\n", "no column 'colour'"),
        ("type,prompt,type\n", "Two columns are called 'type'"),
        ("type,prompt\ntrue_false," + "x" * 200_000, "line 2"),
    ],
)
def test_a_table_that_can_not_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(ImportFault, match=said):
        drafts(text)


@pytest.mark.parametrize("text", ["Is it so?{T}", "type: prompt", "a,b\n1,2", ""])
def test_what_is_no_table(text: str) -> None:
    assert not is_sheet(text)
