"""Every list over REST is narrowed by filters, sorted, and sent a page at a time with the fields that are asked for."""

from typing import Any

import msgspec
import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from server.api.endpoint import Endpoint
from server.app import ENDPOINTS
from tests.server.api.test_incidents import outage
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer

MINUTE = 60_000
USERS = ("ada", "bob", "eve")
IN_THEIR_ORDER = {
    "/audit": "a chain of hashes, read from either end",
    "/events": "a feed that goes on",
    "/test-attempts/{attempt_id}/log": "a chain of hashes",
    "/tests/{test_id}/marking-queue": "by question or by candidate, as the queue is worked off",
}
"""They have pages, and an order that means something: no other is asked for."""
OF_WORDS = {"/groups/{group_id}/members"}
"""Their lines have no fields."""
WHOLE = {
    "/tests/{test_id}/bulk": "the newest 20",
    "/tests/{test_id}/alerts-seen": "a line for each attempt with alerts, for the page of the room",
    "/bulk/{bulk_id}/left-out": "found anew with each call",
    "/test-attempts/{attempt_id}/files": "at most as many as one candidate may hand in",
    "/test-attempts/{attempt_id}/essays": "at most as many as a paper has questions",
    "/test-attempts/{attempt_id}/late-answers": "of one attempt",
    "/test-attempts/{attempt_id}/captured-pictures": "of one attempt, a page before an instant",
    "/scim/v2/Users": "pages, filters and fields as RFC 7644 has them",
    "/scim/v2/Groups": "pages, filters and fields as RFC 7644 has them",
}
PAGED = {"after", "limit", "sort", "fields"}
LISTS = [
    one
    for one in ENDPOINTS
    if one.method == "GET"
    and (one.reply.__name__.endswith("List") or any(query.name == "after" for query in one.query))
    and one.path not in WHOLE
]
SORTED = [one for one in LISTS if one.path not in IN_THEIR_ORDER]
PLACES = {"{test_id}": TEST, "{group_id}": "ada", "{bulk_id}": "all"}
ALSO = {"/enrolments": f"test_id={TEST}"}
"""What a list must be asked for."""
FOREIGN = {
    "user_id": "carol",
    "group_id": "theirs",
    "branch_id": "their-branch",
    "test_id": "their-test",
    "subscription_id": "theirs",
}
"""What is there in another organisation alone."""


def address(endpoint: Endpoint) -> str:
    path = endpoint.path
    for name, value in PLACES.items():
        path = path.replace(name, "other" if path.endswith("/versions") else value)
    return f"{path}?{ALSO.get(endpoint.path, '')}"


@pytest.fixture
async def school(either_server: RunningServer) -> RunningServer:
    """Two lines at least in every list; and another organisation, with a line in each too."""
    server = either_server
    service, college = server.service, server.token(Role.SERVICE, "platform", "college")

    async def put(path: str, body: object, token: str = service, method: str = "PUT") -> None:
        (await server.call(method, path, token, body)).ok()

    # Nobody but the test takes events over, and nothing is sent.
    await server.node.courier.stop()
    await put("/tests/other", exam())
    for n, user in enumerate(USERS):
        attempt_id = await server.started(user)
        await server.act("POST", f"/test-attempts/{attempt_id}/complete", server.token(user=user), {})
        await server.reaches(attempt_id, "completed")
        # Names in another order than ids.
        await put(f"/people/{user}", {"name": f"Name {9 - n}", "email": f"{user}@example.org", "branch_id": "north"})
        await put(f"/groups/{user}", {"title": f"Title {9 - n}"})
        await put(f"/groups/ada/members/{user}", {})
        await put(f"/people/to-come-{user}", {"name": f"To come {9 - n}"})
        for enrolled in (user, f"to-come-{user}"):
            await put("/enrolments", {"test_id": TEST, "user_id": enrolled})
        # Of whom no name is known.
        await put("/enrolments", {"test_id": TEST, "user_id": f"unnamed-{user}"})
        await put(f"/overrides/users/{user}", {"override": {"extra_attempts": 1}})
        await put(f"/tests/{TEST}/overrides/users/{user}", {"override": {"extra_attempts": 1}})
        await put("/tests/other", exam() | {"title": user})
        key = {"role": "service", "user_id": user, "name": "" if user == "ada" else user}
        await put("/api-keys", key, method="POST")
        subscription = {"kind": "webhook", "target": f"https://{user}.example.org/", "topics": ["*"]}
        await put("/subscriptions", subscription, method="POST")
    for user, test_id in (("sits-1", TEST), ("sits-2", TEST), ("sits-1", "other")):
        await server.started(user, test_id=test_id)
    order = {"bulk_id": "all", "order": {"t": "message", "text": "Hello"}, "filter": {}}
    await put(f"/tests/{TEST}/bulk", order, method="POST")
    await server.node.events.take_over(server.clock.now_ms())
    await server.make_test("their-test", "college")
    await server.make_attempt("carol", "college", "their-test")
    await put("/people/carol", {"name": "Carol", "branch_id": "their-branch"}, college)
    await put("/groups/theirs", {"title": "Theirs"}, college)
    await put("/groups/theirs/members/carol", {}, college)
    return server


