"""People, groups, and what they are granted."""

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text, false

from protocol.scim.users import folded
from storage.columns import JsonText
from storage.schema.metadata import metadata


def _as_id(context: Any) -> str:
    """The name of a user of whom no identity provider has said any."""
    return folded(context.get_current_parameters()["user_id"])


people: Final = Table(
    "people",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("branch_id", Text),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("user_name", Text),
    Column("user_name_key", Text, default=_as_id),
    Column("external_id", Text),
    Column("given_name", Text),
    Column("family_name", Text),
    Column("off", Boolean, nullable=False, server_default=false()),
    Column("made_at_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "user_id", name="pk_people"),
    Index("ix_people_user_name", "org_id", "user_name_key"),
    Index("ix_people_external_id", "org_id", "external_id"),
    Index("ix_people_name", "org_id", "name", "user_id"),
)
"""Who there is, as the organisation says. Somebody may sit a test without a row here. The columns from `user_name` on
are what an identity provider says by SCIM; `user_name_key` is by which she is looked for (nil in a row that an older
node wrote), and `off` that she may begin no test."""

groups: Final = Table(
    "groups",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("external_id", Text),
    PrimaryKeyConstraint("org_id", "group_id", name="pk_groups"),
)
"""A class, a room, a list of people."""

group_members: Final = Table(
    "group_members",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "group_id", "user_id", name="pk_group_members"),
    Index("ix_group_members_user", "org_id", "user_id"),
)
"""Who is in which group."""

enrolments: Final = Table(
    "enrolments",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("to_kind", Text, nullable=False),
    Column("to_id", Text, nullable=False),
    Column("who_kind", Text, nullable=False),
    Column("who_id", Text, nullable=False),
    Column("access_code_digest", LargeBinary),
    Column("form_id", Text),
    PrimaryKeyConstraint("org_id", "to_kind", "to_id", "who_kind", "who_id", name="pk_enrolments"),
    Index("ix_enrolments_who", "org_id", "who_kind", "who_id"),
)
"""Who may sit which test, or the tests of which course (`to_kind`): a user or a whole group (`who_kind`). `form_id` is
the form that she sits; `access_code_digest` stands for an access code of her own."""

overrides: Final = Table(
    "overrides",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("who_kind", Text, nullable=False),
    Column("who_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("override", JsonText, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "who_kind", "who_id", "test_id", name="pk_overrides"),
    Index("ix_overrides_test", "org_id", "test_id"),
)
"""What a user or a group is granted, at one test or (`test_id` empty) at every test."""

people_revisions: Final = Table(
    "people_revisions",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", name="pk_people_revisions"),
)
"""Counts the changes of an organisation's people, groups, enrolments and overrides. Whoever changes them counts in the
same transaction, and first: so changes come one after the other."""
