"""Settings of how platforms and staff get in: which tokens are believed, and what they mean."""

import re
from pathlib import Path
from typing import Annotated, Any, Final

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


def mistake_of(settings: AccessSettings, prefix: str) -> str | None:
    """What does not fit together, in a sentence."""
    if settings.jwks_url is not None and settings.jwks_file is not None:
        return f"{prefix}JWKS_URL and {prefix}JWKS_FILE are set: the provider's keys come from one of them"
    if settings.token_org and settings.claim_org != "org":
        return f"{prefix}TOKEN_ORG and {prefix}CLAIM_ORG are set: the organisation comes from one of them"
    mapped = [name for name in _OF_A_PROVIDER if getattr(settings, name) != AccessSettings.model_fields[name].default]
    if mapped and settings.jwks_url is None and settings.jwks_file is None:
        return f"{prefix}{mapped[0].upper()} goes with a provider: {prefix}JWKS_URL or {prefix}JWKS_FILE"
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
