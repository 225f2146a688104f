import pytest

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.content import (
    Associate,
    GapMatch,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    Match,
    Point,
    Question,
    Slider,
)
from protocol.content.text import gaps, hots
from protocol.errors import Refusal
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from server.importing.files import bring
from tests.server.importing.qti.writing import (
    MAP,
    MATCH,
    correct,
    item,
    mapping,
    packed,
    points,
    processed,
    report,
    response,
    set_score,
    taken,
    when,
)
from tests.server.media.files import png

_POINTS = MATCH.replace("match_correct", "map_response_point")


def _in_package(written: str) -> Question:
    brought = bring("a.zip", packed({"item.xml": written, "map.png": png(40, 30)}))
    assert brought.content is not None, brought.reports
    assert [told.outcome for told in brought.reports] == ["taken"], brought.reports
    return brought.content.questions[0]


def _marks(question: Question, *answers: Value) -> list[int | None]:
    for answer in answers:
        assert not isinstance(accept(on_paper(question), answer), Refusal), answer
    return [mark_question(question, answer) for answer in answers]


def _set(*names: str, more: str = "", kind: str = "simpleAssociableChoice") -> str:
    return "".join(f'<{kind} identifier="{name}" matchMax="1" {more}>{name}</{kind}>' for name in names)


_BOTH = (("dog", "cod", "ox"), ("fish", "beast"))


def _match(more: str = "") -> str:
    sets = "".join(f"<simpleMatchSet>{_set(*names)}</simpleMatchSet>" for names in _BOTH)
    any_number = sets.replace('matchMax="1"', 'matchMax="0"')
    return f'<matchInteraction responseIdentifier="R" {more}>{any_number}</matchInteraction>'


def test_rows_are_matched_as_a_whole() -> None:
    declared = response("R", "multiple", "directedPair", correct("dog beast", "cod fish"))
    question = taken(item(declared, _match('shuffle="true" maxAssociations="2"'), MATCH))
    [asked] = question.interactions
    assert isinstance(asked, Match)
    assert (asked.max_pairs, asked.shuffle_rows, asked.shuffle_columns) == (2, True, True)
    right: Value = [("cod", "fish"), ("dog", "beast")]
    assert _marks(question, right, [("dog", "beast")], [("ox", "beast"), ("cod", "fish")]) == [1_000, 0, 0]


@pytest.mark.parametrize("base", ["directedPair", "identifier"])
def test_pairs_have_weights_a_default_and_bounds(base: str) -> None:
    worths = mapping(
        {"dog beast": 1, "ox beast": 1, "cod fish": 2}, 'defaultValue="-1" lowerBound="0" upperBound="3.5"'
    )
    question = taken(item(response("R", "multiple", base, worths), _match(), MAP))
    answers: list[Value] = [
        [("dog", "beast"), ("ox", "beast"), ("cod", "fish")],
        [("cod", "fish"), ("dog", "fish")],
        [("dog", "fish")],
    ]
    assert _marks(question, *answers) == [3_500, 1_000, 0]


def test_what_a_mapping_gives_may_be_shared_out() -> None:
    declared = response("R", "multiple", "directedPair", mapping({"dog beast": 1, "cod fish": 1, "ox beast": 1}))
    third = processed(set_score(f'<divide><mapResponse identifier="R"/>{points(3)}</divide>'))
    question = taken(item(declared, _match(), third))
    whole: Value = [("dog", "beast"), ("ox", "beast"), ("cod", "fish")]
    assert _marks(question, whole, [("dog", "beast")]) == [1_000, 333]


def test_pairs_that_are_worth_more_together_are_refused() -> None:
    declared = response("R", "multiple", "directedPair", mapping({"dog beast": 1, "cod fish": 1, "ox beast": 1}))
    two = processed(when(f'<equal><mapResponse identifier="R"/>{points(2)}</equal>', 1))
    assert "points for pairs" in report(item(declared, _match(), two)).reasons[0]


