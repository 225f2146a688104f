"""Templates: an item that draws its numbers becomes fixed variants, of which each candidate gets one."""

import pytest

from protocol.attempt.laying import lay_out
from protocol.content import Draw, Numeric, Question, SingleChoice, TestContent
from protocol.content.text import plain_text
from protocol.content_checks import check_test
from server.importing.files import bring
from tests.server.importing.qti.writing import MATCH, choices, correct, drafted, item, packed, report, response

_ENTRY = '<textEntryInteraction responseIdentifier="R"/>'
_NUMBERS = "".join(
    f'<templateDeclaration identifier="{name}" cardinality="single" baseType="integer" mathVariable="true"/>'
    for name in ("a", "b", "s")
)


def _set(name: str, expression: str, kind: str = "setTemplateValue") -> str:
    return f'<{kind} identifier="{name}">{expression}</{kind}>'


def _value(name: str) -> str:
    return f'<variable identifier="{name}"/>'


def _of(written: object, base: str = "integer") -> str:
    return f'<baseValue baseType="{base}">{written}</baseValue>'


def _template(*rules: str) -> str:
    return f"<templateProcessing>{''.join(rules)}</templateProcessing>"


_DRAWN = _set("a", '<randomInteger min="10" max="90" step="10"/>') + _set("b", '<randomInteger min="1" max="a"/>')
_SUM = _set("s", f"<sum>{_value('a')}{_value('b')}</sum>") + _set("RESPONSE", _value("s"), "setCorrectResponse")
_PRINTED = '<p>What is <printedVariable identifier="a"/> + <math><mi>b</mi></math>?</p>'


def _addition(rules: str = _DRAWN + _SUM, body: str = _PRINTED + _ENTRY) -> str:
    return item(response("R", "single", "integer") + _NUMBERS + _template(rules), body, MATCH)


def _content(*items: str) -> TestContent:
    brought = bring("items.zip", packed({f"{place}.xml": one for place, one in enumerate(items)}))
    assert brought.content is not None, brought.reports
    return brought.content


def _sums(questions: list[Question]) -> list[tuple[int, int]]:
    """What each asks for, and what its key says."""
    found = []
    for question in questions:
        [asked] = question.interactions
        assert isinstance(asked, Numeric)
        first, second = plain_text(question.body).removeprefix("What is ").partition("?")[0].split(" + ")
        found.append((int(first) + int(second), int(asked.accepted[0].value)))
    return found


def test_each_candidate_gets_one_of_ten_variants_with_a_key_of_its_own() -> None:
    content = _content(_addition(), item(response("R", "single", "identifier", correct("A")), choices("A", "B"), MATCH))
    [section] = content.sections
    assert [item.of if isinstance(item, Draw) else item for item in section.items] == [
        [f"one-{place}" for place in range(1, 11)],
        "q2",
    ]
    sums = _sums(content.questions[:10])
    assert len(set(sums)) > 5
    assert all(asked == key for asked, key in sums)
    papers = {next(lay_out(content, None, seed).questions).question_id for seed in range(40)}
    assert len(papers) > 5
    assert _content(_addition()).questions == content.questions[:10]


def test_the_report_says_how_many_there_are() -> None:
    told = report(_addition())
    assert (told.outcome, told.reasons) == (
        "taken",
        ["its template makes 10 variants, of which each candidate gets one"],
    )


def test_without_chance_it_is_one_question() -> None:
    fixed = _set("a", _of(2)) + _set("b", _of(3)) + _SUM
    drafts = drafted(_addition(fixed))
    assert _sums(drafts.questions) == [(5, 5)]
    assert drafts.reports[0].reasons == []


def test_conditions_constraints_and_exits_are_followed() -> None:
    is_one = f"<equal>{_value('a')}{_of(1)}</equal>"
    rules = (
        _set("a", "<random><multiple>" + _of(1) + _of(2) + "</multiple></random>")
        + f"<templateConstraint>{is_one}</templateConstraint>"
        + f"<templateCondition><templateIf><not>{is_one}</not>{_set('b', _of(8))}</templateIf>"
        + f"<templateElse>{_set('b', _of(9))}</templateElse></templateCondition>"
        + _SUM
        + "<exitTemplate/>"
        + _set("a", _of(77))
    )
    assert set(_sums(drafted(_addition(rules)).questions)) == {(10, 10)}


