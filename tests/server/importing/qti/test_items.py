from typing import Any

import pytest

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.codes import Code
from protocol.content import Essay, InlineChoice, MultipleChoice, Numeric, Order, ScoreFeedback, ShortText, SingleChoice
from protocol.content.text import places
from protocol.errors import Refusal
from protocol.marking.best import right_answer, right_part
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from server.importing.qti.asked import MAX_TRIED
from server.importing.qti.feedback import LOST
from tests.server.importing.qti.writing import (
    FLOAT,
    MAP,
    MATCH,
    adding,
    as_qti3,
    asked,
    choices,
    correct,
    is_right,
    item,
    mapping,
    points,
    processed,
    report,
    response,
    set_score,
    taken,
    variable,
    when,
)

_ONE = response("R", "single", "identifier", correct("B"))
_SOME = response("R", "multiple", "identifier", correct("A", "B"))
_SELECT = choices("A", "B", "C", more='maxChoices="0"')
_NAME = '<baseValue baseType="identifier">{}</baseValue>'
_TYPE = '<p>Name it: <textEntryInteraction responseIdentifier="R"/></p>'


def _marks(written: str, *answers: Value) -> list[int | None]:
    question = taken(written)
    return [mark_question(question, answer) for answer in answers]


@pytest.mark.parametrize("form", [str, as_qti3])
def test_the_right_option_of_a_template_is_the_key(form: type[str]) -> None:
    body = "<p>Which <b>one</b>?</p>" + choices("A", "B", more='maxChoices="1" shuffle="true"')
    question = taken(form(item(_ONE, body, MATCH)))
    [one] = question.interactions
    assert isinstance(one, SingleChoice)
    assert (question.question_id, question.body) == (
        "one",
        '<p>Which <b>one</b>?</p><pd-response id="answer"></pd-response>',
    )
    assert (one.correct, one.shuffle, one.points_mpt) == ("B", True, 1_000)
    assert [option.body for option in one.options] == ["a", "b"]


def test_a_mapping_gives_each_option_its_weight() -> None:
    declared = response("R", "single", "identifier", mapping({"A": 2, "B": 0.5, "C": -1}))
    assert _marks(item(declared, choices("A", "B", "C", "D"), MAP), "A", "B", "C", "D", None) == [
        2_000,
        500,
        -1_000,
        0,
        0,
    ]


def test_a_set_is_right_as_a_whole_or_by_a_mapping_within_bounds() -> None:
    whole = item(_SOME, _SELECT, MATCH)
    assert _marks(whole, ["A", "B"], ["A"], ["A", "B", "C"], []) == [1_000, 0, 0, 0]
    declared = response(
        "R", "multiple", "identifier", mapping({"A": 1, "B": 2, "C": -2}, 'lowerBound="0" upperBound="2.5"')
    )
    bounded = item(declared, _SELECT, MAP)
    assert _marks(bounded, ["A"], ["A", "B"], ["A", "C"], ["B", "C"], ["A", "B", "C"]) == [1_000, 2_500, 0, 0, 1_000]


def test_what_a_default_takes_away_is_found_beside_right_options() -> None:
    declared = response("R", "multiple", "identifier", mapping({"A": 1, "B": 1}, 'defaultValue="-0.5" lowerBound="0"'))
    mapped = processed(set_score(f'<product><mapResponse identifier="R"/>{points(2)}</product>'))
    assert _marks(item(declared, _SELECT, mapped), ["A", "B"], ["A", "C"], ["C"]) == [4_000, 1_000, 0]


@pytest.mark.parametrize(
    "condition",
    [
        f'<member><baseValue baseType="identifier">A</baseValue>{variable()}</member>',
        f'<contains>{variable()}<baseValue baseType="identifier">A</baseValue></contains>',
        f"<gte><containerSize><delete>{_NAME.format('B')}{variable()}</delete></containerSize>{points(1)}</gte>",
    ],
)
def test_conditions_about_single_options_become_weights(condition: str) -> None:
    declared = response("R", "multiple", "identifier")
    written = item(declared, choices("A", "B", more='maxChoices="2"'), processed(when(condition, 3)))
    assert _marks(written, ["A"], ["A", "B"], ["B"]) == [3_000, 3_000, 0]


