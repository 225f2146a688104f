"""Question sets of H5P. What an answer is worth is what the scripts of its content types give."""

from typing import Any

import pytest

from protocol.content import Essay, Question
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from server.importing.faults import ImportFault
from server.importing.files import Brought, bring
from tests.server.importing.h5p.packing import asked, packed, question_set
from tests.server.media.files import png


def brought(*inside: dict[str, Any], files: dict[str, bytes] | None = None, **params: Any) -> Brought:
    return bring("a.h5p", question_set(*inside, files=files, **params))


def one(inside: dict[str, Any]) -> Question:
    """The only question, taken without loss."""
    found = brought(inside)
    assert [report.outcome for report in found.reports] == ["taken"], found.reports
    assert found.content is not None
    return found.content.questions[0]


def ids(question: Question) -> dict[str, str]:
    """The ids of its options by their texts."""
    return {option.body: option.option_id for option in question.interactions[0].options}  # type: ignore[union-attr]


def options(*texts: str, right: str) -> list[dict[str, Any]]:
    return [{"text": f"<div>{text}</div>\n", "correct": text in right} for text in texts]


def test_one_right_option_is_a_single_choice_and_several_count_less_wrong_ones() -> None:
    single = one(asked("MultiChoice", question="<p>Which?</p>", answers=options("a", "b", right="a")))
    assert single.body == "<p>Which?</p>"
    assert [mark_question(single, ids(single)[text]) for text in "ab"] == [1_000, 0]
    several = one(asked("MultiChoice", question="<p>Which?</p>", answers=options("a", "b", "c", "d", right="abc")))
    of = ids(several)
    for chosen, points in (("abc", 3), ("ab", 2), ("abd", 1), ("abcd", 2), ("d", 0), ("", 0)):
        assert mark_question(several, [of[text] for text in chosen] or None) == points * 1_000


def test_several_may_be_worth_one_point_and_one_of_several_may_be_chosen() -> None:
    behaviour = {"type": "multi", "singlePoint": True, "passPercentage": 100}
    whole = one(
        asked("MultiChoice", question="Which?", answers=options("a", "b", "c", right="ab"), behaviour=behaviour)
    )
    of = ids(whole)
    assert [mark_question(whole, [of[text] for text in chosen]) for chosen in ("ab", "a", "abc")] == [1_000, 0, 0]
    behaviour = {"type": "single"}
    either = one(
        asked("MultiChoice", question="Which?", answers=options("a", "b", "c", right="ab"), behaviour=behaviour)
    )
    assert [mark_question(either, ids(either)[text]) for text in "abc"] == [1_000, 1_000, 0]


def test_a_statement_is_true_or_false() -> None:
    question = one(asked("TrueFalse", question="<p>So?</p>", correct="false", behaviour={"feedbackOnWrong": "No."}))
    assert [mark_question(question, said) for said in ("false", "true")] == [1_000, 0]
    assert question.interactions[0].option_feedback == {"true": "<p>No.</p>"}  # type: ignore[union-attr]


def test_gaps_stand_in_their_texts_and_have_several_right_answers() -> None:
    texts = ["<p>Oslo is in *Norway/Norge* &amp; Rome in *Italy*.</p>\n", "<p>AC\\/DC is from *Australia*</p>"]
    question = one(asked("Blanks", text="<p>Fill in.</p>", questions=texts))
    assert question.body.startswith('<p>Fill in.</p><p>Oslo is in <pd-response id="1"></pd-response> &amp; Rome in')
    assert mark_question(question, {"1": "Norge", "2": "italy", "3": "Australia"}) == 2_000
    relaxed = one(asked("Blanks", questions=["<p>*AC\\/DC*</p>"], behaviour={"caseSensitive": False}))
    assert mark_question(relaxed, "ac/dc") == 1_000


