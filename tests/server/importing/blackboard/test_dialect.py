"""Items in Blackboard's dialect of QTI 1.2, written here as public packages have them."""

import pytest

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.content import Essay, InlineChoice, Match, Question, ScoreFeedback, SingleChoice, TrueFalse, Upload
from protocol.content.text import places
from protocol.errors import Refusal
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from server.importing.drafts import ItemReport
from server.importing.files import Brought, bring
from tests.server.importing.qti.writing import packed
from tests.server.media.files import png


def _material(html: str) -> str:
    text = f'<mat_formattedtext type="HTML"><![CDATA[{html}]]></mat_formattedtext>'
    return f'<flow class="FORMATTED_TEXT_BLOCK"><material><mat_extension>{text}</mat_extension></material></flow>'


def _shown(html: str) -> str:
    return _material(html).replace("flow ", "flow_mat ").replace("/flow", "/flow_mat")


def _said(ident: str, html: str) -> str:
    return f'<itemfeedback ident="{ident}" view="All">{_shown(html)}</itemfeedback>'


def _solution(ident: str, html: str) -> str:
    inside = f"<solution feedbackstyle='Complete'><solutionmaterial>{_shown(html)}</solutionmaterial></solution>"
    return f'<itemfeedback ident="{ident}" view="All">{inside}</itemfeedback>'


def _labels(*idents: str, texts: bool = True) -> str:
    shown = [_material(one.upper()) if texts else "" for one in idents]
    labels = [f'<response_label ident="{one}">{text}</response_label>' for one, text in zip(idents, shown, strict=True)]
    return "".join(f"<flow_label>{label}</flow_label>" for label in labels)


def _lid(ident: str, labels: str, how: str = "Single") -> str:
    return f'<response_lid ident="{ident}" rcardinality="{how}"><render_choice>{labels}</render_choice></response_lid>'


def _is(ident: str, value: str) -> str:
    return f'<varequal respident="{ident}" case="No">{value}</varequal>'


def _rule(title: str, condition: str, score: str | None, shown: str = "") -> str:
    setting = "" if score is None else f'<setvar variablename="SCORE" action="Set">{score}</setvar>'
    told = f'<displayfeedback linkrefid="{shown}" feedbacktype="Response"/>' if shown else ""
    return f'<respcondition title="{title}"><conditionvar>{condition}</conditionvar>{setting}{told}</respcondition>'


_WRONG = _rule("incorrect", "<other/>", "0", "incorrect")


def _item(
    kind: str, responses: str, *rules: str, text: str = "<p>Which?</p>", is_partial: bool = False, more: str = ""
) -> str:
    meta = (
        f"<bbmd_asi_object_id>_7_1</bbmd_asi_object_id><bbmd_questiontype>{kind}</bbmd_questiontype>"
        f"<bbmd_partialcredit>{str(is_partial).lower()}</bbmd_partialcredit>"
        "<qmd_absolutescore_max>10.0</qmd_absolutescore_max><qmd_weighting>0</qmd_weighting>"
    )
    flow = f'<flow class="Block"><flow class="QUESTION_BLOCK">{_material(text)}</flow>{responses}</flow>'
    outcomes = '<outcomes><decvar varname="SCORE" defaultval="0" minvalue="0" maxvalue="10.0"/></outcomes>'
    scored = f'<resprocessing scoremodel="SumOfScores">{outcomes}{"".join(rules)}</resprocessing>'
    presented = f"<itemmetadata>{meta}</itemmetadata><presentation>{flow}</presentation>"
    return f"<item maxattempts='0'>{presented}{scored}{more}</item>"


def _answered(inside: str) -> str:
    return f'<flow class="RESPONSE_BLOCK">{inside}</flow>'


def _file(*items: str, before: str = "") -> str:
    section = f"<section>{''.join(items)}</section>"
    return f'<questestinterop><assessment title="Pool">{before}{section}</assessment></questestinterop>'


def _brought(item: str, before: str = "", files: dict[str, bytes | str] | None = None) -> Brought:
    resource = '<resource identifier="res2" type="assessment/x-bb-qti-pool" bb:file="res2.dat" bb:title="Pool"/>'
    space = "http://www.blackboard.com/content-packaging/"
    manifest = f'<manifest xmlns:bb="{space}"><resources>{resource}</resources></manifest>'
    inside: dict[str, bytes | str] = {"imsmanifest.xml": manifest, "res2.dat": _file(item, before=before)}
    return bring("Pool_ExportFile.zip", packed({**inside, **(files or {})}))


