"""Answers that are pairs: which can be made, what they are worth, and what a test with them must be."""

from collections.abc import Iterable
from itertools import combinations, product

import pytest
from msgspec import json
from msgspec.structs import replace

from protocol.answering import PaperIndex, accept, in_words_of
from protocol.answering.pairing import pairing_fault
from protocol.attempt.laying import is_the_same_for_all, lay_out
from protocol.attempt.layout import LaidOrder
from protocol.attempt.paper import make_paper, on_paper, unordered
from protocol.codes import Code
from protocol.content import (
    Associate,
    GapMatch,
    Interaction,
    Match,
    Option,
    PairOption,
    PairWorth,
    Question,
    SingleChoice,
    TestContent,
)
from protocol.content.interactions import most_pairs
from protocol.content_checks import check_test
from protocol.errors import Refusal, Refused
from protocol.marking.again import find_difference
from protocol.marking.question import lowest_mark, mark_question
from protocol.messages.base import Pair, Value
from protocol.paper import PaperAssociate, PaperGapMatch, PaperMatch

TEXT = '<p><pd-gap id="x"></pd-gap> and <b><pd-gap id="y"></pd-gap></b></p>'


def options(ids: str, max_uses: int | None = 1) -> list[PairOption]:
    return [PairOption(name, name.upper(), max_uses) for name in ids]


MATCH = Match(
    rows=options("abc", 2), columns=options("xyz", None), correct=[("a", "x"), ("a", "y"), ("b", "y")], max_pairs=5
)
GAPS = GapMatch(text=TEXT, choices=options("abc"), correct=[("a", "x"), ("b", "y")])
TOGETHER = Associate(choices=options("abcd"), correct=[("a", "b"), ("d", "c")])


def question(asked: Interaction) -> Question:
    return Question(question_id="q", body="?", interactions=[asked])


def mark(asked: Interaction, *pairs: str) -> int | None:
    return mark_question(question(asked), [tuple(pair) for pair in pairs])


@pytest.mark.parametrize(
    ("asked", "value", "code"),
    [
        (MATCH, [("a", "x")], None),
        (MATCH, [("a", "x"), ("a", "z"), ("b", "x")], None),
        (MATCH, [], None),
        (MATCH, None, None),
        (MATCH, "a", Code.WRONG_ANSWER_TYPE),
        (MATCH, ["a"], Code.WRONG_ANSWER_TYPE),
        (MATCH, [("a", "x"), "b"], Code.WRONG_ANSWER_TYPE),
        (MATCH, {"answer": [("a", "x")]}, Code.WRONG_ANSWER_TYPE),
        (MATCH, [("a", "x"), ("a", "x")], Code.WRONG_ANSWER_TYPE),
        (MATCH, [("x", "a")], Code.UNKNOWN_OPTION),
        (MATCH, [("a", "a")], Code.UNKNOWN_OPTION),
        (MATCH, [("a", "x"), ("a", "y"), ("a", "z")], Code.TOO_MANY_CHOICES),
        (MATCH, [(row, column) for row in "abc" for column in "xy"], Code.TOO_MANY_CHOICES),
        (GAPS, [("a", "y"), ("b", "x")], None),
        (GAPS, [("a", "x"), ("b", "x")], Code.TOO_MANY_CHOICES),
        (GAPS, [("a", "x"), ("a", "y")], Code.TOO_MANY_CHOICES),
        (GAPS, [("a", "z")], Code.UNKNOWN_OPTION),
        (TOGETHER, [("b", "a"), ("c", "d")], None),
        (TOGETHER, [("b", "a"), ("a", "b")], Code.WRONG_ANSWER_TYPE),
        (TOGETHER, [("a", "a")], Code.WRONG_ANSWER_TYPE),
        (TOGETHER, [("a", "b"), ("c", "a")], Code.TOO_MANY_CHOICES),
    ],
)
def test_pairs_are_of_what_is_there_and_no_more_than_may_be_made(
    asked: Interaction, value: Value, code: Code | None
) -> None:
    kept = accept(on_paper(question(asked)), value)
    if code is None:
        assert kept == value
    else:
        assert isinstance(kept, Refusal)
        assert kept.code is code


