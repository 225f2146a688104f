"""Pairs and words to choose in exam files: every notation, and the mistakes an author may make."""

import pytest

from protocol.content import Associate, GapMatch, Hottext, Interaction, Match, PairOption, PairWorth
from protocol.errors import Refused
from server.exam.file import read_exam

MATCH = """
    type: match
    rows: [France, Kenya]
    columns: [Paris, Nairobi, Lima]
"""
GAPS = """
    type: gap_match
    text: The {{what}} is **made** of {{metal}}.
    choices: [iron, bridge]
"""
TOGETHER = """
    type: associate
    choices: [A, B, C, D]
"""
HOT = """
    type: hottext
    text: The {{cat}} *sat* on the {{mat & co}}, and <pd-hot id="z">slept</pd-hot>.
"""


def asked(fields: str, *more: str) -> Interaction:
    lines = "".join(f"    {line}\n" for line in more)
    exam = f"test_id: t\ntitle: T\nquestions:\n  - id: q\n    prompt: P\n{fields.strip(chr(10))}\n{lines}"
    (interaction,) = read_exam(exam.encode())[1].questions[0].interactions
    return interaction


def refusal(fields: str, *more: str) -> str:
    with pytest.raises(Refused) as refused:
        asked(fields, *more)
    return refused.value.refusal.detail or ""


@pytest.mark.parametrize(
    "correct",
    ["{France: Paris, Kenya: Nairobi}", "{a: [a], b: b}", "[[France, Paris], [b, Nairobi]]"],
)
def test_a_match(correct: str) -> None:
    assert asked(MATCH, f"correct: {correct}", "partial: rows", "shuffle_columns: true") == Match(
        rows=[PairOption("a", "France", 1), PairOption("b", "Kenya", 1)],
        columns=[PairOption("a", "Paris"), PairOption("b", "Nairobi"), PairOption("c", "Lima")],
        correct=[("a", "a"), ("b", "b")],
        partial="rows",
        shuffle_columns=True,
    )


def test_how_often_rows_and_columns_are_used() -> None:
    found = asked(
        MATCH, "correct: {France: [Paris, Lima]}", "max_per_row: {France: 2}", "max_per_column: 1", "max_pairs: none"
    )
    assert isinstance(found, Match)
    assert [row.max_uses for row in found.rows] == [2, 1]
    assert [column.max_uses for column in found.columns] == [1, 1, 1]
    assert found.correct == [("a", "a"), ("a", "c")]
    assert found.max_pairs is None


def test_weights_of_pairs() -> None:
    found = asked(
        MATCH, "correct: {France: Paris}", "weights: {France: {Paris: 1, c: 0.5}}", "other_pairs: -0.25", "floor: -1"
    )
    assert isinstance(found, Match)
    assert found.weights == [PairWorth(("a", "a"), 1_000), PairWorth(("a", "c"), 500)]
    assert (found.default_mpt, found.min_mpt) == (-250, -1_000)


def test_a_gap_match_names_its_gaps_first() -> None:
    found = asked(
        GAPS, "correct: {what: bridge, metal: a}", "weights: {what: {b: 1}, metal: {iron: 0.5}}", "max_per_choice: none"
    )
    assert found == GapMatch(
        text='<p>The <pd-gap id="what"></pd-gap> is <strong>made</strong> of <pd-gap id="metal"></pd-gap>.</p>',
        choices=[PairOption("a", "iron"), PairOption("b", "bridge")],
        correct=[("b", "what"), ("a", "metal")],
        weights=[PairWorth(("b", "what"), 1_000), PairWorth(("a", "metal"), 500)],
    )


def test_an_association() -> None:
    found = asked(TOGETHER, "correct: [[A, B], [D, C]]", "partial: pairs", "min_pairs: 2", "shuffle: true")
    assert found == Associate(
        choices=[PairOption(name.lower(), name, 1) for name in "ABCD"],
        correct=[("a", "b"), ("d", "c")],
        partial="pairs",
        min_pairs=2,
        shuffle=True,
    )


def test_words_of_a_text() -> None:
    found = asked(HOT, "correct: [mat & co, z]", "weights: {b: 0.5, slept: 0.5, cat: -1}", "max_choices: 2")
    assert found == Hottext(
        text='<p>The <pd-hot id="a">cat</pd-hot> <em>sat</em> on the <pd-hot id="b">mat &amp; co</pd-hot>,'
        ' and <pd-hot id="z">slept</pd-hot>.</p>',
        correct=["b", "z"],
        weights_mpt={"b": 500, "z": 500, "a": -1_000},
        max_choices=2,
    )


@pytest.mark.parametrize(
    ("fields", "more", "what"),
    [
        (MATCH, "correct: {France: Rome}", "`correct` names no option (Rome)"),
        (MATCH, "correct: [[France]]", "`correct` must have pairs, like `{France: Paris}` or `[[France, Paris]]`"),
        (MATCH, "correct: France", "`correct` must have pairs, like"),
        (MATCH, "partial: rows", "`correct` is missing"),
        (MATCH, "correct: {France: [Paris, Lima]}", "what is `correct` is more than may be paired"),
        (MATCH, "max_per_row: 0", "`max_per_row` must be a number from 1 on, or `none`"),
        (MATCH, "max_per_row: {Rome: 2}", "`max_per_row` names no option (Rome)"),
        (MATCH, "weights: {France: 1}", "`weights` must say for pairs what they are worth"),
        (MATCH, "shuffle: true", "there is no field `shuffle`"),
        (GAPS, "correct: {who: iron}", "`correct` names no option (who)"),
        (GAPS, "partial: gaps", "`correct` is missing"),
        (TOGETHER, "correct: [[A, A]]", "what is `correct` is more than may be paired, or pairs something with itself"),
        (HOT, "correct: dog", "`correct` names no option (dog)"),
        (HOT, "partial: true", "`correct` is missing"),
    ],
)
def test_mistakes_are_named(fields: str, more: str, what: str) -> None:
    assert what in refusal(fields, more)
