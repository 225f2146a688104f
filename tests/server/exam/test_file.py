"""Exam files: the sample, the documented example, every notation, and every mistake an author may make."""

import re
from pathlib import Path
from typing import Final

import msgspec
import pytest

from protocol.attempt.laying import lay_out
from protocol.attempt.model import HandMark
from protocol.attempt.paper import on_paper
from protocol.codes import Code
from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Draw,
    Essay,
    InlineChoice,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    Passage,
    ScoreFeedback,
    Section,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
    question_total,
)
from protocol.content.text import place, places
from protocol.errors import Refused
from protocol.lint import lint
from protocol.marking.paper import mark_paper
from protocol.messages.base import Value
from protocol.paper import PaperEssay
from server.exam.fields import INTERACTIONS
from server.exam.file import read_exam
from server.sample import read_sample
from tests.e2e.sample import ESSAY, RIGHT

FORMAT = (Path(__file__).parents[3] / "docs" / "exam-format.md").read_text("utf-8")
TYPES = {SingleChoice, MultipleChoice, TrueFalse, Numeric, ShortText, Essay}

QUESTIONS = """
questions:
  - id: one
    type: true_false
    prompt: Yes?
    correct: true
"""


def read(text: str) -> TestContent:
    return read_exam(text.encode())[1]


def with_rules(rules: str) -> TestContent:
    return read(f"test_id: t\ntitle: T\nrules: {{{rules}}}\n{QUESTIONS}")


def with_question(fields: str) -> TestContent:
    return read(f"test_id: t\ntitle: T\nquestions:\n  - {{id: q, prompt: P, {fields}}}\n")


def sample() -> TestContent:
    content = read_sample().content
    assert content is not None
    return content


def test_the_sample_shows_a_little_of_everything() -> None:
    assert read_sample().test_id == "sample-exam"
    shown = sample()
    kinds = {kind for question in shown.questions for kind in question.kinds}
    assert {"single_choice", "multiple_choice", "true_false", "inline_choice", "order", "match"} <= kinds
    assert {"hotspot", "slider", "numeric", "essay"} <= kinds
    bodies = " ".join(question.body for question in shown.questions)
    for element in ("<math", "<pre", "<table", "<pd-response"):
        assert element in bodies
    assert [passage.passage_id for passage in shown.passages] == ["well"]
    assert [file.element for file in read_sample().files.values()] == ["img"]
    assert shown.rules.duration_ms == 30 * 60_000
    assert shown.rules.warnings_ms == [300_000, 60_000]
    assert shown.rules.max_attempts is None
    assert shown.rules.shows == "questions"
    assert lint(shown) == []


def test_the_keys_of_the_sample_give_full_marks() -> None:
    shown = sample()
    answers: dict[str, Value] = {**RIGHT, ESSAY: "A coin has no memory."}
    marking = mark_paper(shown, lay_out(shown, None, 0), answers, {"heads": HandMark(3_000, 3_000, "", "tutor", b"")})
    assert marking.score_mpt == marking.max_mpt == 23_000


def test_the_documented_example_is_an_exam() -> None:
    example = re.search(r"```yaml\n(.*?)```", FORMAT, re.DOTALL)
    assert example is not None
    test_id, content = read_exam(example[1].encode())
    assert test_id == "first-aid"
    assert {type(one) for question in content.questions for one in question.interactions} == TYPES
    assert content.rules.duration_ms == 90 * 60_000
    assert content.rules.opens_at_ms == 1_803_888_000_000
    assert content.rules.closes_at_ms == 1_803_888_000_000 + 3 * 3_600_000
    assert content.forms["B"] == ["report", "position", "rate"]
    (number,) = content.questions[0].interactions
    assert isinstance(number, SingleChoice)
    assert number.points_mpt == 1_500
    assert number.correct == "b"


@pytest.mark.parametrize(
    ("written", "ms"),
    [
        ("90 minutes", 5_400_000),
        ("90 min", 5_400_000),
        ("1 h 30 min", 5_400_000),
        ("1h 30m", 5_400_000),
        ("1.5 hours", 5_400_000),
        ("1 hour", 3_600_000),
        ("2 days", 172_800_000),
        ("2 s", 2_000),
        ("2500 ms", 2_500),
        ("none", None),
    ],
)
def test_durations(written: str, ms: int | None) -> None:
    assert with_rules(f"duration: {written}").rules.duration_ms == ms


