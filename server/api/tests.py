"""Tests, stored as a whole. A version never changes: another content is the next one."""

import asyncio
from functools import partial

from protocol import limits
from protocol.attempt.model import Role
from protocol.attempt.view import without_marks
from protocol.codes import Code
from protocol.content import TestContent
from protocol.content_checks import check_test
from protocol.errors import Refused, refuse
from protocol.ids import read_address_id
from protocol.messages.base import Int
from protocol.messages.monitor import Row
from protocol.rest.attempts import AttemptList
from protocol.rest.groups import RoomGroup, RoomGroups
from protocol.rest.tests import TestList, TestStored, TestSummary, TestVersion, TestVersions
from protocol.rules.audit import KeysRead
from protocol.rules.rights import RIGHTS, Act, may_give
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import VERSION, find_test, find_version, whole_test
from server.api.narrowing import OF_TEST, STATUS, asked_rows
from server.api.paging import PAGING, UPDATED_SINCE, next_line, next_of, order_of, search, words_of
from server.api.query import Query
from server.api.tags import Tagged
from server.writing.content import checked_content
from storage.sorting import page_in_memory

_TESTS = Lines("tests", TestSummary, ("test_id",), ("test_id", "title", "created_at_ms", "opens_at_ms", "closes_at_ms"))
_VERSIONS = Lines("versions", TestVersion, ("version",), ("-version",))
_ATTEMPTS = Lines("attempts", Row, ("attempt_id",), ("attempt_id",))


def _tag(version: int | None) -> str | None:
    """A version never changes."""
    return None if version is None else f'"{version}"'


async def put_test(call: Call) -> Tagged:
    try:
        test_id = read_address_id(call.path["test_id"])
    except ValueError as error:
        raise Refused(refuse(Code.INVALID_ID, f"The test's id {error}.")) from None
    if not call.principal.may_see_test(test_id):
        raise Refused(refuse(Code.NOT_FOUND))
    whole_test(call, test_id)
    content = check_test(await asyncio.to_thread(checked_content, call.body))
    version = await call.node.tests.put(
        call.principal.org_id,
        test_id,
        content,
        call.node.clock.now_ms(),
        call.principal.actor,
        lambda newest: call.expects.check(_tag(newest)),
    )
    call.node.following.stored(call.principal.org_id, test_id)
    return Tagged(TestStored(test_id=test_id, version=version), f'"{version}"')


async def get_test(call: Call) -> Tagged:
    test = await find_version(call)
    await call.was_read(KeysRead(test.test_id, test.version))
    return Tagged(test.content, f'"{test.version}"')


async def list_versions(call: Call) -> TestVersions:
    test = await find_test(call, call.path["test_id"])
    order, limit = order_of(call, _VERSIONS)
    since_ms = call.query.get("created_since_ms")
    found = await call.node.tests.versions(test.org_id, test.test_id, order, limit, since_ms)
    versions = [TestVersion(version=one.version, title=one.title, created_at_ms=one.created_at_ms) for one in found]
    return TestVersions(
        test_id=test.test_id, versions=versions, next=next_line(call, _VERSIONS, versions, order, limit)
    )


async def list_tests(call: Call) -> TestList:
    order, limit = order_of(call, _TESTS)
    # Without a limit all of them, as pages of old ask for them.
    most = limit if "limit" in call.query else None
    words, since_ms = words_of(call), call.query.get("updated_since_ms", 0)
    reached = await call.node.catalogue.reached_by(call.principal)
    found = [entry for entry in reached if entry.created_at_ms >= since_ms and entry.is_found_by(words)]
    tests = page_in_memory(found, partial(_TESTS.place_of, by=order.by), order, most)
    role = call.principal.role
    return TestList(
        acts=sorted(RIGHTS[role]),
        gives=[other.value for other in Role if may_give(role, other)],
        tests=[
            TestSummary(
                test_id=test.test_id,
                version=test.version,
                title=test.title,
                question_total=test.question_total,
                created_at_ms=test.created_at_ms,
                opens_at_ms=test.opens_at_ms,
                closes_at_ms=test.closes_at_ms,
            )
            for test in tests
        ],
        next=None if most is None else next_line(call, _TESTS, tests, order, most),
    )


async def list_attempts(call: Call) -> AttemptList:
    test = await find_test(call, call.path["test_id"])
    rows, limit = await asked_rows(call, test.test_id, _ATTEMPTS)
    shown = rows if call.principal.may(Act.READ_RESULTS) else list(map(without_marks, rows))
    return AttemptList(attempts=shown, next=next_of(call, rows, limit, lambda one: one.attempt_id))


async def list_groups(call: Call) -> RoomGroups:
    test_id = (await find_test(call, call.path["test_id"])).test_id
    principal = call.principal
    found = await call.node.people.groups_at(principal.org_id, test_id, principal.scope)
    groups = [RoomGroup(group_id=one.group_id, title=one.title, user_ids=list(one.user_ids)) for one in found]
    return RoomGroups(test_id=test_id, groups=groups)


ENDPOINTS = [
    Endpoint(
        method="PUT",
        path="/tests/{test_id}",
        summary="Create a test, or replace it: attempts that start from now on use the new version.",
        handle=put_test,
        body=TestContent,
        reply=TestStored,
        act=Act.WRITE_TESTS,
        refusals=(Code.NOT_FOUND, Code.INVALID_ID, Code.INVALID_TEST, Code.UPGRADE_UNDER_WAY),
        max_body_bytes=limits.MAX_TEST_BYTES,
        tagged=True,
    ),
    Endpoint(
        method="GET",
        path="/tests/{test_id}",
        summary="The newest version of a test, or the one that is asked for, keys included.",
        handle=get_test,
        reply=TestContent,
        act=Act.READ_TESTS,
        query=(VERSION,),
        refusals=(Code.NOT_FOUND,),
        tagged=True,
    ),
    Endpoint(
        method="GET",
        path="/tests/{test_id}/versions",
        summary="The versions of a test, the newest first, a page at a time.",
        handle=list_versions,
        reply=TestVersions,
        act=Act.READ_TESTS,
        query=(Query("created_since_ms", Int, says="Stored at this instant or later."), *_VERSIONS.query, *PAGING),
        lines=_VERSIONS,
        refusals=(Code.NOT_FOUND, Code.WRONG_CURSOR),
    ),
    Endpoint(
        method="GET",
        path="/tests",
        summary="The organisation's tests, or those that a search finds; with a `limit` a page at a time.",
        handle=list_tests,
        reply=TestList,
        act=Act.LIST_TESTS,
        query=(search("the title or the id"), UPDATED_SINCE, *_TESTS.query, *PAGING),
        lines=_TESTS,
        refusals=(Code.WRONG_CURSOR,),
    ),
    Endpoint(
        method="GET",
        path="/tests/{test_id}/attempts",
        summary="The attempts of a test, a page at a time, as of their last snapshot.",
        handle=list_attempts,
        reply=AttemptList,
        act=Act.WATCH,
        query=(*OF_TEST, STATUS, *_ATTEMPTS.query, *PAGING),
        lines=_ATTEMPTS,
        refusals=(Code.NOT_FOUND, Code.WRONG_CURSOR),
    ),
    Endpoint(
        method="GET",
        path="/tests/{test_id}/groups",
        summary="The groups of those who have an attempt at a test, so that a room can be looked at by group.",
        handle=list_groups,
        reply=RoomGroups,
        act=Act.WATCH,
        refusals=(Code.NOT_FOUND,),
    ),
]
