"""Which attributes there are: those that are kept, with all that RFC 7643 (7) says of an attribute, and those of the
RFC that are passed over. Identity providers send many of them by default; no telephone number of a candidate is kept.
"""

from typing import Final, Literal

import msgspec

USER_URN: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_URN: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_URN: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

Kind = Literal["string", "boolean", "complex", "reference", "dateTime"]
Mutability = Literal["readWrite", "readOnly", "immutable"]
NAMES_ITSELF: Final = frozenset({"value"})


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """`passes`: the names of sub-attributes that are passed over, in lower case."""

    name: str
    kind: Kind = "string"
    says: str
    multi: bool = False
    case_exact: bool = False
    required: bool = False
    mutability: Mutability = "readWrite"
    uniqueness: Literal["none", "server"] = "none"
    words: tuple[str, ...] = ()
    subs: tuple["Attribute", ...] = ()
    passes: frozenset[str] = frozenset()

    def sub(self, name: str) -> "Attribute | None":
        """The sub-attribute of this name, in any letter case."""
        wanted = name.casefold()
        return next((one for one in self.subs if one.name.casefold() == wanted), None)


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """One type of resource. `common` are the attributes that every resource has, and no schema names; `extensions` the
    schemas beside its own that are known, and passed over."""

    urn: str
    name: str
    says: str
    path: str
    attributes: tuple[Attribute, ...]
    common: tuple[Attribute, ...]
    passes: frozenset[str]
    extensions: tuple[str, ...] = ()

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of this name, in any letter case."""
        wanted = name.casefold()
        return next((one for one in (*self.common, *self.attributes) if one.name.casefold() == wanted), None)

    def passes_over(self, name: str) -> bool:
        """Whether the attribute is one of the RFC's that is not kept."""
        return name.casefold() in self.passes

    def is_extension(self, urn: str) -> bool:
        """Whether the schema is one that is known, and passed over."""
        return any(urn.casefold() == one.casefold() for one in self.extensions)

    def is_own(self, urn: str) -> bool:
        """Whether the schema is this one."""
        return urn.casefold() == self.urn.casefold()


_META: Final = Attribute(
    name="meta",
    kind="complex",
    mutability="readOnly",
    says="What the server says of the resource.",
    subs=(
        Attribute(name="resourceType", case_exact=True, mutability="readOnly", says="User or Group."),
        Attribute(name="created", kind="dateTime", mutability="readOnly", says="When it was made."),
        Attribute(name="lastModified", kind="dateTime", mutability="readOnly", says="When it was changed last."),
        Attribute(name="location", kind="reference", case_exact=True, mutability="readOnly", says="Its address."),
        Attribute(name="version", case_exact=True, mutability="readOnly", says="Its entity tag."),
    ),
)
_ID: Final = Attribute(
    name="id", case_exact=True, mutability="readOnly", uniqueness="server", says="Its id here. It never changes."
)
_EXTERNAL_ID: Final = Attribute(name="externalId", case_exact=True, says="Its id at the identity provider.")
_COMMON: Final = (_ID, _EXTERNAL_ID, _META)

_REF: Final = Attribute(
    name="$ref", kind="reference", case_exact=True, mutability="readOnly", says="The address of the resource."
)

USER: Final = Schema(
    urn=USER_URN,
    name="User",
    says="A person who sits tests, or helps to run them.",
    path="Users",
    common=_COMMON,
    attributes=(
        Attribute(
            name="userName",
            required=True,
            uniqueness="server",
            says="The name by which the identity provider knows the person. As it is when she is made, it is her id.",
        ),
        Attribute(
            name="name",
            kind="complex",
            says="The parts of the person's name.",
            subs=(
                Attribute(name="formatted", says="The whole name; only read where there is no displayName."),
                Attribute(name="familyName", says="The family name."),
                Attribute(name="givenName", says="The given name."),
            ),
            passes=frozenset({"middlename", "honorificprefix", "honorificsuffix"}),
        ),
        Attribute(name="displayName", says="The name that staff and letters call the person by."),
        Attribute(name="active", kind="boolean", says="Whether the person may begin tests."),
        Attribute(
            name="emails",
            kind="complex",
            multi=True,
            says="Where the person is written to. One address is kept: the primary one, or that at work, or the first.",
            subs=(
                Attribute(name="value", says="The address."),
                Attribute(name="type", says="What the address is for.", words=("work", "home", "other")),
                Attribute(name="primary", kind="boolean", says="Whether it is the one to write to."),
            ),
            passes=frozenset({"display"}),
        ),
        Attribute(
            name="groups",
            kind="complex",
            multi=True,
            mutability="readOnly",
            says="The groups that the person is in. They are changed by their members.",
            subs=(
                Attribute(name="value", case_exact=True, mutability="readOnly", says="The group's id."),
                _REF,
                Attribute(name="display", mutability="readOnly", says="The group's name."),
                Attribute(name="type", mutability="readOnly", says="How the person is in it.", words=("direct",)),
            ),
        ),
    ),
    passes=frozenset(
        name.casefold()
        for name in (
            *("nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone", "password"),
            *("phoneNumbers", "ims", "photos", "addresses", "entitlements", "roles", "x509Certificates"),
        )
    ),
    extensions=(ENTERPRISE_URN,),
)

GROUP: Final = Schema(
    urn=GROUP_URN,
    name="Group",
    says="A class, a room, a list of people.",
    path="Groups",
    common=_COMMON,
    attributes=(
        Attribute(name="displayName", required=True, says="What the group is called."),
        Attribute(
            name="members",
            kind="complex",
            multi=True,
            says="Who is in the group: people alone, and no other groups.",
            subs=(
                Attribute(name="value", case_exact=True, mutability="immutable", says="The person's id."),
                _REF,
                Attribute(name="display", mutability="readOnly", says="The person's name."),
                Attribute(name="type", mutability="immutable", says="What the member is.", words=("User",)),
            ),
        ),
    ),
    passes=frozenset(),
)