def test_no_duration_at_all_is_the_default_and_no_test_without_a_limit() -> None:
    assert with_rules("").rules.duration_ms == 3_600_000


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ("duration: 5400", 'rules: `duration` must name its unit, like "5400 s" (1 h 30 min) or "5400 min" (3 d 18 h)'),
        ("grace: 60", 'rules: `grace` must name its unit, like "60 s" (1 min) or "60 min" (1 h)'),
        ("pause_budget: 0", 'rules: `pause_budget` must name its unit, like "0 s" (0 s) or "0 min" (0 s)'),
        ("warnings: [300]", 'rules: `warnings` must name its unit, like "300 s" (5 min) or "300 min" (5 h)'),
    ],
)
def test_a_bare_number_is_no_duration(rules: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        with_rules(rules)
    assert refused.value.refusal.detail.startswith(f"{sentence} (line ")


@pytest.mark.parametrize("blank", ["", "''", "' '"])
@pytest.mark.parametrize(
    "rule",
    ["duration", "opens_at", "closes_at", "grace", "warnings", "max_attempts", "on_disconnect", "pause_budget",
     "connections", "shows", "release", "counts"],
)  # fmt: skip
def test_a_blank_rule_is_refused_and_not_guessed(rule: str, blank: str) -> None:
    with pytest.raises(Refused, match=f"rules: `{rule}` is blank; fill it in, or leave the line out"):
        with_rules(f"{rule}: {blank}")


@pytest.mark.parametrize(
    "field", ["id", "prompt", "points", "options", "correct", "tolerance", "unit", "accepted", "max_chars", "guidance"]
)
def test_a_blank_field_of_a_question_is_refused(field: str) -> None:
    types = {"options": "single_choice", "correct": "numeric", "tolerance": "numeric", "unit": "numeric"}
    kind = types.get(field, "short_text" if field in ("accepted", "max_chars") else "essay")
    with pytest.raises(Refused, match=f"`{field}` is blank"):
        read(f"test_id: t\ntitle: T\nquestions:\n  - type: {kind}\n    {field}:\n")


@pytest.mark.parametrize("field", ["test_id", "title", "instructions", "rules", "questions", "forms"])
def test_a_blank_field_of_the_file_is_refused(field: str) -> None:
    with pytest.raises(Refused, match=f"the file: `{field}` is blank"):
        read(f"{field}:\n")


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("math/2027", "must not have a slash or backslash in it"),
        ("..", "must not be `.` or `..`, alone or between slashes"),
        ('"a\\u200b"', "must not have an invisible character in it (U+200B)"),
        ("a" * 129, "must have at most 128 characters"),
    ],
)
def test_an_id_that_no_link_can_hold_is_refused(written: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read(f"test_id: {written}\ntitle: T\n{QUESTIONS}")
    assert refused.value.refusal.detail == f"the file: `test_id` {sentence}"
    with pytest.raises(Refused, match="`id` must"):
        read(f"test_id: t\ntitle: T\nquestions: [{{type: essay, id: {written}, prompt: P}}]")


def test_an_option_is_named_however_its_letters_are_composed() -> None:
    question = (
        with_question("type: single_choice, options: [Caf\u00e9, Tea], correct: Cafe\u0301")
        .questions[0]
        .interactions[0]
    )
    assert isinstance(question, SingleChoice)
    assert question.correct == "a"


@pytest.mark.parametrize("written", ["'1,000'", "'12,000'"])
def test_points_with_a_comma_of_thousands_are_not_guessed(written: str) -> None:
    with pytest.raises(Refused, match=r"`points` could be 12? or 12?000: write one of the two"):
        with_question(f"type: essay, points: {written}")


@pytest.mark.parametrize("written", ["soon", "1 fortnight", "1.5", "-5 min", "1 min!", "0.0001 s", "1 h30", "[1 h]"])
def test_a_duration_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="rules: `duration` must be"):
        with_rules(f"duration: {written}")


