from typing import Any

import pytest

from protocol.content import (
    Associate,
    Essay,
    GapMatch,
    Hotspot,
    Hottext,
    Match,
    MultipleChoice,
    Point,
    ShortText,
    Upload,
)
from protocol.marking.question import mark_question
from server.importing.files import bring
from tests.server.importing.qti.writing import (
    MAP,
    MATCH,
    as_qti3,
    asked,
    choices,
    correct,
    drafted,
    is_right,
    item,
    mapping,
    packed,
    points,
    processed,
    report,
    response,
    taken,
    when,
)
from tests.server.media.files import png

_ONE = response("R", "single", "identifier", correct("B"))
_SOME = response("R", "multiple", "identifier", correct("A", "B"))
_PAIRS = response("R", "multiple", "directedPair", correct("A X", "B Y"))
_TEXT = response("R", "single", "string", correct("York"))
_TYPED = '<p><textEntryInteraction responseIdentifier="R" {}/></p>'
_ESSAY = '<extendedTextInteraction responseIdentifier="R" {}/>'
_PICTURE = '<object type="image/png" data="a.png" width="400" height="260"/>'
_AREAS = '<areaMapping><areaMapEntry shape="circle" coords="50,50,10" mappedValue="1"/></areaMapping>'


def _sides(names: str, more: str = "") -> str:
    return "".join(
        f'<simpleAssociableChoice identifier="{name}" matchMax="1" {more}>{name}</simpleAssociableChoice>'
        for name in names
    )


def _match(more: str = "", choice: str = "") -> str:
    sets = "".join(f"<simpleMatchSet>{_sides(names, choice)}</simpleMatchSet>" for names in ("AB", "XY"))
    return item(_PAIRS, f'<matchInteraction responseIdentifier="R" {more}>{sets}</matchInteraction>', MATCH)


def _gaps(more: str = "", gaps: tuple[str, str] = ("", "")) -> str:
    texts = "".join(f'<gapText identifier="{name}" matchMax="1">{name}</gapText>' for name in "AB")
    places = "".join(f'<gap identifier="{name}" {how}/> ' for name, how in zip("XY", gaps, strict=True))
    return item(
        _PAIRS,
        f'<gapMatchInteraction responseIdentifier="R" {more}>{texts}<p>{places}</p></gapMatchInteraction>',
        MATCH,
    )


def _pictured(declared: str, body: str, processing: str) -> Any:
    brought = bring("item.zip", packed({"item.xml": item(declared, body, processing), "a.png": png(400, 260)}))
    assert brought.content is not None, brought.reports
    assert brought.reports[0].outcome == "taken", brought.reports
    return brought.content.questions[0].interactions[0]


@pytest.mark.parametrize("form", [str, as_qti3])
def test_how_many_at_least_is_taken_over_where_there_is_a_field(form: type[str]) -> None:
    hot = "".join(f'<hottext identifier="{name}">{name}</hottext> ' for name in "ABC")
    body = f'<hottextInteraction responseIdentifier="R" maxChoices="3" minChoices="2"><p>{hot}</p></hottextInteraction>'
    words = asked(form(item(_SOME, body, MATCH)))
    assert isinstance(words, Hottext)
    assert words.min_choices == 2
    match = asked(form(_match('minAssociations="2"')))
    assert isinstance(match, Match)
    assert (match.min_pairs, match.max_pairs) == (2, None)
    pairs = response("R", "multiple", "pair", correct("A B", "C D"))
    body = f'<associateInteraction responseIdentifier="R" minAssociations="1">{_sides("ABCD")}</associateInteraction>'
    joined = asked(form(item(pairs, body, MATCH)))
    assert isinstance(joined, Associate)
    assert joined.min_pairs == 1


def test_in_a_text_with_gaps_so_are_most_and_least() -> None:
    gaps = asked(_gaps('minAssociations="1" maxAssociations="2"'))
    assert isinstance(gaps, GapMatch)
    assert (gaps.min_pairs, gaps.max_pairs) == (1, 2)
    # With fewer pairs than are right nobody could answer rightly.
    narrow = asked(_gaps('maxAssociations="1"'))
    assert isinstance(narrow, GapMatch)
    assert narrow.max_pairs is None
    filled = asked(_gaps(gaps=('required="true"', 'required="true"')))
    assert isinstance(filled, GapMatch)
    assert filled.min_pairs == 2