def test_words_are_dragged_into_gaps_and_equal_words_are_one() -> None:
    text = "The *cat* saw a *cat*\nand a *dog* &lt;3."
    question = one(asked("DragText", taskDescription="<p>Drag.</p>", textField=text, distractors="*cow* *dog*"))
    [match] = question.interactions
    of = {choice.body: choice for choice in match.choices}  # type: ignore[union-attr]
    assert {text: choice.max_uses for text, choice in of.items()} == {"cat": 2, "dog": 2, "cow": 1}
    assert "<br>and a" in match.text  # type: ignore[union-attr]
    assert "&lt;3" in match.text  # type: ignore[union-attr]
    for said, points in ((("cat", "cat", "dog"), 3), (("cat", "cow", "dog"), 2), (("dog", "dog", "cow"), 0)):
        pairs: Value = [(str(of[text].option_id), f"g{number}") for number, text in enumerate(said, 1)]
        assert mark_question(question, pairs) == points * 1_000


def test_words_are_marked_and_wrong_ones_count_less() -> None:
    text = "<p>The *dog* <strong>ran</strong> to the *house*.</p>"
    question = one(asked("MarkTheWords", taskDescription="<p>Nouns?</p>", textField=text))
    [words] = question.interactions
    assert words.text == (  # type: ignore[union-attr]
        '<p><pd-hot id="a">The</pd-hot> <pd-hot id="b">dog</pd-hot> <strong><pd-hot id="c">ran</pd-hot></strong>'
        ' <pd-hot id="d">to</pd-hot> <pd-hot id="e">the</pd-hot> <pd-hot id="f">house</pd-hot>.</p>'
    )
    for chosen, points in (("bf", 2), ("b", 1), ("bfa", 1), ("ac", 0)):
        assert mark_question(question, list(chosen)) == points * 1_000


def test_a_set_of_single_choices_is_a_question_each() -> None:
    choices = [{"question": "<p>1+1?</p>", "answers": ["<p>2</p>", "<p>3</p>"]}] * 2
    found = brought(asked("SingleChoiceSet", "Sums", choices=choices))
    assert [report.item for report in found.reports] == ["question 1, Sums", "question 2, Sums"]
    assert found.content is not None
    first = found.content.questions[0]
    assert [mark_question(first, ids(first)[text]) for text in "23"] == [1_000, 0]


def test_an_essay_is_for_a_person_and_says_so() -> None:
    keywords = [{"keyword": "fish", "alternatives": ["cod"], "options": {"points": 2, "occurrences": 2}}]
    sample = {"sample": "<p>Cod.</p>"}
    found = brought(asked("Essay", taskDescription="<p>Why?</p>", keywords=keywords, solution=sample))
    [report] = found.reports
    assert (report.outcome, report.reasons) == (
        "taken_with_loss",
        ["a person marks the text, and nobody looks for words in it"],
    )
    assert found.content is not None
    [essay] = found.content.questions[0].interactions
    assert isinstance(essay, Essay)
    assert (essay.points_mpt, essay.guidance) == (4_000, "fish, cod: 4\nCod.")


def test_a_picture_stands_above_its_question() -> None:
    params = {"file": {"path": "images/a.png"}, "alt": "A &amp; B"}
    above = {"type": {"library": "H5P.Image 1.1", "params": params}}
    question = asked("TrueFalse", question="<p>So?</p>", correct="true", media=above)
    found = brought(question, files={"content/images/a.png": png(4, 3)})
    assert found.content is not None
    assert len(found.files) == 1
    [name] = found.files
    assert found.content.questions[0].body == (
        f'<p><img src="media:{name}" alt="A &amp; B" width="4" height="3"></p><p>So?</p>'
    )
    [report] = brought(question).reports
    assert report.reasons == ["left out: the picture above the question is not in the package"]


