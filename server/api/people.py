"""Who there is, and who is in which group."""

from collections.abc import Callable
from typing import Literal

from protocol.codes import Code
from protocol.emails import is_email
from protocol.errors import Refused, refuse
from protocol.ids import read_address_id
from protocol.messages.base import Id
from protocol.names import tidy_name
from protocol.rest.groups import GroupBody, GroupList, GroupReply, MemberList, MemberReply
from protocol.rest.people import PersonBody, PersonList, PersonReply, PersonSummary
from protocol.rest.removed import Removed
from protocol.rules.audit import GroupChanged, MemberChanged, PersonChanged
from protocol.rules.rights import Act
from protocol.texts import shows_nothing
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import named_id, whole_organisation
from server.api.paging import PAGING, UPDATED_SINCE, next_after, next_of, order_of, search, words_of
from server.api.query import YES_OR_NO, Query
from server.api.tags import Tagged, tag_of
from storage.overrides import EVERY_TEST, Who
from storage.people import USER, Group, Person, PersonState, WantedPeople, Whose

WHOSE = (
    Query("kind", Literal["user", "group"], says="Those of users, or those of groups."),
    Query("user_id", Id, says="Those of this user herself, not of her groups."),
    Query("group_id", Id, says="Those of this group."),
)
_PEOPLE = Lines("people", PersonSummary, ("user_id",), ("user_id", "name"))
_GROUPS = Lines("groups", GroupReply, ("group_id",), ("group_id", "title"))
_MEMBERS = Lines("user_ids", MemberReply, ("user_id",), ("user_id",))
NO_EMAIL = "The e-mail address is none that mail can be sent to."


def org_of(call: Call) -> str:
    """The organisation, whose people the call is about. Raises `Refused(forbidden)` for a token of a part of it."""
    whole_organisation(call)
    return call.principal.org_id


def whose(call: Call) -> Whose:
    """Whose enrolments or overrides are asked for: by the parameters `WHOSE`."""
    return Whose(call.query.get("kind"), call.query.get("user_id"), call.query.get("group_id"))


def group_id_of(call: Call) -> str:
    """The group that the path names. Raises `Refused(invalid_id)`."""
    try:
        return read_address_id(call.path["group_id"])
    except ValueError as error:
        raise Refused(refuse(Code.INVALID_ID, f"The group's id {error}.")) from None


def user_id_of(call: Call) -> str:
    """The user that the path names. Raises `Refused(invalid_id)`."""
    return named_id("user_id", call.path["user_id"])


# People


async def put_person(call: Call) -> Tagged:
    org_id, user_id, body = org_of(call), user_id_of(call), call.body
    branch_id = None if body.branch_id is None else named_id("branch_id", body.branch_id)
    if body.email is not None and not is_email(body.email):
        raise Refused(refuse(Code.OUT_OF_RANGE, NO_EMAIL))
    person = Person(user_id, tidy_name(body.name) or user_id, body.email, branch_id)
    now_ms = call.node.clock.now_ms()
    revision, state = await call.node.people.put(
        org_id, person, now_ms, call.note(PersonChanged(user_id)), active=body.active, check=_as_expected(call)
    )
    call.node.granting.changed(org_id, revision, [Who(USER, user_id)], EVERY_TEST)
    return _tagged(_person(state))


async def get_person(call: Call) -> Tagged:
    state = await call.node.people.state(org_of(call), user_id_of(call))
    if state is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return _tagged(_person(state))


def _as_expected(call: Call) -> Callable[[PersonState | None], None]:
    return lambda state: call.expects.check(None if state is None else tag_of(_person(state)))


def _tagged(reply: PersonReply | GroupReply) -> Tagged:
    return Tagged(reply, tag_of(reply))


def _person(state: PersonState) -> PersonReply:
    person = state.person
    return PersonReply(
        user_id=person.user_id,
        name=person.name,
        email=person.email,
        branch_id=person.branch_id,
        groups=list(state.groups),
        active=state.active,
    )


