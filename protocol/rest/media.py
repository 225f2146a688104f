"""Bodies about files of tests."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class MediaStored(Body, frozen=True, kw_only=True):
    """A file was stored, or was there already. A text names it by `media:` and its `hash`. `width` and `height` of a
    picture are in pixels. At `address` it is served, to whoever has the address."""

    hash: str
    type: str
    size: Int
    width: Int | None
    height: Int | None
    address: str
