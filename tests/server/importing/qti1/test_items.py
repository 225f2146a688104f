"""Items of QTI 1.2 as Canvas and Blackboard write them, written here."""

from collections.abc import Sequence

import pytest

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.content import (
    Essay,
    InlineChoice,
    Match,
    MultipleChoice,
    Numeric,
    Order,
    Point,
    Question,
    ScoreFeedback,
    ShortText,
    SingleChoice,
    Upload,
)
from protocol.content.text import places
from protocol.errors import Refusal
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from server.importing.drafts import ItemReport
from server.importing.faults import ImportFault
from server.importing.files import Brought, bring
from tests.server.importing.qti.writing import packed
from tests.server.media.files import png
from tests.shared import SHARED

_SHARED = SHARED / "data" / "import"
_FILES = sorted(
    [*(_SHARED / "canvas_qti12_instructure").rglob("*.xml"), *(_SHARED / "prairielearn" / "qti12").glob("*.xml")]
)


def _labels(texts: dict[str, str], more: str = "") -> str:
    return "".join(
        f'<response_label ident="{ident}" {more}><material><mattext>{text}</mattext></material></response_label>'
        for ident, text in texts.items()
    )


def _lid(ident: str, texts: dict[str, str], how: str = "Single", material: str = "", more: str = "") -> str:
    row = f"<material><mattext>{material}</mattext></material>" if material else ""
    inside = f"{row}<render_choice>{_labels(texts, more)}</render_choice>"
    return f'<response_lid ident="{ident}" rcardinality="{how}">{inside}</response_lid>'


def _fib(kind: str = "String") -> str:
    return (
        f'<response_str ident="R"><render_fib fibtype="{kind}"><response_label ident="a"/></render_fib></response_str>'
    )


def _is(ident: str, value: str) -> str:
    return f'<varequal respident="{ident}">{value}</varequal>'


def _when(condition: str, score: str | None, action: str = "Set", more: str = "", goes_on: str = "") -> str:
    setting = "" if score is None else f'<setvar varname="SCORE" action="{action}">{score}</setvar>'
    return f"<respcondition {goes_on}><conditionvar>{condition}</conditionvar>{setting}{more}</respcondition>"


def _item(kind: str, text: str, responses: str, *rules: str, points: str = "2.0", more: str = "") -> str:
    fields = {"question_type": kind, "points_possible": points}
    meta = "".join(
        f"<qtimetadatafield><fieldlabel>{label}</fieldlabel><fieldentry>{entry}</fieldentry></qtimetadatafield>"
        for label, entry in fields.items()
        if entry
    )
    outcomes = '<outcomes><decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/></outcomes>'
    material = f'<material><mattext texttype="text/html"><![CDATA[{text}]]></mattext></material>'
    return (
        f'<item ident="i1" title="One"><itemmetadata><qtimetadata>{meta}</qtimetadata></itemmetadata>'
        f"<presentation>{material}{responses}</presentation><resprocessing>{outcomes}{''.join(rules)}</resprocessing>{more}</item>"
    )


def _file(*items: str) -> str:
    return f'<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2">{"".join(items)}</questestinterop>'


def _brought(*items: str, files: dict[str, bytes | str] | None = None) -> Brought:
    if files is None:
        return bring("quiz.xml", _file(*items).encode())
    inside = '<resource identifier="q" type="imsqti_xmlv1p2"><file href="q/q.xml"/></resource>'
    manifest = f"<manifest><resources>{inside}</resources></manifest>"
    return bring("quiz.zip", packed({"imsmanifest.xml": manifest, "q/q.xml": _file(*items), **files}))


def _taken(item: str, files: dict[str, bytes | str] | None = None) -> Question:
    brought = _brought(item, files=files)
    assert [report.outcome for report in brought.reports] == ["taken"], brought.reports
    assert brought.content is not None
    return brought.content.questions[0]


def _report(item: str) -> ItemReport:
    [told] = _brought(item).reports
    return told


def _marks(question: Question, answers: Sequence[Value]) -> list[int | None]:
    for answer in answers:
        assert not isinstance(accept(on_paper(question), answer), Refusal), answer
    return [mark_question(question, answer) for answer in answers]


