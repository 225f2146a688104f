"""ID tokens: what OpenID Connect Core 1.0 (3.1.3.7) asks of a client before it believes one."""

import hmac
from collections.abc import Mapping
from typing import Any, Final

import jwt

from protocol import limits
from server.access.signatures import PUBLIC_KEY_ALGORITHMS

_OLD_S: Final = 600
"""An ID token comes right after the sign-in: an older one was made for another one."""


class NotBelieved(Exception):
    """Why an ID token is not believed: a sentence with nothing out of the token."""


def read_id_token(
    token: str, key: jwt.PyJWK, *, issuer: str, client_id: str, nonce: str, now_ms: int
) -> Mapping[str, Any]:
    """The claims of an ID token that this issuer made for this client and this sign-in. Raises `NotBelieved`. The
    algorithm is one of the provider's public keys: with none, or with our client's secret, nobody is believed."""
    options: Any = {
        "require": ["iss", "aud", "exp", "iat", "sub", "nonce"],
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
        "verify_sub": False,
        "verify_jti": False,
        "enforce_minimum_key_length": True,
    }
    try:
        claims = jwt.decode(token, key.key, PUBLIC_KEY_ALGORITHMS, audience=client_id, issuer=issuer, options=options)
    except jwt.PyJWTError as error:
        raise NotBelieved(_REASONS.get(type(error).__name__, "It is no ID token that can be read.")) from None
    except (ValueError, TypeError):
        # A `TypeError` means that the key does not fit the algorithm.
        raise NotBelieved("It is no ID token that can be read.") from None
    _check_party(claims, client_id)
    _check_time(claims, now_ms)
    if not isinstance(claims["nonce"], str) or not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise NotBelieved("Its `nonce` is not that of this sign-in.")
    return claims


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    audience, party = claims["aud"], claims.get("azp")
    if party is None and isinstance(audience, list) and len(audience) > 1:
        raise NotBelieved("It is for several clients, and does not say for which it was made.")
    if party is not None and party != client_id:
        raise NotBelieved("It was made for another client.")


def _check_time(claims: Mapping[str, Any], now_ms: int) -> None:
    now_s, leeway_s = now_ms / 1000, limits.TOKEN_LEEWAY_MS / 1000
    for name in ("exp", "iat"):
        value = claims[name]
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= limits.MAX_INT // 1000:
            raise NotBelieved(f"Its `{name}` is no number of seconds.")
    if claims["exp"] + leeway_s <= now_s:
        raise NotBelieved("It has expired.")
    if claims["iat"] > now_s + leeway_s:
        raise NotBelieved("It was made in the future; compare the clocks of the server and of the provider.")
    if claims["iat"] + _OLD_S + leeway_s <= now_s:
        raise NotBelieved("It was made long before this sign-in.")


_REASONS: Final = {
    "InvalidSignatureError": "It is not signed with the key that it names.",
    "InvalidAlgorithmError": "It is signed in a way that is not accepted.",
    "InvalidAudienceError": "Its `aud` is not this client.",
    "InvalidIssuerError": "Its `iss` is not the issuer that is set.",
    "MissingRequiredClaimError": "A claim that every ID token has is missing.",
}
"""By the names of PyJWT's exceptions, whose texts may repeat the token."""