def test_sets_that_are_worth_more_together_are_refused() -> None:
    any_two = "".join(
        f'<member><baseValue baseType="identifier">{name}</baseValue>{variable()}</member>' for name in "ABC"
    )
    told = report(
        item(
            response("R", "multiple", "identifier"),
            _SELECT,
            processed(when(f'<anyN min="2" max="2">{any_two}</anyN>', 1)),
        )
    )
    assert (told.outcome, told.interactions) == ("refused", [])
    assert "in a way that no key here does" in told.reasons[0]


def test_of_many_options_some_sets_are_tried() -> None:
    names: list[Any] = [f"O{number}" for number in range(40)]
    declared = response("R", "multiple", "identifier", correct(*names[:7]))
    written = item(declared, choices(*names, more='maxChoices="0"'), MATCH)
    assert _marks(written, names[:7], names[:6], names[:8]) == [1_000, 0, 0]
    assert MAX_TRIED < 2**40


@pytest.mark.parametrize(("options", "outcome"), [(20, "refused"), (5, "taken")])
def test_only_where_every_answer_was_tried_is_a_question_without_a_right_one_unscored(
    options: int, outcome: str
) -> None:
    names = [f"O{number}" for number in range(options)]
    # Points for one set of ten alone, of which nothing in the item says that it is right.
    condition = "".join(f"<member>{_NAME.format(name)}{variable()}</member>" for name in names[:10])
    condition += "".join(f"<not><member>{_NAME.format(name)}{variable()}</member></not>" for name in names[10:])
    condition = f"<and>{condition}<member>{_NAME.format('O9')}{variable()}</member></and>"
    written = item(
        response("R", "multiple", "identifier"), choices(*names, more='maxChoices="0"'), processed(when(condition, 1))
    )
    told = report(written)
    assert told.outcome == outcome
    if outcome == "refused":
        assert "No answer is right" in told.reasons[0]
    else:
        assert not taken(written).scored


def test_menus_in_a_line_are_worth_their_own_points() -> None:
    menus = "".join(
        f'<inlineChoiceInteraction responseIdentifier="{name}"><inlineChoice identifier="a">one</inlineChoice>'
        f'<inlineChoice identifier="z"/><inlineChoice identifier="b">two</inlineChoice></inlineChoiceInteraction>'
        for name in "RS"
    )
    declared = response("R", "single", "identifier", correct("a")) + response("S", "single", "identifier", correct("b"))
    question = taken(
        item(declared, f"<p>Take {menus}.</p>", processed(adding(is_right("R"), 1), adding(is_right("S"), 2)))
    )
    assert [type(one) for one in question.interactions] == [InlineChoice, InlineChoice]
    assert (places(question.body), question.scoring, question.points_mpt) == (["R", "S"], "sum", 3_000)
    said: list[Value] = [{"R": "a"}, {"R": "b", "S": "b"}]
    assert [mark_question(question, one) for one in said] == [1_000, 2_000]


def test_parts_that_count_only_together_are_one_whole() -> None:
    names = ["R", "S", "T"]
    declared = "".join(response(name, "single", "string", correct(name.lower() * 3)) for name in names)
    body = "".join(f'<p><textEntryInteraction responseIdentifier="{name}"/></p>' for name in names)
    question = taken(item(declared, body, processed(when(f"<and>{''.join(map(is_right, names))}</and>", 1))))
    assert (question.scoring, question.points_mpt) == ("all", 1_000)
    said: list[Value] = [{"R": "rrr", "S": "sss", "T": "ttt"}, {"R": "rrr", "S": "sss"}]
    assert [mark_question(question, one) for one in said] == [1_000, 0]