_ABC = {"1": "a", "2": "b", "3": "c"}


def test_one_option_is_right() -> None:
    item = _item(
        "multiple_choice_question",
        "<p>Which?</p>",
        _lid("R", _ABC),
        _when(_is("R", "2"), "100", goes_on='continue="No"'),
    )
    question = _taken(item)
    assert isinstance(question.interactions[0], SingleChoice)
    assert (question.question_id, question.body) == ("i1", '<p>Which?</p><pd-response id="answer"></pd-response>')
    assert _marks(question, ["2", "1"]) == [2_000, 0]


def test_several_options_are_right_as_a_whole() -> None:
    condition = f"<and>{_is('R', '1')}<not>{_is('R', '2')}</not>{_is('R', '3')}</and>"
    question = _taken(
        _item("multiple_answers_question", "Which?", _lid("R", _ABC, "Multiple"), _when(condition, "100"))
    )
    assert isinstance(question.interactions[0], MultipleChoice)
    assert _marks(question, [["1", "3"], ["1", "2", "3"], ["1"]]) == [2_000, 0, 0]


def test_a_text_is_one_of_several_whatever_its_letter_case() -> None:
    question = _taken(
        _item("short_answer_question", "Who?", _fib(), _when(_is("R", "Ada") + _is("R", "Lovelace"), "100"))
    )
    assert isinstance(question.interactions[0], ShortText)
    assert _marks(question, ["ada", "Lovelace", "Bob"]) == [2_000, 2_000, 0]


def test_a_number_lies_between_bounds() -> None:
    bounds = '<vargt respident="R">41.995</vargt><varlte respident="R">42.005</varlte>'
    near = f"<or>{_is('R', '42.0')}<and>{bounds}</and></or>"
    exact = '<vargte respident="R">-1</vargte><varlte respident="R">0</varlte>'
    question = _taken(_item("numerical_question", "How many?", _fib("Decimal"), _when(near, "100"), _when(exact, "50")))
    assert isinstance(question.interactions[0], Numeric)
    assert _marks(question, ["42", "42.005", "41.995", "-0.5", "0.1"]) == [2_000, 2_000, 0, 1_000, 0]


def test_an_essay_is_marked_by_a_person() -> None:
    [asked] = _taken(_item("essay_question", "Why?", _fib(), _when("<other/>", None))).interactions
    assert isinstance(asked, Essay)
    assert (asked.points_mpt, asked.format) == (2_000, "rich")


def test_a_file_is_handed_in_and_marked_by_a_person() -> None:
    [asked] = _taken(_item("file_upload_question", "Send it.", "")).interactions
    assert isinstance(asked, Upload)
    assert (asked.points_mpt, asked.kinds) == (2_000, ["picture", "pdf", "text", "document"])


def test_an_essay_has_its_words_and_notes() -> None:
    words = 'word_limit_enabled="Yes" word_limit_min="140" word_limit_max="500"'
    notes = (
        "<qtimetadatafield><fieldlabel>grading_notes</fieldlabel><fieldentry>Be kind.</fieldentry></qtimetadatafield>"
    )
    written = _item("essay_question", "Why?", _fib().replace("<response_str", f"<response_str {words}"))
    [asked] = _taken(written.replace("<qtimetadata>", f"<qtimetadata>{notes}")).interactions
    assert isinstance(asked, Essay)
    assert (asked.min_words, asked.max_words, asked.guidance) == (140, 500, "Be kind.")
    [asked] = _taken(_item("", "Why?", _fib().replace("<render_fib", '<render_fib maxchars="90"'))).interactions
    assert isinstance(asked, Essay)
    assert (asked.min_words, asked.max_chars, asked.format) == (None, 90, "plain")


