"""Packages of QTI 3: what goes out comes in again unchanged, and what can't be said is named."""

import zipfile
from io import BytesIO
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Associate,
    Choice,
    Draw,
    Essay,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    InlineChoice,
    Interaction,
    Match,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    PairOption,
    PairSpot,
    PairWorth,
    Picture,
    Point,
    Question,
    Rules,
    ScoreFeedback,
    Section,
    ShortText,
    SingleChoice,
    Slider,
    Spot,
    TestContent,
    TrueFalse,
    Upload,
    WorthArea,
)
from protocol.content.text import place
from protocol.media import Medium, hash_of
from server.exporting.faults import CannotSay
from server.exporting.items import placed
from server.exporting.packages import Packed, pack_qti
from server.importing.files import bring
from server.writing.bodies import body_of, checked_body, checked_line
from tests.server.exam.test_writing import rubric_of
from tests.server.media.files import png

PNG = png(4, 3)
HASH = hash_of(PNG)
FILES = {HASH: (Medium(HASH, "image/png", len(PNG), 4, 3), PNG)}
PICTURE = f'<p><img src="media:{HASH}" alt="The curve"></p>'
OPTIONS = [Option(name, name.upper()) for name in "abc"]

_words = st.text(st.sampled_from("ab é<&>$'\"x1."), min_size=1, max_size=12).map(str.strip).filter(bool)
_escaped = _words.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
bodies = st.one_of(
    _escaped.map(lambda text: checked_body(f"<p>{text}</p>")),
    _escaped.map(lambda text: checked_body(f"<p>An <em>{text}</em>.</p><ul><li>{text}</li></ul>")),
    st.just(body_of("Is $\\frac12$ more?")),
    st.just(checked_body(f'<p><img src="media:{HASH}" alt="The curve"></p>')),
)
options = st.lists(_escaped, min_size=3, max_size=4, unique=True).map(
    lambda texts: [Option("abcd"[at], checked_line(text)) for at, text in enumerate(texts)]
)
points = st.sampled_from([1_000, 1_500, 2_500])


_formats: st.SearchStrategy[Literal["plain", "rich"]] = st.sampled_from(["plain", "rich"])


@st.composite
def choices(draw: st.DrawFn) -> Interaction:
    found, worth = draw(options), draw(points)
    more: dict[str, Any] = {"options": found, "points_mpt": worth}
    match draw(st.integers(0, 4)):
        case 0:
            return Order(correct=[option.option_id for option in reversed(found)], **more)
        case 1:
            bounds: dict[str, Any] = draw(st.sampled_from([{}, {"max_choices": 2}]))
            return MultipleChoice(correct=["a", "c"], wrong_mpt=draw(st.sampled_from([0, 500])), **bounds, **more)
        case 2:
            weights = {option.option_id: 0 for option in found} | {"a": worth - 500, "c": 500}
            return MultipleChoice(correct=["a", "c"], weights_mpt=weights, **more)
        case 3:
            weights = {option.option_id: 0 for option in found} | {"b": worth, "a": 250}
            return SingleChoice(correct="b", weights_mpt=weights, **more)
        case _:
            if draw(st.booleans()):
                more |= {"shuffle": True, "pinned": [found[-1].option_id]}
            return SingleChoice(correct="b", **more)


typed = st.one_of(
    st.builds(
        Numeric,
        accepted=st.builds(
            AcceptedNumber, value=st.sampled_from(["3", "-4.5", "120"]), tolerance=st.sampled_from(["0", "0.5", "2"])
        ).map(lambda one: [one]),
        points_mpt=points,
    ),
    st.builds(
        ShortText,
        accepted=st.sampled_from([["Paris"], ["Rome", AcceptedText(text="Lyon", points_mpt=500)]]),
        case_sensitive=st.booleans(),
    ),
    st.builds(Essay, points_mpt=points, guidance=st.sampled_from([None, "One point each."]), format=_formats),
)