def test_choices_are_put_into_gaps_of_a_text() -> None:
    body = (
        f'<gapMatchInteraction responseIdentifier="R"><prompt>Fill in.</prompt>{_set("sun", "sea", kind="gapText")}'
        '<p>The <gap identifier="g1"/> is <b>hot</b>, the <gap identifier="g2"/> is deep.</p></gapMatchInteraction>'
    )
    declared = response("R", "multiple", "directedPair", mapping({"sun g1": 1, "sea g2": 1}))
    question = taken(item(declared, body, MAP))
    [asked] = question.interactions
    assert isinstance(asked, GapMatch)
    assert question.body == '<p>Fill in.</p><pd-response id="answer"></pd-response>'
    assert (gaps(asked.text), [choice.body for choice in asked.choices]) == (["g1", "g2"], ["sun", "sea"])
    assert asked.text.startswith("<p>The <pd-gap")
    assert _marks(question, [("sun", "g1"), ("sea", "g2")], [("sea", "g1")]) == [2_000, 0]


@pytest.mark.parametrize("base", ["pair", "directedPair"])
def test_choices_are_paired_in_no_direction(base: str) -> None:
    choices = _set("a", "b", "c", "d")
    body = f'<associateInteraction responseIdentifier="R" maxAssociations="2">{choices}</associateInteraction>'
    question = taken(item(response("R", "multiple", base, mapping({"a b": 1, "d c": 1})), body, MAP))
    assert isinstance(question.interactions[0], Associate)
    assert _marks(question, [("b", "a"), ("c", "d")], [("a", "c")], [("a", "b")]) == [2_000, 0, 1_000]


def test_words_of_a_text_are_chosen() -> None:
    body = (
        '<hottextInteraction responseIdentifier="R" maxChoices="2"><prompt>Which are wrong?</prompt>'
        '<p>They <hottext identifier="A">was</hottext> <hottext identifier="B">here</hottext> and '
        '<hottext identifier="C">is</hottext> gone.</p></hottextInteraction>'
    )
    question = taken(item(response("R", "multiple", "identifier", correct("A", "C")), body, MATCH))
    [asked] = question.interactions
    assert isinstance(asked, Hottext)
    assert (asked.max_choices, hots(asked.text)) == (2, [("A", "was"), ("B", "here"), ("C", "is")])
    assert _marks(question, ["A", "C"], ["A"], ["A", "B"]) == [1_000, 0, 0]
    one = taken(item(response("R", "single", "identifier", correct("B")), body, MATCH))
    assert _marks(one, ["B"], ["A"]) == [1_000, 0]


def _on_picture(kind: str, inside: str, more: str = "") -> str:
    picture = '<object data="map.png" type="image/png" width="400" height="300">A map</object>'
    return f'<{kind}Interaction responseIdentifier="R" {more}>{picture}{inside}</{kind}Interaction>'


_SPOTS = (
    '<{0} identifier="A" shape="circle" coords="77,115,8" matchMax="1"/>'
    '<{0} identifier="B" shape="rect" coords="200,100,150,140" matchMax="1"/>'
    '<{0} identifier="C" shape="poly" coords="300,200,350,200,320,260,300,200" matchMax="1"/>'
)


def test_spots_of_a_picture_are_chosen() -> None:
    body = _on_picture("hotspot", _SPOTS.format("hotspotChoice"), 'maxChoices="1"')
    question = _in_package(item(response("R", "single", "identifier", correct("B")), body, MATCH))
    [asked] = question.interactions
    assert isinstance(asked, Hotspot)
    assert (asked.picture.width, asked.picture.height, asked.picture.alt) == (400, 300, "A map")
    assert [(spot.shape, spot.coords) for spot in asked.spots][:2] == [
        ("circle", [77, 115, 8]),
        ("rect", [150, 100, 200, 140]),
    ]
    assert _marks(question, ["B"], ["A"]) == [1_000, 0]
    several = response("R", "multiple", "identifier", mapping({"A": 1, "B": 1}, 'defaultValue="-1"'))
    question = _in_package(item(several, body.replace('maxChoices="1"', 'maxChoices="2"'), MAP))
    assert _marks(question, ["A", "B"], ["A", "C"], ["C"]) == [2_000, 0, -1_000]