def test_the_other_rules() -> None:
    rules = with_rules(
        "grace: 0 s, warnings: [10 min, 30 s], max_attempts: 3, on_disconnect: pause, pause_budget: 2 min, "
        "connections: first, shows: reference, opens_at: '2027-01-01T00:00:00Z', closes_at: '2027-01-01T02:00:00+01:00'"
    ).rules
    assert (rules.grace_ms, rules.warnings_ms, rules.max_attempts) == (0, [600_000, 30_000], 3)
    assert (rules.on_disconnect, rules.pause_budget_ms, rules.connections) == ("pause", 120_000, "first")
    assert rules.shows == "reference"
    assert rules.opens_at_ms == 1_798_761_600_000
    assert rules.closes_at_ms == 1_798_761_600_000 + 3_600_000


def test_tools_are_named_and_one_that_nobody_knows_is_refused() -> None:
    assert with_rules("tools: [strike_out, notes]").rules.tools == ["strike_out", "notes"]
    with pytest.raises(Refused, match="tools"):
        with_rules("tools: [crystal_ball]")


@pytest.mark.parametrize(
    ("written", "mpt"),
    [("1", 1_000), ("1.5", 1_500), ("'1,5'", 1_500), ("0.001", 1), ("0", 0), ("4.35", 4_350), ("1.10", 1_100)],
)
def test_points_are_exact(written: str, mpt: int) -> None:
    assert with_question(f"type: essay, points: {written}").questions[0].points_mpt == mpt


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ("[No, 'Yes']", [Option("a", "No"), Option("b", "Yes")]),
        ("[1.50, 0x10]", [Option("a", "1.50"), Option("b", "0x10")]),
        ("[x: First, {y: Second}]", [Option("x", "First"), Option("y", "Second")]),
        ("{x: First, y: Second}", [Option("x", "First"), Option("y", "Second")]),
    ],
)
def test_options(written: str, options: list[Option]) -> None:
    first = options[0]
    for correct in (first.option_id, first.body):
        question = (
            with_question(f"type: single_choice, options: {written}, correct: '{correct}'").questions[0].interactions[0]
        )
        assert isinstance(question, SingleChoice)
        assert question.options == options
        assert question.correct == first.option_id


def test_more_options_than_letters_have_ids_of_their_own() -> None:
    texts = [f"Option {number}" for number in range(64)]
    question = (
        with_question(f"type: multiple_choice, options: {texts}, correct: [Option 63]").questions[0].interactions[0]
    )
    assert isinstance(question, MultipleChoice)
    assert len({option.option_id for option in question.options}) == 64
    assert question.correct == ["bl"]


def test_numbers_stay_as_they_are_written() -> None:
    question = with_question("type: numeric, correct: 0.10, tolerance: 1e-3, unit: m").questions[0].interactions[0]
    assert isinstance(question, Numeric)
    assert question.accepted == [AcceptedNumber(value="0.10", tolerance="1e-3")]
    assert question.unit == "m"


def test_weights_and_negative_marks_are_points() -> None:
    question = (
        with_question(
            "type: single_choice, points: 2, options: [One, Two, Three], correct: One, floor: -0.5,"
            " weights: {One: 2, b: 1.5, c: -0.5}"
        )
        .questions[0]
        .interactions[0]
    )
    assert isinstance(question, SingleChoice)
    assert question.weights_mpt == {"a": 2_000, "b": 1_500, "c": -500}
    assert (question.wrong_mpt, question.min_mpt) == (0, -500)
    question = with_question("type: true_false, correct: true, wrong: 0.25").questions[0].interactions[0]
    assert isinstance(question, TrueFalse)
    assert question.wrong_mpt == 250


def test_several_numbers_with_each_tolerance() -> None:
    question = (
        with_question(
            "type: numeric, accepted: [{value: 100, tolerance: 5 %}, {value: 3.14, tolerance: 3 significant figures},"
            " {value: 7, points: 0.5}]"
        )
        .questions[0]
        .interactions[0]
    )
    assert isinstance(question, Numeric)
    assert question.accepted == [
        AcceptedNumber(value="100", tolerance="5e-2", within="relative"),
        AcceptedNumber(value="3.14", tolerance="3", within="significant"),
        AcceptedNumber(value="7", points_mpt=500),
    ]
    assert with_question("type: numeric, correct: 5, tolerance: 2.5 %").questions[0].interactions[
        0
    ] == msgspec.structs.replace(question, accepted=[AcceptedNumber(value="5", tolerance="25e-3", within="relative")])