def _taken(item: str, files: dict[str, bytes | str] | None = None) -> Question:
    brought = _brought(item, files=files)
    assert [report.outcome for report in brought.reports] == ["taken"], brought.reports
    assert brought.content is not None
    assert brought.content.sections == []
    return brought.content.questions[0]


def _report(item: str) -> ItemReport:
    [told] = _brought(item).reports
    return told


def _marks(question: Question, *answers: Value) -> list[int | None]:
    for answer in answers:
        assert not isinstance(accept(on_paper(question), answer), Refusal), answer
    return [mark_question(question, answer) for answer in answers]


def _shares(shares: dict[str, str]) -> list[str]:
    return [_rule("", f'<varequal respident="{one}" case="No"/>', share, one) for one, share in shares.items()]


_ONE = (_rule("correct", _is("response", "b"), "SCORE.max", "correct"), _WRONG)


def test_one_option_is_right_and_each_has_its_feedback() -> None:
    more = _said("correct", "Yes") + _said("incorrect", "No") + _solution("a", "Not this.")
    shares = _shares({"a": "0", "b": "100", "c": "0"})
    question = _taken(
        _item("Multiple Choice", _answered(_lid("response", _labels("a", "b", "c"))), *_ONE, *shares, more=more)
    )
    [asked] = question.interactions
    assert isinstance(asked, SingleChoice)
    assert [option.body for option in asked.options] == ["A", "B", "C"]
    assert asked.option_feedback == {"a": "<p>Not this.</p>"}
    assert question.score_feedback == [ScoreFeedback(0, "<p>No</p>"), ScoreFeedback(1_000, "<p>Yes</p>")]
    assert _marks(question, "b", "a") == [10_000, 0]


def test_shares_of_options_count_where_parts_do() -> None:
    shares = _shares({"a": "25", "b": "100", "c": "0"})
    responses = _answered(_lid("response", _labels("a", "b", "c")))
    question = _taken(_item("Multiple Choice", responses, *_ONE, *shares, is_partial=True))
    assert _marks(question, "b", "a", "c") == [10_000, 2_500, 0]


def test_several_options_are_right_as_a_whole_or_by_their_shares() -> None:
    responses = _answered(_lid("response", _labels("a", "b", "c"), "Multiple"))
    right = f"<and>{_is('response', 'a')}{_is('response', 'b')}<not>{_is('response', 'c')}</not></and>"
    rules = (_rule("correct", right, "SCORE.max", "correct"), _WRONG, *_shares({"a": "50", "b": "50", "c": "-50"}))
    whole = _taken(_item("Multiple Answer", responses, *rules))
    answers: list[Value] = [["a", "b"], ["a"], ["a", "c"]]
    assert _marks(whole, *answers) == [10_000, 0, 0]
    shared = _taken(_item("Multiple Answer", responses, *rules, is_partial=True))
    assert _marks(shared, *answers) == [10_000, 5_000, 0]


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [("True/False", "true_false", ["True", "False"]), ("Either/Or", "agree_disagree", ["Agree", "Disagree"])],
)
def test_names_of_texts_become_words(kind: str, name: str, words: list[str]) -> None:
    texts = {
        one: f"<flow_mat><material><mattext>{name}.{one}</mattext></material></flow_mat>" for one in ("true", "false")
    }
    labels = "".join(f'<response_label ident="{one}">{text}</response_label>' for one, text in texts.items())
    right = _rule("correct", _is("response", "false"), "SCORE.max", "correct")
    question = _taken(_item(kind, _answered(_lid("response", labels)), right, _WRONG))
    [asked] = question.interactions
    if isinstance(asked, SingleChoice):
        assert [option.body for option in asked.options] == words
    else:
        assert isinstance(asked, TrueFalse)
        assert words == ["True", "False"]
    assert _marks(question, "false", "true") == [10_000, 0]


