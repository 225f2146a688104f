from protocol.content import SingleChoice
from protocol.content.text import plain_text
from server.importing.aiken import draft_aiken
from tests.shared import SHARED

_MOODLE = SHARED / "data" / "import" / "moodle" / "format_aiken" / "questions.aiken.txt"


def test_questions_end_with_their_answers() -> None:
    drafts = draft_aiken(
        "a.txt", "Who?\nB or\nA) Ada\nB. Bob\nthe builder\nANSWER: B\n\nTrue?\nA) yes\nB) no\nANSWER: A\n"
    )
    first, second = drafts.questions
    assert plain_text(first.body) == "Who?\nB or"
    [asked] = first.interactions
    assert isinstance(asked, SingleChoice)
    assert ([option.body for option in asked.options], asked.correct) == (["Ada", "Bob the builder"], "b")
    assert plain_text(second.body) == "True?"
    assert [report.item for report in drafts.reports] == ["line 1", "line 8"]


def test_each_mistake_costs_its_own_question_alone() -> None:
    text = "One?\nA) x\nB) y\nANSWER: C\n\nANSWER: A\n\nTwo?\nA) x\nB) y\nANSWER: A\n\n"
    text += "Two?\nA) x\nANSWER: A\n\nThree?\nA) x\n"
    drafts = draft_aiken("a.txt", text)
    assert [report.outcome for report in drafts.reports] == ["refused", "refused", "taken", "refused", "refused"]
    reasons = [report.reasons[0] for report in drafts.reports if report.reasons]
    assert reasons == [
        "The answer is 'C', and there is no such option.",
        "The question has no text.",
        "There is nothing to choose between.",
        "A line that begins with `ANSWER:` is missing.",
    ]


def test_markup_of_a_text_is_shown_as_it_is_written() -> None:
    [question] = draft_aiken("a.txt", "Is <b> & <i> it?\nA) <u>\nB) no\nANSWER: A").questions
    assert plain_text(question.body) == "Is <b> & <i> it?"
    assert "<b>" not in question.body


def test_a_file_of_moodle_is_read() -> None:
    if not _MOODLE.exists():
        return
    drafts = draft_aiken("questions.aiken.txt", _MOODLE.read_text("utf-8"))
    assert [report.outcome for report in drafts.reports] == ["taken", "taken"]