def test_a_picture_must_be_there() -> None:
    body = _on_picture("hotspot", _SPOTS.format("hotspotChoice"))
    told = report(item(response("R", "single", "identifier", correct("B")), body, MATCH))
    assert told.reasons == ["Its picture can't be shown: the file 'map.png', which is not here."]


def test_points_are_set_on_a_picture() -> None:
    areas = (
        '<areaMapping defaultValue="0"><areaMapEntry shape="circle" coords="100,100,20" mappedValue="1"/>'
        '<areaMapEntry shape="rect" coords="200,50,260,90" mappedValue="2"/></areaMapping>'
    )
    body = _on_picture("selectPoint", "", 'maxChoices="2"')
    question = _in_package(item(response("R", "multiple", "point", areas), body, _POINTS))
    assert isinstance(question.interactions[0], Point)
    answers: list[Value] = [[("100", "80"), ("260", "90")], [("100", "79")], [("100", "100"), ("101", "100")]]
    assert _marks(question, *answers) == [3_000, 0, 1_000]
    shared = processed(set_score(f'<divide><mapResponsePoint identifier="R"/>{points(3)}</divide>'))
    alike = areas.replace('mappedValue="2"', 'mappedValue="1"').replace(
        "</areaMapping>", '<areaMapEntry shape="poly" coords="0,0,9,0,0,9" mappedValue="1"/></areaMapping>'
    )
    question = _in_package(item(response("R", "multiple", "point", alike), body.replace('"2"', '"3"'), shared))
    assert _marks(question, [("100", "80"), ("260", "90"), ("0", "0")], [("100", "80")]) == [1_000, 333]


def test_spots_are_ordered_joined_and_filled() -> None:
    order = _on_picture("graphicOrder", _SPOTS.format("hotspotChoice"))
    question = _in_package(item(response("R", "ordered", "identifier", correct("C", "A", "B")), order, MATCH))
    assert isinstance(question.interactions[0], GraphicOrder)
    assert _marks(question, ["C", "A", "B"], ["A", "B", "C"]) == [1_000, 0]
    joined = _on_picture("graphicAssociate", _SPOTS.format("associableHotspot"), 'maxAssociations="1"')
    question = _in_package(item(response("R", "multiple", "pair", correct("A C")), joined, MATCH))
    assert _marks(question, [("C", "A")], [("B", "A")]) == [1_000, 0]
    picture = '<gapImg identifier="y" matchMax="1"><object data="map.png" type="image/png"/></gapImg>'
    choices = f'<gapText identifier="x" matchMax="1">X</gapText>{picture}'
    filled = _on_picture("graphicGapMatch", choices + _SPOTS.format("associableHotspot"))
    question = _in_package(
        item(
            response(
                "R", "multiple", "directedPair", mapping({"x A": 1, "y B": 2}, 'defaultValue="-1" lowerBound="0"')
            ),
            filled,
            MAP,
        )
    )
    [asked] = question.interactions
    assert isinstance(asked, GraphicGapMatch)
    assert asked.choices[1].body.startswith('<img src="media:')
    assert _marks(question, [("x", "A"), ("y", "B")], [("x", "A"), ("y", "C")], [("x", "B")]) == [3_000, 0, 0]


def test_a_number_is_set_on_a_scale() -> None:
    body = '<sliderInteraction responseIdentifier="R" lowerBound="0" upperBound="10" step="2"/>'
    near = processed(
        when('<equal toleranceMode="absolute" tolerance="2"><variable identifier="R"/>' + points(10) + "</equal>", 1)
    )
    question = taken(item(response("R", "single", "integer"), body, near))
    [asked] = question.interactions
    assert isinstance(asked, Slider)
    assert (asked.lower, asked.upper, asked.step) == ("0", "10", "2")
    assert _marks(question, "10", "8", "6") == [1_000, 1_000, 0]


def test_pairs_of_nothing_are_refused() -> None:
    body = (
        f'<gapMatchInteraction responseIdentifier="R">{_set("sun", kind="gapText")}<p>None.</p></gapMatchInteraction>'
    )
    told = report(item(response("R", "multiple", "directedPair", correct("sun g")), body, MATCH))
    assert told.reasons == ["There is nothing to put together."]
