"""Bodies about groups of people."""

from typing import Annotated

from msgspec import Meta

from protocol.messages.base import NO_NUL, Int
from protocol.rest.body import Body

Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]


class GroupBody(Body, frozen=True, kw_only=True):
    """A class, a room, a list of people."""

    title: Title


class GroupReply(Body, frozen=True, kw_only=True):
    """A group, and how many are in it."""

    group_id: str
    title: str
    member_total: Int


class GroupList(Body, frozen=True, kw_only=True):
    """Groups in the order of their ids; `next` continues the list."""

    groups: list[GroupReply]
    next: str | None


class RoomGroup(Body, frozen=True, kw_only=True):
    """A group, and those of its members who have an attempt at a test."""

    group_id: str
    title: str
    user_ids: list[str]


class RoomGroups(Body, frozen=True, kw_only=True):
    """The groups of those who have an attempt at a test that the caller sees, in the order of their ids."""

    test_id: str
    groups: list[RoomGroup]


class MemberReply(Body, frozen=True, kw_only=True):
    """This user is in this group."""

    group_id: str
    user_id: str


class MemberList(Body, frozen=True, kw_only=True):
    """The users in a group, in the order of their ids; `next` continues the list."""

    user_ids: list[str]
    next: str | None