def test_parts_that_help_each_other_are_refused() -> None:
    declared = "".join(response(name, "single", "identifier", correct("A")) for name in "RS")
    body = "".join(choices("A", "B").replace('"R"', f'"{name}"') for name in "RS")
    both = processed(adding(is_right("R"), 1), adding(f"<and>{is_right('R')}{is_right('S')}</and>", 1))
    assert "several answers together" in report(item(declared, body, both)).reasons[0]


def test_a_text_minds_letter_case_where_the_item_does() -> None:
    exact = item(response("R", "single", "string", correct("York")), _TYPE, MATCH)
    assert _marks(exact, "York", "york", "Yorks") == [1_000, 0, 0]
    worth = mapping({"York": 1, "york": 0.5})
    assert _marks(item(response("R", "single", "string", worth), _TYPE, MAP), "York", "york", "YORK") == [1_000, 500, 0]
    loose = worth.replace("<mapEntry", '<mapEntry caseSensitive="false"').replace("york", "lancaster")
    assert _marks(item(response("R", "single", "string", loose), _TYPE, MAP), "YORK", "Lancaster") == [1_000, 500]


@pytest.mark.parametrize(
    ("condition", "right", "wrong"),
    [
        (
            '<stringMatch caseSensitive="false">{0}<baseValue baseType="string">Ada</baseValue></stringMatch>',
            "aDA",
            "Adam",
        ),
        ('<patternMatch pattern="Ada.*">{0}</patternMatch>', "Adam", "The Ada"),
        ('<substring><baseValue baseType="string">da</baseValue>{0}</substring>', "Adam", "Dane"),
    ],
)
def test_texts_are_compared_in_many_ways(condition: str, right: str, wrong: str) -> None:
    declared = response("R", "single", "string")
    assert _marks(item(declared, _TYPE, processed(when(condition.format(variable()), 1))), right, wrong) == [1_000, 0]


@pytest.mark.parametrize(
    ("condition", "right", "wrong"),
    [
        (
            f'<equal toleranceMode="absolute" tolerance="0.5">{variable()}{points(3)}</equal>',
            ["3", "2.5", "3,5"],
            ["2.4", "3.51"],
        ),
        (
            f'<equal toleranceMode="relative" tolerance="10">{variable()}{points(50)}</equal>',
            ["50", "46"],
            ["40", "60"],
        ),
        (
            f'<equalRounded figures="2">{variable()}{points(1.25)}</equalRounded>',
            ["1.3", "1.25", "1.34"],
            ["1.2", "1.35"],
        ),
        (
            f'<equalRounded roundingMode="decimalPlaces" figures="1">{variable()}{points(0.05)}</equalRounded>',
            ["0.1", "0.05", "0.149"],
            ["0.04", "0.15"],
        ),
        (
            f"<and><gt>{variable()}{points(1)}</gt><lte>{variable()}{points(2)}</lte></and>",
            ["1.001", "2"],
            ["1", "2.001"],
        ),
        (
            f"<or><equal>{variable()}{points(1)}</equal><equal>{variable()}{points(-4)}</equal></or>",
            ["1", "-4"],
            ["4", "0"],
        ),
    ],
)
def test_numbers_are_right_between_bounds(condition: str, right: list[str], wrong: list[str]) -> None:
    written = item(response("R", "single", "float"), _TYPE, processed(when(condition, 2)))
    assert isinstance(asked(written), Numeric)
    assert _marks(written, *right) == [2_000] * len(right)
    assert _marks(written, *wrong) == [0] * len(wrong)


