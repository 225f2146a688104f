"""What a test may be, and what its paper shows."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from protocol.attempt.paper import make_paper
from protocol.codes import Code
from protocol.content import (
    AcceptedNumber,
    Draw,
    Essay,
    Interaction,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    Rules,
    ScoreFeedback,
    Section,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
    question_total,
    select_questions,
)
from protocol.content_checks import check_test
from protocol.errors import Refused
from protocol.paper import PaperTrueFalse
from tests.protocol.attempt.scene import CONTENT

OPTIONS = [Option("a", "A"), Option("b", "B")]
FORMS = replace(CONTENT, forms={"A": ["essay", "single"], "B": ["text"]})


def q(asked: Interaction, name: str = "q") -> Question:
    return Question(question_id=name, body="?", interactions=[asked])


def numeric(value: str, tolerance: str = "0") -> Question:
    return Question(
        question_id="q", body="?", interactions=[Numeric(accepted=[AcceptedNumber(value=value, tolerance=tolerance)])]
    )


def part(*items: str | Draw, name: str = "s", **more: Any) -> Section:
    return Section(section_id=name, title="A part", items=list(items), **more)


SECTIONS = replace(CONTENT, sections=[part("single", Draw(1, ["text", "essay"])), part("number", name="t")])


def test_a_sound_test_is_accepted() -> None:
    check_test(CONTENT)
    check_test(FORMS)
    check_test(SECTIONS)
    check_test(replace(CONTENT, shuffle=True))


def test_a_test_with_sections_counts_what_a_candidate_gets() -> None:
    assert [question_total(content) for content in (CONTENT, FORMS, SECTIONS)] == [6, 6, 3]
    assert [one.question_id for one in select_questions(SECTIONS, None)] == ["single", "text", "essay", "number"]
    with pytest.raises(Refused):
        select_questions(SECTIONS, "A")


@pytest.mark.parametrize(
    ("questions", "where"),
    [
        ([q(TrueFalse(correct=True))] * 2, "questions: two questions"),
        ([q(SingleChoice(options=OPTIONS, correct="c"))], "question 'q': `correct`"),
        ([q(SingleChoice(options=OPTIONS[:1] * 2, correct="a"))], "question 'q': two"),
        ([q(MultipleChoice(options=OPTIONS, correct=["a", "a"]))], "question 'q': `correct`"),
        ([q(MultipleChoice(options=OPTIONS, correct=["c"]))], "question 'q': `correct`"),
        ([q(MultipleChoice(options=OPTIONS, correct=["a", "b"], min_choices=3))],
         "question 'q': `min_choices` is more than can be chosen"),
        ([q(MultipleChoice(options=OPTIONS, correct=["a"], min_choices=2))],
         "question 'q': `min_choices` is more than what is `correct`"),
        ([numeric(value="ten")], "question 'q': `correct` is not a number"),
        ([numeric(value="1", tolerance="-1")], "question 'q': `tolerance`"),
        ([numeric(value="1", tolerance="little")], "question 'q': `tolerance`"),
        ([q(ShortText(accepted=["yes", " "]))], "question 'q': `accepted`"),
        ([q(ShortText(accepted=["yes"], max_chars=2))], "question 'q': `accepted`"),
        ([q(TrueFalse(correct=True), "a/b")], "questions: the id 'a/b' must not have a slash"),
        ([q(TrueFalse(correct=True), "..")], "questions: the id '..' must not be"),
        ([q(TrueFalse(correct=True), "q\u200b")], "questions: the id 'q\\u200b' must not have an"),
        ([q(TrueFalse(correct=True), name) for name in "qQ"], "questions: two questions have ids that"),
        ([q(SingleChoice(options=[Option(" a", "A"), Option("b", "B")], correct="b"))],
         "question 'q': the id ' a' must not begin"),
        ([q(SingleChoice(options=[Option("a", "A"), Option("A", "B")], correct="a"))],
         "question 'q': two options have ids that differ in letter case alone, 'a' and 'A'"),
        ([q(SingleChoice(options=OPTIONS, correct="a", shuffle=True, pinned=["c"]))],
         "question 'q': `pinned` must name options of the question"),
        ([q(SingleChoice(options=OPTIONS, correct="a", shuffle=True, pinned=["b", "b"]))],
         "question 'q': `pinned` must name options of the question, each once"),
        ([q(MultipleChoice(options=OPTIONS, correct=["a"], pinned=["b"]))],
         "question 'q': `pinned` options are those that keep their place with `shuffle`, which is missing"),
        ([q(MultipleChoice(options=OPTIONS, correct=["a"], option_feedback={"c": "No."}))],
         "question 'q': `option_feedback` must name options of the question"),
        ([q(TrueFalse(correct=True, option_feedback={"yes": "No."}))],
         "question 'q': `option_feedback` is for `true` and `false`"),
        ([replace(q(TrueFalse(correct=True)), score_feedback=[ScoreFeedback(0, "No.")] * 2)],
         "question 'q': `score_feedback` has two texts from the same share on"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_question_is_named(questions: list[Question], where: str) -> None:
    with pytest.raises(Refused) as refused:
        check_test(replace(CONTENT, questions=questions))
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert refused.value.refusal.detail.startswith(where)


def test_ids_are_kept_in_one_form_wherever_they_stand() -> None:
    composed, decomposed = "\u00e9", "e\u0301"

    def written(found: str) -> TestContent:
        options = [Option(found, "A"), Option("b", "B")]
        questions: list[Question] = [
            Question(question_id=found, body="?", interactions=[SingleChoice(options=options, correct=found)]),
            q(MultipleChoice(options=options, correct=[found], option_feedback={found: "Yes."}), "many"),
        ]
        return replace(CONTENT, questions=questions, forms={found: [found, "many"]})

    def in_parts(found: str) -> TestContent:
        options = [Option(found, "A"), Option("b", "B")]
        questions: list[Question] = [
            Question(
                question_id=name,
                body="?",
                interactions=[SingleChoice(options=options, correct=found, shuffle=True, pinned=[found])],
            )
            for name in (found, f"{found}2")
        ]
        sections = [part(found, Draw(1, [f"{found}2"]), name=found)]
        return replace(CONTENT, questions=questions, sections=sections)

    for made in (written, in_parts):
        assert check_test(made(decomposed)) == check_test(made(composed)) == made(composed)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"forms": {"A": ["nowhere"]}}, "form 'A': "),
        ({"forms": {"A": []}}, "form 'A': "),
        ({"forms": {"A": ["text", "text"]}}, "form 'A': "),
        ({"forms": {"": ["text"]}}, "forms: the id '' must not be empty"),
        ({"forms": {"x" * 129: ["text"]}}, "forms: the id 'xxx"),
        ({"forms": {"a\0": ["text"]}}, "forms: the id 'a\\x00' must not have an invisible character"),
        ({"forms": {"a": ["text"], "A": ["text"]}}, "forms: two forms have ids that differ in letter case alone"),
        ({"forms": {"\u00e9": ["text"], "e\u0301": ["text"]}}, "forms: two forms have the same id"),
        ({"sections": [part("essay")], "forms": {"A": ["text"]}}, "sections: a test has forms or sections, not both"),
        ({"sections": [part("essay")], "shuffle": True}, "shuffle: a test with sections says it section by section"),
        ({"sections": [part("essay"), part("text")]}, "sections: two sections have the same id, 's'"),
        ({"sections": [part("nowhere")]}, "section 's': the test has no question 'nowhere'"),
        ({"sections": [part(Draw(1, ["essay", "nowhere"]))]}, "section 's': the test has no question 'nowhere'"),
        ({"sections": [part("essay", "essay")]}, "section 's': question 'essay' already stands in section 's'"),
        (
            {"sections": [part("essay"), part(Draw(1, ["text", "essay"]), name="t")]},
            "section 't': question 'essay' already stands in section 's'",
        ),
        ({"sections": [part(Draw(3, ["essay", "text"]))]}, "section 's': a draw of 3 has a pool of 2 alone"),
        ({"sections": [part(Draw(1))]}, "section 's': a draw is `of` questions, or from those with a `tag`"),
        ({"sections": [part(Draw(1, ["text"], "easy"))]}, "section 's': a draw is `of` questions, or from those"),
        ({"sections": [part(Draw(1, tag="easy"))]}, "section 's': no question of the test has the tag 'easy'"),
        ({"sections": [part(Draw(1, ["s"]))]}, "section 's': 's' is a section: items and pools are made of questions"),
        ({"sections": [part("essay", limit_ms=60_000)]}, "section 's': a section with a time limit needs the rule"),
        ({"rules": Rules(gaps="warn")}, "rules: `gaps: warn` concerns `required` questions, and the test has none"),
        ({"rules": Rules(order="by_section")}, "rules: `order: by_section` needs sections"),
        ({"rules": Rules(opens_at_ms=5, closes_at_ms=5)}, "rules: the window"),
        ({"rules": Rules(warnings_ms=[60_000, 60_000])}, "rules: a warning"),
    ],
)
def test_a_mistake_elsewhere_is_named(change: dict[str, Any], where: str) -> None:
    with pytest.raises(Refused) as refused:
        check_test(replace(CONTENT, **change))
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert refused.value.refusal.detail.startswith(where)


def blueprint(*items: str | Draw, **changed: dict[str, Any]) -> TestContent:
    """Two easy questions, two hard ones and one without a tag, each with these changes; and one more section."""
    tags = {"e1": ["easy"], "e2": ["easy"], "h1": ["hard"], "h2": ["hard"], "plain": []}
    questions = [
        Question(
            **{"question_id": name, "body": "?", "interactions": [TrueFalse(correct=True)], "tags": given}
            | changed.get(name, {})
        )
        for name, given in tags.items()
    ]
    return replace(CONTENT, questions=questions, sections=[part(Draw(1, tag="easy")), part(*items, name="t")])


def test_a_tag_may_be_drawn_from_in_several_places() -> None:
    content = check_test(blueprint(Draw(1, tag="easy"), Draw(2, tag="hard"), "plain"))
    assert question_total(content) == 5
    assert [one.question_id for one in select_questions(content, None)] == ["e1", "e2", "h1", "h2", "plain"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (blueprint(Draw(2, tag="easy")), "3 are drawn by the tag 'easy', which 2 questions have"),
        (blueprint("e1"), "question 'e1' already stands in the pool of the tag 'easy'"),
        (blueprint(Draw(1, ["h1", "e2"])), "question 'e2' already stands in the pool of the tag 'easy'"),
        (
            blueprint(Draw(1, tag="hard"), h1={"tags": ["hard", "easy"]}),
            "question 'h1' already stands in the pool of the tag 'easy'",
        ),
        (blueprint("h1", Draw(1, tag="hard")), "question 'h1' already stands in section 't'"),
        (
            blueprint(Draw(1, ["h1", "plain"]), plain={"interactions": [TrueFalse(correct=True, points_mpt=2_500)]}),
            "questions 'h1' and 'plain' of one pool differ in points: 1 and 2.5",
        ),
        (
            blueprint(Draw(1, tag="hard"), h2={"limit_ms": 60_000}),
            "questions 'h1' and 'h2' of one pool differ in their time limits",
        ),
    ],
)
def test_each_mistake_of_a_blueprint_is_named(content: TestContent, what: str) -> None:
    with pytest.raises(Refused) as refused:
        check_test(content)
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert refused.value.refusal.detail == f"section 't': {what}"


@pytest.mark.parametrize(
    "change",
    [
        {"on_disconnect": "stop"},
        {"on_disconnect": "run\n"},
        {"connections": "all"},
        {"duration_ms": 999},
        {"grace_ms": -1},
        {"max_attempts": 0},
        {"warnings_ms": [1]},
        {"colour": "red"},
    ],
)
def test_rules_that_are_none(change: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(change, Rules)


def test_a_test_without_forms_is_one_paper() -> None:
    assert select_questions(CONTENT, None) == CONTENT.questions
    with pytest.raises(Refused) as refused:
        select_questions(CONTENT, "A")
    assert refused.value.refusal.code is Code.UNKNOWN_FORM


def test_a_test_with_forms_needs_one() -> None:
    assert [question.question_id for question in select_questions(FORMS, "A")] == ["essay", "single"]
    for form_id in (None, "C"):
        with pytest.raises(Refused) as refused:
            select_questions(FORMS, form_id)
        assert refused.value.refusal.code is Code.UNKNOWN_FORM


def test_a_paper_shows_everything_but_the_keys() -> None:
    essay = replace(CONTENT.questions[3], interactions=[Essay(max_chars=1_000, guidance="GUIDANCE")])
    accepted = [AcceptedNumber(value="123456", tolerance="0.654321")]
    number = replace(
        CONTENT.questions[4], interactions=[Numeric(accepted=accepted, unit="kg", wrong_mpt=777)], feedback="FEEDBACK"
    )
    text = replace(CONTENT.questions[2], interactions=[ShortText(accepted=["ACCEPTED"], max_chars=20)])
    content = TestContent(title="T", instructions="I", questions=[*CONTENT.questions[:2], text, essay, number])
    paper = make_paper("test", 3, content, None)
    assert (paper.test_id, paper.test_version, paper.form_id, paper.title, paper.instructions) == (
        "test",
        3,
        None,
        "T",
        "I",
    )
    asked = [msgspec.to_builtins(question.interactions) for question in paper.questions]
    assert [[one["type"] for one in interactions] for interactions in asked] == [
        ["single_choice"], ["multiple_choice"], ["short_text"], ["essay"], ["numeric"],
    ]  # fmt: skip
    assert [one.get("max_chars") for (one,) in asked] == [None, None, 20, 1_000, 64]
    assert asked[4][0]["unit"] == "kg"
    encoded = msgspec.json.encode(paper)
    for key in (b"GUIDANCE", b"ACCEPTED", b"123456", b"654321", b"correct", b"FEEDBACK"):
        assert key not in encoded


def test_the_paper_of_a_true_false_question_has_two_options() -> None:
    paper = make_paper("test", 1, CONTENT, None)
    (asked,) = paper.questions[-1].interactions
    assert isinstance(asked, PaperTrueFalse)
    assert [option.option_id for option in asked.options] == ["true", "false"]
