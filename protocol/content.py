"""What a test is: its rules, its questions with their keys, its forms; and the paper, which is a test without keys.

Points are integers in thousandths of a point (`*_mpt`), so that no mark is ever rounded.
"""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.ids import find_twins, normalize_id, read_address_id
from protocol.messages import NO_NUL, Id, Int

Prompt = Annotated[str, Meta(min_length=1, max_length=20_000)]
Label = Annotated[str, Meta(min_length=1, max_length=4_000)]
Points = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Duration = Annotated[int, Meta(ge=1_000, le=limits.MAX_DURATION_MS)]
DecimalText = Annotated[str, Meta(min_length=1, max_length=64)]


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One choice of a question."""

    option_id: Id
    text: Label


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    """What every question has. `prompt` is plain text; blank lines separate paragraphs."""

    question_id: Id
    prompt: Prompt
    points_mpt: Points = 1_000


class SingleChoice(Base, frozen=True, tag="single_choice", kw_only=True):
    """Exactly one option is right."""

    options: Annotated[list[Option], Meta(min_length=2, max_length=limits.MAX_ANSWER_OPTIONS)]
    correct: Id


class MultipleChoice(Base, frozen=True, tag="multiple_choice", kw_only=True):
    """Any set of options is right. With `partial`, each option counts by itself: right ones chosen less wrong ones
    chosen, never below zero, as a share of the right ones, rounded down to a thousandth of a point."""

    options: Annotated[list[Option], Meta(min_length=2, max_length=limits.MAX_ANSWER_OPTIONS)]
    correct: Annotated[list[Id], Meta(min_length=1, max_length=limits.MAX_ANSWER_OPTIONS)]
    partial: bool = False


class TrueFalse(Base, frozen=True, tag="true_false", kw_only=True):
    """A statement; the answer is "true" or "false"."""

    correct: bool


class Numeric(Base, frozen=True, tag="numeric", kw_only=True):
    """A number within `tolerance` (absolute) of `correct`; both are decimal numbers as text, so nothing is rounded."""

    correct: DecimalText
    tolerance: DecimalText = "0"
    unit: Annotated[str, Meta(max_length=40)] | None = None


class ShortText(Base, frozen=True, tag="short_text", kw_only=True):
    """One of the accepted texts; white space is folded, and letter case too unless `case_sensitive`."""

    accepted: Annotated[list[Label], Meta(min_length=1, max_length=100)]
    case_sensitive: bool = False
    max_chars: Annotated[int, Meta(ge=1, le=1_000)] = 200


class Essay(Base, frozen=True, tag="essay", kw_only=True):
    """Marked by a person. `guidance` is for the marker only."""

    max_chars: Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_CHARS)] = limits.MAX_ANSWER_CHARS
    guidance: Annotated[str, Meta(max_length=20_000)] | None = None


Question = SingleChoice | MultipleChoice | TrueFalse | Numeric | ShortText | Essay


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a test is sat. Milliseconds throughout; a nil `duration_ms` is a test without a time limit.

    `warnings_ms` are the times left at which the candidate is warned. `on_disconnect` is "run" (a lost connection gives
    no time) or "pause" (it stops the clock, for `pause_budget_ms` in all). `connections` is "newest" (a new connection
    replaces the old one) or "first" (it is refused while the old one lives). `links` is "open" (a link opens its
    attempt on any device) or "once" (the first device that comes binds it: the link opens nothing on another one, until
    staff allow that). `max_attempts` nil: no limit.
    """

    duration_ms: Duration | None = 3_600_000
    opens_at_ms: Int | None = None
    closes_at_ms: Int | None = None
    grace_ms: Annotated[int, Meta(ge=0, le=600_000)] = 2_000
    warnings_ms: Annotated[list[Duration], Meta(max_length=10)] = msgspec.field(
        default_factory=lambda: [300_000, 60_000]
    )
    max_attempts: Annotated[int, Meta(ge=1, le=1_000)] | None = 1
    on_disconnect: Literal["run", "pause"] = "run"
    pause_budget_ms: Annotated[int, Meta(ge=0, le=limits.MAX_EXTENSION_MS)] = 300_000
    connections: Literal["newest", "first"] = "newest"
    links: Literal["open", "once"] = "open"
    show_result: bool = True


class TestContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A test as its author hands it in (`PUT /tests/{test_id}`). `forms` names selections of the questions, each in its
    own order; without forms every candidate gets all questions in the order given."""

    __test__ = False

    title: Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
    instructions: Annotated[str, Meta(max_length=20_000)] = ""
    rules: Rules = Rules()
    questions: Annotated[list[Question], Meta(min_length=1, max_length=limits.MAX_QUESTIONS)]
    forms: dict[str, list[str]] = msgspec.field(default_factory=dict)


class PaperQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question as the candidate sees it: no key, no guidance. `max_chars` is nil unless text is typed."""

    question_id: str
    type: str
    prompt: str
    points_mpt: Int
    options: list[Option]
    max_chars: Int | None
    unit: str | None


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The questions of one form of one version of a test, in the order the candidate sees them."""

    test_id: str
    test_version: Int
    form_id: str | None
    title: str
    instructions: str
    questions: list[PaperQuestion]


def parse_decimal(text: str) -> Decimal | None:
    """A finite number as people write it: "3.5", "3,5", "-1e3", with spaces around; None where it is no number."""
    plain = text.strip().replace("\u2212", "-")
    if "," in plain and "." not in plain and plain.count(",") == 1:
        plain = plain.replace(",", ".")
    if not plain.isascii() or "_" in plain or len(plain) > 64:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= 300 else None


def _mistake(where: str, what: str) -> Refused:
    return Refused(refuse(Code.INVALID_TEST, f"{where}: {what}"))


def _check_ids(where: str, things: str, ids: list[str]) -> None:
    """Each may stand in an address, and no two would be taken for one another."""
    for found in ids:
        try:
            read_address_id(found)
        except ValueError as error:
            raise _mistake(where, f"the id {found[: limits.MAX_ID_CHARS]!r} {error}") from None
    twins = find_twins(ids)
    if twins is not None:
        one, other = twins
        told = (
            f"the same id, {one!r}" if one == other else f"ids that differ in letter case alone, {one!r} and {other!r}"
        )
        raise _mistake(where, f"two {things} have {told}")


def _check_options(where: str, options: list[Option], correct: list[str]) -> None:
    ids = [option.option_id for option in options]
    _check_ids(where, "options", ids)
    if len(set(correct)) != len(correct) or not set(correct) <= set(ids):
        raise _mistake(where, "`correct` must name options of the question, each once")


def _check_question(question: Question) -> None:
    where = f"question {question.question_id!r}"
    match question:
        case SingleChoice():
            _check_options(where, question.options, [question.correct])
        case MultipleChoice():
            _check_options(where, question.options, question.correct)
        case Numeric():
            tolerance = parse_decimal(question.tolerance)
            if parse_decimal(question.correct) is None:
                raise _mistake(where, "`correct` is not a number")
            if tolerance is None or tolerance < 0:
                raise _mistake(where, "`tolerance` is not a number of zero or more")
        case ShortText():
            if not all(accepted.strip() and len(accepted) <= question.max_chars for accepted in question.accepted):
                raise _mistake(where, "`accepted` has a text that is blank, or longer than `max_chars`")
        case _:
            pass


def _composed(question: Question) -> Question:
    """The question with its ids in their one form."""
    ids: dict[str, object] = {"question_id": normalize_id(question.question_id)}
    if isinstance(question, SingleChoice | MultipleChoice):
        ids["options"] = [Option(normalize_id(option.option_id), option.text) for option in question.options]
        correct = question.correct
        ids["correct"] = normalize_id(correct) if isinstance(correct, str) else [normalize_id(name) for name in correct]
    return msgspec.structs.replace(question, **ids)


def _with_ids_in_one_form(content: TestContent) -> TestContent:
    forms: dict[str, list[str]] = {}
    for form_id, chosen in content.forms.items():
        forms.setdefault(normalize_id(form_id), [normalize_id(name) for name in chosen])
    if len(forms) != len(content.forms):
        raise _mistake("forms", "two forms have the same id")
    questions = [_composed(question) for question in content.questions]
    return msgspec.structs.replace(content, questions=questions, forms=forms)


def check_test(content: TestContent) -> TestContent:
    """The test with its ids in their one form. Raises `Refused(invalid_test)` naming the first mistake that the types
    alone do not catch."""
    content = _with_ids_in_one_form(content)
    ids = [question.question_id for question in content.questions]
    _check_ids("questions", "questions", ids)
    _check_ids("forms", "forms", list(content.forms))
    for question in content.questions:
        _check_question(question)
    for form_id, chosen in content.forms.items():
        where = f"form {form_id!r}"
        if not chosen or len(set(chosen)) != len(chosen) or not set(chosen) <= set(ids):
            raise _mistake(where, "it must name at least one question of the test, each once")
    rules = content.rules
    if rules.opens_at_ms is not None and rules.closes_at_ms is not None and rules.opens_at_ms >= rules.closes_at_ms:
        raise _mistake("rules", "the window closes before it opens")
    if len(set(rules.warnings_ms)) != len(rules.warnings_ms):
        raise _mistake("rules", "a warning is named twice")
    return content


def select_questions(content: TestContent, form_id: str | None) -> list[Question]:
    """The questions of one form, in its order. Raises `Refused(unknown_form)`."""
    if not content.forms and form_id is None:
        return list(content.questions)
    if form_id is None:
        raise Refused(refuse(Code.UNKNOWN_FORM, "The test has several forms; the attempt must name one."))
    if form_id not in content.forms:
        raise Refused(refuse(Code.UNKNOWN_FORM))
    by_id = {question.question_id: question for question in content.questions}
    return [by_id[question_id] for question_id in content.forms[form_id]]


_TRUE_FALSE: Final = [Option("true", "True"), Option("false", "False")]


def _on_paper(question: Question) -> PaperQuestion:
    options: list[Option] = []
    max_chars: int | None = None
    unit: str | None = None
    match question:
        case SingleChoice() | MultipleChoice():
            options = question.options
        case TrueFalse():
            options = _TRUE_FALSE
        case Numeric():
            max_chars, unit = 64, question.unit
        case ShortText() | Essay():
            max_chars = question.max_chars
    kind = type(question).__struct_config__.tag
    assert isinstance(kind, str)
    return PaperQuestion(question.question_id, kind, question.prompt, question.points_mpt, options, max_chars, unit)


def make_paper(test_id: str, test_version: int, content: TestContent, form_id: str | None) -> Paper:
    """The paper of one form: everything the candidate may see, and nothing else."""
    questions = [_on_paper(question) for question in select_questions(content, form_id)]
    return Paper(test_id, test_version, form_id, content.title, content.instructions, questions)