@pytest.mark.parametrize(
    ("base", "condition", "reason"),
    [
        ("float", f"<gt>{variable()}{points(1)}</gt>", "without a bound"),
        ("string", f'<patternMatch pattern="[a-z]+">{variable()}</patternMatch>', "more than a text"),
        ("string", f"<isNull>{variable()}</isNull>", "more points where nothing is answered"),
    ],
)
def test_what_no_key_says_is_refused(base: str, condition: str, reason: str) -> None:
    told = report(item(response("R", "single", base), _TYPE, processed(when(condition, 1))))
    assert reason in told.reasons[0]


def test_an_order_is_right_as_a_whole_or_by_places() -> None:
    declared = response("R", "ordered", "identifier", correct("B", "A", "C"))
    body = choices("A", "B", "C", kind="order")
    assert isinstance(asked(item(declared, body, MATCH)), Order)
    assert _marks(item(declared, body, MATCH), ["B", "A", "C"], ["A", "B", "C"]) == [1_000, 0]
    by_place = "".join(
        adding(
            f'<match><index n="{place}">{variable()}</index>{_NAME.format(name)}</match>',
            1,
        )
        for place, name in enumerate("BAC", 1)
    )
    assert _marks(item(declared, body, processed(by_place)), ["B", "A", "C"], ["B", "C", "A"]) == [3_000, 1_000]


def test_an_essay_is_marked_by_a_person_with_the_authors_notes() -> None:
    body = (
        '<extendedTextInteraction responseIdentifier="R"><prompt>Why?</prompt></extendedTextInteraction>'
        '<rubricBlock view="scorer"><p>Because of <b>this</b>.</p></rubricBlock>'
    )
    value = "<defaultValue><value>4</value></defaultValue>"
    worth = f'<outcomeDeclaration identifier="MAXSCORE" {FLOAT}>{value}</outcomeDeclaration>'
    essay = asked(item(response("R", "single", "string") + worth, body))
    assert isinstance(essay, Essay)
    assert (essay.points_mpt, essay.guidance) == (4_000, "Because of this.")


def test_without_processing_the_declared_answers_are_the_key() -> None:
    assert _marks(item(_ONE, choices("A", "B")), "B", "A") == [1_000, 0]
    declared = response("R", "multiple", "identifier", mapping({"A": 1, "C": 0.5}))
    assert _marks(item(declared, _SELECT), ["A", "C"], ["C"], ["B"]) == [1_500, 500, 0]
    nothing = response("R", "single", "identifier")
    survey = taken(item(nothing, choices("A", "B")))
    assert (survey.scored, survey.interactions[0].points_mpt, right_answer(survey)) == (False, 1_000, None)


def test_thirds_make_a_whole() -> None:
    declared = response(
        "R", "multiple", "identifier", mapping(dict.fromkeys("ABC", 0.666666666666667), 'upperBound="2"')
    )
    assert _marks(item(declared, _SELECT, MAP), ["A", "B", "C"], ["A"]) == [2_000, 667]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (item(_ONE, choices("A", "B"), MATCH, 'adaptive="true"'), "It is adaptive"),
        (item(_ONE, f"<p><printedVariable identifier='x'/></p>{choices('A', 'B')}", MATCH), "`printedVariable`"),
        (item(_ONE, "<p>Read this.</p>", MATCH), "judges answers to 'RESPONSE'"),
        (item("", "<p>Read this.</p>", MATCH), "nothing to answer"),
        (item("", choices("A", "B"), MATCH), "'RESPONSE', which is not declared"),
        (item(_ONE, choices("A"), MATCH), "nothing to choose"),
        (item(_ONE, choices("A", "A"), MATCH), "same identifier"),
        (item(_ONE, choices("A", "B"), processed(set_score('<randomInteger min="1" max="2"/>'))), "by chance"),
        (item(_ONE, choices("A", "B"), processed(set_score('<customOperator class="x"/>'))), "`customOperator`"),
        (item(_ONE, choices("A", "B"), processed('<setResponseValue identifier="R"/>')), "`setResponseValue`"),
        (item(_ONE, choices("A", "B"), processed(when(is_right("Q"), 1))), "'Q', which is not declared"),
        (item(_ONE, choices("A", "B"), MATCH.replace("match_correct", "own")), "none of the three known"),
        (
            item(_ONE, choices("A", "B"), processed(when(is_right(), 1, "<responseElse/><responseElseIf/>"))),
            "stands where",
        ),
        (item(_ONE, "<qti--1x/>", MATCH), "none of QTI's"),
        (item(_ONE, '<customInteraction responseIdentifier="R"/>', MATCH), "`customInteraction`"),
        (item(response("R", "record", "string"), _TYPE), "cardinality 'record'"),
        (item(response("R", "single", "float", correct("x")), _TYPE), "'x' is no number"),
        (item(_ONE, choices("A", "B", more='maxChoices="1"'), processed(set_score(points(1e300)))), "is no number"),
    ],
)
def test_what_cannot_be_is_refused_by_name(written: str, reason: str) -> None:
    told = report(written)
    assert told.outcome == "refused"
    assert reason in told.reasons[0], told


