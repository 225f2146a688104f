"""What the claims of an identity provider mean here: which of them is the person, the organisation, the role and the
name, and which role each value of the provider's stands for. Tokens of our own need none of this.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from protocol.attempt.model import Role
from server.access.access_settings import AccessSettings
from server.access.claims import as_id, as_ids, invalid

_LIMITS: Final = (("branch", "branches"), ("group", "groups"))
"""The claim that names one, and the claim that names several."""


class ClaimMap(msgspec.Struct, frozen=True):
    """All but the last two are paths of the provider's claims (`find`). Those of `branches` and `groups` may be empty:
    then nothing of that kind limits its staff. `only_org` is the organisation of everybody, where it is not empty.
    `roles`: what the values of the role claim mean; of several that a token has, the first one in this order counts.
    Empty: the claim is one of our roles."""

    user: str = "sub"
    org: str = "org"
    role: str = "role"
    name: str = "name"
    branches: str = "branches"
    groups: str = "groups"
    only_org: str = ""
    roles: Mapping[str, Role] = {}

    @classmethod
    def of(cls, settings: AccessSettings) -> "ClaimMap":
        """As the operator has set it."""
        return cls(
            settings.claim_user,
            settings.claim_org,
            settings.claim_role,
            settings.claim_name,
            settings.claim_branches,
            settings.claim_groups,
            settings.token_org,
            settings.role_map,
        )

    def translated(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """The claims as `read_claims` knows them. Raises `Refused(token_invalid)`, which names the provider's claim."""
        if self == _AS_THEY_ARE:
            return claims
        limits = {name for names in _LIMITS for name in names}
        ours = {name: value for name, value in claims.items() if name not in limits}
        role = self._role(claims)
        ours["role"] = role
        ours["sub"] = _id(claims, self.user)
        ours["org"] = self.only_org or _id(claims, self.org)
        ours["name"] = find(claims, self.name)
        for (one, several), path in zip(_LIMITS, (self.branches, self.groups), strict=True):
            if path == several:
                ours |= {name: claims[name] for name in (one, several) if name in claims}
            elif path:
                ours |= _limit(one, several, path, find(claims, path), role)
        return ours

    def in_words(self) -> str:
        """For an operator."""
        org = f"`{self.only_org}` for all" if self.only_org else f"from `{self.org}`"
        roles = f" ({len(self.roles)} values are known)" if self.roles else ""
        return f"person from `{self.user}`, organisation {org}, role from `{self.role}`{roles}, name from `{self.name}`"

    def _role(self, claims: Mapping[str, Any]) -> str:
        value = find(claims, self.role)
        if value is None:
            raise invalid(self.role, "is missing")
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            raise invalid(self.role, "must be a text, or a list of texts")
        if not self.roles and isinstance(value, str):
            # `read_claims` says which there are.
            return value
        if not self.roles:
            raise invalid(self.role, "is a list; PENCILSDOWN_ROLE_MAP says what its values mean")
        for meant, role in self.roles.items():
            if meant in values:
                return role.value
        raise invalid(self.role, "has none of the values that PENCILSDOWN_ROLE_MAP names")


def find(claims: Mapping[str, Any], path: str) -> Any:
    """What stands at a path such as `realm_access.roles`; None: nothing. Names may have dots themselves
    (`https://school.example/roles`): the longest name that is there counts."""
    if path in claims:
        return claims[path]
    cut = path.rfind(".")
    while cut > 0:
        inner = claims.get(path[:cut])
        if isinstance(inner, dict):
            return find(inner, path[cut + 1 :])
        cut = path.rfind(".", 0, cut)
    return None


def _id(claims: Mapping[str, Any], path: str) -> str:
    value = find(claims, path)
    if value is None:
        raise invalid(path, "is missing")
    # Keycloak lists the organisations of a person.
    return as_id(path, value[0] if isinstance(value, list) and len(value) == 1 else value)


def _limit(one: str, several: str, path: str, value: object, role: str) -> dict[str, Any]:
    """To what it limits staff; a candidate is only described by it."""
    if value is None:
        return {}
    if role != Role.CANDIDATE:
        return {several: sorted(as_ids(path, [value] if isinstance(value, str) else value))}
    return {one: value} if isinstance(value, str) else {}


_AS_THEY_ARE: Final = ClaimMap()