def test_several_texts_with_patterns_and_points() -> None:
    question = (
        with_question(
            'type: short_text, accepted: [Paris, {pattern: "* Paris", points: 0.5}, {text: Lutetia, points: 0.25}]'
        )
        .questions[0]
        .interactions[0]
    )
    assert isinstance(question, ShortText)
    assert question.accepted == [
        "Paris",
        AcceptedText(text="* Paris", pattern=True, points_mpt=500),
        AcceptedText(text="Lutetia", points_mpt=250),
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ("type: numeric", "`correct` or `accepted` is missing"),
        ("type: numeric, correct: 1, accepted: [{value: 1}]", "leave `correct` and `tolerance` out"),
        ("type: numeric, accepted: [1]", "`accepted` has an entry that is not understood"),
        ("type: numeric, accepted: [{points: 1}]", "`accepted` has an entry without `value`"),
        (
            "type: numeric, accepted: [{value: 1, points: half}]",
            "`accepted` has an entry whose `points` is not a number",
        ),
        ("type: numeric, accepted: [{value: 1, points: 0.5}]", "`accepted` gives 500 thousandths at most"),
        ("type: numeric, correct: 1, tolerance: 0 figures", "`tolerance` must be from 1 to 30 significant figures"),
        ('type: numeric, correct: "1,234"', "`correct` could be 1.234 or 1234"),
        ("type: true_false, correct: true, wrong: -1", "`wrong`"),
        ("type: true_false, correct: true, floor: 1", "`floor`"),
        (
            "type: single_choice, options: [A, B], correct: A, weights: {a: 0.5}",
            "`weights` give 500 thousandths at most",
        ),
        ("type: single_choice, options: [A, B], correct: A, weights: {b: 1}", "`weights` must be highest for what is"),
        ("type: single_choice, options: [A, B], correct: A, weights: {c: 1}", "`weights` names no option"),
        (
            "type: single_choice, options: [A, B], correct: A, weights: {a: 1}, wrong: 1",
            "leave `wrong` and `partial` out",
        ),
    ],
)
def test_a_key_that_cannot_be_is_refused(fields: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        with_question(fields)
    assert sentence in refused.value.refusal.detail


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the file: it must have fields"),
        ("- 1", "the file: it must have fields"),
        ("a: [", "line 1: "),
        ("test_id: t\ntitle: T\ntitle: T", "line 3: this field is given twice"),
        ("? [a]\n: b", "line 1: this field is given twice, or is no name"),
        ("test_id: &x t\ntitle: *x", "line 2: an alias"),
        ("a: 1\n---\nb: 2", "line 2: but found another document"),
        ("a: \x00", "the file: "),
        ('a: b\nc: "\\U00110000"', "line 2: this character or number does not exist"),
        ('a: "\\UFFFFFFFF"', "line 1: this character or number does not exist"),
        (f"%YAML 1.{'1' * 5_000}\n---\na: b", "line 1: this character or number does not exist"),
        ('a: b\nc: "\\ud800"', "line 2: half of a surrogate pair is no character"),
        ('"\\udfff": b', "line 1: half of a surrogate pair is no character"),
        ("a: " + "[" * 5_000, "the file: it is nested too deeply"),
        (f"colour: red\n{QUESTIONS}", "the file: there is no field `colour`"),
        (f"title: T\n{QUESTIONS}", "the file: `test_id` is missing"),
        (f"test_id: ''\ntitle: T\n{QUESTIONS}", "the file: `test_id` is blank"),
        (f"test_id: t\n{QUESTIONS}", "the file: `title` is missing"),
        (f"test_id: t\ntitle: ''\n{QUESTIONS}", "the file: `title` is blank"),
        ("test_id: t\ntitle: T", "the file: `questions` is empty"),
        ("test_id: t\ntitle: T\nquestions: 3", "the file: `questions` must be a list"),
        ("test_id: t\ntitle: T\nquestions: [3]", "question 1: it must have fields"),
        ("test_id: t\ntitle: T\nrules: 3", "the file: `rules` must have fields of its own"),
        (f"test_id: t\ntitle: T\nforms: {{A: [two]}}\n{QUESTIONS}", "form 'A': it must name at least one question"),
        (f"test_id: t\ntitle: T\nforms: {{A: one}}\n{QUESTIONS}", "the file: `forms` must be a list"),
        ("test_id: t\ntitle: T\nquestions: [{type: essay, prompt: P}]", "question 1: `id` is missing"),
        ("test_id: t\ntitle: T\nquestions: [{id: q, prompt: P}]", "question 'q': `type` must be one of single_choice"),
        ("test_id: t\ntitle: T\nquestions: [{id: q, type: essay}]", "question 'q': `prompt` is missing"),
        (f"{QUESTIONS}{QUESTIONS[12:]}test_id: t\ntitle: T", "questions: two questions have the same id, 'one'"),
    ],
)
def test_a_mistake_in_the_file_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text)
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert refused.value.refusal.detail.startswith(sentence)