MAP = Picture(src=f"media:{HASH}", width=400, height=300, alt="A map")
SPOTS = [
    Spot(spot_id="s1", label="North", shape="circle", coords=[50, 50, 20]),
    Spot(spot_id="s2", shape="rect", coords=[100, 100, 150, 150]),
    Spot(spot_id="s3", label="East", shape="poly", coords=[200, 200, 250, 200, 250, 250]),
]
PAIR_SPOTS = [
    PairSpot(spot_id=one.spot_id, label=one.label, shape=one.shape, coords=one.coords, max_uses=uses)
    for one, uses in zip(SPOTS, (1, None, 2), strict=True)
]
AREAS = [
    WorthArea(shape="circle", coords=[50, 50, 20]),
    WorthArea(shape="rect", coords=[100, 100, 150, 150]),
    WorthArea(shape="ellipse", coords=[300, 200, 40, 20]),
]
LEFT = [PairOption("a", "A", 1), PairOption("b", "<em>B</em>"), PairOption("c", "C", 2)]
SMALL = [PairOption("p", f'<img src="media:{HASH}" alt="A tree">', 1), *LEFT]
RIGHT = [PairOption("x", "X", 1), PairOption("y", "Y")]
GAPS = '<p>One <pd-gap id="g1"></pd-gap> and <em>another <pd-gap id="g2"></pd-gap></em>.</p>'
HOTS = '<p>The <pd-hot id="h1">cat</pd-hot> <em>sat <pd-hot id="h2">down</pd-hot></em>, <pd-hot id="h3">x</pd-hot>.</p>'


@st.composite
def paired(draw: st.DrawFn) -> Interaction:
    more: dict[str, Any] = {"points_mpt": draw(points), "max_pairs": draw(st.sampled_from([None, 2]))}
    flag = draw(st.booleans())
    match draw(st.integers(0, 5)):
        case 0:
            more |= {"wrong_mpt": draw(st.sampled_from([0, 250])), "shuffle_rows": flag, "shuffle_columns": flag}
            return Match(rows=LEFT, columns=RIGHT, correct=[("b", "y"), ("a", "x")], **more)
        case 1:
            worth = more["points_mpt"]
            weights = [PairWorth(("a", "x"), worth - 400), PairWorth(("b", "y"), 400), PairWorth(("c", "y"), -200)]
            return Match(rows=LEFT, columns=RIGHT, correct=[("a", "x"), ("b", "y")], weights=weights, **more)
        case 2:
            return GapMatch(text=GAPS, choices=SMALL, correct=[("p", "g2"), ("b", "g1")], shuffle=flag, **more)
        case 3:
            return Associate(choices=[*LEFT, *RIGHT], correct=[("a", "x"), ("c", "y")], shuffle=flag, **more)
        case 4:
            return GraphicGapMatch(
                picture=MAP, spots=PAIR_SPOTS, choices=SMALL, correct=[("b", "s3"), ("p", "s1")], **more
            )
        case _:
            return GraphicAssociate(picture=MAP, spots=PAIR_SPOTS, correct=[("s1", "s3")], **more)


@st.composite
def pointed(draw: st.DrawFn) -> Interaction:
    more: dict[str, Any] = {"points_mpt": draw(points), "max_choices": draw(st.sampled_from([1, 2]))}
    match draw(st.integers(0, 4)):
        case 0 if more["max_choices"] == 1:
            return Hottext(text=HOTS, correct=["h2"], **more)
        case 0:
            return Hottext(text=HOTS, correct=["h1", "h3"], wrong_mpt=100, **more)
        case 1 if more["max_choices"] == 1:
            weights = {"s1": more["points_mpt"], "s2": more["points_mpt"], "s3": 0}
            return Hotspot(picture=MAP, spots=SPOTS, correct=["s1", "s2"], weights_mpt=weights, **more)
        case 1:
            return Hotspot(picture=MAP, spots=SPOTS, correct=["s1", "s2"], **more)
        case 2:
            return Point(picture=MAP, areas=AREAS[: draw(st.integers(1, 3))], **(more | {"points_mpt": 2_000}))
        case 3:
            return GraphicOrder(picture=MAP, spots=SPOTS, correct=["s2", "s1", "s3"], points_mpt=more["points_mpt"])
        case _:
            return Slider(
                lower="0",
                upper="10",
                step=draw(st.sampled_from(["1", "0.5"])),
                accepted=[AcceptedNumber(value="7", tolerance=draw(st.sampled_from(["0", "1"])))],
                points_mpt=more["points_mpt"],
            )


told = st.one_of(
    st.builds(TrueFalse, correct=st.booleans(), wrong_mpt=st.sampled_from([0, 500]), points_mpt=points),
    st.builds(
        Upload,
        kinds=st.sampled_from([["picture", "pdf", "text", "document"], ["audio"], ["picture", "video"]]),
        guidance=st.sampled_from([None, "Look at the edge."]),
        points_mpt=points,
    ),
)