def test_a_kept_answer_shares_its_ids_with_the_paper() -> None:
    paper = on_paper(question(MATCH))
    (shown,) = paper.interactions
    assert isinstance(shown, PaperMatch)
    value: Value = json.decode(b'[["a", "x"]]', type=Value)
    kept = in_words_of(PaperIndex([paper]).words, value)
    assert isinstance(kept, list)
    (pair,) = kept
    assert (pair[0] is shown.rows[0].option_id, pair[1] is shown.columns[0].option_id) == (True, True)


ROWS, EACH = replace(MATCH, partial="rows"), replace(MATCH, partial="pairs")


@pytest.mark.parametrize(
    ("asked", "pairs", "score_mpt"),
    [
        (MATCH, ["by", "ay", "ax"], 1_000),
        (MATCH, ["ax", "ay"], 0),
        (replace(MATCH, wrong_mpt=250), ["ax", "ay"], -250),
        # By rows: one without its second column is wrong, and one without a key that is used too.
        (ROWS, ["ax", "ay"], 500),
        (ROWS, ["ax", "by"], 500),
        (ROWS, ["ax", "ay", "by", "cz"], 1_000),
        (replace(ROWS, wrong_mpt=100), ["ax", "ay", "by", "cz"], 900),
        (replace(ROWS, wrong_mpt=100), ["ax", "bz"], -200),
        (EACH, ["ax", "ay"], 666),
        (EACH, ["ax", "bx"], 0),
        (EACH, ["ax", "ay", "bz", "cz"], 0),
        (replace(EACH, wrong_mpt=100), ["ax", "ay", "bz"], 566),
        (GAPS, ["by", "ax"], 1_000),
        (GAPS, ["ax"], 0),
        (replace(GAPS, partial="gaps"), ["ax", "cy"], 500),
        (replace(GAPS, partial="gaps", wrong_mpt=200), ["ax", "cy"], 300),
        (replace(GAPS, partial="pairs"), ["ax", "cy"], 0),
        (TOGETHER, ["ba", "cd"], 1_000),
        (TOGETHER, ["ba"], 0),
        (replace(TOGETHER, partial="pairs"), ["ba"], 500),
        (replace(TOGETHER, partial="pairs"), ["ba", "cd"], 1_000),
    ],
)
def test_what_pairs_are_worth(asked: Interaction, pairs: list[str], score_mpt: int) -> None:
    assert mark(asked, *pairs) == score_mpt


WEIGHED = replace(
    MATCH,
    points_mpt=1_500,
    weights=[PairWorth(("a", "x"), 1_000), PairWorth(("b", "y"), 1_000), PairWorth(("c", "z"), -400)],
    default_mpt=-100,
    min_mpt=-300,
)


@pytest.mark.parametrize(
    ("pairs", "score_mpt"),
    [
        (["ax"], 1_000),
        (["ax", "by"], 1_500),
        (["ax", "bz"], 900),
        (["ax", "cz", "bx"], 500),
        (["cz"], -300),
        ([], 0),
    ],
)
def test_weights_alone_decide_between_the_floor_and_the_points(pairs: list[str], score_mpt: int) -> None:
    assert mark(WEIGHED, *pairs) == score_mpt


def test_a_weight_of_an_association_has_no_direction() -> None:
    asked = replace(TOGETHER, points_mpt=2_000, weights=[PairWorth(("b", "a"), 2_000), PairWorth(("c", "d"), 500)])
    assert (mark(asked, "ab"), mark(asked, "dc"), mark(asked, "ab", "cd"), mark(asked, "ac")) == (2_000, 500, 2_000, 0)