def test_what_is_said_of_answers_is_written_beside_them() -> None:
    options = "options: [One, {two: Two}], correct: One"
    content = with_question(
        f"type: single_choice, {options}, option_feedback: {{One: '*Well.*', two: No.}},"
        " score_feedback: {100 %: none, 50 %: Half., 0 %: None.}"
    )
    [question] = content.questions
    [asked] = question.interactions
    assert isinstance(asked, SingleChoice)
    assert asked.option_feedback == {"a": "<p><em>Well.</em></p>", "two": "<p>No.</p>"}
    bands = [ScoreFeedback(1_000, ""), ScoreFeedback(500, "<p>Half.</p>"), ScoreFeedback(0, "<p>None.</p>")]
    assert question.score_feedback == bands
    [fact] = with_question("type: true_false, correct: yes, option_feedback: {no: It is.}").questions[0].interactions
    assert isinstance(fact, TrueFalse)
    assert fact.option_feedback == {"false": "<p>It is.</p>"}
    [word] = with_question("type: short_text, accepted: [{text: a, feedback: A.}]").questions[0].interactions
    assert isinstance(word, ShortText)
    assert word.accepted == [AcceptedText(text="a", feedback="<p>A.</p>")]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ("type: true_false, correct: true, option_feedback: {maybe: No.}", "`option_feedback` must be true or false"),
        ("type: true_false, correct: true, option_feedback: {true: ''}", "`option_feedback` says nothing of 'true'"),
        ("type: true_false, correct: true, option_feedback: No.", "`option_feedback` must say what is said of which"),
        ("type: essay, score_feedback: {half: No.}", "`score_feedback` must be a percentage"),
        (
            "type: essay, score_feedback: {50 %: a, 50.0 %: b}",
            "`score_feedback` has two texts for what is the same",
        ),
        (
            "type: single_choice, options: [One, Two], correct: One, option_feedback: {One: No., a: Yes.}",
            "`option_feedback` has two texts for what is the same",
        ),
        (
            "type: single_choice, options: [One, Two], correct: One, option_feedback: {Three: No.}",
            "`option_feedback` names no option (Three)",
        ),
        ("type: quiz", "`type` must be one of"),
        ("type: [essay]", "`type` must be one of"),
        (
            "type: essay, colour: red",
            "there is no field `colour`; the fields are id, type, prompt, points, limit, limit_kind, feedback",
        ),
        ("type: essay, correct: a", "there is no field `correct`"),
        ("type: essay, points: many", "`points` is not a number"),
        ("type: essay, points: 0.0001", "`points` must be a number with at most three decimals"),
        ("type: essay, points: -1", "`points` is less than 0"),
        ("type: essay, max_chars: 1.5", "`max_chars` must be a whole number"),
        ("type: essay, max_chars: 99999", "`max_chars` is greater than 16000"),
        ("type: essay, guidance: [a]", "`guidance` must be a text"),
        ("type: true_false", "`correct` is missing"),
        ("type: true_false, correct: maybe", "`correct` must be true or false"),
        ("type: numeric, correct: ten", "`correct` is not a number"),
        ("type: numeric, correct: 1, tolerance: -1", "`tolerance` is not a number of zero or more"),
        ("type: short_text, accepted: []", "`accepted` is missing"),
        ("type: short_text, accepted: [' ']", "`accepted[0]` is empty"),
        ("type: short_text, accepted: [abc], max_chars: 2", "`accepted` has a text that is blank, or longer"),
        ("type: single_choice, options: [A], correct: A", "`options` has fewer than 2 entries"),
        ("type: single_choice, options: [A, B]", "`correct` is missing"),
        ("type: single_choice, options: [A, B], correct: C", "`correct` names no option (C)"),
        ("type: single_choice, options: [A, B], correct: [A]", "`correct` must be a text"),
        ("type: single_choice, options: [b, a], correct: a", "`correct` names two options"),
        ("type: single_choice, options: [A, A], correct: A", "`correct` names two options"),
        ("type: single_choice, options: AB, correct: A", "`options` must be a list"),
        ("type: single_choice, options: [{a: A, b: B}], correct: a", "`options` must name each option by one id"),
        ("type: single_choice, options: [x: A, x: B], correct: x", "two options have the same id, 'x'"),
        ("type: multiple_choice, options: [A, B], correct: []", "`correct` is missing"),
        (
            "type: multiple_choice, options: [A, B, C], correct: [A, B], max_choices: 1",
            "`max_choices` is less than what is `correct`",
        ),
        ("type: multiple_choice, options: [A, B], correct: [a, A]", "`correct` must name options of the question"),
        ("type: multiple_choice, options: [A, B], correct: A, partial: half", "`partial` must be true or false"),
    ],
)
def test_a_mistake_in_a_question_names_the_question_and_the_field(fields: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        with_question(fields)
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert refused.value.refusal.detail.startswith(f"question 'q': {sentence}")


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ("speed: 3", "there is no field `speed`"),
        ("duration: 10 ms", "`duration` is less than 1000"),
        ("opens_at: tomorrow", "`opens_at` must be an instant with its zone"),
        ("opens_at: '2027-01-01T00:00:00'", "`opens_at` must be an instant with its zone"),
        ("opens_at: '1969-01-01T00:00:00Z'", "`opens_at` is less than 0"),
        ("opens_at: '2027-01-02T00:00:00Z', closes_at: '2027-01-01T00:00:00Z'", "the window closes before it opens"),
        ("warnings: 5 min", "`warnings` must be a list"),
        ("warnings: [5 min, 300 s]", "a warning is named twice"),
        ("max_attempts: 0", "`max_attempts` is less than 1"),
        ("on_disconnect: stop", "`on_disconnect` can't be"),
        ("grace: none", "`grace` must be a duration"),
    ],
)
def test_a_mistake_in_the_rules_names_the_rule(rules: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        with_rules(rules)
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert refused.value.refusal.detail.startswith(f"rules: {sentence}")


EXAMPLES: Final[list[str]] = re.findall(r"```yaml\n(.*?)```", FORMAT, re.DOTALL)


def example(word: str) -> str:
    """The one example of the document with this in it."""
    (found,) = (text for text in EXAMPLES if word in text)
    return found


def test_there_is_an_example_of_each_kind() -> None:
    shown: set[str] = set()
    for text in EXAMPLES:
        if text.startswith("  - id: "):
            written = text.replace("HASH", "0" * 64)
            questions = read(f"test_id: t\ntitle: T\nquestions:\n{written}").questions
            shown |= {kind for question in questions for kind in question.kinds}
    first = read_exam(EXAMPLES[0].encode())[1]
    assert shown | {kind for question in first.questions for kind in question.kinds} == set(INTERACTIONS)


def test_the_documented_keys_are_questions() -> None:
    questions = read(f"test_id: t\ntitle: T\nquestions:\n{example('- id: gravity')}").questions
    assert [type(question.interactions[0]) for question in questions] == [Numeric, ShortText]


def test_the_documented_information_asks_nothing() -> None:
    content = read(f"test_id: t\ntitle: T\nquestions:\n{example('type: information')}")
    assert [question.kind for question in content.questions] == ["information"]


def test_the_documented_pairs_are_questions() -> None:
    questions = read(f"test_id: t\ntitle: T\nquestions:\n{example('type: gap_match')}").questions
    assert [question.kind for question in questions] == ["match", "gap_match", "associate", "hottext"]


def test_the_documented_sections_are_an_exam() -> None:
    exam = example("forms:")
    content = read(exam[: exam.index("forms:")] + example("sections:"))
    assert [(section.title, len(section.items)) for section in content.sections] == [("Basics", 2), ("Cases", 2)]
    assert question_total(content) == 5


PARTS = """
questions:
  - {id: one, type: true_false, prompt: P, correct: true}
  - {id: two, type: true_false, prompt: P, correct: true}
  - {id: three, type: true_false, prompt: P, correct: true}
"""


def with_sections(sections: str, more: str = "") -> TestContent:
    parts = PARTS.replace("id: one, ", f"id: one, {more}, " if more else "id: one, ")
    return read(f"test_id: t\ntitle: T\n{parts}sections:\n  - {{{sections}}}\n")


def test_sections_and_draws() -> None:
    content = with_sections(
        "id: first, title: First, instructions: Read., shuffle: true, items: [three, {draw: 1, of: [one, two]}]"
    )
    assert content.sections == [
        Section(
            section_id="first",
            title="First",
            instructions="<p>Read.</p>",
            shuffle=True,
            items=["three", Draw(1, ["one", "two"])],
        )
    ]


@pytest.mark.parametrize(
    ("sections", "sentence"),
    [
        ("title: First, items: [one]", "section 1: `id` is missing"),
        ("id: first, items: [one]", "section 'first': `title` is missing"),
        ("id: first, title: First", "section 'first': `items` is missing"),
        ("id: a/b, title: First, items: [one]", "section 'a/b': `id` must not have a slash"),
        ("id: first, title: First, items: [one], limit: 90", "section 'first': `limit` must name its unit"),
        ("id: first, title: First, items: [four]", "section 'first': the test has no question 'four'"),
        (
            "id: first, title: First, items: [{draw: 1}]",
            "section 'first': `items` must list ids of questions, or draws",
        ),
        ("id: first, title: First, items: [{draw: no, of: [one]}]", "section 'first': `items` must be a whole number"),
        (
            "id: first, title: First, items: [{draw: 3, of: [one]}]",
            "section 'first': a draw of 3 has a pool of 1 alone",
        ),
        ("id: first, title: First, items: []", "section 'first': `items` is empty"),
        ("id: first, title: First, colour: red, items: [one]", "section 'first': there is no field `colour`"),
    ],
)
def test_a_mistake_in_a_section_names_the_section_and_the_field(sections: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        with_sections(sections)
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert refused.value.refusal.detail.startswith(sentence)


def test_a_draw_by_tag() -> None:
    content = with_sections("id: first, title: First, items: [{draw: 1, tag: easy}]", "tags: [easy, short]")
    assert content.sections[0].items == [Draw(1, tag="easy")]
    assert content.questions[0].tags == ["easy", "short"]
    with pytest.raises(Refused, match="pools are made of questions alone"):
        with_sections("id: first, title: First, items: [{draw: 1, of: [{draw: 1, of: [one]}]}]")


_LINES: Final = """\
test_id: t
title: T
rules:
  order: sideways
  gaps: allow
questions:
  - id: one
    type: true_false
    prompt: P
    correct: true
    tags: [easy]
  - id: two
    type: true_false
    prompt: P
    correct: true
sections:
  - {id: first, title: F, items: [one]}
  - id: second
    title: S
    items:
      - {draw: 1, tag: easy}
"""


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (("", ""), "`order` can't be 'sideways' (line 4)"),
        (("order: sideways", "order: free"), "question 'one' already stands in section 'first' (line 18)"),
        (("order: sideways", "max_attempts: many"), "`max_attempts` must be a whole number (line 4)"),
        (("correct: true\n    tags", "correct: maybe\n    tags"), "`correct` must be true or false (line 10)"),
        (("id: two\n    type: true_false", "id: two\n    type: magic"), "essay, or information (line 13)"),
        (("order: sideways", "sorder: free"), "sorder`; the fields are duration"),
        (("tag: easy", "label: easy"), "{draw: 2, tag: easy}` (line 20)"),
    ],
)
def test_a_mistake_is_named_with_its_line(change: tuple[str, str], where: str) -> None:
    with pytest.raises(Refused) as refused:
        read_exam(_LINES.replace(*change, 1).encode())
    assert where in refused.value.refusal.detail


