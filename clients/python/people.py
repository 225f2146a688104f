"""Calls about people: who there is, in which groups, who sits what, and what is granted. Lists come a page at a time:
`next` of one page is `after` of the following."""

from typing import Unpack

from clients.python.calls import Calls, given, part
from clients.python.narrowing import FoundEnrolments, FoundGroups, FoundMembers, FoundOverrides, FoundPeople
from protocol.override import Override
from protocol.rest.enrolments import EnrolmentBody, EnrolmentList, EnrolmentReply
from protocol.rest.groups import GroupBody, GroupList, GroupReply, MemberList, MemberReply
from protocol.rest.oneroster import OneRosterReply
from protocol.rest.overrides import OverrideBody, OverrideList, OverrideReply
from protocol.rest.people import PersonBody, PersonList, PersonReply
from protocol.rest.removed import Removed
from protocol.rest.rosters import RosterBody, RosterReply


class PeopleCalls(Calls):
    """See above."""

    async def import_roster(
        self, csv: str, *, test_id: str | None = None, course_id: str | None = None, dry_run: bool = False
    ) -> RosterReply:
        """Import who sits a test, or all tests of a course, and what they are granted: all of it, or nothing."""
        body = RosterBody(test_id=test_id, course_id=course_id, csv=csv, dry_run=dry_run)
        return await self._call("POST", "/rosters", RosterReply, body)

    async def import_oneroster(self, data: bytes, *, dry_run: bool = False) -> OneRosterReply:
        """Import students, classes and enrolments from a zip of OneRoster files: all of it, or nothing."""
        return await self._upload("/oneroster", OneRosterReply, data, given(dry_run="yes" if dry_run else None))

    async def put_person(self, user_id: str, body: PersonBody) -> PersonReply:
        """Say who somebody is, instead of what was known before."""
        return await self._call("PUT", f"/people/{part(user_id)}", PersonReply, body)

    async def person(self, user_id: str) -> PersonReply:
        """Who somebody is, and in which groups."""
        return await self._call("GET", f"/people/{part(user_id)}", PersonReply)

    async def remove_person(self, user_id: str) -> Removed:
        """Take somebody out, with her enrolments and overrides; her attempts stay."""
        return await self._call("DELETE", f"/people/{part(user_id)}", Removed)

    async def people(self, **narrowed: Unpack[FoundPeople]) -> PersonList:
        """Who there is."""
        return await self._call("GET", "/people", PersonList, query=given(**narrowed))

    async def put_group(self, group_id: str, title: str) -> GroupReply:
        """Make a group, or give it another title."""
        return await self._call("PUT", f"/groups/{part(group_id)}", GroupReply, GroupBody(title=title))

    async def group(self, group_id: str) -> GroupReply:
        """A group, and how many are in it."""
        return await self._call("GET", f"/groups/{part(group_id)}", GroupReply)

    async def remove_group(self, group_id: str) -> Removed:
        """Remove a group, with its enrolments and overrides; people stay."""
        return await self._call("DELETE", f"/groups/{part(group_id)}", Removed)

    async def groups(self, **narrowed: Unpack[FoundGroups]) -> GroupList:
        """The groups of the organisation."""
        return await self._call("GET", "/groups", GroupList, query=given(**narrowed))

    async def members(self, group_id: str, **narrowed: Unpack[FoundMembers]) -> MemberList:
        """Who is in a group."""
        return await self._call("GET", f"/groups/{part(group_id)}/members", MemberList, query=given(**narrowed))

    async def join(self, group_id: str, user_id: str) -> MemberReply:
        """Put somebody into a group."""
        return await self._call("PUT", _member(group_id, user_id), MemberReply)

    async def leave(self, group_id: str, user_id: str) -> Removed:
        """Take somebody out of a group."""
        return await self._call("DELETE", _member(group_id, user_id), Removed)

    async def enrol(self, body: EnrolmentBody) -> EnrolmentReply:
        """Enrol a user or a group for a test or a course."""
        return await self._call("PUT", "/enrolments", EnrolmentReply, body)

    async def unenrol(
        self,
        *,
        test_id: str | None = None,
        course_id: str | None = None,
        user_id: str | None = None,
        group_id: str | None = None,
    ) -> Removed:
        """Take an enrolment back; attempts stay."""
        query = given(test_id=test_id, course_id=course_id, user_id=user_id, group_id=group_id)
        return await self._call("DELETE", "/enrolments", Removed, query=query)

    async def enrolments(self, **narrowed: Unpack[FoundEnrolments]) -> EnrolmentList:
        """Who is enrolled for a test or a course."""
        return await self._call("GET", "/enrolments", EnrolmentList, query=given(**narrowed))

    async def grant(
        self,
        override: Override,
        *,
        test_id: str | None = None,
        user_id: str | None = None,
        group_id: str | None = None,
        reason: str = "",
    ) -> OverrideReply:
        """Grant a user or a group something, at one test or (without `test_id`) at every test, instead of what was
        granted there before."""
        body = OverrideBody(override=override, reason=reason)
        return await self._call("PUT", _granted(test_id, user_id, group_id), OverrideReply, body)

    async def granted(
        self, *, test_id: str | None = None, user_id: str | None = None, group_id: str | None = None
    ) -> OverrideReply:
        """What exactly this user or this group is granted, at one test or at every test."""
        return await self._call("GET", _granted(test_id, user_id, group_id), OverrideReply)

    async def take_back(
        self, *, test_id: str | None = None, user_id: str | None = None, group_id: str | None = None
    ) -> Removed:
        """Take back what a user or a group is granted, at one test or at every test."""
        return await self._call("DELETE", _granted(test_id, user_id, group_id), Removed)

    async def overrides(self, *, test_id: str | None = None, **narrowed: Unpack[FoundOverrides]) -> OverrideList:
        """What is granted at one test, or (without `test_id`) at every test."""
        return await self._call("GET", _overrides(test_id), OverrideList, query=given(**narrowed))


def _member(group_id: str, user_id: str) -> str:
    return f"/groups/{part(group_id)}/members/{part(user_id)}"


def _overrides(test_id: str | None) -> str:
    return "/overrides" if test_id is None else f"/tests/{part(test_id)}/overrides"


def _granted(test_id: str | None, user_id: str | None, group_id: str | None) -> str:
    """Raises `ValueError` unless one user or one group is named."""
    if user_id is not None and group_id is None:
        return f"{_overrides(test_id)}/users/{part(user_id)}"
    if group_id is not None and user_id is None:
        return f"{_overrides(test_id)}/groups/{part(group_id)}"
    raise ValueError("Name either a user or a group.")
