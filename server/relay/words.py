"""The two kinds of pub/sub in Redis, and the events of either."""

from collections.abc import Callable
from typing import Final, NamedTuple


class Words(NamedTuple):
    """The commands of one kind, and what its replies begin with."""

    publish: bytes
    subscribe: bytes
    unsubscribe: bytes
    message: bytes
    subscribed: bytes
    unsubscribed: bytes


PLAIN: Final = Words(b"PUBLISH", b"SUBSCRIBE", b"UNSUBSCRIBE", b"message", b"subscribe", b"unsubscribe")
SHARDED: Final = Words(b"SPUBLISH", b"SSUBSCRIBE", b"SUNSUBSCRIBE", b"smessage", b"ssubscribe", b"sunsubscribe")


class Events(NamedTuple):
    """Callbacks. None of them may raise."""

    message: Callable[[str, bytes], bool]
    """A message, with the channel that it came on. False: it is from no node of ours."""
    gap: Callable[[], None]
    """Something may have been missed, and all that is wanted can be heard again."""
    moved: Callable[[], None]
    """Channels may be at another server than they were."""