def _answers(asked: Match | GapMatch | Associate) -> Iterable[list[Pair]]:
    """Every answer that is accepted."""
    sides = asked.sides
    ends = [option.option_id for option in sides.sources], [option.option_id for option in sides.targets]
    possible = list(combinations(ends[0], 2)) if sides.is_one else list(product(*ends))
    for count in range(1, len(possible) + 1):
        for pairs in combinations(possible, count):
            if pairing_fault(sides, pairs, asked.max_pairs) is None:
                yield list(pairs)


@pytest.mark.parametrize(
    "asked",
    [
        *(
            replace(MATCH, partial=partial, wrong_mpt=wrong)
            for partial in ("none", "rows", "pairs")
            for wrong in (0, 70)
        ),
        *(
            replace(GAPS, partial=partial, wrong_mpt=wrong)
            for partial in ("none", "gaps", "pairs")
            for wrong in (0, 70)
        ),
        *(replace(TOGETHER, partial=partial, wrong_mpt=wrong) for partial in ("none", "pairs") for wrong in (0, 70)),
        replace(WEIGHED, min_mpt=-10_000),
        replace(MATCH, partial="pairs", min_mpt=-10_000),
    ],
    ids=str,
)
def test_only_the_key_gives_all_points_and_nothing_less_than_the_least(asked: Match | GapMatch | Associate) -> None:
    check_test(TestContent(title="T", questions=[question(asked)]))
    least = lowest_mark(question(asked))
    found = {frozenset(pairs): mark_question(question(asked), list(pairs)) or 0 for pairs in _answers(asked)}
    assert max(map(len, found)) <= most_pairs(asked.sides, asked.max_pairs)
    assert least <= min(found.values())
    assert max(found.values()) == asked.points_mpt
    if not asked.weights and (asked.wrong_mpt or not isinstance(asked, Match) or asked.partial != "rows"):
        assert [len(pairs) for pairs, worth in found.items() if worth == asked.points_mpt] == [len(asked.correct)]


def test_most_pairs_is_reached_where_each_is_used_once() -> None:
    assert [most_pairs(asked.sides, asked.max_pairs) for asked in (MATCH, GAPS, TOGETHER)] == [5, 2, 2]
    assert most_pairs(replace(TOGETHER, choices=options("abcd", None)).sides, None) == 6


SHUFFLED = TestContent(
    title="T",
    questions=[
        Question(
            question_id="q",
            body="?",
            interactions=[
                replace(MATCH, response_id="m", shuffle_rows=True, shuffle_columns=True),
                replace(GAPS, response_id="g", shuffle=True),
                replace(TOGETHER, response_id="t", shuffle=True),
            ],
        )
    ],
)


def test_each_set_is_shuffled_by_itself() -> None:
    assert not is_the_same_for_all(SHUFFLED, None)
    seen: list[set[str]] = [set(), set(), set(), set()]
    for seed in range(300):
        layout = lay_out(SHUFFLED, None, seed)
        (laid,) = layout.questions
        orders = laid.orders
        assert [order.response_id for order in orders] == ["m", "m/columns", "g", "t"]
        (asked,) = make_paper("t", 1, SHUFFLED, None, layout).questions
        match, gaps, together = asked.interactions
        assert isinstance(match, PaperMatch)
        assert isinstance(gaps, PaperGapMatch)
        assert isinstance(together, PaperAssociate)
        shown = [match.rows, match.columns, gaps.choices, together.choices]
        for order, one, ids in zip(orders, shown, seen, strict=True):
            assert order == LaidOrder(order.response_id, tuple(option.option_id for option in one))
            ids.add("".join(order.ids))
    assert list(map(len, seen)) == [6, 6, 6, 24]