def test_what_a_set_says_is_taken_or_told() -> None:
    question = asked(
        "TrueFalse", question="<p>So?</p>", correct="true", overallFeedback=[{"from": 100, "feedback": "Yes"}]
    )
    intro = {"showIntroPage": True, "introduction": "<p>Welcome.</p>"}
    found = brought(question, question, introPage=intro, randomQuestions=True, poolSize=1, passPercentage=50, title="x")
    assert found.content is not None
    assert (found.content.title, found.content.instructions, found.content.shuffle) == (
        "A set",
        "<p>Welcome.</p>",
        True,
    )
    assert found.content.questions[0].score_feedback[0].from_permille == 1_000
    assert found.reports[0].reasons == ["all questions are asked, and not 1 of them", "left out: that 50 % are a pass"]


def test_questions_stand_in_columns_and_books_behind_their_texts() -> None:
    inside = [
        {"content": asked("AdvancedText", text="<p>Read.</p>")},
        {"content": asked("TrueFalse", question="<p>So?</p>", correct="true")},
        {"content": asked("AdvancedText", text="<p>The end.</p>")},
    ]
    found = bring("a.h5p", packed("InteractiveBook", {"chapters": [asked("Column", content=inside)]}))
    assert found.content is not None
    assert found.content.questions[0].body == "<p>Read.</p><p>So?</p>"
    assert [report.outcome for report in found.reports] == ["taken", "taken"]


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        (asked("DragQuestion"), "kind 'H5P.DragQuestion' is none"),
        (asked("Summary"), "kind 'H5P.Summary' is none"),
        (asked("MultiChoice", question="Q", answers=options("a", "b", right="")), "No answer is right"),
        (asked("MultiChoice", question="Q", answers=options("a", "", right="a")), "An answer has no text"),
        (asked("MultiChoice", question="Q", answers=options("a", right="a")), "nothing to choose between"),
        (
            asked(
                "MultiChoice",
                question="Q",
                answers=options("a", "b", "c", right="ab"),
                behaviour={"singlePoint": True, "passPercentage": 60},
            ),
            "for a share of the right answers",
        ),
        (asked("TrueFalse", question="", correct="true"), "no text"),
        (asked("TrueFalse", question="Q", correct="maybe"), "whether true or false"),
        (asked("Blanks", questions=["<p>A *b"]), "An asterisk has no other one"),
        (asked("Blanks", questions=["<p>A *<b>b</b>*</p>"]), "a tag stands between"),
        (asked("Blanks", questions=["<p>A b</p>"]), "no place for an answer"),
        (asked("Blanks", questions=["<p>*:tip*</p>"]), "nothing that is right"),
        (asked("Blanks", questions=["<p>*a*</p>"], behaviour={"acceptSpellingErrors": True}), "spelling are forgiven"),
        (asked("DragText", textField="none"), "no gap"),
        (asked("MarkTheWords", textField="<p>none</p>"), "No word is right"),
        (asked("MarkTheWords", textField="<p>*two words*</p>"), "Several words are marked as one"),
        (asked("MarkTheWords", textField=f"<p>*a* {'b ' * 64}</p>"), "Of 65 words"),
        (asked("SingleChoiceSet", choices=[{"question": "Q", "answers": ["a"]}]), "nothing to choose between"),
    ],
)
def test_what_makes_no_question_is_refused_with_a_sentence(inside: dict[str, Any], reason: str) -> None:
    [report] = brought(inside).reports
    assert report.outcome == "refused"
    assert reason in report.reasons[0]


@pytest.mark.parametrize("content", ["{", "[" * 100_000, "{} {}"])
def test_what_is_no_json_is_refused(content: str) -> None:
    with pytest.raises(ImportFault, match="not in JSON"):
        bring("a.h5p", packed("QuestionSet", content))


def test_content_that_stands_in_itself_again_and_again_is_refused() -> None:
    inside = asked("TrueFalse", question="<p>So?</p>", correct="true")
    for _ in range(10):
        inside = asked("QuestionSet", questions=[inside])
    with pytest.raises(ImportFault, match="too often"):
        brought(inside)
