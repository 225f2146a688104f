"""What an identity provider sends, as targets: filters, and bodies of SCIM. What is read is shown, and read alike."""

import json
from typing import Any, Final

import msgspec

from protocol.errors import Refused
from protocol.scim import groups, users
from protocol.scim.attributes import GROUP, USER
from protocol.scim.faults import (
    INVALID_FILTER,
    INVALID_PATH,
    INVALID_SYNTAX,
    INVALID_VALUE,
    MUTABILITY,
    NO_TARGET,
    ScimFault,
    scim_type_of,
)
from protocol.scim.filters import parse_filter
from protocol.scim.matching import check_filter, matches
from protocol.scim.patching import PATCH_URN, patched, read_operations
from protocol.scim.reading import read_resource
from protocol.scim.showing import must_equal

_ADA: Final = users.resource_of(
    users.Account(user_name="ada", name="Ada", email="a@b.example", given_name="Ada", external_id="7")
)
_ROOM: Final = groups.resource_of(groups.Listed(title="Room", members=frozenset({"ada", "bob"})))
SCIM_TYPES: Final = {INVALID_FILTER, INVALID_PATH, INVALID_SYNTAX, INVALID_VALUE, MUTABILITY, NO_TARGET}
_FILTERS: Final = (
    'userName eq "ada"',
    'emails[type eq "work" and value co "@"] or not (active eq true)',
    'urn:ietf:params:scim:schemas:core:2.0:User:name.givenName sw "A\\u00e9"',
    'meta.lastModified gt "2026-11-27T09:00:00Z" and title pr',
    "externalId ne null",
)


def _is_named(refused: Refused, scim_type: str | None = None) -> None:
    """A refusal has a name of SCIM's, and a sentence that a log can take."""
    assert scim_type_of(refused) in ({scim_type} if scim_type else SCIM_TYPES), refused
    assert 1 <= len(refused.refusal.detail.encode("utf-8", "surrogatepass")) <= 1_000, refused


def check_scim_filter(data: bytes) -> None:
    """The bytes are a filter."""
    try:
        asked = parse_filter(data.decode("utf-8", "replace"))
        check_filter(USER, asked)
    except ScimFault as fault:
        _is_named(fault, INVALID_FILTER)
        return
    matches(USER, asked, _ADA | {"id": "ada", "meta": {"lastModified": "2026-11-27T09:00:00.000Z"}})
    must_equal(USER, asked)


def some_scim_filters() -> list[bytes]:
    return [text.encode() for text in _FILTERS]


def check_scim_body(data: bytes) -> None:
    """The first byte chooses what it is: a person, a group, or a patch of one of them."""
    if not data:
        return
    try:
        body = msgspec.json.decode(data[1:])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return
    is_user, is_patch = data[0] & 1, data[0] & 2
    schema, own = (USER, _ADA) if is_user else (GROUP, _ROOM)
    try:
        resource = patched(schema, own, read_operations(body)) if is_patch else read_resource(schema, body)
        kept: Any = users.account_of(resource) if is_user else groups.listed_of(resource)
    except Refused as refused:
        _is_named(refused)
        return
    shown = users.resource_of(kept) if is_user else groups.resource_of(kept)
    again = read_resource(schema, {"schemas": [schema.urn], **shown})
    assert (users.account_of(again) if is_user else groups.listed_of(again)) == kept


def some_scim_bodies() -> list[bytes]:
    operations = [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "add", "value": {"name.familyName": "King", "emails": [{"value": "x@y.example", "primary": True}]}},
        {"op": "remove", "path": 'members[value eq "ada"]'},
        {"op": "remove", "path": "members", "value": [{"value": "bob"}]},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "c@d.example"},
    ]
    bodies: list[tuple[int, dict[str, Any]]] = [
        (1, {"schemas": [USER.urn], **_ADA, "title": "x"}),
        (0, {"schemas": [GROUP.urn], **_ROOM}),
        *((kind, {"schemas": [PATCH_URN], "Operations": [one]}) for one in operations for kind in (2, 3)),
    ]
    return [bytes([kind]) + json.dumps(body).encode() for kind, body in bodies]