@pytest.mark.parametrize(
    ("more", "loss"),
    [
        ("<itemfeedback ident='h'><hint><hintmaterial><material/></hintmaterial></hint></itemfeedback>", "hints"),
        ("<duration>PT5M</duration>", "how long"),
        (
            "<qtimetadatafield><fieldlabel>calculator_type</fieldlabel><fieldentry>basic</fieldentry></qtimetadatafield>",
            "a calculator (basic)",
        ),
    ],
)
def test_what_an_item_has_beside_is_told(more: str, loss: str) -> None:
    told = _report(_item("essay_question", "Why?", _fib(), more=more))
    assert told.outcome == "taken_with_loss"
    assert [loss in reason for reason in told.reasons] == [True]


def test_blanks_and_menus_stand_where_brackets_name_them() -> None:
    blanks = (
        _lid("response_x", {"1": "red", "2": "scarlet"})
        + _lid("response_y", {"3": "blue"})
        + _lid("response_z", {"4": "green"})
    )
    third = [
        _when(_is(f"response_{name}", ident), "33.33", "Add") for name, ident in (("x", "1"), ("y", "3"), ("z", "4"))
    ]
    question = _taken(
        _item("fill_in_multiple_blanks_question", "<p>[x], [y] and [z]</p>", blanks, *third, points="1.0")
    )
    assert places(question.body) == ["response_x", "response_y", "response_z"]
    assert question.points_mpt == 1_000, "thirds of a hundred make a whole"
    answers: list[Value] = [
        {"response_x": "Scarlet", "response_y": "blue", "response_z": "green"},
        {"response_x": "red"},
        {"response_y": "red"},
    ]
    assert _marks(question, answers) == [1_000, 333, 0]
    menu = _taken(
        _item(
            "multiple_dropdowns_question", "[x]?", _lid("response_x", _ABC), _when(_is("response_x", "3"), "100", "Add")
        )
    )
    assert isinstance(menu.interactions[0], InlineChoice)
    kept = _report(
        _item(
            "fill_in_multiple_blanks_question",
            "[x]",
            _lid("response_x", _ABC, more='scoring_algorithm="TextRegex"'),
            _when(_is("response_x", "1"), "100"),
        )
    )
    assert "TextRegex" in kept.reasons[0]


def test_rows_are_matched_with_columns() -> None:
    rows = "".join(
        _lid(row, {"c1": "Paris", "c2": "Rome", "c3": "Oslo"}, material=text)
        for row, text in (("r1", "France"), ("r2", "Italy"))
    )
    half = [_when(_is(row, column), "50.00", "Add") for row, column in (("r1", "c1"), ("r2", "c2"))]
    question = _taken(_item("matching_question", "Match.", rows, *half))
    [asked] = question.interactions
    assert isinstance(asked, Match)
    assert [row.body for row in asked.rows] == ["France", "Italy"]
    assert asked.shuffle_columns, "the columns stand as their rows do"
    answers: list[Value] = [[("r1", "c1"), ("r2", "c2")], [("r1", "c1"), ("r2", "c1")], [("r1", "c3")]]
    assert _marks(question, answers) == [2_000, 1_000, 0]


def test_categories_are_right_as_a_whole() -> None:
    labels = {"a": "ant", "b": "bee", "o": "oak"}
    rows = _lid("animals", labels, "Multiple", "Animals") + _lid("plants", labels, "Multiple", "Plants")
    half = [_when(_is("animals", "a") + _is("animals", "b"), "50", "Add"), _when(_is("plants", "o"), "50", "Add")]
    question = _taken(_item("categorization_question", "Sort.", rows, *half))
    answers: list[Value] = [
        [("animals", "a"), ("animals", "b"), ("plants", "o")],
        [("animals", "a"), ("plants", "o")],
        [("animals", "a"), ("animals", "b"), ("animals", "o")],
    ]
    assert _marks(question, answers) == [2_000, 1_000, 0]


def test_an_order_is_given_in_order() -> None:
    inside = f"<ims_render_object>{_labels(_ABC)}</ims_render_object>"
    extension = f"<render_extension>{inside}</render_extension>"
    order = f'<response_lid ident="R" rcardinality="Ordered">{extension}</response_lid>'
    question = _taken(
        _item("", "Order.", order, _when(_is("R", "2") + _is("R", "3") + _is("R", "1"), "100"), points="5")
    )
    assert isinstance(question.interactions[0], Order)
    assert _marks(question, [["2", "3", "1"], ["1", "2", "3"]]) == [5_000, 0]