async def list_people(call: Call) -> PersonList:
    org_id, (order, limit), query = org_of(call), order_of(call, _PEOPLE), call.query
    active: int | None = query.get("active")
    wanted = WantedPeople(
        words_of(call),
        query.get("group_id"),
        query.get("branch_id"),
        None if active is None else bool(active),
        query.get("updated_since_ms"),
    )
    found, to = await call.node.people.list(org_id, order, limit, wanted)
    off = await call.node.enrolments.off_among(org_id, [one.user_id for one in found])
    people = [
        PersonSummary(
            user_id=one.user_id,
            name=one.name,
            email=one.email,
            branch_id=one.branch_id,
            active=one.user_id not in off,
        )
        for one in found
    ]
    return PersonList(people=people, next=next_after(call, to))


async def remove_person(call: Call) -> Removed:
    org_id, user_id = org_of(call), user_id_of(call)
    note = call.note(PersonChanged(user_id, removed=True))
    revision, removed = await call.node.people.remove(org_id, user_id, note, _as_expected(call))
    call.node.granting.changed(org_id, revision, [Who(USER, user_id)], EVERY_TEST)
    return Removed(removed=removed)


# Groups


async def put_group(call: Call) -> Tagged:
    org_id, group_id = org_of(call), group_id_of(call)
    if shows_nothing(call.body.title):
        raise Refused(refuse(Code.OUT_OF_RANGE, "The title shows nothing."))
    note = call.note(GroupChanged(group_id))
    revision = await call.node.people.put_group(org_id, group_id, call.body.title, note, _as_expected_of_group(call))
    # A title concerns no attempt.
    call.node.granting.changed(org_id, revision, (), EVERY_TEST)
    return await get_group(call)


async def get_group(call: Call) -> Tagged:
    return _tagged(_group(await _found_group(call)))


async def _found_group(call: Call) -> Group:
    """The group that the path names. Raises `Refused(not_found)`."""
    group = await call.node.people.group(org_of(call), group_id_of(call))
    if group is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return group


def _as_expected_of_group(call: Call) -> Callable[[Group | None], None]:
    return lambda group: call.expects.check(None if group is None else tag_of(_group(group)))


def _group(group: Group) -> GroupReply:
    return GroupReply(group_id=group.group_id, title=group.title, member_total=group.member_total)


async def list_groups(call: Call) -> GroupList:
    order, limit = order_of(call, _GROUPS)
    user_id: str | None = call.query.get("user_id")
    found, to = await call.node.people.list_groups(org_of(call), order, limit, words_of(call), user_id)
    return GroupList(groups=[_group(one) for one in found], next=next_after(call, to))


async def remove_group(call: Call) -> Removed:
    org_id, group_id = org_of(call), group_id_of(call)
    note = call.note(GroupChanged(group_id, removed=True))
    revision, members = await call.node.people.remove_group(org_id, group_id, note, _as_expected_of_group(call))
    call.node.granting.changed(org_id, revision, [Who(USER, user_id) for user_id in members or ()], EVERY_TEST)
    return Removed(removed=members is not False)


# Members


async def join(call: Call) -> MemberReply:
    org_id, group_id, user_id = org_of(call), group_id_of(call), user_id_of(call)
    note = call.note(MemberChanged(group_id, user_id))
    revision, joined = await call.node.people.join(org_id, group_id, user_id, note)
    call.node.granting.changed(org_id, revision, [Who(USER, user_id)] if joined else (), EVERY_TEST)
    if not joined:
        raise Refused(refuse(Code.NOT_FOUND))
    return MemberReply(group_id=group_id, user_id=user_id)


async def leave(call: Call) -> Removed:
    org_id, group_id, user_id = org_of(call), group_id_of(call), user_id_of(call)
    note = call.note(MemberChanged(group_id, user_id, removed=True))
    revision, removed = await call.node.people.leave(org_id, group_id, user_id, note)
    call.node.granting.changed(org_id, revision, [Who(USER, user_id)], EVERY_TEST)
    return Removed(removed=removed)


async def list_members(call: Call) -> MemberList:
    order, limit = order_of(call, _MEMBERS)
    group, branch_id = await _found_group(call), call.query.get("branch_id")
    found = await call.node.people.members(call.principal.org_id, group.group_id, order, limit, branch_id)
    return MemberList(user_ids=list(found), next=next_of(call, found, limit, str))


