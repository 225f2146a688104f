"""Bodies of signed confirmations: that somebody sat a test, and what came of it, for whoever she shows it to."""

from typing import Annotated, Literal

from msgspec import Meta

from protocol import limits
from protocol.messages.base import Int
from protocol.rest.body import Body

Standing = Literal["current", "replaced", "withdrawn"]


class ConfirmedResult(Body, frozen=True, kw_only=True):
    """What came of it: points in thousandths, and the grade where the test has one. `version` counts the marks of the
    attempt that came one after the other."""

    score_mpt: Int
    max_mpt: Int
    grade: str | None
    version: Int


class Confirmed(Body, frozen=True, kw_only=True):
    """What a confirmation says. `iss` is the server that signed it, `iat` when, in seconds (RFC 7519). `result` is nil
    where the candidate may not see hers, or not yet."""

    iss: str
    iat: Int
    org_id: str
    attempt_id: str
    reference: str
    test_id: str
    title: str
    name: str
    started_at_ms: Int
    ended_at_ms: Int
    result: ConfirmedResult | None


class Confirmation(Body, frozen=True, kw_only=True):
    """`signed` is a JSON Web Signature (RFC 7515, EdDSA) of what is `confirmed`. Whoever has it can check it by the
    keys at `keys`, or ask at `check` whether it still holds."""

    signed: str
    confirmed: Confirmed
    keys: str
    check: str


class CheckBody(Body, frozen=True, kw_only=True):
    """A confirmation as somebody brought it."""

    signed: Annotated[str, Meta(max_length=limits.MAX_CONFIRMATION_CHARS)]


class CheckReply(Body, frozen=True, kw_only=True):
    """Whether this server signed it; if so, what it says and how it stands: `current`; `replaced` by other marks, or by
    a paper that was handed in anew; or `withdrawn`, since the attempt was cancelled, its result is held back, or what
    was personal in it was erased."""

    genuine: bool
    standing: Standing | None = None
    confirmed: Confirmed | None = None