def _rows(*names: str) -> str:
    labels = {name: _labels(f"{name}1", f"{name}2", texts=False) for name in names}
    rows = "".join(
        f'<flow class="Block">{_material(f"row {name}")}{_lid(name, inside)}</flow>' for name, inside in labels.items()
    )
    rights = "".join(f'<flow class="Block">{_material(text)}</flow>' for text in ("Paris", "Rome"))
    return f'{_answered(rows)}<flow class="RIGHT_MATCH_BLOCK">{rights}</flow>'


@pytest.mark.parametrize(("is_partial", "marks"), [(True, [10_000, 5_000, 0]), (False, [10_000, 0, 0])])
def test_rows_are_matched_with_the_texts_beside_them(is_partial: bool, marks: list[int]) -> None:
    rules = [_rule("", _is(row, right), None, "correct") for row, right in (("x", "x2"), ("y", "y1"))]
    more = _said("correct", "Yes") + _said("incorrect", "No")
    question = _taken(_item("Matching", _rows("x", "y"), *rules, _WRONG, is_partial=is_partial, more=more))
    [asked] = question.interactions
    assert isinstance(asked, Match)
    assert question.body == '<p>Which?</p><pd-response id="answer"></pd-response>'
    assert ([row.body for row in asked.rows], [one.body for one in asked.columns]) == (
        ["row x", "row y"],
        ["Paris", "Rome"],
    )
    answers: list[Value] = [[("x", "c1"), ("y", "c0")], [("x", "c1"), ("y", "c1")], [("x", "c0")]]
    assert _marks(question, *answers) == marks
    assert question.score_feedback == [ScoreFeedback(0, "<p>No</p>"), ScoreFeedback(1_000, "<p>Yes</p>")]


def test_an_order_is_given_in_order() -> None:
    order = "<and>" + "".join(_is("response", one) for one in "bca") + "</and>"
    responses = _answered(_lid("response", _labels("a", "b", "c"), "Ordered"))
    question = _taken(_item("Ordering", responses, _rule("correct", order, "SCORE.max"), _WRONG))
    assert _marks(question, ["b", "c", "a"], ["a", "b", "c"]) == [10_000, 0]
    told = _report(_item("Ordering", responses, _rule("correct", order, "SCORE.max"), _WRONG, is_partial=True))
    assert told.reasons == ["left out: points for a part of the right order"]


_FIB = '<response_str ident="{}" rcardinality="Single"><render_fib fibtype="String" rows="1"/></response_str>'


def test_a_text_is_one_of_those_with_a_condition_of_their_own() -> None:
    rules = [
        _rule("k1", _is("response", "frog"), None, "correct"),
        _rule("k2", _is("response", "newt"), None, "correct"),
    ]
    question = _taken(_item("Fill in the Blank", _answered(_FIB.format("response")), *rules, _WRONG))
    assert _marks(question, "Frog", "newt", "cat") == [10_000, 10_000, 0]
    contains = '<varsubset respident="response" setmatch="Contains">frog</varsubset>'
    told = _report(_item("Fill in the Blank", _answered(_FIB.format("response")), _rule("k1", contains, None), _WRONG))
    assert told.outcome == "refused"


@pytest.mark.parametrize(("is_partial", "half"), [(True, 5_000), (False, 0)])
def test_blanks_stand_where_brackets_name_them(is_partial: bool, half: int) -> None:
    either = f"<or>{_is('x', 'red')}{_is('x', 'scarlet')}</or>"
    right = _rule("correct", f"<and>{either}<or>{_is('y', 'blue')}</or></and>", "SCORE.max", "correct")
    question = _taken(
        _item(
            "Fill in the Blank Plus",
            _answered(_FIB.format("x") + _FIB.format("y")),
            right,
            _WRONG,
            text="<p>[x] and [y]</p>",
            is_partial=is_partial,
        )
    )
    assert places(question.body) == ["x", "y"]
    answers: list[Value] = [{"x": "Scarlet", "y": "blue"}, {"x": "red", "y": "blue"}, {"x": "red"}, {"y": "red"}]
    assert _marks(question, *answers) == [10_000, 10_000, half, 0]


