"""Entity tags: nobody replaces what she has not seen, and nobody reads again what she has."""

import asyncio
from typing import Any, Final

import pytest
from starlette.datastructures import Headers

from protocol.codes import Code
from protocol.errors import Refused
from server.api.tags import expected, is_known
from tests.server.conftest import Pair
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import Reply, RunningServer

PATH = f"/tests/{TEST}"
HOOK: dict[str, Any] = {"target": "https://example.org/hook", "topics": ["*"], "description": ""}


async def put(server: RunningServer, title: str, **headers: str) -> Reply:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await server.call("PUT", PATH, server.service, exam() | {"title": title}, None, **given)


async def test_a_test_is_replaced_by_whoever_has_seen_its_newest_version(either_server: RunningServer) -> None:
    server = either_server
    seen = await server.call("GET", PATH, server.service)
    assert seen.headers["etag"] == '"1"'
    mine = await put(server, "Mine", if_match=seen.headers["etag"])
    assert (mine.status, mine.headers["etag"], mine.body["version"]) == (200, '"2"', 2)
    late = await put(server, "Hers", if_match=seen.headers["etag"])
    assert (late.status, late.code) == (412, Code.CHANGED_MEANWHILE)
    assert (await server.call("GET", PATH, server.service)).body["title"] == "Mine"
    assert (await put(server, "Any", if_match="*")).status == 200
    assert (await put(server, "One of them", if_match='"1", "3"')).status == 200
    assert (await put(server, "Whatever is there")).status == 200


async def test_a_test_is_only_made_where_there_is_none(server: RunningServer) -> None:
    headers = {"if-none-match": "*"}
    assert (await put(server, "Again", if_none_match="*")).code == Code.CHANGED_MEANWHILE
    made = await server.call("PUT", "/tests/new", server.service, exam(), None, **headers)
    assert made.status == 200
    missing = await server.call("PUT", "/tests/newer", server.service, exam(), None, **{"if-match": '"1"'})
    assert missing.code == Code.CHANGED_MEANWHILE
    assert (await server.call("GET", "/tests/newer", server.service)).status == 404


async def test_of_two_at_once_on_two_nodes_one_replaces(deaf_pair: Pair) -> None:
    seen = '"1"'
    both = await asyncio.gather(*(put(node, f"By {index}", if_match=seen) for index, node in enumerate(deaf_pair)))
    assert sorted(reply.status for reply in both) == [200, 412]


async def test_what_is_known_is_not_sent_again(server: RunningServer) -> None:
    again = await server.call("GET", PATH, server.service, None, None, **{"if-none-match": 'W/"1"'})
    assert (again.status, again.raw, again.headers["etag"]) == (304, b"", '"1"')
    other = await server.call("GET", PATH, server.service, None, None, **{"if-none-match": '"0"'})
    assert other.status == 200
    hidden = await server.call("GET", PATH, server.token(), None, None, **{"if-none-match": '"1"'})
    assert hidden.status == 403


async def test_a_subscription_is_changed_and_removed_by_whoever_has_seen_it(server: RunningServer) -> None:
    made = (await server.call("POST", "/subscriptions", server.service, {"kind": "webhook", **HOOK})).ok()
    path = f"/subscriptions/{made['subscription']['subscription_id']}"
    seen = (await server.call("GET", path, server.service)).headers["etag"]
    known = await server.call("GET", path, server.service, None, None, **{"if-none-match": seen})
    assert known.status == 304
    changed = await server.call("PUT", path, server.service, HOOK | {"description": "x"}, None, **{"if-match": seen})
    assert changed.status == 200
    assert changed.headers["etag"] == (await server.call("GET", path, server.service)).headers["etag"] != seen
    for method, body in (("PUT", HOOK), ("DELETE", None)):
        late = await server.call(method, path, server.service, body, None, **{"if-match": seen})
        assert (late.status, late.code) == (412, Code.CHANGED_MEANWHILE)
    assert (await server.call("GET", path, server.service)).body["description"] == "x"
    gone = await server.call("DELETE", path, server.service, None, None, **{"if-match": changed.headers["etag"]})
    assert gone.body == {"removed": True}


async def test_where_nothing_has_a_tag_a_demand_is_refused_and_not_passed_over(server: RunningServer) -> None:
    for headers in ({"if-match": '"1"'}, {"if-none-match": "*"}):
        enrolment = {"test_id": TEST, "user_id": "ada"}
        reply = await server.call("PUT", "/enrolments", server.service, enrolment, None, **headers)
        assert (reply.status, reply.code) == (400, Code.MALFORMED)
    assert (await server.call("GET", f"/enrolments?test_id={TEST}", server.service)).ok()["enrolments"] == []