@st.composite
def with_feedback(draw: st.DrawFn, question: Question) -> Question:
    """What is said by the score is said from each mark on that can be reached."""
    [asked] = question.interactions
    said = draw(st.dictionaries(st.sampled_from(["b", "c"]), bodies, max_size=2))
    if isinstance(asked, Choice):
        asked = replace(asked, option_feedback=said)
    elif isinstance(asked, TrueFalse):
        asked = replace(asked, option_feedback=dict(zip(("true", "false"), said.values(), strict=False)))
    by_score = [ScoreFeedback(0, "<p>No.</p>"), ScoreFeedback(1_000, draw(bodies))]
    is_plain = isinstance(asked, Match | TrueFalse | GraphicOrder) and not getattr(asked, "weights", [])
    return replace(
        question,
        interactions=[asked],
        feedback=draw(st.none() | bodies),
        score_feedback=by_score if is_plain and draw(st.booleans()) else [],
    )


@st.composite
def questions(draw: st.DrawFn, name: str) -> Question:
    body = draw(bodies)
    if draw(st.booleans()):
        asked = draw(choices() | typed | paired() | pointed() | told)
        scored = draw(st.booleans())
        question = draw(with_feedback(Question(question_id=name, body=body, interactions=[asked], scored=scored)))
        return replace(question, rubric=rubric_of(question)) if draw(st.booleans()) else question
    parts: list[Interaction] = [
        replace(draw(typed), response_id="one"),
        InlineChoice(response_id="two", options=OPTIONS, correct="c"),
    ]
    return Question(
        question_id=name, body=checked_body(f"{body}<p>A {place('two')} of {place('one')}.</p>"), interactions=parts
    )


@st.composite
def contents(draw: st.DrawFn) -> TestContent:
    names = ["one", "two", "three"]
    asked = [draw(questions(name)) for name in names]
    if len({(question.points_mpt, question.scored) for question in asked[1:]}) == 1 and draw(st.booleans()):
        drawn = Section(section_id="s2", title="More", items=[Draw(1, names[1:])])
    else:
        drawn = Section(section_id="s2", title="More", items=[*names[1:]], shuffle=draw(st.booleans()))
    sections = [Section(section_id="s1", title="First", instructions=draw(st.just("") | bodies), items=["one"]), drawn]
    orders: list[Literal["free", "forward"]] = ["free", "forward"]
    more: list[dict[str, Any]] = [{}, {"shuffle": True}, {"sections": sections}]
    return TestContent(
        title="A test",
        rules=Rules(duration_ms=draw(st.sampled_from([3_600_000, 90_500])), order=draw(st.sampled_from(orders))),
        questions=asked,
        language=draw(st.sampled_from([None, "de"])),
        **draw(st.sampled_from(more)),
    )


def read(packed: Packed) -> TestContent:
    brought = bring("test.zip", packed.data)
    assert brought.content is not None, brought.reports
    assert [report.outcome for report in brought.reports if report.outcome != "taken"] == []
    return brought.content


@settings(max_examples=25)
@given(contents())
def test_what_goes_out_comes_in_again_unchanged(content: TestContent) -> None:
    packed = pack_qti(content, FILES)
    assert (packed.refused, packed.left_out) == ([], [])
    assert read(packed) == replace(content, questions=[placed(question) for question in content.questions])
    assert pack_qti(content, FILES) == packed


def one(asked: Interaction, **more: Any) -> TestContent:
    question = Question(question_id="q", body="<p>?</p>", interactions=[asked], **more)
    fine = Question(question_id="fine", body="<p>?</p>", interactions=[Essay()])
    return TestContent(title="T", questions=[question, fine])


def test_information_goes_out_and_comes_in_again() -> None:
    told = Question(question_id="told", body="<p>Read this.</p>", interactions=[])
    content = replace(one(Essay()), questions=[told, *one(Essay()).questions])
    packed = pack_qti(content, FILES)
    assert (packed.refused, packed.left_out) == ([], [])
    assert read(packed).questions[0] == told


@pytest.mark.parametrize(
    "asked",
    [
        SingleChoice(options=OPTIONS),
        MultipleChoice(options=OPTIONS),
        Order(options=OPTIONS),
        Associate(choices=[PairOption(name, name) for name in "abc"]),
    ],
)
def test_a_question_without_a_key_goes_out_and_comes_in_again(asked: Interaction) -> None:
    content = one(asked, scored=False)
    packed = pack_qti(content, FILES)
    assert (packed.refused, packed.left_out) == ([], [])
    assert read(packed).questions[0] == placed(content.questions[0])


def with_picture() -> TestContent:
    content = one(Essay())
    return replace(content, questions=[replace(content.questions[0], body=PICTURE), content.questions[1]])


