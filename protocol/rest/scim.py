"""Bodies of SCIM, as RFC 7643 and RFC 7644 name them, for the OpenAPI document. `protocol.scim` reads what is sent."""

from typing import Any, Final

import msgspec


class ScimBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Attributes without a value are left out, and read as if they were."""


class ScimMeta(ScimBody, frozen=True):
    """What the server says of a resource; `version` is its entity tag."""

    resource_type: str
    location: str
    created: str | None = None
    last_modified: str | None = None
    version: str | None = None


class ScimName(ScimBody, frozen=True):
    """The parts of a person's name."""

    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class ScimEmail(ScimBody, frozen=True):
    """An address. One of them is kept."""

    value: str | None = None
    type: str | None = None
    primary: bool | str | None = None


class ScimReference(ScimBody, frozen=True):
    """A member of a group, or a group that a person is in."""

    value: str
    ref: str | None = msgspec.field(default=None, name="$ref")
    display: str | None = None
    type: str | None = None


class ScimUserBody(ScimBody, frozen=True):
    """A person as an identity provider writes her. Other attributes of RFC 7643 are passed over."""

    schemas: list[str]
    user_name: str
    external_id: str | None = None
    name: ScimName | None = None
    display_name: str | None = None
    emails: list[ScimEmail] | None = None
    active: bool | str | None = None


class ScimUser(ScimBody, frozen=True):
    """A person."""

    schemas: list[str]
    id: str
    external_id: str | None = None
    user_name: str | None = None
    name: ScimName | None = None
    display_name: str | None = None
    emails: list[ScimEmail] | None = None
    active: bool | None = None
    groups: list[ScimReference] | None = None
    meta: ScimMeta | None = None


class ScimGroupBody(ScimBody, frozen=True):
    """A group as an identity provider writes it."""

    schemas: list[str]
    display_name: str
    external_id: str | None = None
    members: list[ScimReference] | None = None


class ScimGroup(ScimBody, frozen=True):
    """A group."""

    schemas: list[str]
    id: str
    external_id: str | None = None
    display_name: str | None = None
    members: list[ScimReference] | None = None
    meta: ScimMeta | None = None


class ScimOperation(ScimBody, frozen=True):
    """One operation of a patch: add, replace or remove."""

    op: str
    path: str | None = None
    value: Any = None


class ScimPatch(ScimBody, frozen=True):
    """Operations, of which all are carried out, or none."""

    schemas: list[str]
    operations: list[ScimOperation] = msgspec.field(name="Operations")


class ScimUserList(ScimBody, frozen=True):
    """Some of the people that fit, from the `startIndex`-th on."""

    schemas: list[str]
    total_results: int
    start_index: int
    items_per_page: int
    resources: list[ScimUser] = msgspec.field(name="Resources")


class ScimGroupList(ScimBody, frozen=True):
    """The same of groups."""

    schemas: list[str]
    total_results: int
    start_index: int
    items_per_page: int
    resources: list[ScimGroup] = msgspec.field(name="Resources")


class ScimListed(ScimBody, frozen=True):
    """A list of what the server can do: its schemas, or its types of resources."""

    schemas: list[str]
    total_results: int
    start_index: int
    items_per_page: int
    resources: list[dict[str, Any]] = msgspec.field(name="Resources")


class ScimDocument(ScimBody, frozen=True):
    """One document of what the server can do, in the form of RFC 7643 (5 to 7)."""

    schemas: list[str]


class ScimError(ScimBody, frozen=True):
    """Why something was not done. `code` is the name of the refusal as elsewhere; SCIM's own is `scimType`."""

    schemas: list[str]
    status: str
    detail: str
    code: str
    scim_type: str | None = None


ERROR_URN: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST_URN: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SCIM_MEDIA_TYPE: Final = "application/scim+json"
SCIM_BASE: Final = "/scim/v2"