def test_options_in_an_order_of_her_own() -> None:
    content = with_question(
        "type: single_choice, options: [One, Two, None of these], correct: One, shuffle: true, pinned: None of these"
    )
    (question,) = content.questions[0].interactions
    assert isinstance(question, SingleChoice)
    assert (question.shuffle, question.pinned) == (True, ["c"])
    with pytest.raises(Refused, match="`pinned` names no option"):
        with_question("type: single_choice, options: [One, Two], correct: One, shuffle: true, pinned: Three")


def test_a_file_in_another_encoding_is_refused_by_its_line() -> None:
    with pytest.raises(Refused, match="line 2: it is not written in UTF-8"):
        read_exam("test_id: t\ntitle: Prüfung\n".encode("latin-1"))


def test_an_enormous_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused, match="larger than 4 MiB"):
        read("#" * (4 * 1024**2 + 1))


def with_parts(parts: str, prompt: str = "In {{city}}, {{height}} high.", more: str = "") -> TestContent:
    return read(f'test_id: t\ntitle: T\nquestions:\n  - id: q\n    prompt: "{prompt}"\n    parts: {{{parts}}}\n{more}')


KENYA = "city: {type: short_text, accepted: [Nairobi]}, height: {type: numeric, correct: 1795, points: 2}"


