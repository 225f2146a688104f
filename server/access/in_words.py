"""Whose tokens are believed, told to an operator."""

from typing import Final

from server.access.access_settings import SECRET_ID
from server.access.claim_map import ClaimMap
from server.settings import Settings

PAGE: Final = "/monitor"
"""Where a provider sends people back to: the only address, whatever a request says."""


def in_words(settings: Settings) -> list[str]:
    """A sentence for each kind of token. No secret is in it."""
    signs, *others = [f"`{key_id}`" for key_id, _ in settings.token_keys] or [f"`{SECRET_ID}`"]
    still = f"; {', '.join(others)} still count" if others else ""
    own = f"Our own tokens are for `{settings.token_audience}`, and signed with the key {signs}{still}."
    said = [own]
    if settings.jwks_url is not None or settings.jwks_file is not None:
        of = f"of `{settings.token_issuer}`" if settings.token_issuer else "of any issuer"
        said.append(f"Tokens {of} under the provider's keys are believed too: {ClaimMap.of(settings).in_words()}.")
    if settings.oidc_issuer:
        client = f"the client `{settings.oidc_client_id}`, which comes back to {settings.url}{PAGE}"
        said.append(f"Staff sign in at `{settings.oidc_issuer}` by {client}: {ClaimMap.of(settings).in_words()}.")
    return said