@pytest.mark.parametrize(("least", "found"), [("2", 2), ("3", 2), ("0", 0)])
def test_so_is_how_many_options_at_least_but_never_more_than_are_right(least: str, found: int) -> None:
    body = choices("A", "B", "C", more=f'maxChoices="0" minChoices="{least}"')
    [asked] = (
        drafted(item(response("R", "multiple", "identifier", correct("A", "C")), body, MATCH)).questions[0].interactions
    )
    assert isinstance(asked, MultipleChoice)
    assert asked.min_choices == found


def test_on_a_picture_so_is_how_many_at_least() -> None:
    spots = "".join(
        f'<hotspotChoice identifier="{name}" shape="circle" coords="{x},50,10"/>' for name, x in (("A", 20), ("B", 90))
    )
    how = 'responseIdentifier="R" maxChoices="3" minChoices="2"'
    body = f"<hotspotInteraction {how}>{_PICTURE}{spots}</hotspotInteraction>"
    hotspot = _pictured(_SOME, body, MATCH)
    assert isinstance(hotspot, Hotspot)
    assert hotspot.min_choices == 2
    body = f"<selectPointInteraction {how}>{_PICTURE}</selectPointInteraction>"
    point = _pictured(
        response("R", "multiple", "point", _AREAS), body, MATCH.replace("match_correct", "map_response_point")
    )
    assert isinstance(point, Point)
    assert (point.min_choices, point.max_choices) == (2, 3)


@pytest.mark.parametrize(
    ("written", "required"),
    [
        (item(_ONE, choices("A", "B", more='maxChoices="1" minChoices="1"'), MATCH), True),
        (item(_ONE, choices("A", "B", more='maxChoices="1" minChoices="0"'), MATCH), False),
        (item(response("R", "single", "string"), _ESSAY.format('minStrings="1"')), True),
        (item(response("R", "single", "string"), _ESSAY.format('minStrings="0"')), False),
    ],
)
def test_who_asks_for_an_answer_asks_for_it_here(written: str, required: bool) -> None:
    assert taken(written).required is required


def test_the_length_that_a_mask_asks_for_is_taken_over() -> None:
    declared = response("R", "single", "string")
    words = r"^(?:(?:[^\s\:\!\?\;\…\€]+)[\s\:\!\?\;\…\€]*){5,50}$"
    essay = asked(item(declared, _ESSAY.format(f'patternMask="{words}"')))
    assert isinstance(essay, Essay)
    assert (essay.min_words, essay.max_words, essay.max_chars) == (5, 50, 16_000)
    essay = asked(item(declared, _ESSAY.format(r'patternMask="^[\s\S]{0,300}$"')))
    assert isinstance(essay, Essay)
    assert (essay.min_words, essay.max_words, essay.max_chars, essay.format) == (None, None, 300, "plain")
    rich = asked(item(declared, _ESSAY.format('format="xhtml"')))
    assert isinstance(rich, Essay)
    assert rich.format == "rich"
    text = asked(item(_TEXT, _TYPED.format('patternMask=".{0,12}"'), MATCH))
    assert isinstance(text, ShortText)
    assert text.max_chars == 12


@pytest.mark.parametrize(
    ("written", "loss"),
    [
        (item(_TEXT, _TYPED.format('patternMask="[A-Z][a-z]+"'), MATCH), "`patternMask`"),
        (item(_TEXT, _TYPED.format('placeholderText="a city"'), MATCH), "an empty field"),
        (_match(choice='matchMin="1"'), "have to be used"),
        (_match(choice='matchGroup="g"'), "fit only in some places"),
        (_match('shuffle="true"', 'fixed="true"'), "should keep their place"),
        (_gaps(gaps=('required="true"', "")), "some gaps have to be filled"),
        (item(_ONE, choices("A", "B") + "<div/>", MATCH + "<catalogInfo/>"), "`catalogInfo`"),
        (
            item(
                _ONE + _TEXT.replace('"R"', '"S"'),
                choices("A", "B", more='minChoices="1"') + _TYPED.format("").replace('"R"', '"S"'),
                processed(when(f"<and>{is_right('R')}{is_right('S')}</and>", 1)),
            ),
            "some of its parts",
        ),
    ],
)
def test_what_a_question_here_can_not_demand_is_told(written: str, loss: str) -> None:
    told = report(written)
    assert told.outcome == "taken_with_loss"
    assert [loss in reason for reason in told.reasons] == [True]


