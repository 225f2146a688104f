"""Whose tokens are believed, told to an operator."""

from server.access.access_settings import SECRET_ID
from server.access.claim_map import ClaimMap
from server.settings import Settings


def in_words(settings: Settings) -> list[str]:
    """A sentence for each kind of token. No secret is in it."""
    signs, *others = [f"`{key_id}`" for key_id, _ in settings.token_keys] or [f"`{SECRET_ID}`"]
    still = f"; {', '.join(others)} still count" if others else ""
    own = f"Our own tokens are for `{settings.token_audience}`, and signed with the key {signs}{still}."
    if settings.jwks_url is None and settings.jwks_file is None:
        return [own]
    of = f"of `{settings.token_issuer}`" if settings.token_issuer else "of any issuer"
    return [own, f"Tokens {of} under the provider's keys are believed too: {ClaimMap.of(settings).in_words()}."]
