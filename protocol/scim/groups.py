"""A group as SCIM shows it, and what is kept of it."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from protocol import limits
from protocol.codes import Code
from protocol.scim.faults import INVALID_VALUE, ScimFault
from protocol.scim.users import external_id_of
from protocol.texts import shows_nothing

_MAX_TITLE_CHARS: Final = 300


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What an identity provider says of a group. `members`: ids of users."""

    title: str
    external_id: str | None = None
    members: frozenset[str] = frozenset()


def resource_of(listed: Listed) -> dict[str, Any]:
    """The attributes that can be written, as far as there are values; members in the order of their ids."""
    resource: dict[str, Any] = {
        "displayName": listed.title,
        "externalId": listed.external_id,
        "members": [{"value": user_id, "type": "User"} for user_id in sorted(listed.members)],
    }
    return {name: value for name, value in resource.items() if value}


def listed_of(resource: Mapping[str, Any]) -> Listed:
    """What is kept of a resource that was read. Raises `ScimFault(invalidValue)`."""
    title: str | None = resource.get("displayName")
    if title is None or shows_nothing(title):
        raise ScimFault(INVALID_VALUE, "`displayName` is missing.", Code.MISSING_FIELD)
    if len(title) > _MAX_TITLE_CHARS:
        raise ScimFault(INVALID_VALUE, f"`displayName` must have at most {_MAX_TITLE_CHARS} characters.")
    members: list[dict[str, Any]] = resource.get("members", [])
    for one in members:
        if one.get("type", "User").casefold() != "user":
            raise ScimFault(INVALID_VALUE, "`members` has a group in it: only people can be members here.")
        if not one.get("value"):
            raise ScimFault(INVALID_VALUE, "`members` has a member without a `value`, which is the person's id.")
    if len(members) > limits.MAX_GROUP_MEMBERS:
        raise ScimFault(INVALID_VALUE, f"A group has at most {limits.MAX_GROUP_MEMBERS} members.")
    return Listed(
        title=title,
        external_id=external_id_of(resource),
        members=frozenset(one["value"] for one in members),
    )
