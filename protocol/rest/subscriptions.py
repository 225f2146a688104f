"""Bodies about who is told of events."""

from typing import Annotated, Literal

from msgspec import Meta

from protocol import limits
from protocol.messages.base import NO_NUL, Int, Text
from protocol.rest.body import Body

Topic = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]
Topics = Annotated[list[Topic], Meta(min_length=1, max_length=100)]
Target = Annotated[str, Meta(min_length=1, max_length=limits.MAX_TEXT_CHARS, pattern=NO_NUL)]
Overlap = Annotated[int, Meta(ge=0, le=7 * 24 * 3600 * 1000)]
Kind = Literal["webhook", "stream", "mail"]
Address = Annotated[str, Meta(max_length=320, pattern=NO_NUL)]
MailLanguage = Literal["ar", "de", "en", "es", "fr", "tr"]


class MailBody(Body, frozen=True, kw_only=True):
    """How letters are written: from which address (empty: the operator's) under which name, where answers go (empty:
    there), and in which language; nil: that of the test, else English."""

    sender: Address = ""
    sender_name: Annotated[str, Meta(max_length=limits.MAX_NAME_CHARS, pattern=NO_NUL)] = ""
    reply_to: Address = ""
    language: MailLanguage | None = None


class SubscribeBody(Body, frozen=True, kw_only=True):
    """Who is to be told of events: a `webhook`, whose `target` is its URL, a `stream` of Redis, whose `target` is the
    end of its name, or people by `mail`, whose `target` is an address of staff, or `candidates`: each is told of what
    is about her. `topics` are topics of events, or `attempt.*`, `audit.*` and `*`; for mail docs/mail.md has them."""

    kind: Kind
    target: Target
    topics: Topics
    description: Text = ""
    mail: MailBody | None = None


class SubscriptionBody(Body, frozen=True, kw_only=True):
    """What a subscription is from now on; of what happens while it is not `enabled`, it is not told."""

    target: Target
    topics: Topics
    description: Text = ""
    enabled: bool = True
    mail: MailBody | None = None


class SubscriptionReply(Body, frozen=True, kw_only=True):
    """A subscription, without its secret. `why_off`: `gone`, where the receiver has answered 410; `stopped`, where the
    reader of its letters wants no more. `mail` is nil for what is no mail."""

    subscription_id: str
    kind: Kind
    target: str
    topics: list[str]
    description: str
    enabled: bool
    why_off: str | None
    created_at_ms: Int
    changed_at_ms: Int
    changed_by: str
    mail: MailBody | None = None


class SubscriptionMade(Body, frozen=True, kw_only=True):
    """A new subscription, and the secret that signs its webhooks (nil for a stream). It is shown this once."""

    subscription: SubscriptionReply
    secret: str | None


class SubscriptionList(Body, frozen=True, kw_only=True):
    """Subscriptions of the organisation, the oldest first unless another order is asked for; `next` continues the
    list."""

    subscriptions: list[SubscriptionReply]
    next: str | None = None


class SecretBody(Body, frozen=True, kw_only=True):
    """For how long what is sent is signed with the old secret too."""

    overlap_ms: Overlap = 24 * 3600 * 1000


class SecretReply(Body, frozen=True, kw_only=True):
    """The new secret, shown this once, and until when the old one signs too."""

    secret: str
    old_ends_at_ms: Int