ENDPOINTS = [
    Endpoint(
        method="PUT",
        path="/people/{user_id}",
        summary="Say who somebody is.",
        handle=put_person,
        body=PersonBody,
        reply=PersonReply,
        act=Act.ENROL,
        tagged=True,
        refusals=(Code.INVALID_ID, Code.OUT_OF_RANGE),
    ),
    Endpoint(
        method="GET",
        path="/people/{user_id}",
        summary="Who somebody is, and in which groups.",
        handle=get_person,
        reply=PersonReply,
        act=Act.ENROL,
        tagged=True,
        refusals=(Code.INVALID_ID, Code.NOT_FOUND),
    ),
    Endpoint(
        method="DELETE",
        path="/people/{user_id}",
        summary="Take somebody out of the organisation, with her enrolments and overrides. Her attempts stay.",
        handle=remove_person,
        reply=Removed,
        act=Act.ENROL,
        tagged=True,
        refusals=(Code.INVALID_ID,),
    ),
    Endpoint(
        method="GET",
        path="/people",
        summary="Who there is, a page at a time.",
        handle=list_people,
        reply=PersonList,
        act=Act.ENROL,
        query=(
            search("the name, the id or the address"),
            Query("group_id", Id, says="Of this group alone."),
            Query("branch_id", Id, says="Of this branch alone."),
            Query("active", YES_OR_NO, says="1: whose account is on; 0: whose account is switched off."),
            UPDATED_SINCE,
            *_PEOPLE.query,
            *PAGING,
        ),
        lines=_PEOPLE,
        refusals=(Code.WRONG_CURSOR,),
    ),
    Endpoint(
        method="PUT",
        path="/groups/{group_id}",
        summary="Make a group, or give it another title.",
        handle=put_group,
        body=GroupBody,
        reply=GroupReply,
        act=Act.ENROL,
        tagged=True,
        refusals=(Code.INVALID_ID,),
    ),
    Endpoint(
        method="GET",
        path="/groups/{group_id}",
        summary="A group, and how many are in it.",
        handle=get_group,
        reply=GroupReply,
        act=Act.ENROL,
        tagged=True,
        refusals=(Code.INVALID_ID, Code.NOT_FOUND),
    ),
    Endpoint(
        method="DELETE",
        path="/groups/{group_id}",
        summary="Remove a group, with its enrolments and overrides. People stay.",
        handle=remove_group,
        reply=Removed,
        act=Act.ENROL,
        tagged=True,
        refusals=(Code.INVALID_ID,),
    ),
    Endpoint(
        method="GET",
        path="/groups",
        summary="The groups, a page at a time.",
        handle=list_groups,
        reply=GroupList,
        act=Act.ENROL,
        query=(
            search("the title or the id"),
            Query("user_id", Id, says="The groups that this user is in."),
            *_GROUPS.query,
            *PAGING,
        ),
        lines=_GROUPS,
        refusals=(Code.WRONG_CURSOR,),
    ),
    Endpoint(
        method="PUT",
        path="/groups/{group_id}/members/{user_id}",
        summary="Put somebody into a group. Her open attempts follow what the group is granted.",
        handle=join,
        reply=MemberReply,
        act=Act.ENROL,
        refusals=(Code.INVALID_ID, Code.NOT_FOUND),
    ),
    Endpoint(
        method="DELETE",
        path="/groups/{group_id}/members/{user_id}",
        summary="Take somebody out of a group. An attempt that has started keeps what it had by it.",
        handle=leave,
        reply=Removed,
        act=Act.ENROL,
        refusals=(Code.INVALID_ID,),
    ),
    Endpoint(
        method="GET",
        path="/groups/{group_id}/members",
        summary="Who is in a group, a page at a time.",
        handle=list_members,
        reply=MemberList,
        act=Act.ENROL,
        query=(Query("branch_id", Id, says="Of this branch alone."), _MEMBERS.query[0], *PAGING),
        refusals=(Code.INVALID_ID, Code.NOT_FOUND, Code.WRONG_CURSOR),
    ),
]