REPLACED: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "/people/ada": ({"name": "Ada", "active": False}, {"name": "Ada", "active": True}),
    "/groups/hall": ({"title": "Hall"}, {"title": "Big hall"}),
    **{
        f"{base}/overrides/{who}": ({"override": {"extra_attempts": 1}}, {"override": {"extra_attempts": 2}})
        for base in ("", PATH)
        for who in ("users/bob", "groups/room")
    },
}
"""Address → what is there, and what it is replaced by."""


@pytest.mark.parametrize("path", REPLACED)
async def test_what_is_replaced_is_replaced_and_removed_by_whoever_has_seen_it(
    server: RunningServer, path: str
) -> None:
    (await server.call("PUT", "/people/bob", server.service, {"name": "Bob"})).ok()
    (await server.call("PUT", "/groups/room", server.service, {"title": "Room"})).ok()
    first, second = REPLACED[path]

    async def call(method: str, body: Any = None, **headers: str) -> Reply:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await server.call(method, path, server.service, body, None, **given)

    assert (await call("PUT", first, if_match='"1"')).code == Code.CHANGED_MEANWHILE
    assert (await call("GET")).status == 404
    made = await call("PUT", first, if_none_match="*")
    seen = made.headers["etag"]
    assert (await call("GET")).headers["etag"] == seen
    assert (await call("GET", if_none_match=seen)).status == 304
    assert (await call("PUT", second, if_none_match="*")).code == Code.CHANGED_MEANWHILE
    changed = await call("PUT", second, if_match=seen)
    assert changed.headers["etag"] == (await call("GET")).headers["etag"] != seen
    before = (await call("GET")).body
    for method, body in (("PUT", first), ("DELETE", None)):
        late = await call(method, body, if_match=seen)
        assert (late.status, late.code) == (412, Code.CHANGED_MEANWHILE)
    assert (await call("GET")).body == before
    assert (await call("DELETE", if_match=changed.headers["etag"])).ok() == {"removed": True}
    assert (await call("PUT", first)).status == 200, "nobody must say what she has seen"


async def test_a_list_of_what_is_granted_has_the_tags_that_a_change_demands(server: RunningServer) -> None:
    (await server.call("PUT", "/people/bob", server.service, {"name": "Bob"})).ok()
    path, listed = f"{PATH}/overrides/users/bob", {}
    for extra in (1, 2):
        made = await server.call("PUT", path, server.service, {"override": {"extra_attempts": extra}})
        [listed] = (await server.call("GET", f"{PATH}/overrides", server.service)).ok()["overrides"]
        assert listed["etag"] == made.headers["etag"] == made.ok()["etag"]
    assert (await server.call("DELETE", path, server.service, None, None, **{"if-match": listed["etag"]})).status == 200


async def test_an_account_stays_off_until_somebody_switches_it_on(server: RunningServer) -> None:
    for active, shown in ((None, True), (False, False), (None, False), (True, True)):
        said = {} if active is None else {"active": active}
        reply = (await server.call("PUT", "/people/ada", server.service, {"name": "Ada"} | said)).ok()
        assert reply["active"] is shown
        [listed] = (await server.call("GET", "/people", server.service)).ok()["people"]
        assert listed["active"] is shown


@pytest.mark.parametrize("text", ["1", '"', '"a" b', '"1", *', ", ", "", '"é"', ",".join(['"1"'] * 17)])
def test_what_was_meant_to_hold_somebody_back_must_be_read(text: str) -> None:
    headers = Headers(raw=[(b"if-match", text.encode("latin-1"))])
    with pytest.raises(Refused) as raised:
        expected(headers, tagged=True)
    assert raised.value.refusal.code == Code.MALFORMED
    assert not is_known(Headers(raw=[(b"if-none-match", text.encode("latin-1"))]), '"2"')


def test_a_change_may_only_demand_that_there_is_nothing() -> None:
    with pytest.raises(Refused):
        expected(Headers({"if-none-match": '"1"'}), tagged=True)


def test_a_comma_in_a_tag_is_part_of_it() -> None:
    assert expected(Headers({"if-match": '"a,b" , W/"c"'}), tagged=True).seen == ('"a,b"', 'W/"c"')