@pytest.mark.parametrize(
    ("written", "loss"),
    [
        (
            item(_ONE, f'<p><img src="a.png" alt="A"/></p>{choices("A", "B")}', MATCH),
            "the file 'a.png', which is not here",
        ),
        (item(_ONE, f"<rubricBlock view='tutor'>Hint</rubricBlock>{choices('A', 'B')}", MATCH), "a note for tutor"),
    ],
)
def test_what_is_lost_is_said(written: str, loss: str) -> None:
    told = report(written)
    assert told.outcome == "taken_with_loss", told
    assert loss in " ".join(told.reasons)


def test_looks_are_no_loss() -> None:
    body = '<stylesheet href="a.css" type="text/css"/><p class="big" style="color: red">Which?</p>'
    assert taken(item(_ONE, body + choices("A", "B"), MATCH + "<modalFeedback><p/></modalFeedback>")).body.startswith(
        "<p>Which?</p>"
    )


def test_processing_without_end_is_cut_off() -> None:
    deep = "<product>" * 100 + points(0) + "</product>" * 100
    wide = "".join(set_score(deep) for _ in range(200))
    declared = response("R", "multiple", "identifier")
    names = [f"O{number}" for number in range(60)]
    told = report(item(declared, choices(*names, more='maxChoices="0"'), processed(wide)))
    assert told.reasons == ["Its response processing takes too many steps to be checked."]


def test_options_that_keep_their_place_are_pinned_at_the_end_alone() -> None:
    body = choices("A", "B", "C", more='shuffle="true"')
    end = item(_ONE, body.replace('identifier="C"', 'identifier="C" fixed="true"'), MATCH)
    one = asked(end)
    assert isinstance(one, SingleChoice)
    assert (one.shuffle, one.pinned) == (True, ["C"])
    told = report(item(_ONE, body.replace('identifier="A"', 'identifier="A" fixed="true"'), MATCH))
    assert "one order for everybody" in told.reasons[0]


def test_a_single_choice_may_be_declared_as_several() -> None:
    declared = response("R", "multiple", "identifier", correct("B"))
    assert isinstance(asked(item(declared, choices("A", "B", more='maxChoices="1"'), MATCH)), SingleChoice)
    both = response("R", "multiple", "identifier", correct("A", "B"))
    assert isinstance(asked(item(both, choices("A", "B", more='maxChoices="1"'), MATCH)), MultipleChoice)


def test_a_short_text_is_one() -> None:
    assert isinstance(asked(item(response("R", "single", "string", correct("x")), _TYPE, MATCH)), ShortText)


_FEEDBACK = '<outcomeDeclaration identifier="F" cardinality="{}" baseType="identifier"/>'


def _said(identifier: str, body: str, how: str = "show") -> str:
    return (
        f'<modalFeedback outcomeIdentifier="F" identifier="{identifier}" showHide="{how}"><p>{body}</p></modalFeedback>'
    )


