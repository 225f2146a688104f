"""What a test is: its rules, its questions with their keys, its forms and sections. `paper` is what candidates see.

Points are integers in thousandths of a point (`*_mpt`), so that no mark is ever rounded.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import NO_NUL, Id, Int

Prompt = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
LongText = Annotated[str, Meta(max_length=20_000, pattern=NO_NUL)]
Label = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=NO_NUL)]
Points = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Duration = Annotated[int, Meta(ge=1_000, le=limits.MAX_DURATION_MS)]
Language = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
Delay = Annotated[int, Meta(ge=0, le=limits.MAX_DURATION_MS)]
Limit = Literal["hard", "soft"]
"""What the end of a time limit does: it closes what it limits, or says no more than that time is over."""
AddressRange = Annotated[str, Meta(min_length=1, max_length=64)]
DecimalText = Annotated[str, Meta(min_length=1, max_length=64)]


Penalty = Annotated[int, Meta(ge=-1_000_000_000, le=0)]
Weight = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One choice of a question."""

    option_id: Id
    text: Label


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    """What every question has. `prompt` is plain text; blank lines separate paragraphs. `limit_ms` is the question's
    own time limit. `feedback` is shown with the result, where the test shows feedback. A `required` question without an
    answer is a gap (`Rules.gaps`). By its `tags` it is drawn (`Draw.tag`). When a `limit` that is "soft" is up nothing
    closes."""

    question_id: Id
    prompt: Prompt
    points_mpt: Points = 1_000
    limit_ms: Duration | None = None
    feedback: Prompt | None = None
    required: bool = False
    tags: Annotated[list[Id], Meta(max_length=limits.MAX_TAGS)] = msgspec.field(default_factory=list)
    limit: Limit = "hard"


class Marked(Base, frozen=True, kw_only=True):
    """What questions have that need no person. A wrong answer takes `wrong_mpt` away, no answer nothing. The mark is
    never below `min_mpt`; nil: below zero only where `wrong_mpt` is given."""

    wrong_mpt: Points = 0
    min_mpt: Penalty | None = None


class Choice(Marked, frozen=True, kw_only=True):
    """What questions with options have. With `shuffle` each candidate gets the options in an order of her own; those in
    `pinned` then keep their place at the end ("none of these"). `weights_mpt` says what choosing an option is worth;
    one that it does not name is worth nothing. Where it is given, it alone decides."""

    options: Annotated[list[Option], Meta(min_length=2, max_length=limits.MAX_ANSWER_OPTIONS)]
    weights_mpt: Annotated[dict[Id, Weight], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(
        default_factory=dict
    )
    shuffle: bool = False
    pinned: Annotated[list[Id], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(default_factory=list)


class SingleChoice(Choice, frozen=True, tag="single_choice", kw_only=True):
    """Exactly one option is right."""

    correct: Id


class MultipleChoice(Choice, frozen=True, tag="multiple_choice", kw_only=True):
    """Any set of options is right. With `partial`, each option counts by itself: a right one that is chosen gives its
    share of the points, a wrong one takes as much away, or `wrong_mpt` where that is given; the sum is rounded down."""

    correct: Annotated[list[Id], Meta(min_length=1, max_length=limits.MAX_ANSWER_OPTIONS)]
    partial: bool = False


class TrueFalse(Marked, frozen=True, tag="true_false", kw_only=True):
    """A statement; the answer is "true" or "false"."""

    correct: bool


class AcceptedNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A right number. `value` and `tolerance` are decimal numbers as text, so that nothing is rounded.

    `within` says what the tolerance is: "absolute" (an amount), "relative" (a share of the value: "0.05" is 5 %), or
    "significant" (a count of significant figures: answer and value are equal when both are rounded to them, halves
    away from zero). The bounds are inside. `points_mpt` nil: the question's points.
    """

    value: DecimalText
    tolerance: DecimalText = "0"
    within: Literal["absolute", "relative", "significant"] = "absolute"
    points_mpt: Points | None = None


class Numeric(Marked, frozen=True, tag="numeric", kw_only=True):
    """A number that is near one of the accepted ones; of several that it is near, the one worth most counts.
    `decimal_sign` is the sign with which candidates write their numbers, and the test its keys."""

    accepted: Annotated[list[AcceptedNumber], Meta(min_length=1, max_length=100)]
    unit: Annotated[str, Meta(max_length=40, pattern=NO_NUL)] | None = None
    decimal_sign: Literal[".", ",", "either"] = "either"


class AcceptedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A right text. In a `pattern`, each `*` stands for any characters or none. `points_mpt` nil: the question's
    points."""

    text: Label
    pattern: bool = False
    points_mpt: Points | None = None


class ShortText(Marked, frozen=True, tag="short_text", kw_only=True):
    """One of the accepted texts, compared as `marking.text` says: with letter case if `case_sensitive`. Of several that
    fit, the one worth most counts."""

    accepted: Annotated[list[Label | AcceptedText], Meta(min_length=1, max_length=100)]
    case_sensitive: bool = False
    max_chars: Annotated[int, Meta(ge=1, le=1_000)] = 200


class Essay(Base, frozen=True, tag="essay", kw_only=True):
    """Marked by a person. `guidance` is for the marker only."""

    max_chars: Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_CHARS)] = limits.MAX_ANSWER_CHARS
    guidance: LongText | None = None