def test_choices_and_texts_are_shown_by_a_variable() -> None:
    declared = '<templateDeclaration identifier="t" cardinality="multiple" baseType="identifier"/>'
    shown = 'templateIdentifier="t" showHide="show"'
    body = (
        f'<templateBlock {shown} identifier="X"><p>Here.</p></templateBlock>'
        f'<templateBlock {shown} identifier="Y"><p>Nowhere.</p></templateBlock>'
        '<choiceInteraction responseIdentifier="R" maxChoices="1">'
        '<simpleChoice identifier="A">a</simpleChoice><simpleChoice identifier="B">b</simpleChoice>'
        f'<simpleChoice identifier="C" {shown}>c</simpleChoice></choiceInteraction>'
    )
    rules = _template(_set("t", f"<multiple>{_of('X', 'identifier')}</multiple>"))
    [question] = drafted(
        item(response("R", "single", "identifier", correct("A")) + declared + rules, body, MATCH)
    ).questions
    assert plain_text(question.body) == "Here.\n…"
    [asked] = question.interactions
    assert isinstance(asked, SingleChoice)
    assert [option.option_id for option in asked.options] == ["A", "B"]


@pytest.mark.parametrize(
    ("form", "shown"), [("", "2.5"), ("%.2f", "2.50"), ("%0.0f", "3"), ("%d", "2"), ("%s", "2.5"), ("%x", None)]
)
def test_numbers_are_written_as_their_format_says(form: str, shown: str | None) -> None:
    declared = '<templateDeclaration identifier="t" cardinality="single" baseType="float"/>'
    written = f'<p><printedVariable identifier="t" format="{form}"/></p>' + choices("A", "B")
    made = item(
        response("R", "single", "identifier", correct("A")) + declared + _template(_set("t", _of(2.5, "float"))),
        written,
        MATCH,
    )
    if shown is None:
        assert "the format '%x'" in report(made).reasons[0]
    else:
        assert plain_text(drafted(made).questions[0].body) == f"{shown}\n…"


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (_set("x", _of(1)), "sets 'x', which is not declared"),
        (_set("a", '<randomInteger min="5" max="1"/>'), "nothing to draw from"),
        (_set("a", '<randomInteger min="1" max="999999999999999"/>'), "or too much"),
        (_set("a", "<random/>"), "`random` has nothing to draw from"),
        (_set("a", ""), "no one value"),
        (f"<templateConstraint>{_of('false', 'boolean')}</templateConstraint>", "did not hold"),
        ("<templateCondition><templateIf/></templateCondition>", "has no condition"),
        ("<mystery/>", "`mystery` in its template processing"),
    ],
)
def test_a_template_that_can_not_be_followed_is_refused_by_name(rules: str, reason: str) -> None:
    told = report(_addition(rules))
    assert told.outcome == "refused"
    assert reason in told.reasons[0]


def test_a_formula_that_names_no_variable_is_refused() -> None:
    body = "<math><mi>a[1]</mi></math>" + _ENTRY
    assert "'a[1]'" in report(_addition(body=body)).reasons[0]


@pytest.mark.parametrize(("place", "words"), [(0, "Title"), (1, "Heading"), (2, None)])
def test_a_formula_shows_one_of_a_list_of_words_counted_from_0(place: int, words: str | None) -> None:
    listed = f"<ordered>{_of('Title', 'string')}{_of('Heading', 'string')}</ordered>"
    declared = (
        '<templateDeclaration identifier="styles" cardinality="ordered" baseType="string" mathVariable="true"/>'
        '<templateDeclaration identifier="i" cardinality="single" baseType="integer" mathVariable="true"/>'
    )
    rules = f"<templateProcessing>{_set('styles', listed)}{_set('i', _of(place))}</templateProcessing>"
    one = response("R", "single", "identifier", correct("A"))
    written = item(one + declared + rules, f"<p>Style <math><mi>styles[i]</mi></math></p>{choices('A', 'B')}", MATCH)
    if words is None:
        assert "'styles[i]', which is no variable" in report(written).reasons[0]
    else:
        assert f"Style {words}" in plain_text(drafted(written).questions[0].body)


def test_variants_have_what_a_test_says_of_their_item() -> None:
    reference = '<assessmentItemRef identifier="one" href="one.xml"><timeLimits maxTime="60"/></assessmentItemRef>'
    section = f'<assessmentSection identifier="s" title="S" visible="true">{reference}</assessmentSection>'
    test = f'<assessmentTest identifier="t" title="T"><testPart identifier="p" navigationMode="linear">{section}'
    brought = bring("test.zip", packed({"test.xml": f"{test}</testPart></assessmentTest>", "one.xml": _addition()}))
    assert brought.content is not None
    assert {question.limit_ms for question in brought.content.questions} == {60_000}
    assert [len(item.of) for item in brought.content.sections[0].items if isinstance(item, Draw)] == [10]
    check_test(brought.content)