def named(endpoint: Endpoint, line: Any) -> tuple[Any, ...]:
    """By what a line is told from others: the rest of it may change meanwhile."""
    return (line,) if endpoint.lines is None else tuple(line[name] for name in endpoint.lines.always)


async def whole(server: RunningServer, endpoint: Endpoint, query: str) -> list[Any]:
    """The lines of a list, a page of two lines after the other."""
    assert endpoint.lines is not None or endpoint.path in OF_WORDS
    name = "user_ids" if endpoint.lines is None else endpoint.lines.name
    lines: list[Any] = []
    after = ""
    while True:
        page = (await server.call("GET", f"{address(endpoint)}&{query}&limit=2{after}", server.service)).ok()
        lines += page[name]
        if page["next"] is None:
            return lines
        after = f"&after={page['next']}"


def test_every_list_can_be_asked_for_the_same() -> None:
    assert {one.path for one in LISTS} >= IN_THEIR_ORDER.keys()
    for one in LISTS:
        has = {query.name for query in one.query}
        must = {"after", "limit"} if one.path in IN_THEIR_ORDER else PAGED
        assert must - ({"fields"} if one.path in OF_WORDS else set()) <= has, one.path
        assert one.path.endswith("/log") or has - PAGED, f"{one.path} has no filter"
        assert ("fields" in has) == (one.lines is not None), one.path