@pytest.mark.parametrize(
    ("types", "kinds"),
    [
        ("", ["picture", "pdf", "text", "document"]),
        ("application/pdf image/png", ["picture", "pdf"]),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["document"]),
        ("audio/*", ["audio"]),
        ("*/*", ["picture", "pdf", "text", "document", "audio", "video"]),
    ],
)
def test_a_file_of_these_types_is_handed_in(types: str, kinds: list[str]) -> None:
    body = (
        f'<uploadInteraction responseIdentifier="R" type="{types}"><prompt>Send it.</prompt></uploadInteraction>'
        '<rubricBlock view="scorer">Look at it.</rubricBlock>'
    )
    upload = asked(item(response("R", "single", "file"), body))
    assert isinstance(upload, Upload)
    assert (upload.kinds, upload.guidance, upload.points_mpt) == (kinds, "Look at it.", 1_000)


def test_points_for_any_file_are_told() -> None:
    body = '<uploadInteraction responseIdentifier="R" type="application/zip"/>'
    judged = processed(when('<not><isNull><variable identifier="R"/></isNull></not>', 1))
    told = report(item(response("R", "single", "file"), "<p>Send it.</p>" + body, judged))
    assert told.reasons == [
        "left out: what its response processing says of what a person marks",
        "left out: files of the type 'application/zip'",
    ]


@pytest.mark.parametrize(("plays", "losses"), [("0", []), ("2", ["left out: how often a sound or film is played"])])
def test_a_sound_is_played_and_nothing_answered(plays: str, losses: list[str]) -> None:
    inside = "<prompt>Listen.</prompt><audio src='a.png' alt='x'/>"
    played = (
        f'<mediaInteraction responseIdentifier="P" autostart="false" maxPlays="{plays}">{inside}</mediaInteraction>'
    )
    declared = _ONE + response("P", "single", "integer")
    drafts = drafted(item(declared, played + choices("A", "B"), MATCH))
    [question] = drafts.questions
    assert question.body == '<div>Listen.x</div><pd-response id="answer"></pd-response>'
    assert question.kinds == ["single_choice"]
    assert drafts.reports[0].reasons == [*losses, "left out: the file 'a.png', which is not here"]
    assert report(item(declared, played)).reasons == ["It judges answers to 'R', and nothing in it asks for one."]


def test_titles_stand_before_what_they_are_of() -> None:
    body = '<infoControl title="A hint &amp; more"><p>Look up.</p></infoControl>' + choices("A", "B")
    told = '<modalFeedback outcomeIdentifier="SCORE" identifier="0" showHide="hide" title="Well!">Done.</modalFeedback>'
    question = taken(item(_ONE, body, MATCH + told))
    assert question.body.startswith("<p><strong>A hint &amp; more</strong></p><p>Look up.</p>")
    assert question.score_feedback[-1].body == "<p><strong>Well!</strong></p>Done."


def test_a_bound_that_is_no_number_is_told() -> None:
    declared = response("R", "multiple", "identifier", mapping({"A": 1, "B": 1}, 'upperBound="Max:3" lowerBound="0"'))
    drafts = drafted(item(declared, choices("A", "B", "C", more='maxChoices="0"'), MAP))
    assert drafts.reports[0].reasons == ["left out: a bound of its points that is no number: 'Max:3'"]
    assert mark_question(drafts.questions[0], ["A", "B"]) == 2_000


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (
            item(_ONE, choices("A", "B").replace("<simpleChoice", '<simpleChoice templateIdentifier="T"'), MATCH),
            "shown by a template",
        ),
        (
            item(
                response("R", "single", "integer"),
                _TYPED.format('base="16"'),
                processed(when(f'<equal><variable identifier="R"/>{points(10)}</equal>', 1)),
            ),
            "the base '16'",
        ),
        (
            item(
                response("R", "single", "float", correct("1.50")) + response("T", "single", "string", correct("1.50")),
                _TYPED.format('stringIdentifier="T"'),
                processed(when(f"<or>{is_right('R')}{is_right('T')}</or>", 1)),
            ),
            "how it is typed",
        ),
    ],
)
def test_what_would_mean_something_else_is_refused(written: str, reason: str) -> None:
    told = report(written)
    assert told.outcome == "refused"
    assert reason in told.reasons[0]
    assert not drafted(written).questions
