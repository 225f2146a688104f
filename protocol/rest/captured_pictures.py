"""Bodies about pictures from a candidate's camera, and of her screen."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class CapturedPictureKept(Body, frozen=True, kw_only=True):
    """A picture is kept until `delete_at_ms`. The next one is taken from `next_at_ms` on."""

    at_ms: Int
    delete_at_ms: Int
    next_at_ms: Int


class CapturedPictureShown(Body, frozen=True, kw_only=True):
    """A picture, `data` in base64. The interval in which it was taken began in the `n`-th span of ten seconds since the
    start."""

    n: Int
    at_ms: Int
    delete_at_ms: Int
    type: str
    data: str


class CapturedPictureList(Body, frozen=True, kw_only=True):
    """Pictures of one attempt from one source, the newest first, of `total` that are kept. Where there are older ones
    `before` continues the list."""

    pictures: list[CapturedPictureShown]
    total: Int
    before: Int | None
