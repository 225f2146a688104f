"""Keys as people read them."""

from typing import Any

import pytest

from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Associate,
    Essay,
    GapMatch,
    Hotspot,
    Hottext,
    Interaction,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    PairOption,
    PairWorth,
    Picture,
    Point,
    Question,
    ScoreFeedback,
    ShortText,
    SingleChoice,
    Slider,
    Spot,
    TrueFalse,
    WorthArea,
)
from protocol.keys import key_of

OPTIONS = [Option(name, f"<b>{name}</b>") for name in "abc"]
PAIRED = [PairOption(name, name.upper()) for name in "abc"]
HOT = '<p><pd-hot id="a">x</pd-hot> <pd-hot id="b">y</pd-hot></p>'
GAPS = '<p><pd-gap id="g"></pd-gap> <pd-gap id="h"></pd-gap></p>'


PICTURE = Picture(src=f"media:{'0a' * 32}", width=100, height=80, alt="A map")
SPOTS = [Spot(spot_id="a", shape="rect", coords=[0, 0, 9, 9], label="North & south")]


def number(**more: Any) -> AcceptedNumber:
    return AcceptedNumber(**more)


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (
            SingleChoice(options=OPTIONS, correct="b", option_feedback={"a": "No."}),
            [("<b>a</b>", 0, "No."), ("<b>b</b>", None, None)],
        ),
        (
            MultipleChoice(options=OPTIONS, correct=["a"], weights_mpt={"a": 1_000, "c": -500}),
            [("<b>a</b>", 1_000, None), ("<b>c</b>", -500, None)],
        ),
        (Hottext(text=HOT, correct=["b"]), [("y", None, None)]),
        (TrueFalse(correct=False, option_feedback={"true": "No."}), [("True", 0, "No.")]),
        (GapMatch(text=GAPS, choices=PAIRED, correct=[("a", "h")]), [("A → (2)", None, None)]),
        (
            Associate(choices=PAIRED, correct=[("a", "b")], weights=[PairWorth(("a", "b"), 1_000)], default_mpt=-10),
            [("A ↔ B", 1_000, None)],
        ),
        (
            Numeric(
                accepted=[
                    number(value="9.81", tolerance="3", within="significant"),
                    number(value="10", tolerance="0.05", within="relative", points_mpt=500),
                    number(value="9", tolerance="0.5", points_mpt=100, feedback="Nearly."),
                ],
                unit="m/s²",
            ),
            [
                ("9.81 m/s², to 3 significant figures", 1_000, None),
                ("10 m/s² ± 5 %", 500, None),
                ("9 m/s² ± 0.5", 100, "Nearly."),
            ],
        ),
        (
            ShortText(accepted=["x", AcceptedText(text="x*", pattern=True, points_mpt=500)]),
            [("x", 1_000, None), ("x*", 500, None)],
        ),
        (Hotspot(picture=PICTURE, spots=SPOTS, correct=["a"]), [("North &amp; south", None, None)]),
        (
            Point(picture=PICTURE, areas=[WorthArea(shape="circle", coords=[5, 6, 2], worth_mpt=1_000)]),
            [("1: circle 5, 6, 2", 1_000, None)],
        ),
        (
            Slider(lower="0", upper="10", accepted=[number(value="7", tolerance="1")], unit="°C"),
            [("7 °C ± 1", 1_000, None)],
        ),
        (Order(options=OPTIONS, correct=list("cab")), []),
        (Essay(guidance="One point each."), []),
    ],
    ids=lambda one: one.__struct_config__.tag if isinstance(one, Interaction) else None,
)
def test_what_a_key_says(asked: Interaction, lines: list[tuple[str, int | None, str | None]]) -> None:
    key = key_of(Question(question_id="q", body="?", interactions=[asked]))
    [told] = key.interactions
    assert [(one.says, one.points_mpt, one.feedback) for one in told.lines] == lines
    assert told.guidance == (asked.guidance if isinstance(asked, Essay) else None)


def test_what_is_said_of_every_answer_and_of_marks_is_told() -> None:
    bands = [ScoreFeedback(0, "Nothing."), ScoreFeedback(500, "")]
    question = Question(
        question_id="q", body="?", interactions=[TrueFalse(correct=True)], feedback="So.", score_feedback=bands
    )
    key = key_of(question)
    assert (key.feedback, key.right) == ("So.", "true")
    assert [(one.from_permille, one.body) for one in key.score_feedback] == [(0, "Nothing.")]