@pytest.mark.slow
async def test_every_list_is_sorted_narrowed_and_paged(school: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    now_ms = school.clock.now_ms()
    await outage(school, now_ms - 60 * MINUTE, now_ms + MINUTE)
    await school.advance(2 * MINUTE)
    await every_order_over_pages_has_each_line_once(school)
    await an_unknown_order_or_field_is_refused_with_those_that_there_are(school)
    await the_fields_that_are_asked_for(school)
    await what_is_there_in_another_organisation_alone_finds_nothing(school)
    await filters_find_what_they_name(school)
    monkeypatch.setattr("storage.sorting._LOOKED_AT", 1)
    monkeypatch.setattr("storage.sorting.MAX_LOOKED_AT", 2)
    await what_a_search_has_not_come_to_is_behind_its_cursor(school)


async def every_order_over_pages_has_each_line_once(school: RunningServer) -> None:
    for one in SORTED:
        (kind,) = (query.type for query in one.query if query.name == "sort")
        words = msgspec.json.schema(kind)["enum"]
        usual = [named(one, line) for line in await whole(school, one, "")]
        assert len(usual) >= 2, one.path
        for word in words:
            lines = await whole(school, one, f"sort={word}")
            field = word.removeprefix("-")
            keys = [named(one, line) for line in lines]
            assert sorted(map(str, keys)) == sorted(map(str, usual)), (one.path, word)
            if one.lines is not None and field in lines[0]:
                values = [0 if line[field] is None else line[field] for line in lines]
                assert values == sorted(values, reverse=word.startswith("-")), (one.path, word)


async def an_unknown_order_or_field_is_refused_with_those_that_there_are(school: RunningServer) -> None:
    for one in LISTS:
        for name in {query.name for query in one.query} & {"sort", "fields"}:
            refused = await school.call("GET", f"{address(one)}&{name}=shoe", school.service)
            assert (refused.status, refused.code) == (422, Code.OUT_OF_RANGE), (one.path, name)
            assert f"`{name}`" in refused.body["detail"]


async def the_fields_that_are_asked_for(school: RunningServer) -> None:
    for one in SORTED:
        if one.lines is None:
            continue
        field = one.lines.line.__struct_fields__[-1]
        reply = (await school.call("GET", f"{address(one)}&fields={field}", school.service)).ok()
        for line in reply[one.lines.name]:
            assert set(line) == {field, *one.lines.always}, one.path


async def what_is_there_in_another_organisation_alone_finds_nothing(school: RunningServer) -> None:
    for one in SORTED:
        name = "user_ids" if one.lines is None else one.lines.name
        for filter_name in {query.name for query in one.query} & FOREIGN.keys():
            if filter_name in ALSO.get(one.path, ""):
                continue
            reply = await school.call("GET", f"{address(one)}&{filter_name}={FOREIGN[filter_name]}", school.service)
            assert reply.ok()[name] == [], (one.path, filter_name)


async def filters_find_what_they_name(school: RunningServer) -> None:
    now_ms = school.clock.now_ms()
    for path, name, key, found in (
        ("/people?search=NAME+8", "people", "user_id", ["bob"]),
        ("/people?search=ada@EXAMPLE", "people", "user_id", ["ada"]),
        ("/people?group_id=ada&sort=name&limit=2", "people", "user_id", ["eve", "bob"]),
        ("/people?branch_id=north&sort=-user_id", "people", "user_id", ["eve", "bob", "ada"]),
        ("/people?active=0", "people", "user_id", []),
        (f"/people?updated_since_ms={now_ms + MINUTE}", "people", "user_id", []),
        ("/groups?search=title+9", "groups", "group_id", ["ada"]),
        ("/groups?user_id=bob", "groups", "group_id", ["ada"]),
        ("/overrides?user_id=bob", "overrides", "user_id", ["bob"]),
        ("/overrides?kind=group", "overrides", "user_id", []),
        (f"/tests/{TEST}/overrides?updated_since_ms={now_ms + MINUTE}", "overrides", "user_id", []),
        (f"/enrolments?test_id={TEST}&user_id=to-come-ada", "enrolments", "user_id", ["to-come-ada"]),
        (f"/tests/{TEST}/attempts?status=in_progress", "attempts", "user_id", ["sits-1", "sits-2"]),
        (f"/tests/{TEST}/attempts?user_id=eve", "attempts", "user_id", ["eve"]),
        (f"/tests/{TEST}/results?status=completed", "candidates", "user_id", ["ada", "bob", "eve"]),
        (f"/tests/{TEST}/results?group_id=ada&sort=-user_id&limit=1", "candidates", "user_id", ["eve"]),
        (f"/tests/{TEST}/results?updated_since_ms={now_ms + MINUTE}", "candidates", "user_id", []),
        (f"/tests/other/versions?created_since_ms={now_ms + MINUTE}", "versions", "version", []),
        ("/tests?search=eve", "tests", "test_id", ["other"]),
        (f"/tests?updated_since_ms={now_ms + MINUTE}", "tests", "test_id", []),
        ("/rooms?search=nothing", "rooms", "test_id", []),
        ("/api-keys?user_id=ada", "keys", "user_id", ["ada"]),
        ("/subscriptions?enabled=0", "subscriptions", "target", []),
    ):
        lines = (await school.call("GET", path, school.service)).ok()[name]
        assert [line[key] for line in lines] == found, path


async def what_a_search_has_not_come_to_is_behind_its_cursor(school: RunningServer) -> None:
    people, groups = (one for one in SORTED if one.path in ("/people", "/groups"))
    # Two lines are looked through in a call: ada and bob, then eve and the first of those to come.
    page = (await school.call("GET", "/people?search=come", school.service)).ok()
    assert page["people"] == []
    page = (await school.call("GET", f"/people?search=come&after={page['next']}", school.service)).ok()
    assert [one["user_id"] for one in page["people"]] == ["to-come-ada"]
    for endpoint, query, found in (
        (people, "search=come", ["to-come-ada", "to-come-bob", "to-come-eve"]),
        (people, "search=come&sort=-name", ["to-come-ada", "to-come-bob", "to-come-eve"]),
        (people, "search=come&sort=name", ["to-come-eve", "to-come-bob", "to-come-ada"]),
        (people, "search=nobody", []),
        (groups, "search=eve", ["eve"]),
        (groups, "search=ada&sort=title", ["ada"]),
    ):
        assert [*sum((named(endpoint, one) for one in await whole(school, endpoint, query)), ())] == found, query
