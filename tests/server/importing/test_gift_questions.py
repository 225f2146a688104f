import pytest

from protocol.content import Match, MultipleChoice, Numeric, ShortText, SingleChoice
from protocol.content.text import places, plain_text
from protocol.marking.best import right_answer
from protocol.marking.feedback import feedback_to
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from server.importing.drafts import Drafts
from server.importing.gift.questions import draft_gift


def _drafts(text: str) -> Drafts:
    return draft_gift("a.gift", text)


def _refused(text: str) -> str:
    [report] = _drafts(text).reports
    assert report.outcome == "refused"
    return report.reasons[0]


def test_a_single_right_answer_is_a_single_choice() -> None:
    [question] = _drafts("Where?{~here =there ~nowhere}").questions
    [asked] = question.interactions
    assert isinstance(asked, SingleChoice)
    assert [mark_question(question, name) for name in ("a", "b", "c")] == [0, 1_000, 0]


def test_weights_beside_a_right_answer_are_what_each_choice_is_worth() -> None:
    [question] = _drafts("Where?{~%50%nearly =there ~%-25%nowhere}").questions
    assert [mark_question(question, name) for name in ("a", "b", "c")] == [500, 1_000, 0]


def test_weights_alone_are_several_answers_and_thirds_are_whole() -> None:
    [question] = _drafts("Which?{~%33.33333%a ~%33.33333%b ~%33.33333%c ~%-100%d}").questions
    [asked] = question.interactions
    assert isinstance(asked, MultipleChoice)
    assert mark_question(question, ["a", "b", "c"]) == 1_000
    assert mark_question(question, ["a", "b", "c", "d"]) == 0


def test_texts_and_numbers_keep_their_weights() -> None:
    text, number = _drafts("Who?{=Ada =%50%A*a}\n\nWhen?{#=1843:0 =%25%1843:10}").questions
    assert isinstance(text.interactions[0], ShortText)
    assert [mark_question(text, said) for said in ("ada", "Augusta", "Bob")] == [1_000, 500, 0]
    assert isinstance(number.interactions[0], Numeric)
    assert [mark_question(number, said) for said in ("1843", "1850", "1900")] == [1_000, 250, 0]


def test_texts_are_put_in_order() -> None:
    drafts = _drafts("Order.{>2 CONTIGUOUS VERT ABSOLUTE\nfirst\nsecond\nthird\n}\n\nOrder.{>\none\ntwo\n}")
    first, second = drafts.questions
    a, b, c = map(str, right_answer(first) or [])
    orders: list[Value] = [[a, b, c], [a, c, b]]
    assert [mark_question(first, said) for said in orders] == [1_000, 333]
    assert [report.outcome for report in drafts.reports] == ["taken_with_loss", "taken"]
    one, two = map(str, right_answer(second) or [])
    assert mark_question(second, [two, one]) == 0


def test_an_answer_in_the_line_stands_where_its_braces_stood() -> None:
    for format_ in ("", "[html]", "[markdown]", "[plain]"):
        [question] = _drafts(f"{format_}Grant is {{~buried =entombed}} there & then.").questions
        assert places(question.body) == ["answer"]
        assert plain_text(question.body) == "Grant is … there & then."


def test_a_text_that_asks_nothing_is_information() -> None:
    drafts = _drafts("Read this.\n\nTrue?{T}\n\nThe end.")
    assert [(plain_text(question.body), question.kind) for question in drafts.questions] == [
        ("Read this.", "information"),
        ("True?", "true_false"),
        ("The end.", "information"),
    ]
    assert {report.outcome for report in drafts.reports} == {"taken"}


def test_a_good_name_is_the_questions_id_and_a_category_is_a_tag() -> None:
    drafts = _drafts("$CATEGORY: top/Logic\n\n::First::One?{T}\n\n::first::Two?{T}\n\n::a/b::Three?{T}\n\nFour?{T}")
    assert [question.question_id for question in drafts.questions] == ["First", "q2", "q3", "q4"]
    assert {tag for question in drafts.questions for tag in question.tags} == {"Logic"}


def test_what_is_lost_is_said() -> None:
    [report] = _drafts("[html]<p class='x' onclick='y'>What?</p>{=this#yes ~that}").reports
    assert report.outcome == "taken_with_loss"
    assert report.reasons == ["left out: `onclick` of `<p>`"]


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("Which?{=this#yes ~that#[html]<i>no</i>####So it is.}", "b", ["<p><i>no</i></p>"]),
        ("So?{T#It is.#Well done.}", "true", ["Well done."]),
        ("So?{F#It is not.#Well done.}", "true", ["It is not."]),
        ("Who?{=Ada#She is. =%0%Bob#Her brother. =%50%Ad*#Nearly.}", "bob", ["Her brother."]),
        ("Who?{=Ada =%0%*#See page 3.}", "Eve", ["See page 3."]),
        ("How many?{#=3:0#Just so. =%50%3:1#About.}", "4", ["About."]),
        ("How many?{#=3#Just so. ~#See page 3.}", "5", ["See page 3."]),
    ],
)
def test_what_is_said_of_an_answer_is_said_of_it(text: str, value: str, said: list[str]) -> None:
    drafts = _drafts(text)
    [question] = drafts.questions
    found = feedback_to(question, value, mark_question(question, value), None)
    assert [plain_text(one.body) for one in found] == [plain_text(body) for body in said]
    assert drafts.reports[0].outcome == "taken"


def test_that_the_rest_is_told_to_more_than_the_rest_is_said() -> None:
    [report] = _drafts("Who?{=Ada =%0%Bob#Her brother. =%0%*#See page 3.}").reports
    assert report.reasons == ["the feedback to any other answer is shown to all that give nothing"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Which?{=a -> b}", "two pairs"),
        ("Which?{~a ~b}", "No answer is right"),
        ("Which?{=%0%a}", "No answer is right"),
        ("Which?{~%200%a =b}", "200 %"),
        ("Which?{=a ~}", "has no text"),
        ("Which?{~=}", "has no text"),
        ("Which?{=" + "x" * 1_001 + "}", "more than 1000 characters"),
        ("Which?{#=1:-2}", "tolerance"),
    ],
)
def test_what_makes_no_question_is_refused_with_a_sentence(text: str, reason: str) -> None:
    assert reason in _refused(text)


def test_pairs_are_matched() -> None:
    [question] = draft_gift("a.gift", "Match.{=frog -> wet =newt -> wet =cat -> dry = -> hot}").questions
    [asked] = question.interactions
    assert isinstance(asked, Match)
    assert [[option.body for option in side] for side in (asked.rows, asked.columns)] == [
        ["frog", "newt", "cat"],
        ["wet", "dry", "hot"],
    ]
    wet, dry, hot = (column.option_id for column in asked.columns)
    answers: list[Value] = [[("1", wet), ("2", wet), ("3", dry)], [("1", wet), ("3", hot)]]
    assert [mark_question(question, said) for said in answers] == [1_000, 333]