def test_pictures_are_found_where_canvas_says_they_are() -> None:
    picture = '<img src="$IMS-CC-FILEBASE$/Uploaded%20Media/map.png" alt="A map" style="width: 9px">'
    question = _taken(
        _item("essay_question", f"<p>{picture}</p>", _fib()), {"web_resources/Uploaded Media/map.png": png(7, 5)}
    )
    assert '<img src="media:' in question.body
    hot = (
        '<response_xy ident="R"><render_hotspot><material><matimage uri="$IMS-CC-FILEBASE$/map.png"/></material>'
        '<response_label ident="R" rarea="rectangle">0.5,0.5,0.75,0.75</response_label></render_hotspot></response_xy>'
    )
    question = _taken(_item("hot_spot_question", "Point.", hot), {"q/map.png": png(100, 80)})
    [asked] = question.interactions
    assert isinstance(asked, Point)
    assert [area.coords for area in asked.areas] == [[50, 40, 75, 60]]
    assert _marks(question, [[("50", "40")], [("10", "10")]]) == [2_000, 0]


def test_formulas_become_mathml() -> None:
    picture = '<img class="equation_image" data-equation-content="\\frac12" src="/equation_images/x">'
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in _taken(_item("essay_question", picture, _fib())).body
    told = _report(_item("essay_question", picture.replace("frac12", "nothing{"), _fib()))
    assert "a formula is left as it was typed" in told.reasons[0]


def test_feedback_is_taken_over() -> None:
    def said(ident: str) -> str:
        text = f'<mattext texttype="text/html">&lt;p&gt;{ident}&lt;/p&gt;</mattext>'
        return f'<itemfeedback ident="{ident}"><flow_mat><material>{text}</material></flow_mat></itemfeedback>'

    def show(*idents: str) -> str:
        return "".join(f'<displayfeedback feedbacktype="Response" linkrefid="{ident}"/>' for ident in idents)

    rules = (
        _when("<other/>", None, more=show("all")),
        _when(_is("R", "1"), None, more=show("one")),
        _when(_is("R", "2"), "100", more=show("right"), goes_on='continue="No"'),
        _when("<other/>", None, more=show("wrong")),
    )
    feedback = "".join(map(said, ("all", "one", "right", "wrong", "never")))
    question = _taken(_item("multiple_choice_question", "Which?", _lid("R", _ABC), *rules, more=feedback))
    [asked] = question.interactions
    assert isinstance(asked, SingleChoice)
    assert question.feedback == "<p>all</p>"
    assert asked.option_feedback == {"1": "<p>one</p>"}
    assert question.score_feedback == [ScoreFeedback(0, "<p>wrong</p>"), ScoreFeedback(1_000, "<p>right</p>")]


def test_blackboards_own_scores_are_understood() -> None:
    written = _item("", "Which?", _lid("R", _ABC), _when(_is("R", "1"), "SCORE.max"), points="")
    written = written.replace("<itemmetadata>", "<itemmetadata><qmd_absolutescore_max>3</qmd_absolutescore_max>")
    assert _marks(_taken(written), ["1", "2"]) == [3_000, 0]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (_item("calculated_question", "[x]?", _fib()), "by a formula"),
        (_item("", "Nothing.", ""), "nothing to answer"),
        (
            _item("multiple_choice_question", "?", _lid("R", {"1": "a"}), _when(_is("R", "1"), "100")),
            "nothing to choose",
        ),
        (_item("multiple_choice_question", "?", _lid("R", _ABC), _when("<durequal/>", "100")), "`durequal`"),
        (_item("", "?", _lid("R", _ABC) * 2, _when(_is("R", "1"), "1")), "same ident"),
    ],
)
def test_what_cannot_be_is_refused_by_name(item: str, reason: str) -> None:
    told = _report(item)
    assert told.outcome == "refused"
    assert reason in told.reasons[0]


