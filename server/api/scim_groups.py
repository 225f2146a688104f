"""Groups by SCIM: an identity provider says which there are, and who is in them."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.removed import Removed
from protocol.rest.scim import ScimGroup, ScimGroupBody, ScimGroupList
from protocol.rules.audit import GroupChanged
from protocol.scim.attributes import GROUP, USER
from protocol.scim.faults import INVALID_VALUE, ScimFault
from protocol.scim.filters import Filter
from protocol.scim.groups import Listed, listed_of, resource_of
from protocol.scim.matching import matches
from protocol.scim.patching import patched, read_operations
from protocol.scim.reading import read_resource
from protocol.scim.showing import comparisons, must_equal, names
from server.api.endpoint import Call
from server.api.people import group_id_of, org_of
from server.api.scim import (
    BATCH,
    LISTED,
    PATCH,
    SHOWN,
    address_of,
    beside,
    check_compared,
    endpoint,
    filter_of,
    finished,
    json_of,
    listed,
    only_shown,
    replacement,
    tagged,
    tried,
    window,
)
from server.ids import new_id
from storage.directory import KnownGroup, Strangers
from storage.overrides import EVERY_TEST, Who
from storage.people import USER as WHO_IS_A_USER

_MOST_MEMBERS: Final = 50_000
"""Members of all groups on one page: it ends early where they are more."""
_SAID: Final = 5


def _resource(call: Call, known: KnownGroup, *, with_tag: bool = True) -> dict[str, Any]:
    own = {"id": known.group_id, **resource_of(known.listed)}
    for one in own.get("members", ()):
        one["$ref"] = address_of(call, USER, one["value"])
        if one["value"] in known.names:
            one["display"] = known.names[one["value"]]
    return finished(call, GROUP, own, {}, with_tag=with_tag)


async def _shown(call: Call, known: KnownGroup) -> dict[str, Any]:
    return await beside(call, lambda: _resource(call, known), len(known.listed.members))


async def _found(call: Call) -> KnownGroup:
    """The group that the path names. Raises `Refused(not_found)`."""
    found = await call.node.directory.group(org_of(call), group_id_of(call))
    if found is None:
        raise Refused(refuse(Code.NOT_FOUND, "No group has this id here."))
    return found


async def list_groups(call: Call) -> dict[str, Any]:
    org_id, (skip, count), asked = org_of(call), window(call), filter_of(call, GROUP)
    if asked is None:
        ids = list(await call.node.directory.group_ids(org_id))
    else:
        ids = await _fitting(call, org_id, asked)
    page: list[dict[str, Any]] = []
    members = 0
    for group_id in ids[skip : skip + count]:
        known = await call.node.directory.group(org_id, group_id)
        if known is not None:
            members += len(known.listed.members)
            if page and members > _MOST_MEMBERS:
                break
            page.append(only_shown(call, GROUP, await _shown(call, known)))
    return listed(len(ids), skip, page)


async def _fitting(call: Call, org_id: str, asked: Filter) -> list[str]:
    """The ids of the groups that fit."""
    must, with_members, cost = must_equal(GROUP, asked), names(GROUP, asked, "members"), comparisons(asked)
    fitting: list[str] = []
    looked, after, batch = 0, "", 10 if with_members else BATCH

    def those_of(some: Sequence[KnownGroup]) -> list[str]:
        resources = ((one, _resource(call, one, with_tag=False)) for one in some)
        return [one.group_id for one, resource in resources if matches(GROUP, asked, resource)]

    while True:
        some = await call.node.directory.groups(org_id, must, after, batch, with_members=with_members)
        looked += len(some) + sum(len(one.listed.members) for one in some)
        check_compared(looked * cost)
        # A group of thousands takes longer than others may be kept waiting.
        fitting += await asyncio.to_thread(those_of, some)
        if len(some) < batch:
            return fitting
        after = some[-1].group_id


async def show_group(call: Call) -> Any:
    return tagged(call, GROUP, await _shown(call, await _found(call)))


async def add_group(call: Call) -> Any:
    org_id, group_id = org_of(call), new_id()
    wanted = await beside(call, lambda: listed_of(read_resource(GROUP, json_of(call))))
    try:
        made = await call.node.directory.add_group(org_id, group_id, wanted, call.note(GroupChanged(group_id)))
    except Strangers as error:
        raise _strangers(error) from None
    who = [Who(WHO_IS_A_USER, user_id) for user_id in sorted(wanted.members)]
    call.node.granting.changed(org_id, made.revision, who, EVERY_TEST)
    known = await call.node.directory.group(org_id, group_id)
    if known is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return tagged(call, GROUP, await _shown(call, known), made=True)


async def replace_group(call: Call) -> Any:
    wanted = await replacement(call, GROUP, group_id_of(call), listed_of)

    async def work() -> Any:
        return await _change(call, await _found(call), wanted)

    return await tried(work)


async def patch_group(call: Call) -> Any:
    operations = await beside(call, lambda: read_operations(json_of(call)))

    async def work() -> Any:
        known = await _found(call)

        def wanted() -> Listed:
            return listed_of(patched(GROUP, resource_of(known.listed), operations))

        return await _change(call, known, await beside(call, wanted, len(known.listed.members)))

    return await tried(work)


async def _change(call: Call, before: KnownGroup, wanted: Listed) -> Any:
    org_id = call.principal.org_id
    call.expects.check((await _shown(call, before))["meta"]["version"])
    try:
        changed = await call.node.directory.change_group(
            org_id, before, wanted, call.note(GroupChanged(before.group_id))
        )
    except Strangers as error:
        raise _strangers(error) from None
    if changed is not None:
        who = [Who(WHO_IS_A_USER, user_id) for user_id in sorted(wanted.members ^ before.listed.members)]
        call.node.granting.changed(org_id, changed.revision, who, EVERY_TEST)
    return tagged(call, GROUP, await _shown(call, await _found(call)))


def _strangers(error: Strangers) -> ScimFault:
    said = ", ".join(f"`{user_id}`" for user_id in error.user_ids[:_SAID])
    more = len(error.user_ids) - _SAID
    return ScimFault(
        INVALID_VALUE,
        f"`members` names somebody who is not known here: {said}{f' and {more} more' if more > 0 else ''}.",
    )


async def remove_group(call: Call) -> None:
    org_id = org_of(call)

    async def work() -> None:
        known = await _found(call)
        call.expects.check((await _shown(call, known))["meta"]["version"])
        note = call.note(GroupChanged(known.group_id, removed=True))
        gone = await call.node.directory.remove_group(org_id, known, note)
        who = [Who(WHO_IS_A_USER, user_id) for user_id in sorted(known.listed.members)]
        call.node.granting.changed(org_id, gone.revision, who, EVERY_TEST)

    await tried(work)


_ALL: Final = "/Groups"
_ONE: Final = "/Groups/{group_id}"
_NAMED: Final = (Code.INVALID_ID, Code.NOT_FOUND)

ENDPOINTS = [
    endpoint("GET", _ALL, "Groups, by SCIM.", list_groups, ScimGroupList, query=LISTED),
    endpoint(
        "POST",
        _ALL,
        "Make a group, by SCIM.",
        add_group,
        ScimGroup,
        shape=ScimGroupBody,
        query=SHOWN,
    ),
    endpoint("GET", _ONE, "A group, by SCIM.", show_group, ScimGroup, *_NAMED, query=SHOWN, is_tagged=True),
    endpoint(
        "PUT",
        _ONE,
        "Replace a group and who is in it, by SCIM.",
        replace_group,
        ScimGroup,
        *_NAMED,
        shape=ScimGroupBody,
        query=SHOWN,
        is_tagged=True,
    ),
    endpoint(
        "PATCH",
        _ONE,
        "Change a group, or who is in it, by SCIM.",
        patch_group,
        ScimGroup,
        *_NAMED,
        shape=PATCH,
        query=SHOWN,
        is_tagged=True,
    ),
    endpoint(
        "DELETE",
        _ONE,
        "Remove a group with its enrolments and overrides, by SCIM. People stay.",
        remove_group,
        Removed,
        *_NAMED,
        is_tagged=True,
    ),
]
