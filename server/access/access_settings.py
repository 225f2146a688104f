"""Settings of how platforms and staff get in: which tokens are believed, what they mean, and where staff sign in."""

import re
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from pydantic import AnyHttpUrl, BaseModel, Field, field_validator

from protocol import limits
from protocol.attempt.model import Role
from protocol.ids import read_id

SHORTEST_SECRET: Final = 32
"""Bytes. RFC 7518 3.2 asks for a key as long as the hash: 256 bits for HS256."""
SECRET_ID: Final = "secret"
"""How `token_secret` is called among the keys of tokens."""
_KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MOST_KEYS: Final = 16
_MOST_ROLES: Final = 200
_ROLES: Final = tuple(role.value for role in Role if role is not Role.SYSTEM)
_ROLE_MAP: Final = 'must be a JSON object such as {"exam-office": "administrator", "teachers": "instructor"}'
_KEYS: Final = f"must be a list such as 2027-01:KEY,{SECRET_ID}: the first one signs, and each stands in it once"
_ISSUER: Final = "must be an address such as https://login.example.org/realms/school: no query, no user's name"
_THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")

ClaimPath = Annotated[str, Field(min_length=1, max_length=256)]


class AccessSettings(BaseModel):
    """A part of `Settings`."""

    token_secret: str = ""
    """Key for HS256 tokens, 32 bytes or more. Empty with SQLite: one is generated and kept in the data folder."""
    token_keys: tuple[tuple[str, str], ...] = ()
    """Keys for HS256 tokens by their ids, `ID:KEY`, separated by commas; `secret` is `token_secret`. The first one
    signs, all verify. Empty: `token_secret` alone."""
    token_audience: str = "pencilsdown"
    token_issuer: str = ""
    """The `iss` that a token from the key set must have; empty: any."""
    jwks_url: AnyHttpUrl | None = None
    """Public keys of an identity provider whose tokens are accepted beside our own."""
    jwks_file: Path | None = None
    """The same keys in a file."""
    expiry_leeway_ms: Annotated[int, Field(ge=0, le=limits.TOKEN_LEEWAY_MS)] = 5_000
    """How long after its `exp` a token of the provider still counts, since clocks differ."""
    claim_user: ClaimPath = "sub"
    """Where the provider's tokens have the user's id; a path such as `realm_access.roles` leads into a claim."""
    claim_org: ClaimPath = "org"
    claim_role: ClaimPath = "role"
    claim_name: ClaimPath = "name"
    claim_branches: Annotated[str, Field(max_length=256)] = "branches"
    """What limits staff; empty: nothing of the kind in the provider's tokens does."""
    claim_groups: Annotated[str, Field(max_length=256)] = "groups"
    token_org: str = ""
    """The organisation of all whom the provider knows, for a deployment with one; empty: `claim_org` says it."""
    role_map: dict[str, Role] = {}
    """What values of the role claim mean, as a JSON object; of several that a token has, the first one here counts."""
    oidc_issuer: str = ""
    """The identity provider at which staff sign in with their browsers; empty: nobody does."""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    """Empty: a public client, which PKCE protects."""
    oidc_scope: Annotated[str, Field(pattern=r"^(\S+ )*openid( \S+)*$")] = "openid profile"
    oidc_session_ms: Annotated[int, Field(ge=60_000, le=7 * 24 * 3_600_000)] = limits.GIVEN_TOKEN_LIFE_MS
    """How long somebody who has signed in stays so."""

    @field_validator("token_secret")
    @classmethod
    def _long_secret(cls, value: str) -> str:
        if value and len(value.encode()) < SHORTEST_SECRET:
            raise ValueError(f"must have at least {SHORTEST_SECRET} bytes")
        return value

    @field_validator("token_keys", mode="before")
    @classmethod
    def _are_keys(cls, value: Any) -> Any:
        return _keys(value) if isinstance(value, str) else value

    @field_validator("token_org")
    @classmethod
    def _is_an_id(cls, value: str) -> str:
        return read_id(value) if value else value

    @field_validator("role_map", mode="before")
    @classmethod
    def _is_a_map(cls, value: Any) -> Any:
        return _role_map(value) if isinstance(value, str) else value

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, value: str) -> str:
        if value and not _names_an_issuer(value):
            raise ValueError(_ISSUER)
        return value


def mistake_of(settings: AccessSettings, prefix: str) -> str | None:
    """What does not fit together, in a sentence."""
    if settings.jwks_url is not None and settings.jwks_file is not None:
        return f"{prefix}JWKS_URL and {prefix}JWKS_FILE are set: the provider's keys come from one of them"
    if settings.token_org and settings.claim_org != "org":
        return f"{prefix}TOKEN_ORG and {prefix}CLAIM_ORG are set: the organisation comes from one of them"
    mapped = [name for name in _OF_A_PROVIDER if getattr(settings, name) != AccessSettings.model_fields[name].default]
    has_provider = settings.jwks_url is not None or settings.jwks_file is not None or settings.oidc_issuer
    if mapped and not has_provider:
        return f"{prefix}{mapped[0].upper()} goes with a provider: {prefix}JWKS_URL, JWKS_FILE or OIDC_ISSUER"
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        return f"{prefix}OIDC_ISSUER and {prefix}OIDC_CLIENT_ID go together"
    if settings.oidc_client_secret and not settings.oidc_issuer:
        return f"{prefix}OIDC_CLIENT_SECRET goes with {prefix}OIDC_ISSUER"
    return None


_OF_A_PROVIDER: Final = (
    "token_org",
    "role_map",
    "claim_user",
    "claim_org",
    "claim_role",
    "claim_name",
    "claim_branches",
    "claim_groups",
)


def _keys(text: str) -> tuple[tuple[str, str], ...]:
    """Raises `ValueError`, which repeats no key."""
    found: dict[str, str] = {}
    for part in text.split(",") if text else ():
        key_id, colon, key = part.strip().partition(":")
        if not _KEY_ID.fullmatch(key_id) or key_id in found or bool(colon) == (key_id == SECRET_ID):
            raise ValueError(_KEYS)
        if colon and len(key.encode()) < SHORTEST_SECRET:
            raise ValueError(f"must have keys of at least {SHORTEST_SECRET} bytes")
        found[key_id] = key
    if len(found) > _MOST_KEYS:
        raise ValueError(f"must have at most {_MOST_KEYS} keys")
    return tuple(found.items())


def _role_map(text: str) -> dict[str, Role]:
    """Raises `ValueError`."""
    try:
        told = msgspec.json.decode(text, type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeError):
        raise ValueError(_ROLE_MAP) from None
    if not 1 <= len(told) <= _MOST_ROLES:
        raise ValueError(_ROLE_MAP)
    if not set(told.values()) <= set(_ROLES):
        raise ValueError(f"must give each value one of the roles {', '.join(_ROLES)}")
    return {value: Role(role) for value, role in told.items()}


def _names_an_issuer(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 (it raises for what is none)
    except ValueError:
        return False
    plain = parts.scheme == "http" and parts.hostname in _THIS_MACHINE
    whole = bool(parts.hostname) and parts.username is None and not parts.query and not parts.fragment
    return whole and (parts.scheme == "https" or plain)
