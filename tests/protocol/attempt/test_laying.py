"""Layouts: what chance decides, what it must leave alone, and that the same seed gives the same paper for ever."""

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.laying import Dice, is_the_same_for_all, lay_out
from protocol.attempt.layout import LaidOrder, LaidQuestion, LaidSection, Layout
from protocol.attempt.paper import make_paper
from protocol.codes import Code
from protocol.content import Draw, Essay, MultipleChoice, Option, Question, Rules, Section, SingleChoice, TestContent
from protocol.errors import Refused
from protocol.paper import PaperOptions

OPTIONS = [Option(name, name.upper()) for name in ("a", "b", "c", "none")]
CHOICE: dict[str, Any] = {"options": OPTIONS}
CONTENT = TestContent(
    title="T",
    questions=[
        Question(
            question_id="one",
            body="?",
            interactions=[SingleChoice(correct="a", shuffle=True, pinned=["none"], **CHOICE)],
        ),
        Question(question_id="many", body="?", interactions=[MultipleChoice(correct=["a"], shuffle=True, **CHOICE)]),
        Question(question_id="fixed", body="?", interactions=[SingleChoice(correct="a", **CHOICE)]),
        *(Question(question_id=f"p{number}", body="?", interactions=[Essay()]) for number in range(6)),
        Question(question_id="unused", body="?", interactions=[Essay()]),
    ],
    sections=[
        Section(section_id="first", title="First", items=["one", Draw(2, ["p0", "p1", "p2", "p3"]), "fixed"]),
        Section(section_id="second", title="Second", items=["many", Draw(1, ["p4", "p5"])], shuffle=True),
    ],
)
VECTOR = Layout(
    (
        LaidSection(
            "first",
            (
                LaidQuestion("one", (LaidOrder("answer", ("b", "c", "a", "none")),)),
                LaidQuestion("p1"),
                LaidQuestion("p2"),
                LaidQuestion("fixed"),
            ),
        ),
        LaidSection(
            "second", (LaidQuestion("p4"), LaidQuestion("many", (LaidOrder("answer", ("a", "b", "none", "c")),)))
        ),
    )
)
SEEDS = st.integers(0, 2**63 - 1)


def names(layout: Layout) -> list[list[str]]:
    return [[laid.question_id for laid in section.questions] for section in layout.sections]


def test_the_numbers_are_those_of_splitmix64() -> None:
    """The first five for the seed 1234567, as the generator's authors print them."""
    dice = Dice(1_234_567)
    assert [dice.next() for _ in range(5)] == [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
        4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
    ]


def test_a_seed_gives_this_paper_and_no_other() -> None:
    """A changed generator, or another order of its numbers, would show here."""
    assert lay_out(CONTENT, None, 7) == VECTOR


@given(SEEDS)
def test_what_chance_must_leave_alone(seed: int) -> None:
    layout = lay_out(CONTENT, None, seed)
    first, second = names(layout)
    assert (first[0], first[3], len(first)) == ("one", "fixed", 4)
    assert first[1:3] == sorted(first[1:3])
    assert set(first[1:3]) < {"p0", "p1", "p2", "p3"}
    assert sorted(second) in (["many", "p4"], ["many", "p5"])
    laid = {one.question_id: {order.response_id: order.ids for order in one.orders} for one in layout.questions}
    assert laid["fixed"] == {}
    one, many = laid["one"]["answer"], laid["many"]["answer"]
    assert (one[-1], sorted(one)) == ("none", ["a", "b", "c", "none"])
    assert sorted(many) == ["a", "b", "c", "none"]
    assert layout.question_total == 6
    assert lay_out(CONTENT, None, seed) == layout


def test_every_order_and_every_draw_comes_up_about_equally_often() -> None:
    orders: Counter[tuple[str, ...]] = Counter()
    draws: Counter[tuple[str, ...]] = Counter()
    for seed in range(6_000):
        layout = lay_out(CONTENT, None, seed)
        orders[next(layout.questions).orders[0].ids] += 1
        draws[tuple(names(layout)[0][1:3])] += 1
    for counted in (orders, draws):
        assert len(counted) == 6
        assert all(850 < count < 1_150 for count in counted.values()), counted


BLUEPRINT = TestContent(
    title="T",
    questions=[
        Question(question_id=f"{tag}{number}", body="?", tags=[tag], interactions=[Essay()])
        for number in range(4)
        for tag in ("e", "h")
    ],
    sections=[
        Section(section_id="first", title="First", items=[Draw(2, tag="e"), Draw(1, tag="h")]),
        Section(section_id="second", title="Second", items=[Draw(2, tag="e"), Draw(2, tag="h")]),
    ],
)