def test_a_quiz_has_groups_texts_and_rules() -> None:
    def one(ident: str) -> str:
        return _item("essay_question", "Why?", _fib()).replace('ident="i1"', f'ident="{ident}"')

    choose = "<selection_ordering><selection><selection_number>1</selection_number></selection></selection_ordering>"
    group = f'<section title="Group">{choose}{one("a")}{one("b")}</section>'
    passage = _item("text_only_question", "<p>Once.</p>", "").replace(
        "<qtimetadata>",
        "<qtimetadata><qtimetadatafield><fieldlabel>passage</fieldlabel><fieldentry>true</fieldentry></qtimetadatafield>",
    )
    quiz = f'<assessment title="A quiz"><section ident="root_section">{passage}{one("c")}{group}</section></assessment>'
    fields = {
        "title": "A quiz",
        "time_limit": "45",
        "allowed_attempts": "-1",
        "description": "&lt;p&gt;Read.&lt;/p&gt;",
        "cant_go_back": "true",
    }
    meta = f"<quiz>{''.join(f'<{name}>{text}</{name}>' for name, text in fields.items())}</quiz>"
    brought = _brought(quiz, files={"q/assessment_meta.xml": meta})
    content = brought.content
    assert content is not None
    assert not brought.refused
    assert (content.title, content.instructions) == ("A quiz", "<p>Read.</p>")
    assert (content.rules.duration_ms, content.rules.max_attempts, content.rules.order) == (2_700_000, None, "forward")
    assert sorted((section.title, len(section.items)) for section in content.sections) == [("Group", 1), ("Part 2", 1)]
    assert [passage.body for passage in content.passages] == ["<p>Once.</p>"]
    assert content.questions[0].passage_id == "p1"


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ({"scoring_policy": "keep_highest"}, {"counts": "best", "shows": "questions"}),
        ({"scoring_policy": "keep_latest", "hide_results": "always"}, {"counts": "latest", "shows": "reference"}),
        ({"scoring_policy": "keep_average"}, {"counts": "average"}),
    ],
)
def test_which_attempt_counts_and_what_is_shown_is_taken_over(fields: dict[str, str], rules: dict[str, str]) -> None:
    meta = f"<quiz>{''.join(f'<{name}>{text}</{name}>' for name, text in fields.items())}</quiz>"
    brought = _brought(_item("essay_question", "Why?", _fib()), files={"q/assessment_meta.xml": meta})
    assert brought.content is not None
    assert {name: getattr(brought.content.rules, name) for name in rules} == rules


@pytest.mark.parametrize("shuffled", ["true", "false"])
def test_options_are_shuffled_where_the_quiz_says_so(shuffled: str) -> None:
    meta = f"<quiz><shuffle_answers>{shuffled}</shuffle_answers></quiz>"
    item = _item("multiple_choice_question", "?", _lid("R", _ABC), _when(_is("R", "1"), "100"))
    brought = _brought(item, files={"q/assessment_meta.xml": meta})
    assert brought.content is not None
    [asked] = brought.content.questions[0].interactions
    assert isinstance(asked, SingleChoice)
    assert asked.shuffle is (shuffled == "true")


def test_questions_of_a_bank_that_is_not_here_are_refused() -> None:
    quiz = '<assessment title="Q"><section><bankentry_item item_ref="x"/></section></assessment>'
    assert _brought(quiz).reports[0].reasons == ["The question stands in a bank that is not here."]


def test_files_of_others_are_there() -> None:
    if not _FILES:
        pytest.skip("the files of Canvas are not here")


@pytest.mark.parametrize("name", [str(file.relative_to(_SHARED)) for file in _FILES])
def test_files_of_others_are_taken_or_refused_with_a_sentence(name: str) -> None:
    data = (_SHARED / name).read_bytes()
    if b"questestinterop" not in data:
        return
    if name.endswith("fib_str.xml"):
        with pytest.raises(ImportFault, match="not well-formed"):
            bring("quiz.xml", data)
        return
    for told in bring("quiz.xml", data).reports:
        assert (told.outcome == "taken") == (not told.reasons)
        assert all(reason.strip() for reason in told.reasons)
