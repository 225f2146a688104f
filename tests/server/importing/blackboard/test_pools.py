"""Pools in Blackboard's own format, written here; and the one that Moodle's tests have."""

import pytest

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.content import Essay, Match, Order, Question, ScoreFeedback, SingleChoice
from protocol.errors import Refusal
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from server.importing.files import Brought, bring
from tests.server.importing.qti.writing import packed
from tests.server.media.files import png
from tests.shared import SHARED

_SAMPLE = SHARED / "data" / "import" / "moodle" / "format_blackboard_six" / "sample_blackboard_pool.dat"


def _text(said: str, kind: str = "true") -> str:
    return f'<TEXT><![CDATA[{said}]]></TEXT><FLAGS><ISHTML value="{kind}"/></FLAGS>'


def _answers(texts: dict[str, str], name: str = "ANSWER") -> str:
    return "".join(
        f'<{name} id="{ident}" position="{place}"><TEXT>{text}</TEXT></{name}>'
        for place, (ident, text) in enumerate(texts.items(), 1)
    )


def _right(*idents: str, more: str = "") -> str:
    return "<GRADABLE>" + "".join(f'<CORRECTANSWER answer_id="{ident}"/>' for ident in idents) + more + "</GRADABLE>"


def _question(kind: str, inside: str, body: str = "<b>What</b>?", points: str = "2") -> str:
    listed = f'<QUESTIONLIST><QUESTION id="q9" class="QUESTION_{kind}" points="{points}"/></QUESTIONLIST>'
    return f'{listed}<QUESTION_{kind} id="q9"><BODY>{_text(body)}</BODY>{inside}</QUESTION_{kind}>'


def _pool(*questions: str) -> bytes:
    return f'<?xml version="1.0"?><POOL><TITLE value="Animals"/>{"".join(questions)}</POOL>'.encode()


def _taken(brought: Brought) -> Question:
    assert [report.outcome for report in brought.reports] == ["taken"], brought.reports
    assert brought.content is not None
    return brought.content.questions[0]


def _marks(question: Question, *answers: Value) -> list[int | None]:
    for answer in answers:
        assert not isinstance(accept(on_paper(question), answer), Refusal), answer
    return [mark_question(question, answer) for answer in answers]


_THREE = {"x": "cat", "y": "frog", "z": "newt"}


@pytest.mark.parametrize(
    ("kind", "inside", "answers", "marks"),
    [
        ("TRUEFALSE", _answers({"x": "False", "y": "True"}) + _right("y"), ["true", "false"], [2_000, 0]),
        ("MULTIPLECHOICE", _answers(_THREE) + _right("y"), ["b", "a"], [2_000, 0]),
        ("MULTIPLEANSWER", _answers(_THREE) + _right("y", "z"), [["b", "c"], ["b"], ["a", "b", "c"]], [2_000, 0, 0]),
        ("FILLINBLANK", _answers({"x": "frog", "y": "newt"}), ["Frog", "newt", "cat"], [2_000, 2_000, 0]),
    ],
)
def test_each_kind_is_marked_as_its_key_says(kind: str, inside: str, answers: list[Value], marks: list[int]) -> None:
    brought = bring("pool.dat", _pool(_question(kind, inside)))
    question = _taken(brought)
    assert (question.question_id, question.body) == (
        "q9",
        '<p><b>What</b>?</p><pd-response id="answer"></pd-response>',
    )
    assert brought.content is not None
    assert brought.content.title == "Animals"
    assert _marks(question, *answers) == marks


def test_what_stands_in_order_is_shown_by_its_places() -> None:
    mixed = _answers(_THREE).replace('position="1"', 'position="4"')
    [asked] = _taken(bring("pool.dat", _pool(_question("MULTIPLECHOICE", mixed + _right("y"))))).interactions
    assert isinstance(asked, SingleChoice)
    assert [option.body for option in asked.options] == ["frog", "newt", "cat"]
    question = _taken(bring("pool.dat", _pool(_question("ORDER", _answers(_THREE) + _right("z", "x", "y")))))
    [order] = question.interactions
    assert isinstance(order, Order)
    texts = {option.option_id: option.body for option in order.options}
    assert [texts[ident] for ident in order.correct] == ["newt", "cat", "frog"]


