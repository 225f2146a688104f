"""Questions in a sheet of a spreadsheet."""

import csv
from io import StringIO

import pytest

from protocol import limits
from protocol.marking.question import mark_question
from server.importing.faults import ImportFault
from server.importing.files import bring
from tests.server.importing.test_sheets import EXAMPLE
from tests.server.importing.workbook import DATE, METRES, PERCENT, number, text, workbook

HEAD = [text(name) for name in ("type", "prompt", "correct", "tolerance")]


def test_a_sheet_says_the_same_as_a_table_in_csv() -> None:
    rows = [[text(cell) for cell in row] for row in csv.reader(StringIO(EXAMPLE))]
    brought = bring("bank.xlsx", workbook({"Bank": rows}))
    assert brought.content == bring("bank.csv", EXAMPLE.encode()).content
    assert [report.item for report in brought.reports] == [f"Bank, line {line}" for line in range(2, 6)]


def test_numbers_are_read_as_they_are_shown() -> None:
    rows = [
        HEAD,
        [text("numeric"), text("How far?"), number("299.99999999999994", METRES), number("0.01", PERCENT)],
        [text("numeric"), text("How much?"), number("0.30000000000000004"), number("1E-2")],
        [text("true_false"), text("Is it so?"), '<c t="b"><v>1</v></c>'],
    ]
    content = bring("a.xlsx", workbook({"Sheet1": rows})).content
    assert content is not None
    far, much, so = content.questions
    # One per cent of 300, and not a hundredth.
    assert [mark_question(far, said) for said in ("303", "303.1")] == [1_000, 0]
    assert [mark_question(much, said) for said in ("0.3", "0.31", "0.32")] == [1_000, 1_000, 0]
    assert mark_question(so, "true") == 1_000


def test_shared_texts_have_runs_and_cells_may_be_left_out() -> None:
    shared = "<si><t>Is it </t></si><si><r><t>Is it </t></r><r><t>*so*?</t></r><rPh><t>izit</t></rPh></si>"
    row = ['<c r="C2" t="str"><f>A1</f><v>true</v></c>', text("no column"), '<c r="B2" t="s"><v>1</v></c>']
    rows = [[text("type"), text("prompt"), text("correct")], [text("true_false"), *row]]
    [question] = bring("a.xlsx", workbook({"A": rows}, shared=shared)).content.questions  # type: ignore[union-attr]
    assert question.body == "<p>Is it <em>so</em>?</p>"


def test_sheets_of_something_else_and_hidden_ones_are_left() -> None:
    row = [text("true_false"), text("Is it so?"), text("true")]
    sheets = {"Notes": [[text("Do not forget")]], "Old": [HEAD, row, row], "B": [HEAD, row], "C": [HEAD, row]}
    brought = bring("a.xlsx", workbook(sheets, hidden="Old"))
    assert [report.item for report in brought.reports] == ["B, line 2", "C, line 2"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (number("45659", DATE), "a date or a time: write it as a text"),
        ('<c r="C2" t="e"><v>#DIV/0!</v></c>', "The cell C2 has a mistake"),
        (number("1e999"), "a number that can't be read"),
        (number("9" * 400), "a number that can't be read"),
    ],
)
def test_a_cell_that_shows_something_else_costs_its_own_row(cell: str, said: str) -> None:
    good = [text("numeric"), text("How many?"), text("3")]
    rows = [HEAD, [text("numeric"), text("How many?"), cell], good]
    first, second = bring("a.xlsx", workbook({"A": rows})).reports
    assert (first.outcome, second.outcome) == ("refused", "taken")
    assert said in first.reasons[0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([[text("type"), text("question")]], "no sheet whose first row names the columns"),
        ([[*HEAD, text("colour")]], "no column 'colour'"),
        ([HEAD, ['<c t="s"><v>7</v></c>']], "a text that is not in the file"),
        ([], "no sheet whose first row"),
    ],
)
def test_a_workbook_that_can_not_be_read_is_refused(rows: list[list[str]], said: str) -> None:
    with pytest.raises(ImportFault, match=said):
        bring("a.xlsx", workbook({"A": rows}))


def test_a_text_that_is_used_again_and_again_fills_no_memory() -> None:
    shared = f"<si><t>{'x' * 100_000}</t></si>"
    rows = [HEAD, *[['<c t="s"><v>0</v></c>'] * 4] * (limits.MAX_TEST_BYTES // 100_000)]
    with pytest.raises(ImportFault, match="texts of the table are larger"):
        bring("a.xlsx", workbook({"A": rows}, shared=shared))