def test_a_question_of_several_parts() -> None:
    (question,) = with_parts(KENYA, more="    scoring: all\n").questions
    assert [(asked.response_id, type(asked), asked.points_mpt) for asked in question.interactions] == [
        ("city", ShortText, 1_000),
        ("height", Numeric, 2_000),
    ]
    assert question.body == f"<p>In {place('city')}, {place('height')} high.</p>"
    assert (question.scoring, question.points_mpt) == ("all", 3_000)


def test_a_menu_in_the_line() -> None:
    (question,) = with_parts(
        "city: {type: inline_choice, options: [Nairobi, Lagos], correct: Lagos}", "In {{city}}."
    ).questions
    assert question.interactions == [
        InlineChoice(response_id="city", options=[Option("a", "Nairobi"), Option("b", "Lagos")], correct="b")
    ]


def test_things_to_put_in_order_are_written_in_the_right_one() -> None:
    for correct in ("", ", correct: [First, Second, Third]"):
        (question,) = with_question(f"type: order, options: [First, Second, Third]{correct}").questions
        (asked,) = question.interactions
        assert isinstance(asked, Order)
        assert asked.correct == ["a", "b", "c"]


def test_a_part_without_a_place_stands_behind_the_prompt() -> None:
    (question,) = with_parts(KENYA, prompt="Where?").questions
    assert places(question.body) == []