def test_the_paper_has_no_key_and_the_same_things_in_another_order_are_the_same_question() -> None:
    (asked,) = make_paper("t", 1, SHUFFLED, None).questions
    assert not any(word in repr(asked) for word in ("correct", "worth", "partial"))
    papers = [make_paper("t", 1, SHUFFLED, None, lay_out(SHUFFLED, None, seed)).questions[0] for seed in (1, 2)]
    assert papers[0] != papers[1]
    assert unordered(papers[0]) == unordered(papers[1])
    other = TestContent(title="T", questions=[question(replace(MATCH, correct=[("a", "z")]))])
    assert find_difference(TestContent(title="T", questions=[question(MATCH)]), other) is None
    other = TestContent(title="T", questions=[question(replace(MATCH, max_pairs=4))])
    assert find_difference(TestContent(title="T", questions=[question(MATCH)]), other) == "q"


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (replace(MATCH, rows=options("aab")), "two rows have the same id, 'a'"),
        (replace(MATCH, columns=options("xyX")), "two columns have ids that differ in letter case alone, 'x' and 'X'"),
        (replace(MATCH, correct=[("x", "a")]), "`correct` has a pair with 'x', which it does not have on that side"),
        (replace(MATCH, correct=[("a", "x"), ("a", "x")]), "`correct` has a pair twice"),
        (replace(MATCH, max_pairs=1), "what is `correct` is more than may be paired, or pairs something with itself"),
        (replace(MATCH, min_pairs=6), "`min_pairs` is 6, and no answer can have more than 5"),
        (
            replace(MATCH, rows=options("abcdefgh", None), columns=options("qrstuvwxy", None), max_pairs=None),
            "an answer could have 72 pairs, and 64 is the most: set `max_pairs`",
        ),
        (replace(WEIGHED, points_mpt=2_500), "`weights` give 2000 thousandths at most, and the question has 2500"),
        (replace(WEIGHED, partial="rows"), "`weights` say what each pair is worth: leave `wrong` and `partial` out"),
        (
            replace(MATCH, default_mpt=-1),
            "`default_mpt` is the worth of pairs that `weights` do not name, and there are",
        ),
        (replace(GAPS, text="<p>None</p>"), "its `text` has no gap"),
        (replace(GAPS, text=TEXT + TEXT), "two gaps have the same id, 'x'"),
        (
            replace(GAPS, text=TEXT + '<p><pd-response id="answer"></pd-response></p>'),
            "its `text` has a place for something else than a gap",
        ),
        (replace(TOGETHER, correct=[("a", "a")]), "what is `correct` is more than may be paired, or pairs something"),
        (replace(TOGETHER, correct=[("a", "b"), ("b", "a")]), "`correct` has a pair twice"),
    ],
)
def test_what_a_question_with_pairs_must_be(asked: Interaction, what: str) -> None:
    with pytest.raises(Refused) as refused:
        check_test(TestContent(title="T", questions=[question(asked)]))
    assert (refused.value.refusal.detail or "").startswith(f"question 'q': {what}")


def test_gaps_stand_in_no_other_body() -> None:
    asked = Question(
        question_id="q", body=TEXT, interactions=[SingleChoice(options=[Option("a", "A")] * 2, correct="a")]
    )
    with pytest.raises(Refused, match="its body has a gap or words to choose"):
        check_test(TestContent(title="T", questions=[asked]))


def test_ids_of_pairs_are_kept_in_one_form() -> None:
    composed, written = "caf\u00e9", "cafe\u0301"
    pair, one = (written, "x"), PairOption(written, "A", 2)
    asked = replace(MATCH, rows=[one], correct=[pair], weights=[PairWorth(pair, 1_000)])
    (kept,) = check_test(TestContent(title="T", questions=[question(asked)])).questions[0].interactions
    assert isinstance(kept, Match)
    assert kept == replace(
        MATCH,
        rows=[PairOption(composed, "A", 2)],
        correct=[(composed, "x")],
        weights=[PairWorth((composed, "x"), 1_000)],
    )
