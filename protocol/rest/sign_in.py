"""Bodies of a sign-in of staff at an identity provider: between the monitor's page and its server."""

from typing import Annotated

from msgspec import Meta

from protocol.messages.base import Int
from protocol.rest.body import Body

Part = Annotated[str, Meta(min_length=1, max_length=4_096)]
"""What a provider sends along in an address."""
Verifier = Annotated[str, Meta(min_length=43, max_length=128)]
"""What the browser alone knows (RFC 7636): 43 characters or more."""


class SignInOffer(Body, frozen=True, kw_only=True):
    """Whether staff sign in at an identity provider here."""

    offered: bool


class SignInBody(Body, frozen=True, kw_only=True):
    """A sign-in begins; the tab keeps the verifier until it comes back."""

    verifier: Verifier


class SignInBegun(Body, frozen=True, kw_only=True):
    """Where the browser goes to sign in."""

    address: str


class SignInEnd(Body, frozen=True, kw_only=True):
    """What the provider sent the browser back with (`code`, `state`, and `iss` as `issuer`), and the tab's verifier."""

    code: Part
    state: Part
    verifier: Verifier
    issuer: Part | None = None


class SignInReply(Body, frozen=True, kw_only=True):
    """A token for whoever has signed in."""

    token: str
    expires_at_ms: Int


class SignOutReply(Body, frozen=True, kw_only=True):
    """The token is withdrawn. `address`: where the browser goes to leave the provider too; nil: nowhere."""

    address: str | None