def test_passages() -> None:
    content = read(
        "test_id: t\ntitle: T\npassages: [{id: p, title: Rivers, text: Water runs.}]\n"
        "questions: [{id: q, prompt: P, type: true_false, correct: true, passage: p}]"
    )
    assert content.passages == [Passage(passage_id="p", title="Rivers", body="<p>Water runs.</p>")]
    assert content.questions[0].passage_id == "p"


@pytest.mark.parametrize(
    ("parts", "more", "sentence"),
    [
        ("city: 3", "", "question 'q', part 'city': it must have fields"),
        ("city: {type: gap}", "", "question 'q', part 'city': `type` must be one of"),
        ("city: {type: essay, prompt: x}", "", "question 'q', part 'city': there is no field `prompt`"),
        ("city: {type: short_text}, height: {type: essay}", "", "question 'q', part 'city': `accepted` is missing"),
        (KENYA, "    type: essay\n", "question 'q': its parts have a `type` each"),
        (KENYA, "    points: 3\n", "question 'q': there is no field `points`"),
        ("height: {type: essay}, more: {type: essay}", "", "question 'q': its body has a place for 'city'"),
    ],
)
def test_a_mistake_in_a_part_names_the_part(parts: str, more: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        with_parts(parts, more=more)
    assert refused.value.refusal.detail.startswith(sentence)
    assert "(line " in refused.value.refusal.detail


def test_a_text_that_can_not_be_shown_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"question 'q': `prompt` can't be shown"):
        read('test_id: t\ntitle: T\nquestions: [{id: q, type: essay, prompt: "$\\\\frac{1$"}]')


def test_words_of_an_essay_are_asked_for_and_shown() -> None:
    content = with_question("type: essay, min_words: 100, max_words: none")
    (shown,) = on_paper(content.questions[0]).interactions
    assert shown == PaperEssay(response_id="answer", max_chars=16_000, min_words=100, max_words=None)
    rich = on_paper(with_question("type: essay, format: rich").questions[0]).interactions[0]
    assert isinstance(rich, PaperEssay)
    assert (rich.format, rich.max_chars) == ("rich", 12_000)
    with pytest.raises(Refused, match="`format`"):
        with_question("type: essay, format: html")
    with pytest.raises(Refused, match="`min_words` is more than `max_words`"):
        with_question("type: essay, min_words: 100, max_words: 99")