_PAIRED = [PairOption("a", "A"), PairOption("b", "B")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (one(Match(rows=_PAIRED, columns=_PAIRED, correct=[("a", "b")])), "the same id on both sides"),
        (one(Match(rows=LEFT, columns=RIGHT, correct=[("a", "x")], shuffle_rows=True)), "rows or its columns alone"),
        (one(Match(rows=LEFT, columns=RIGHT, correct=[("a", "x")], partial="rows")), "`partial`"),
        (one(GraphicOrder(picture=MAP, spots=SPOTS, correct=["s2", "s1", "s3"], partial="places")), "`partial`"),
        (one(Hotspot(picture=MAP, spots=SPOTS, correct=["s1", "s2"])), "each of which is enough"),
        (one(Point(picture=MAP, areas=AREAS, wrong_mpt=100)), "for a point elsewhere"),
        (
            one(
                GraphicGapMatch(picture=MAP, spots=PAIR_SPOTS, choices=LEFT, correct=[("a", "s1")], shuffle=True),
            ),
            "which QTI does not",
        ),
        (one(MultipleChoice(options=OPTIONS, correct=["a"], partial=True)), "`partial`"),
        (one(Order(options=OPTIONS, correct=list("abc"), partial="pairs")), "`partial`"),
        (one(Numeric(accepted=[AcceptedNumber(value="1")], unit="m")), "has a unit"),
        (one(ShortText(accepted=[AcceptedText(text="x*", pattern=True)])), "accepts a pattern"),
        (one(ShortText(accepted=["x"], max_chars=5)), "no exact words"),
        (one(Essay(), score_feedback=[ScoreFeedback(0, "<p>So.</p>")]), "marked by a person"),
        (one(ShortText(accepted=[AcceptedText(text="x", feedback="<p>So.</p>")])), "to a number or a text"),
        (one(SingleChoice(options=[Option("1 2", "A"), Option("b", "B")], correct="b")), "has the id '1 2'"),
        (one(Essay(max_chars=100)), "no exact words"),
        (one(ShortText(accepted=["\x01"])), "has a control character"),
        (with_picture(), "names a file that is not there"),
    ],
)
def test_a_question_that_qti_can_not_say_is_named_and_the_rest_is_written(content: TestContent, said: str) -> None:
    packed = pack_qti(content, {})
    [refused] = packed.refused
    assert refused.startswith("question 'q' ")
    assert said in refused
    assert [question.question_id for question in read(packed).questions] == ["fine"]


def test_what_qti_does_not_say_of_a_test_is_named() -> None:
    content = TestContent(
        title="T",
        instructions="<p>Read first.</p>",
        rules=Rules(max_attempts=2, waiting_room=True),
        questions=[Question(question_id="q", body="<p>?</p>", interactions=[Essay()], required=True, tags=["easy"])],
    )
    assert pack_qti(content, {}).left_out == [
        "`instructions`",
        "the rule `max_attempts`",
        "the rule `waiting_room`",
        "`required` of question 'q'",
        "`tags` of question 'q'",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"forms": {"A": ["q"]}}, "has forms"),
        (
            {"sections": [Section(section_id="s", title="S", instructions=PICTURE, items=["q"])]},
            "a file that is not there",
        ),
        ({"sections": [Section(section_id="1 2", title="S", items=["q"])]}, "section '1 2'"),
        (
            {"sections": [Section(section_id="s", title="S", items=["q", Draw(1, ["fine"])])]},
            "draws some of section 's'",
        ),
        ({"title": "T\x01"}, "has a control character"),
    ],
)
def test_a_test_that_qti_can_not_say_is_named(more: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotSay, match=said):
        pack_qti(replace(one(Essay()), **more), {})


def test_the_package_has_a_manifest_that_names_all_its_files() -> None:
    body = f'<p><img src="media:{HASH}" alt="The curve"></p>'
    packed = pack_qti(
        TestContent(title="T", questions=[Question(question_id="q", body=body, interactions=[Essay()])]), FILES
    )
    with zipfile.ZipFile(BytesIO(packed.data)) as file:
        names = set(file.namelist())
        manifest = etree.fromstring(file.read("imsmanifest.xml"))
        item = etree.fromstring(file.read("items/q.xml"))
    listed = {one.get("href") for one in manifest.iter("{*}resource")}
    assert names == listed | {"imsmanifest.xml"} == {"imsmanifest.xml", "items/q.xml", "test.xml", f"media/{HASH}.png"}
    assert next(item.iter("{*}img")).get("src") == f"../media/{HASH}.png"
    assert {etree.QName(one).namespace for one in item.iter(etree.Element)} == {
        "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
    }