def test_answers_are_matched_with_choices_of_which_some_fit_nothing() -> None:
    pairs = (("x", "m"), ("y", "a"), ("z", "a"))
    keys = "".join(f'<CORRECTANSWER answer_id="{row}" choice_id="{column}"/>' for row, column in pairs)
    choices = _answers({"m": "mammal", "i": "insect", "a": "amphibian"}, "CHOICE")
    inside = f"{_answers(_THREE)}{choices}<GRADABLE>{keys}</GRADABLE>"
    question = _taken(bring("pool.dat", _pool(_question("MATCH", inside, points="3"))))
    [asked] = question.interactions
    assert isinstance(asked, Match)
    columns = {column.body: column.option_id for column in asked.columns}
    assert set(columns) == {"mammal", "insect", "amphibian"}
    right: Value = [("1", columns["mammal"]), ("2", columns["amphibian"]), ("3", columns["amphibian"])]
    assert _marks(question, right, [("1", columns["mammal"])]) == [3_000, 1_000]


def test_an_essay_has_its_answer_for_whoever_marks_it() -> None:
    question = _taken(bring("pool.dat", _pool(_question("ESSAY", _answers({"x": "Look for three."})))))
    [asked] = question.interactions
    assert isinstance(asked, Essay)
    assert (asked.guidance, asked.format) == ("<p>Look for three.</p>", "rich")


def test_feedback_and_pictures_come_along() -> None:
    feedback = "<FEEDBACK_WHEN_CORRECT>Yes</FEEDBACK_WHEN_CORRECT><FEEDBACK_WHEN_INCORRECT>No</FEEDBACK_WHEN_INCORRECT>"
    picture = '<img src="@X@EmbeddedFile.location@X@map.png" alt="A map">'
    pool = _pool(_question("MULTIPLECHOICE", _answers(_THREE) + _right("y", more=feedback), f"Where? {picture}"))
    resource = '<resource identifier="res1" type="assessment/x-bb-pool" bb:file="res1.dat"/>'
    manifest = f'<manifest xmlns:bb="http://www.blackboard.com/content-packaging/"><resources>{resource}</resources></manifest>'
    files: dict[str, bytes | str] = {"imsmanifest.xml": manifest, "res1.dat": pool, "res1/img/map.png": png(7, 5)}
    question = _taken(bring("export.zip", packed(files)))
    assert '<img src="media:' in question.body
    assert question.score_feedback == [ScoreFeedback(0, "<p>No</p>"), ScoreFeedback(1_000, "<p>Yes</p>")]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (_question("TRUEFALSE", _answers({"x": "False", "y": "True"}) + _right()), "true or false"),
        (_question("MULTIPLECHOICE", _answers(_THREE) + _right()), "No answer is right"),
        (_question("MATCH", _answers(_THREE) + _right("x")), "to which choice"),
        (_question("ORDER", _answers(_THREE) + _right("x")), "in which order"),
        (_question("HOTSPOT", _answers(_THREE)), "'HOTSPOT'"),
        (_question("ESSAY", "", points="many"), "'many' points"),
        (_question("ESSAY", "", points="NaN"), "'NaN' points"),
        (_question("ESSAY", "", ""), "no text"),
    ],
)
def test_what_makes_no_question_is_refused_by_name(question: str, reason: str) -> None:
    [told] = bring("pool.dat", _pool(question)).reports
    assert told.outcome == "refused"
    assert reason in told.reasons[0]


@pytest.mark.skipif(not _SAMPLE.exists(), reason="the shared data is not here")
def test_a_pool_of_others_is_taken_whole() -> None:
    brought = bring("pool.dat", _SAMPLE.read_bytes())
    assert [report.outcome for report in brought.reports] == ["taken"] * 6
    assert brought.content is not None
    true, one, some, pairs, essay, text = brought.content.questions
    assert brought.content.title == "exam 3 2008-9"
    assert _marks(true, "true", "false") == [1_000, 0]
    assert _marks(one, "b", "a") == [1_000, 0]
    assert _marks(some, ["a", "c"], ["a"]) == [1_000, 0]
    assert _marks(text, "frog") == [1_000]
    assert isinstance(pairs.interactions[0], Match)
    assert mark_question(pairs, [*pairs.interactions[0].correct]) == 1_000
    assert isinstance(essay.interactions[0], Essay)