Question = SingleChoice | MultipleChoice | TrueFalse | Numeric | ShortText | Essay


Release = Literal["at_once", "window_closed", "by_staff"]
Shows = Literal["reference", "score", "questions", "feedback"]
Counts = Literal["best", "latest", "first", "average"]


class Grade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A grade, from so many thousandths of the points on."""

    label: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]
    from_permille: Annotated[int, Meta(ge=0, le=1_000)]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a test is sat. Milliseconds throughout; a nil `duration_ms` is a test without a time limit.

    `warnings_ms` are the times left at which the candidate is warned. `on_disconnect` is "run" (a lost connection gives
    no time) or "pause" (it stops the clock, for `pause_budget_ms` in all). `connections` is "newest" (a new connection
    replaces the old one) or "first" (it is refused while the old one lives). `links` is "open" (a link opens its
    attempt on any device) or "once" (the first device that comes binds it: the link opens nothing on another one, until
    staff allow that). `max_attempts` nil: no limit. `release` says when candidates see their results: at once, when the
    window is over for everybody, or when staff release them; `shows` how much: nothing but the reference, the score,
    the marks of single questions too, or with them the author's feedback. `counts` says which of several attempts
    counts. `order` is "free" (all questions are open), "by_section" (one section after the other, without a way back)
    or "forward" (one question after the other, without a way back). `gaps` says what happens when a candidate hands in,
    or leaves a section for good, without having answered a required question: nothing ("allow"), her page asks once
    more ("warn"), or it is refused ("refuse").

    `active` false: nobody begins an attempt; whoever sits one goes on. `form_choice` says who names the form of an
    attempt: "staff" or the "candidate". Between the end of an attempt and the next one `delay_first_ms` must pass after
    the first, `delay_later_ms` after any other. A start needs the `access_code`, where there is one, and comes from one
    of the `address_ranges` (`192.0.2.0/24`), where there are some; whoever acts for the candidate is asked for neither.
    With a `waiting_room` nobody begins before staff let her in. `enrolment` is "open" (whoever has a link may begin) or
    "required".

    Nobody hands in before her clock has run for `min_time_ms`. `at_end` says what becomes of an attempt that is not
    handed in when time is up: "submit" (it is collected, and marked), "abandon" (it is kept, and not marked unless
    staff accept it) or "hand_in" (for `hand_in_ms` after the deadline it can still be handed in, and not changed any
    more; then it is abandoned). Where it is `synchronised` everybody's time counts from `opens_at_ms`: whoever begins
    later has less. A pause that goes on when the window closes is shown to staff as forgotten; `pause_grace_ms` later
    the paper is collected. Where the `limit` is "soft", the end of the duration only informs; the window still ends the
    attempt.

    With `blind_marking` those who only mark see an alias in place of a candidate's name and id. Of the answers that
    persons mark, `second_marking_permille` thousandths are marked by two; where their marks differ by more than
    `marking_tolerance_permille` thousandths of the question's points, a third one decides.
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
    release: Release = "at_once"
    shows: Shows = "questions"
    counts: Counts = "best"
    grades: Annotated[list[Grade], Meta(max_length=limits.MAX_GRADES)] = msgspec.field(default_factory=list)
    order: Literal["free", "by_section", "forward"] = "free"
    gaps: Literal["allow", "warn", "refuse"] = "allow"
    active: bool = True
    form_choice: Literal["staff", "candidate"] = "staff"
    waiting_room: bool = False
    enrolment: Literal["open", "required"] = "open"
    delay_first_ms: Delay = 0
    delay_later_ms: Delay = 0
    access_code: Annotated[str, Meta(min_length=1, max_length=limits.MAX_CODE_CHARS, pattern=NO_NUL)] | None = None
    address_ranges: Annotated[list[AddressRange], Meta(max_length=limits.MAX_ADDRESS_RANGES)] = msgspec.field(
        default_factory=list
    )
    blind_marking: bool = False
    second_marking_permille: Annotated[int, Meta(ge=0, le=1_000)] = 0
    marking_tolerance_permille: Annotated[int, Meta(ge=0, le=1_000)] = 100
    min_time_ms: Delay = 0
    at_end: Literal["submit", "hand_in", "abandon"] = "submit"
    hand_in_ms: Duration = 120_000
    synchronised: bool = False
    pause_grace_ms: Duration = limits.PAUSE_GRACE_MS
    limit: Limit = "hard"


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each candidate gets `count` questions, drawn by chance from a pool: those named by `of`, or all that have the
    `tag`. A tag may be drawn from several times: nobody gets a question twice. The questions of a pool are equal in
    points and time limit, so that all papers are worth the same."""

    count: Annotated[int, Meta(ge=1, le=limits.MAX_QUESTIONS)]
    of: Annotated[list[Id], Meta(max_length=limits.MAX_QUESTIONS)] = msgspec.field(default_factory=list)
    tag: Id | None = None


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a test: questions by their ids, and draws from pools. Drawn questions stand where the draw stands, in
    the order of the pool; with `shuffle` all questions of the section come in an order of the candidate's own.
    `limit_ms` is the section's own time limit; when a `limit` that is "soft" is up nothing closes. Nobody leaves the
    section before her clock has run for `min_ms` in it."""

    section_id: Id
    title: Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
    instructions: LongText = ""
    limit_ms: Duration | None = None
    items: Annotated[list[Id | Draw], Meta(min_length=1, max_length=limits.MAX_QUESTIONS)]
    shuffle: bool = False
    min_ms: Delay = 0
    limit: Limit = "hard"


class TestContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A test as its author hands it in (`PUT /tests/{test_id}`). `forms` names selections of the questions, each in its
    own order; without forms every candidate gets all questions in the order given. With `shuffle` each candidate gets
    them in an order of her own. `sections` are the parts of a test, instead of forms; what is in no section is in no
    paper. `language` is that of the answers, as BCP 47 names it ("tr", "de-CH"): it says which small letter belongs to
    a capital. Whoever is enrolled for the course `course_id` is enrolled for the test."""

    __test__ = False

    title: Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
    instructions: LongText = ""
    rules: Rules = Rules()
    questions: Annotated[list[Question], Meta(min_length=1, max_length=limits.MAX_QUESTIONS)]
    forms: dict[str, list[str]] = msgspec.field(default_factory=dict)
    sections: Annotated[list[Section], Meta(max_length=limits.MAX_SECTIONS)] = msgspec.field(default_factory=list)
    shuffle: bool = False
    language: Language | None = None
    course_id: Id | None = None


