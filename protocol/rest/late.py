"""Bodies about answers that come after the end."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.base import Id, Int, Text, Value
from protocol.messages.state import AttemptState
from protocol.rest.body import Body


class LateAnswerBody(Body, frozen=True, kw_only=True):
    """An answer that the device had when the attempt ended, and the server had not. `client_at_ms` is when it was
    given, by the device's clock; `base` the greatest number that the device knew to be accepted then."""

    question_id: Id
    value: Value
    client_at_ms: Int
    base: Int = 0


LateAnswers = Annotated[list[LateAnswerBody], Meta(min_length=1, max_length=limits.MAX_QUESTIONS)]


class LateBody(Body, frozen=True, kw_only=True):
    """All that the device still has, at `client_now_ms` by its clock. `device` is the name that it chose; empty: it has
    none. The same answers again are kept once."""

    device: Annotated[str, Meta(max_length=limits.MAX_ID_CHARS)] = ""
    client_now_ms: Int
    answers: LateAnswers


class LateReply(Body, frozen=True, kw_only=True):
    """It is recorded. `state` says how many late answers wait for staff, and what was decided."""

    state: AttemptState


class AnswerFileKey(Body, frozen=True, kw_only=True):
    """The public key for which a page seals the answers of this attempt, where it saves them in a file: a point on the
    curve P-256, uncompressed, in base64."""

    key: str


class LateAnswerShown(Body, frozen=True, kw_only=True):
    """Both versions of one answer: `held` had been submitted at `held_at_ms`, nil: nothing; `value` came late, and by
    the device was given at `claimed_at_ms`. `words` and `held_words` say them as people read them. `overtaken`: another
    device had answered meanwhile, of which this one knew nothing."""

    question_id: str
    body: str
    value: Value
    words: str
    claimed_at_ms: Int
    held: Value
    held_words: str
    held_at_ms: Int | None
    overtaken: bool


class LateDecisionShown(Body, frozen=True, kw_only=True):
    """What was decided: the `accepted` questions count as they came late, all others as they were submitted."""

    at_ms: Int
    by: str
    role: str
    reason: str
    accepted: list[str]


class LateShown(Body, frozen=True, kw_only=True):
    """What came in one piece at `received_at_ms`. The attempt had ended at `ended_at_ms`, nil: that end was taken back,
    and nothing can be decided any more. The answers were given between `contact_at_ms`, the last proven sign of the
    candidate, and `received_at_ms`. `clock_known` false: nobody could compare the device's clock with the server's."""

    late_id: str
    received_at_ms: Int
    ended_at_ms: Int | None
    contact_at_ms: Int | None
    clock_known: bool
    from_file: bool
    answers: list[LateAnswerShown]
    decision: LateDecisionShown | None


class LateList(Body, frozen=True, kw_only=True):
    """All that came after the end of an attempt, the oldest first."""

    late: list[LateShown]


class LateDecisionBody(Body, frozen=True, kw_only=True):
    """The late answers to the `accepted` questions count in place of what was submitted; all others are rejected."""

    command_id: Id | None = None
    accepted: Annotated[list[Id], Meta(max_length=limits.MAX_QUESTIONS)]
    reason: Text
