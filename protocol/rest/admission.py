"""Whether a candidate may begin."""

from protocol.messages.base import Int
from protocol.messages.state import Hindrance
from protocol.rest.body import Body


class AdmissionReply(Body, frozen=True, kw_only=True):
    """Whether a candidate may begin now, and every reason against it, in the order in which she would meet them.

    `attempt_id` is her open attempt; nil: she has none. `opens_at_ms`, `closes_at_ms` and `duration_ms` are her own:
    what she was granted is in them. `ends_at_ms` is when the attempt ends, or would if she began as soon as the clock
    lets her, with the end of the window taken into account; nil: it has no limit, or she can't begin any more (too
    late, or no attempt is left). `forms` are those that she may choose from when she makes an attempt; empty where she
    has no choice.
    """

    test_id: str
    user_id: str
    attempt_id: str | None
    may_start: bool
    hindrances: list[Hindrance]
    opens_at_ms: Int | None
    closes_at_ms: Int | None
    duration_ms: Int | None
    ends_at_ms: Int | None
    forms: list[str]
    now_ms: Int
