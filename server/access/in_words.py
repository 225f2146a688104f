"""Whose tokens are believed, told to an operator."""

from server.access.claim_map import ClaimMap
from server.settings import Settings


def in_words(settings: Settings) -> list[str]:
    """A sentence for each kind of token. No secret is in it."""
    own = f"Tokens for `{settings.token_audience}` that are signed with our own secret are believed."
    if settings.jwks_url is None:
        return [own]
    of = f"of `{settings.token_issuer}`" if settings.token_issuer else "of any issuer"
    return [own, f"So are tokens {of} under the provider's keys: {ClaimMap.of(settings).in_words()}."]