@given(SEEDS)
def test_no_question_is_drawn_twice_however_often_its_tag_is(seed: int) -> None:
    layout = lay_out(BLUEPRINT, None, seed)
    first, second = names(layout)
    assert [name[0] for name in first + second] == ["e", "e", "h", "e", "e", "h", "h"]
    assert len({*first, *second}) == 7
    assert first[:2] == sorted(first[:2])
    assert lay_out(BLUEPRINT, None, seed) == layout


def test_every_question_of_a_tag_comes_up_in_every_draw() -> None:
    layouts = [names(lay_out(BLUEPRINT, None, seed)) for seed in range(200)]
    assert (
        {one[0][2] for one in layouts} == {name for one in layouts for name in one[1][2:]} == {"h0", "h1", "h2", "h3"}
    )
    assert not is_the_same_for_all(BLUEPRINT, None)


def test_a_plain_test_is_one_section_in_the_authors_order() -> None:
    plain = msgspec.structs.replace(CONTENT, sections=[], questions=CONTENT.questions[2:4])
    assert lay_out(plain, None, 5) == Layout((LaidSection(None, (LaidQuestion("fixed"), LaidQuestion("p0"))),))
    assert is_the_same_for_all(plain, None)
    shuffled = msgspec.structs.replace(plain, shuffle=True)
    assert not is_the_same_for_all(shuffled, None)
    assert {tuple(names(lay_out(shuffled, None, seed))[0]) for seed in range(20)} == {("fixed", "p0"), ("p0", "fixed")}


def test_a_form_keeps_its_own_order_unless_it_is_shuffled() -> None:
    forms = msgspec.structs.replace(CONTENT, sections=[], forms={"A": ["p1", "p0"], "B": ["one"]})
    assert names(lay_out(forms, "A", 3)) == [["p1", "p0"]]
    assert is_the_same_for_all(forms, "A")
    assert not is_the_same_for_all(forms, "B"), "its options are shuffled"
    with pytest.raises(Refused) as refused:
        lay_out(forms, "C", 3)
    assert refused.value.refusal.code is Code.UNKNOWN_FORM


def test_limits_are_part_of_the_layout() -> None:
    """The log alone tells every deadline."""
    limited = msgspec.structs.replace(
        CONTENT,
        rules=Rules(order="by_section"),
        questions=[Question(question_id="q", body="?", limit_ms=30_000, interactions=[Essay()])],
        sections=[Section(section_id="s", title="S", items=["q"], limit_ms=60_000)],
    )
    assert lay_out(limited, None, 1) == Layout((LaidSection("s", (LaidQuestion("q", (), 30_000),), 60_000),), True)


def test_equal_questions_can_be_shared() -> None:
    kept: dict[LaidQuestion, LaidQuestion] = {}
    layouts = [lay_out(CONTENT, None, seed, lambda laid: kept.setdefault(laid, laid)) for seed in range(50)]
    shared = {id(laid) for layout in layouts for laid in layout.questions}
    assert len(shared) == len(kept) <= 6 + 24 + 1 + 6


@given(SEEDS)
def test_the_paper_is_served_as_it_was_laid_out(seed: int) -> None:
    layout = lay_out(CONTENT, None, seed)
    paper = make_paper("test", 1, CONTENT, None, layout)
    assert [question.question_id for question in paper.questions] == [laid.question_id for laid in layout.questions]
    for question, laid in zip(paper.questions, layout.questions, strict=True):
        (asked,) = question.interactions
        if not isinstance(asked, PaperOptions):
            assert laid.orders == ()
            continue
        assert laid.orders in ((), (LaidOrder("answer", tuple(option.option_id for option in asked.options)),))
        assert {option.option_id: option.body for option in asked.options}.items() <= {
            option.option_id: option.body for option in OPTIONS
        }.items()
    assert [(one.section_id, one.title, one.first, one.count) for one in paper.sections] == [
        ("first", "First", 0, 4),
        ("second", "Second", 4, 2),
    ]


def test_of_sections_that_are_not_open_nothing_can_be_read() -> None:
    content = msgspec.structs.replace(
        CONTENT, sections=[msgspec.structs.replace(section, instructions="Read.") for section in CONTENT.sections]
    )
    layout = lay_out(content, None, 9)
    paper = make_paper("test", 1, content, None, layout, {"second"})
    assert [question.question_id for question in paper.questions] == names(layout)[1]
    assert [(one.instructions, one.first, one.count) for one in paper.sections] == [("", 0, 4), ("Read.", 4, 2)]
    assert make_paper("test", 1, content, None, layout, ()).questions == []
