"""People by SCIM: an identity provider says who there is, and who may begin tests."""

import asyncio
from typing import Any, Final

from msgspec.structs import replace

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.removed import Removed
from protocol.rest.scim import ScimUser, ScimUserBody, ScimUserList
from protocol.rules.audit import PersonChanged
from protocol.scim.attributes import GROUP, USER
from protocol.scim.faults import UNIQUENESS, ScimFault
from protocol.scim.filters import Filter
from protocol.scim.matching import matches
from protocol.scim.patching import patched, read_operations
from protocol.scim.reading import read_resource
from protocol.scim.showing import comparisons, must_equal
from protocol.scim.users import Account, account_of, resource_of
from server.api.endpoint import Call
from server.api.people import org_of, user_id_of
from server.api.scim import (
    BATCH,
    IN_ONE_TURN,
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
from storage.directory import Known, Taken
from storage.overrides import EVERY_TEST, Who
from storage.people import USER as WHO_IS_A_USER

_TAKEN: Final = "`userName` is that of somebody else here."


def _resource(call: Call, known: Known, *, with_tag: bool = True) -> dict[str, Any]:
    groups = [
        {"value": group_id, "$ref": address_of(call, GROUP, group_id), "display": title, "type": "direct"}
        for group_id, title in known.groups
    ]
    own = {"id": known.user_id, **resource_of(known.account)} | ({"groups": groups} if groups else {})
    times = {"created": known.made_at_ms, "lastModified": known.changed_at_ms}
    return finished(call, USER, own, times, with_tag=with_tag)


async def _found(call: Call) -> Known:
    """The person that the path names. Raises `Refused(not_found)`."""
    found = await call.node.directory.user(org_of(call), user_id_of(call))
    if found is None:
        raise Refused(refuse(Code.NOT_FOUND, "Nobody has this id here."))
    return found


async def list_users(call: Call) -> dict[str, Any]:
    org_id, (skip, count), asked = org_of(call), window(call), filter_of(call, USER)
    if asked is None:
        total, people = await call.node.directory.users_from(org_id, skip, count)
        page = [_resource(call, one) for one in people]
    else:
        total, page = await _fitting(call, org_id, asked, skip, count)
    return listed(total, skip, [only_shown(call, USER, one) for one in page])


async def _fitting(call: Call, org_id: str, asked: Filter, skip: int, count: int) -> tuple[int, list[dict[str, Any]]]:
    """How many fit, and some of them."""
    must, cost = must_equal(USER, asked), comparisons(asked)
    turn = max(1, IN_ONE_TURN // cost)
    total, looked, after = 0, 0, ""
    page: list[dict[str, Any]] = []
    while True:
        some = await call.node.directory.users(org_id, must, after, BATCH)
        check_compared((looked + len(some)) * cost)
        for known in some:
            looked += 1
            if matches(USER, asked, _resource(call, known, with_tag=False)):
                if skip <= total < skip + count:
                    page.append(_resource(call, known))
                total += 1
            if looked % turn == 0:
                await asyncio.sleep(0)
        if len(some) < BATCH:
            return total, page
        after = some[-1].user_id


async def show_user(call: Call) -> Any:
    return tagged(call, USER, _resource(call, await _found(call)))


async def add_user(call: Call) -> Any:
    org_id = org_of(call)
    account = await beside(call, lambda: account_of(read_resource(USER, json_of(call))))
    note = call.note(PersonChanged(account.user_name))
    try:
        made = await call.node.directory.add_user(org_id, account, call.node.clock.now_ms(), note)
    except Taken:
        raise ScimFault(UNIQUENESS, _TAKEN, Code.TAKEN) from None
    call.node.granting.changed(org_id, made.revision, [Who(WHO_IS_A_USER, account.user_name)], EVERY_TEST)
    known = await call.node.directory.user(org_id, account.user_name)
    if known is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return tagged(call, USER, _resource(call, known), made=True)


async def replace_user(call: Call) -> Any:
    account, says_active = await replacement(
        call, USER, user_id_of(call), lambda new: (account_of(new), "active" in new)
    )

    async def work() -> Any:
        known = await _found(call)
        # RFC 7644, 3.5.1 leaves open what an absent value means: nobody is let in again without a word.
        wanted = account if says_active else replace(account, active=known.account.active)
        return await _change(call, known, wanted)

    return await tried(work)


async def patch_user(call: Call) -> Any:
    operations = await beside(call, lambda: read_operations(json_of(call)))

    async def work() -> Any:
        known = await _found(call)
        own = resource_of(known.account)
        wanted = await beside(call, lambda: account_of(patched(USER, own, operations), known.account))
        return await _change(call, known, wanted)

    return await tried(work)


async def _change(call: Call, before: Known, account: Account) -> Any:
    org_id = call.principal.org_id
    call.expects.check(_resource(call, before)["meta"]["version"])
    note = call.note(PersonChanged(before.user_id))
    try:
        changed = await call.node.directory.change_user(org_id, before, account, call.node.clock.now_ms(), note)
    except Taken:
        raise ScimFault(UNIQUENESS, _TAKEN, Code.TAKEN) from None
    if changed is not None:
        call.node.granting.changed(org_id, changed.revision, [Who(WHO_IS_A_USER, before.user_id)], EVERY_TEST)
    return tagged(call, USER, _resource(call, await _found(call)))


async def remove_user(call: Call) -> None:
    org_id = org_of(call)

    async def work() -> None:
        known = await _found(call)
        call.expects.check(_resource(call, known)["meta"]["version"])
        note = call.note(PersonChanged(known.user_id, removed=True))
        gone = await call.node.directory.remove_user(org_id, known, note)
        call.node.granting.changed(org_id, gone.revision, [Who(WHO_IS_A_USER, known.user_id)], EVERY_TEST)

    await tried(work)


_ALL: Final = "/Users"
_ONE: Final = "/Users/{user_id}"
_NAMED: Final = (Code.INVALID_ID, Code.NOT_FOUND)

ENDPOINTS = [
    endpoint("GET", _ALL, "People, by SCIM.", list_users, ScimUserList, query=LISTED),
    endpoint(
        "POST",
        _ALL,
        "Make a person, by SCIM. The name of the user becomes the id.",
        add_user,
        ScimUser,
        Code.TAKEN,
        shape=ScimUserBody,
        query=SHOWN,
    ),
    endpoint("GET", _ONE, "A person, by SCIM.", show_user, ScimUser, *_NAMED, query=SHOWN, is_tagged=True),
    endpoint(
        "PUT",
        _ONE,
        "Replace what is known of a person, by SCIM.",
        replace_user,
        ScimUser,
        *_NAMED,
        Code.TAKEN,
        shape=ScimUserBody,
        query=SHOWN,
        is_tagged=True,
    ),
    endpoint(
        "PATCH",
        _ONE,
        "Change what is known of a person, by SCIM. With `active` false she begins no test; one that runs goes on.",
        patch_user,
        ScimUser,
        *_NAMED,
        Code.TAKEN,
        shape=PATCH,
        query=SHOWN,
        is_tagged=True,
    ),
    endpoint(
        "DELETE",
        _ONE,
        "Take a person out of the organisation, by SCIM. Her attempts stay, and nothing is erased.",
        remove_user,
        Removed,
        *_NAMED,
        is_tagged=True,
    ),
]