@pytest.mark.parametrize(("is_partial", "half"), [(True, 5_000), (False, 0)])
def test_menus_stand_in_a_sentence(is_partial: bool, half: int) -> None:
    menus = _lid("x", _labels("a", "b")) + _lid("y", _labels("a", "b"))
    right = _rule("correct", f"<and>{_is('x', 'a')}{_is('y', 'b')}</and>", "SCORE.max", "correct")
    question = _taken(
        _item("Jumbled Sentence", _answered(menus), right, _WRONG, text="<p>[x] [y]</p>", is_partial=is_partial)
    )
    assert [type(one) for one in question.interactions] == [InlineChoice, InlineChoice]
    answers: list[Value] = [{"x": "a", "y": "b"}, {"x": "a", "y": "a"}]
    assert _marks(question, *answers) == [10_000, half]


def test_a_number_lies_between_its_bounds() -> None:
    number = '<response_num ident="response" rcardinality="Single"><render_fib fibtype="Decimal"/></response_num>'
    bounds = '<vargte respident="response">2.5</vargte><varlte respident="response">3.5</varlte>' + _is(
        "response", "3.0"
    )
    question = _taken(_item("Numeric", _answered(number), _rule("correct", bounds, "SCORE.max"), _WRONG))
    assert _marks(question, "3", "2.5", "3.6") == [10_000, 10_000, 0]


def test_an_essay_has_its_solution_for_whoever_marks_it() -> None:
    more = _solution("solution", "<p>Three <b>reasons</b>.</p>")
    [asked] = _taken(
        _item("Essay", _answered(_FIB.format("response")), _rule("correct", "", "SCORE.max"), _WRONG, more=more)
    ).interactions
    assert isinstance(asked, Essay)
    assert (asked.points_mpt, asked.guidance, asked.format) == (10_000, "<p>Three <b>reasons</b>.</p>", "rich")
    [asked] = _taken(_item("File Upload", _answered(""), _rule("correct", "", "SCORE.max"))).interactions
    assert isinstance(asked, Upload)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("@X@EmbeddedFile.requestUrlStub@X@bbcswebdav/xid-123_1", "csfiles/home_dir/map__xid-123_1.png"),
        ("@X@EmbeddedFile.location@X@embedded/map.png", "res2/embedded/map.png"),
    ],
)
def test_pictures_are_found_where_blackboard_keeps_them(written: str, path: str) -> None:
    files: dict[str, bytes | str] = {path: png(7, 5), f"{path}.xml": "<lom/>"}
    text = f'<p><img src="{written}" alt="A map"></p>'
    question = _taken(_item("Essay", _answered(_FIB.format("response")), text=text), files)
    assert '<img src="media:' in question.body


def test_a_picture_beside_the_text_is_shown() -> None:
    file = '<matapplication label="map.png" uri="map.png" embedded="Inline"/>'
    beside = f"</p>]]></mat_formattedtext>{file}<mat_formattedtext><![CDATA["
    question = _taken(
        _item("Essay", _answered(_FIB.format("response")), text=f"<p>Where?{beside}"), {"res2/map.png": png(7, 5)}
    )
    assert '<img src="media:' in question.body


def test_what_is_said_before_the_test_are_its_instructions() -> None:
    before = f"<rubric view='All'>{_material('<p>Be calm.</p>')}</rubric>"
    before += f"<presentation_material>{_material('<p>A test.</p>')}</presentation_material>"
    brought = _brought(_item("Essay", _answered(_FIB.format("response"))), before)
    assert brought.content is not None
    assert (brought.content.title, brought.content.instructions) == ("Pool", "<p>Be calm.</p><p>A test.</p>")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (_item("Calculated", _answered(_FIB.format("response"))), "by a formula"),
        (_item("Quiz Bowl", _answered(_FIB.format("response"))), "is a question"),
        (_item("Opinion Scale", _answered(_lid("response", _labels("a", "b")))), "No answer to it is right"),
        (_item("Matching", _answered("")), "nothing to answer"),
        (_item("Matching", _rows("x").replace("Rome", "").replace(_material(""), "")), "No answer is right"),
        (_item("Matching", _rows("x").replace('<response_label ident="x2"></response_label>', "")), "other choices"),
    ],
)
def test_what_makes_no_question_is_refused_by_name(item: str, reason: str) -> None:
    told = _report(item)
    assert told.outcome == "refused"
    assert reason in told.reasons[0]