def pool_of(content: TestContent, item: str | Draw) -> list[str]:
    """The questions that an item of a section names, by their ids or by their tag."""
    if not isinstance(item, Draw):
        return [item]
    if item.tag is None:
        return item.of
    return [question.question_id for question in content.questions if item.tag in question.tags]


def select_questions(content: TestContent, form_id: str | None) -> list[Question]:
    """The questions that a paper of this form can have, in the author's order. Raises `Refused(unknown_form)`."""
    if form_id is None and content.forms:
        raise Refused(refuse(Code.UNKNOWN_FORM, "The test has several forms; the attempt must name one."))
    if form_id is not None and form_id not in content.forms:
        raise Refused(refuse(Code.UNKNOWN_FORM))
    if form_id is not None:
        chosen = content.forms[form_id]
    elif content.sections:
        items = [item for section in content.sections for item in section.items]
        # Two draws may be from one tag.
        chosen = list(dict.fromkeys(name for item in items for name in pool_of(content, item)))
    else:
        return list(content.questions)
    by_id = {question.question_id: question for question in content.questions}
    return [by_id[question_id] for question_id in chosen]


def question_total(content: TestContent) -> int:
    """How many questions the test has; with sections, how many each candidate gets."""
    if not content.sections:
        return len(content.questions)
    return sum(item.count if isinstance(item, Draw) else 1 for section in content.sections for item in section.items)