def test_feedback_is_said_by_option_by_score_or_to_all() -> None:
    by_option = processed(
        when(is_right(), 2), '<setOutcomeValue identifier="F"><variable identifier="R"/></setOutcomeValue>'
    )
    told = (
        _said("A", "Not quite.")
        + _said("C", "No.")
        + _said("B", "Look again.", "hide")
        + _said("D", "Never.")
        + _said("C", "")
    )
    written = item(_ONE + _FEEDBACK.format("single"), choices("A", "B", "C"), by_option + told)
    question = taken(written)
    [one] = question.interactions
    assert isinstance(one, SingleChoice)
    assert one.option_feedback == {"A": "<p>Not quite.</p>", "C": "<p>No.</p>"}
    assert question.score_feedback == [ScoreFeedback(0, "<p>Look again.</p>"), ScoreFeedback(1_000, "")]
    assert question.feedback is None
    several = item(_SOME + _FEEDBACK.format("multiple"), _SELECT, by_option + _said("C", "C is none."))
    [some] = taken(several).interactions
    assert isinstance(some, MultipleChoice)
    assert some.option_feedback == {"C": "<p>C is none.</p>"}
    always = processed(when(is_right(), 1), f'<setOutcomeValue identifier="F">{_NAME.format("x")}</setOutcomeValue>')
    assert (
        taken(item(_ONE + _FEEDBACK.format("single"), choices("A", "B"), always + _said("x", "So."))).feedback
        == "<p>So.</p>"
    )


def test_feedback_that_depends_on_more_is_lost_and_said() -> None:
    both = f"<match>{variable()}<multiple>{_NAME.format('A')}{_NAME.format('C')}</multiple></match>"
    set_it = f'<setOutcomeValue identifier="F">{_NAME.format("x")}</setOutcomeValue>'
    processing = processed(
        when(is_right(), 1), f"<responseCondition><responseIf>{both}{set_it}</responseIf></responseCondition>"
    )
    told = report(item(_SOME + _FEEDBACK.format("single"), _SELECT, processing + _said("x", "A and C?")))
    assert told.reasons == [LOST]


def test_a_limit_of_choices_is_kept() -> None:
    declared = response("R", "multiple", "identifier", mapping({"A": 1, "B": 1, "C": 1, "D": 0.5}))
    question = taken(item(declared, choices("A", "B", "C", "D", more='maxChoices="2"'), MAP))
    [asked_] = question.interactions
    assert isinstance(asked_, MultipleChoice)
    assert (asked_.max_choices, question.points_mpt) == (2, 2_000)
    assert mark_question(question, ["A", "D"]) == 1_500
    refused = accept(on_paper(question), ["A", "B", "C"])
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.detail) == (Code.TOO_MANY_CHOICES, "At most 2 can be chosen.")
    assert right_part(asked_) == ["A", "B"]


def test_what_no_answer_is_worth_is_taken_in() -> None:
    penalised = item(
        _ONE, choices("A", "B"), processed(when(is_right(), 3, f"<responseElse>{set_score(points(-1))}</responseElse>"))
    )
    told = report(penalised)
    assert (told.outcome, told.reasons) == ("taken", [])
    question = taken(penalised)
    assert [mark_question(question, value) for value in (None, "A", "B")] == [-1_000, -1_000, 3_000]
    rewarded = item(
        response("R", "single", "string"),
        _TYPE,
        processed(
            set_score(points(1)), when(f'<match>{variable()}<baseValue baseType="string">x</baseValue></match>', 2)
        ),
    )
    assert report(rewarded).outcome == "taken"
    assert [mark_question(taken(rewarded), value) for value in (None, "y", "x")] == [1_000, 1_000, 2_000]


def test_numbers_without_processing_are_asked_for_and_count_in_no_score() -> None:
    question = taken(item(response("R", "single", "integer"), _TYPE))
    assert (question.scored, question.interactions) == (False, [Numeric()])
