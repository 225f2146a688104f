"""Sliders, pictures and what is on them in an exam file."""

import re
from pathlib import Path
from typing import Final

import pytest

from protocol.content import (
    AcceptedNumber,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Interaction,
    PairOption,
    Picture,
    Point,
    Slider,
    Spot,
    WorthArea,
)
from protocol.errors import Refused
from server.exam.file import read_exam

HASH: Final = "0" * 64
PICTURE: Final = f"picture: {{file: media:{HASH}, width: 100, height: 80, alt: A map}}"
SPOTS: Final = "spots: [{id: a, rect: [0, 0, 20, 20], label: North}, {id: b, circle: [50, 40, 10], label: South}]"
FORMAT: Final = (Path(__file__).parents[3] / "docs" / "exam-format.md").read_text("utf-8")


def read(fields: str) -> Interaction:
    text = f"test_id: t\ntitle: T\nquestions:\n  - {{id: q, prompt: P, {fields}}}\n"
    return read_exam(text.encode())[1].questions[0].interactions[0]


def test_a_slider() -> None:
    asked = read("type: slider, min: -5, max: 5, step: 0.5, correct: 1.5, tolerance: 0.5, unit: V, wrong: 0.25")
    accepted = [AcceptedNumber(value="1.5", tolerance="0.5")]
    assert asked == Slider(lower="-5", upper="5", step="0.5", accepted=accepted, unit="V", wrong_mpt=250)


def test_spots_of_a_picture_are_named_by_id_or_label() -> None:
    asked = read(f"type: hotspot, {PICTURE}, {SPOTS}, correct: South, weights: {{South: 1, a: -0.5}}")
    assert asked == Hotspot(
        picture=Picture(src=f"media:{HASH}", width=100, height=80, alt="A map"),
        spots=[
            Spot(spot_id="a", shape="rect", coords=[0, 0, 20, 20], label="North"),
            Spot(spot_id="b", shape="circle", coords=[50, 40, 10], label="South"),
        ],
        correct=["b"],
        weights_mpt={"b": 1_000, "a": -500},
    )
    several = read(f"type: hotspot, {PICTURE}, {SPOTS}, correct: [a, b], max_choices: none, partial: true")
    assert isinstance(several, Hotspot)
    assert (several.correct, several.max_choices) == (["a", "b"], None)


def test_the_documented_spots_are_a_question() -> None:
    (example,) = [one for one in re.findall(r"```yaml\n(.*?)```", FORMAT, re.DOTALL) if "type: hotspot" in one]
    text = f"test_id: t\ntitle: T\nquestions:\n{example.replace('HASH', HASH)}"
    (asked,) = read_exam(text.encode())[1].questions[0].interactions
    assert isinstance(asked, Hotspot)
    assert [spot.shape for spot in asked.spots] == ["circle", "circle", "poly"]


def test_spots_in_order() -> None:
    asked = read(f"type: graphic_order, {PICTURE}, {SPOTS}, correct: [South, a], partial: places")
    assert isinstance(asked, GraphicOrder)
    assert (asked.correct, asked.partial) == (["b", "a"], "places")


def test_choices_on_spots() -> None:
    choices = "choices: [Fir, Palm], correct: {North: Fir, b: Palm}"
    asked = read(f"type: graphic_gap_match, {PICTURE}, {SPOTS}, {choices}, max_per_spot: {{b: none}}, partial: gaps")
    assert isinstance(asked, GraphicGapMatch)
    assert asked.correct == [("a", "a"), ("b", "b")]
    assert asked.choices == [PairOption("a", "Fir", 1), PairOption("b", "Palm", 1)]
    assert [(spot.label, spot.max_uses) for spot in asked.spots] == [("North", 1), ("South", None)]


def test_lines_between_spots() -> None:
    asked = read(f"type: graphic_associate, {PICTURE}, {SPOTS}, correct: [[North, South]], max_per_spot: 3")
    assert isinstance(asked, GraphicAssociate)
    assert asked.correct == [("a", "b")]
    assert [spot.max_uses for spot in asked.spots] == [3, 3]


def test_areas_for_points() -> None:
    areas = "areas: [{poly: [0, 0, 9, 0, 9, 9], points: 1}]"
    asked = read(f"type: point, {PICTURE}, {areas}, max_choices: 2, elsewhere: -1")
    assert isinstance(asked, Point)
    assert asked.areas == [WorthArea(shape="poly", coords=[0, 0, 9, 0, 9, 9], worth_mpt=1_000)]
    assert (asked.max_choices, asked.elsewhere_mpt) == (2, -1_000)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("type: slider, min: 0, max: 9, unit: V", "question 'q': `correct` or `accepted` is missing"),
        ("type: slider, max: 9, correct: 1", "question 'q': `min` is missing"),
        ("type: slider, min: 0, max: 9, correct: 1.5", "`correct` is 1.5, and the scale has no number"),
        (f"type: hotspot, {PICTURE}, {SPOTS}, correct: East", r"`correct` names no spot \(East\)"),
        (f"type: hotspot, {PICTURE}, {SPOTS}, correct: a, weights: {{b: x}}", "`weights` is not a number"),
        (f"type: hotspot, {SPOTS}, correct: a", "`picture` is missing"),
        (f"type: hotspot, {PICTURE}, correct: a", "`spots` is missing"),
        (f"type: hotspot, {PICTURE}, spots: a, correct: a", "`spots` must be a list"),
        (f"type: hotspot, {PICTURE}, spots: [{{id: a}}], correct: a", "`spots` has an entry without its shape"),
        (f"type: hotspot, {PICTURE}, spots: [{{rect: [1, 2, 3, 4]}}], correct: a", "`spots` has an entry without `id`"),
        (f"type: point, {PICTURE}, areas: [{{rect: [1, 2, 3, x]}}]", "entry whose `rect` must be a whole number"),
        (f"type: point, {PICTURE}, areas: [{{rect: 1, circle: 2}}]", "entry whose `rect` must be a list"),
        (f"type: point, {PICTURE}, areas: [{{star: [1, 2]}}]", "`areas` has an entry that is not understood"),
        (f"type: point, {PICTURE}, areas: [{{rect: [1, 2, 3]}}]", "area 1: its `rect` needs 4 numbers"),
        (f"type: graphic_order, {PICTURE}, {SPOTS}, correct: [a, a]", "`correct` must name every spot once"),
        (f"type: graphic_order, {PICTURE}, correct: [a, b]", "`spots` is missing"),
        (f"type: graphic_gap_match, {PICTURE}, choices: [x], correct: {{a: x}}", r"`correct` names no option \(a\)"),
        (f"type: graphic_gap_match, {PICTURE}, {SPOTS}, correct: {{a: x}}", r"`correct` names no option \(x\)"),
        (f"type: graphic_associate, {SPOTS}, correct: [[a, b]]", "`picture` is missing"),
        (f"type: graphic_associate, {PICTURE}, {SPOTS}, correct: [[a, a]]", "pairs something with itself"),
        ("type: point, picture: {file: a.png, width: 1, height: 1}", "`file` must be `media:` and the hash"),
        (f"type: point, picture: {{file: media:{HASH}, width: 1}}", "`picture` has an entry without `height`"),
        (
            f"type: point, picture: {{file: media:{HASH}, width: 0, height: 1}}, areas: [{{rect: [0, 0, 1, 1]}}]",
            "`picture.width` is less than 1",
        ),
    ],
)
def test_a_mistake_is_named(fields: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read(fields)
