"""Settings of how platforms and staff get in: which tokens are believed, and what they mean."""

from typing import Annotated, Any, Final

import msgspec
from pydantic import AnyHttpUrl, BaseModel, Field, field_validator

from protocol.attempt.model import Role
from protocol.ids import read_id

SHORTEST_SECRET: Final = 32
"""Bytes. RFC 7518 3.2 asks for a key as long as the hash: 256 bits for HS256."""
_MOST_ROLES: Final = 200
_ROLES: Final = tuple(role.value for role in Role if role is not Role.SYSTEM)
_ROLE_MAP: Final = 'must be a JSON object such as {"exam-office": "administrator", "teachers": "instructor"}'

ClaimPath = Annotated[str, Field(min_length=1, max_length=256)]


class AccessSettings(BaseModel):
    """A part of `Settings`."""

    token_secret: str = ""
    """Key for HS256 tokens, 32 bytes or more. Empty with SQLite: one is generated and kept in the data folder."""
    token_audience: str = "pencilsdown"
    token_issuer: str = ""
    """The `iss` that a token from the key set must have; empty: any."""
    jwks_url: AnyHttpUrl | None = None
    """Public keys of an identity provider whose tokens are accepted beside our own."""
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
    if settings.token_org and settings.claim_org != "org":
        return f"{prefix}TOKEN_ORG and {prefix}CLAIM_ORG are set: the organisation comes from one of them"
    mapped = [name for name in _OF_A_PROVIDER if getattr(settings, name) != AccessSettings.model_fields[name].default]
    if mapped and settings.jwks_url is None:
        return f"{prefix}{mapped[0].upper()} goes with {prefix}JWKS_URL: it says what a provider's tokens mean"
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
