"""SCIM as identity providers speak it: Entra's and Okta's ways through a life, by the address that they are given."""

from typing import Any, Final
from urllib.parse import quote

import msgspec
import pytest

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.rest.scim import SCIM_MEDIA_TYPE
from protocol.scim.attributes import ENTERPRISE_URN, GROUP, USER
from protocol.scim.patching import PATCH_URN
from tests.server.harness.exam import TEST
from tests.server.harness.running import Reply, RunningServer
from tests.shared import SHARED

BASE: Final = "/scim/v2"
COLLEGE: Final = "college"


async def call(server: RunningServer, method: str, path: str, body: Any = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = None if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
    if raw is not None:
        named["content-type"] = SCIM_MEDIA_TYPE
    return await server.call(method, BASE + path, server.service, None, raw, **named)


def user(user_name: str, **fields: Any) -> dict[str, Any]:
    return {"schemas": [USER.urn], "userName": user_name} | fields


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_URN], "Operations": list(operations)}


def where(text: str) -> str:
    return f"?filter={quote(text)}"


async def found(server: RunningServer, text: str, kind: str = "Users", rest: str = "") -> list[str]:
    reply = (await call(server, "GET", f"/{kind}{where(text)}{rest}")).ok()
    return [one["id"] for one in reply["Resources"]]


async def test_entra_keeps_a_person_and_a_group(server: RunningServer) -> None:
    assert await found(server, 'userName eq "ada@example.org"', rest="&aadOptscim062020") == []
    by_default = {
        "schemas": [USER.urn, ENTERPRISE_URN],
        "externalId": "0a21f0f2",
        "active": True,
        "displayName": "Ada Lovelace",
        "emails": [{"primary": True, "type": "work", "value": "ada@example.org"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada"},
        "title": "Analyst",
        "phoneNumbers": [{"type": "work", "value": "1"}],
        f"{ENTERPRISE_URN}": {"department": "Maths", "manager": {"value": "babbage"}},
    }
    made = await call(server, "POST", "/Users", user("ada@example.org") | by_default)
    assert made.headers["content-type"] == SCIM_MEDIA_TYPE
    ada = made.ok()
    assert (made.status, made.headers["etag"]) == (201, ada["meta"]["version"])
    assert made.headers["location"] == ada["meta"]["location"] == f"{server.settings.url}{BASE}/Users/ada@example.org"
    assert "phoneNumbers" not in ada
    off = {"op": "Replace", "path": "active", "value": "False"}
    again = {"op": "Add", "path": 'emails[type eq "work"].value', "value": "countess@example.org"}
    changed = (await call(server, "PATCH", f"/Users/{ada['id']}", patch(off, again))).ok()
    assert (changed["active"], changed["emails"][0]["value"]) == (False, "countess@example.org")
    assert (await server.call("GET", f"/people/{ada['id']}", server.service)).ok()["email"] == "countess@example.org"

    group = {"schemas": [GROUP.urn], "externalId": "8aa1a0c0", "displayName": "Maths", "meta": {}}
    room = (await call(server, "POST", "/Groups", group)).ok()
    assert await found(server, 'displayName eq "MATHS"', "Groups", "&excludedAttributes=members") == [room["id"]]
    joined = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": ada["id"]}]}
    has = (await call(server, "PATCH", f"/Groups/{room['id']}", patch(joined))).ok()
    assert [(one["value"], one["display"]) for one in has["members"]] == [(ada["id"], "Ada Lovelace")]
    whose = f'id eq "{room["id"]}" and members[value eq "{ada["id"]}"]'
    assert await found(server, whose, "Groups") == [room["id"]]
    assert (await call(server, "GET", f"/Users/{ada['id']}")).ok()["groups"][0]["display"] == "Maths"
    assert (await server.call("GET", f"/people/{ada['id']}", server.service)).ok()["groups"] == [room["id"]]
    left = {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": ada["id"]}]}
    assert "members" not in (await call(server, "PATCH", f"/Groups/{room['id']}", patch(left))).ok()
    for path in (f"/Groups/{room['id']}", f"/Users/{ada['id']}"):
        gone = await call(server, "DELETE", path)
        assert (gone.status, gone.raw) == (204, b"")
        assert (await call(server, "GET", path)).code == Code.NOT_FOUND


async def test_whatever_can_be_an_id_has_an_address(server: RunningServer) -> None:
    for user_id in ("李 明", "zoë/1?#%41"):
        made = await call(server, "POST", "/Users", user(user_id))
        address = made.ok()["meta"]["location"]
        assert (made.status, made.ok()["id"], made.headers["location"]) == (201, user_id, address)
        of_base = address.removeprefix(server.settings.url + BASE)
        assert (await call(server, "GET", of_base)).ok()["userName"] == user_id
        joined = {"op": "add", "path": "members", "value": [{"value": user_id}]}
        room = (await call(server, "POST", "/Groups", {"schemas": [GROUP.urn], "displayName": "Room"})).ok()
        has = (await call(server, "PATCH", f"/Groups/{room['id']}", patch(joined))).ok()
        assert has["members"][0]["$ref"] == address


async def test_okta_keeps_people_and_a_group(server: RunningServer) -> None:
    """It replaces people whole, patches without a path, and takes over whom it finds."""
    (await server.call("PUT", "/people/bob", server.service, {"name": "Robert", "branch_id": "north"})).ok()
    assert (await call(server, "POST", "/Users", user("bob"))).code == Code.TAKEN
    assert await found(server, 'userName eq "bob"', rest="&startIndex=1&count=100") == ["bob"]
    whole = user(
        "bob", id="bob", externalId="00ujl29u0le5T6Aj10h7", active=True, locale="en-US", groups=[], password="s3cret",
        name={"givenName": "Robert", "familyName": "Boyle"}, displayName="Robert Boyle",
    )  # fmt: skip
    bob = (await call(server, "PUT", "/Users/bob", whole)).ok()
    assert (bob["displayName"], bob["externalId"]) == ("Robert Boyle", "00ujl29u0le5T6Aj10h7")
    person = (await server.call("GET", "/people/bob", server.service)).ok()
    assert (person["name"], person["branch_id"]) == ("Robert Boyle", "north"), "what SCIM does not say stays"
    assert (await call(server, "PATCH", "/Users/bob", patch({"op": "replace", "value": {"active": False}}))).ok()[
        "active"
    ] is False
    silent = {name: value for name, value in whole.items() if name != "active"}
    assert (await call(server, "PUT", "/Users/bob", silent)).ok()["active"] is False
    assert (await call(server, "PUT", "/Users/bob", silent | {"ACTIVE": True})).ok()["active"] is True
    assert (await call(server, "PUT", "/Users/bob", whole | {"active": False})).ok()["active"] is False
    (await call(server, "POST", "/Users", user("eve"))).ok()
    group = {"schemas": [GROUP.urn], "displayName": "Room 1", "members": [{"value": "bob", "display": "Robert"}]}
    room = (await call(server, "POST", "/Groups", group)).ok()
    renamed = {"op": "replace", "value": {"id": room["id"], "displayName": "Room 2"}}
    swapped: list[dict[str, Any]] = [
        {"op": "remove", "path": 'members[value eq "bob"]'},
        {"op": "add", "path": "members", "value": [{"value": "eve", "display": "eve"}]},
    ]
    now = (await call(server, "PATCH", f"/Groups/{room['id']}", patch(renamed, *swapped))).ok()
    assert (now["displayName"], [one["value"] for one in now["members"]]) == ("Room 2", ["eve"])
    whole_group = group | {"displayName": "Room 3"}
    assert (await call(server, "PUT", f"/Groups/{room['id']}", whole_group)).ok()["members"][0]["value"] == "bob"


async def test_lists_are_paged_filtered_and_cut(server: RunningServer) -> None:
    for name in ("ada", "bob", "eve"):
        (await call(server, "POST", "/Users", user(name, displayName=name.title()))).ok()
    (await call(server, "PATCH", "/Users/eve", patch({"op": "replace", "path": "active", "value": False}))).ok()
    for query, total, start, names in (
        ("", 3, 1, ["ada", "bob", "eve"]),
        ("?startIndex=2&count=1", 3, 2, ["bob"]),
        ("?startIndex=-3&count=1", 3, 1, ["ada"]),
        ("?count=0", 3, 1, []),
        ("?count=-1", 3, 1, []),
        ("?startIndex=99999999999999999999", 3, 1_000_000_000, []),
        (where("active eq true") + "&count=1", 2, 1, ["ada"]),
        (where("active eq true") + "&startIndex=2", 2, 2, ["bob"]),
        (where('not (userName sw "a") and displayName pr'), 2, 1, ["bob", "eve"]),
    ):
        reply = (await call(server, "GET", f"/Users{query}")).ok()
        assert (reply["totalResults"], reply["startIndex"]) == (total, start), query
        assert [one["userName"] for one in reply["Resources"]] == names, query
        assert reply["itemsPerPage"] == len(names)
    short = (await call(server, "GET", "/Users/ada?attributes=userName")).ok()
    assert short == {"schemas": [USER.urn], "id": "ada", "userName": "ada"}
    assert (await call(server, "GET", "/Users?count=x")).code == Code.OUT_OF_RANGE
    assert (await call(server, "GET", "/Users?attributes=shoeSize")).body["scimType"] == "invalidPath"


async def test_whoever_has_seen_it_replaces_it(server: RunningServer) -> None:
    (await call(server, "POST", "/Users", user("ada"))).ok()
    (await call(server, "POST", "/Groups", {"schemas": [GROUP.urn], "displayName": "Room"})).ok()
    [room] = await found(server, "displayName pr", "Groups")
    for path, body in (
        ("/Users/ada", user("ada", displayName="Ada")),
        (f"/Groups/{room}", {"schemas": [GROUP.urn], "displayName": "Hall"}),
    ):
        seen = (await call(server, "GET", path)).headers["etag"]
        assert (await call(server, "GET", path, if_none_match=seen)).status == 304
        changed = await call(server, "PUT", path, body, if_match=seen)
        assert changed.headers["etag"] == changed.body["meta"]["version"] != seen
        rename = patch({"op": "replace", "path": "displayName", "value": "Other"})
        for method, late in (("PUT", body), ("PATCH", rename), ("DELETE", None)):
            refused = await call(server, method, path, late, if_match=seen)
            assert (refused.status, refused.code) == (412, Code.CHANGED_MEANWHILE)
        assert (await call(server, "PATCH", path, rename, if_match=changed.headers["etag"])).status == 200
        assert (await call(server, "DELETE", path, if_match="*")).status == 204


async def test_one_organisation_never_sees_anothers(server: RunningServer) -> None:
    (await call(server, "POST", "/Users", user("ada", externalId="canary"))).ok()
    room = (await call(server, "POST", "/Groups", {"schemas": [GROUP.urn], "displayName": "canary"})).ok()["id"]
    theirs = server.token(Role.SERVICE, "okta", COLLEGE)
    asked = ("/Users" + where('externalId eq "canary"'), "/Groups" + where('displayName co "can"'))
    for path in ("/Users", "/Groups", *asked):
        assert (await server.call("GET", BASE + path, theirs)).ok()["totalResults"] == 0
    named = {"schemas": [GROUP.urn], "displayName": "x", "members": [{"value": "ada"}]}
    refused = await server.call("POST", f"{BASE}/Groups", theirs, named)
    assert (refused.status, refused.body["scimType"]) == (400, "invalidValue")
    assert "`ada`" in refused.body["detail"]
    for path in ("/Users/ada", f"/Groups/{room}"):
        assert (await server.call("DELETE", BASE + path, theirs)).code == Code.NOT_FOUND
    (await server.call("POST", f"{BASE}/Users", theirs, user("ada"))).ok()


async def test_what_is_refused_is_refused_by_name_and_changes_nothing(server: RunningServer) -> None:
    (await call(server, "POST", "/Users", user("ada"))).ok()
    before = (await call(server, "GET", "/Users")).raw
    room = {"schemas": [GROUP.urn], "displayName": "Room"}
    for method, path, body, status, scim_type in (
        ("POST", "/Users", user("ADA"), 409, "uniqueness"),
        ("PUT", "/Users/ada", user("ada", id="bob"), 400, "invalidValue"),
        ("POST", "/Users", user("x", shoeSize=7), 400, "invalidPath"),
        ("POST", "/Users", user("x") | {"schemas": ["urn:example:shoes"]}, 400, "invalidSyntax"),
        ("POST", "/Users", user("x", displayName="x" * 2_000_000), 400, "invalidValue"),
        ("POST", "/Users", b"{" + b" " * 10_000_000, 413, None),
        ("POST", "/Users", b'{"a":' * 100_000, 400, "invalidSyntax"),
        ("POST", "/Users", b'{"userName": "\xff"}', 400, "invalidSyntax"),
        ("POST", "/Groups", room | {"members": [{"value": "nobody"}]}, 400, "invalidValue"),
        ("POST", "/Groups", room | {"members": [{"value": "x", "type": "Group"}]}, 400, "invalidValue"),
        ("PATCH", "/Users/ada", patch({"op": "replace", "path": "id", "value": "x"}), 400, "mutability"),
        ("PATCH", "/Users/ada", patch({"op": "replace", "path": "emails[type eq", "value": 1}), 400, "invalidPath"),
        ("PATCH", "/Users/ada", patch({"op": "add", "path": "emails", "value": {"type": 7}}), 400, "invalidValue"),
        ("PATCH", "/Users/ada", patch(*[{"op": "remove", "path": "nickName"}] * 1_001), 400, "invalidValue"),
        ("GET", "/Users" + where("(" * 900 + "active eq true"), None, 400, "invalidFilter"),
        ("GET", "/Users" + where("userName eq ada"), None, 400, "invalidFilter"),
        ("GET", "/Users" + where('userName eq "a\\u0000"'), None, 400, "invalidFilter"),
        ("POST", "/Users", b'{"schemas": [' + b"[]," * 200_000 + b"[]]}", 400, "invalidSyntax"),
        ("GET", "/Users" + where("x" * 2_001), None, 400, "invalidValue"),
        ("POST", "/Bulk", {}, 404, None),
        ("POST", "/Me", {}, 404, None),
    ):
        reply = await call(server, method, path, body)
        assert (reply.status, reply.body.get("scimType")) == (status, scim_type), (path, reply.raw[:300])
        assert reply.code in set(Code)
        assert reply.body["detail"]
    assert (await call(server, "GET", "/Users")).raw == before
    assert (await call(server, "GET", "/Groups")).ok()["totalResults"] == 0
    forbidden = await server.call("GET", f"{BASE}/Users", server.token())
    assert (forbidden.status, forbidden.code) == (403, Code.FORBIDDEN)
    nobody = await server.call("GET", f"{BASE}/Users")
    assert (nobody.status, nobody.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_filter_that_no_index_answers_has_a_limit(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "bob", "eve"):
        (await call(server, "POST", "/Users", user(name))).ok()
    monkeypatch.setattr(limits, "MAX_FILTERED", 2)
    reply = await call(server, "GET", "/Users" + where('userName co "a"'))
    assert (reply.status, reply.body["scimType"]) == (400, "tooMany")
    assert await found(server, 'userName eq "eve"') == ["eve"]


async def test_whose_account_is_off_begins_nothing_and_goes_on_with_what_she_sits(server: RunningServer) -> None:
    for name in ("ada", "bob", "eve"):
        (await call(server, "POST", "/Users", user(name))).ok()
    sits, waits = await server.started("ada"), await server.make_attempt("bob")

    async def switch(active: bool) -> None:
        for name in ("ada", "bob", "eve"):
            asked = patch({"op": "replace", "value": {"active": active}})
            (await call(server, "PATCH", f"/Users/{name}", asked)).ok()

    async with await server.sit(waits, "bob") as page:
        await switch(active=False)
        assert [one["code"] for one in (await page.until("offer"))["hindrances"]] == [Code.ACCOUNT_OFF]
        start = await server.act("POST", f"/test-attempts/{waits}/start", server.token(user="bob"), {})
        assert start.code == Code.ACCOUNT_OFF
        for token, whose in ((server.token(user="eve"), {}), (server.service, {"user_id": "eve"})):
            reply = await server.call("POST", "/test-attempts", token, {"test_id": TEST, **whose})
            assert reply.code == Code.ACCOUNT_OFF
        told = (await server.call("GET", f"/tests/{TEST}/admission?user_id=eve", server.service)).ok()
        assert [one["code"] for one in told["hindrances"]] == [Code.ACCOUNT_OFF]
        answer = {"n": 1, "question_id": "word", "value": "Euler", "position": None, "client_at_ms": 0}
        (await server.act("POST", f"/test-attempts/{sits}/answers", server.token(), {"answers": [answer]})).ok()
        (await server.call("POST", f"/test-attempts/{sits}/pause", server.instructor, {})).ok()
        (await server.call("POST", f"/test-attempts/{sits}/resume", server.instructor, {})).ok()
        (await server.act("POST", f"/test-attempts/{sits}/complete", server.token(), {})).ok()
        await switch(active=True)
        assert (await page.until("offer"))["hindrances"] == []
        (await server.act("POST", f"/test-attempts/{waits}/start", server.token(user="bob"), {})).ok()
    assert (await server.call("POST", "/test-attempts", server.token(user="eve"), {"test_id": TEST})).status == 201


async def test_an_api_key_keeps_people(server: RunningServer) -> None:
    made = (await server.call("POST", "/api-keys", server.service, {"role": "service", "user_id": "entra"})).ok()
    (await server.call("POST", f"{BASE}/Users", made["secret"], user("ada"))).ok()
    entries = (await server.call("GET", "/audit", server.service)).ok()["entries"]
    assert "entra" in str(entries[-1])


async def test_the_examples_of_the_rfc(server: RunningServer) -> None:
    folder = SHARED / "data/import/scim"
    if not folder.exists():
        pytest.skip("the examples of the RFC are not on this machine")
    full = (await call(server, "POST", "/Users", (folder / "rfc7643-8.3-enterprise_user.json").read_bytes())).ok()
    assert (full["displayName"], full["emails"][0]["value"]) == ("Babs Jensen", "bjensen@example.com")
    group = await call(server, "POST", "/Groups", (folder / "rfc7643-8.4-group.json").read_bytes())
    assert "2819c223-7f76-453a-919d-413861904646" in group.body["detail"], "its members are not known here"
    many = (folder / "rfc7644-3.7.3-bulk_request-multiple_operations.json").read_bytes()
    bulk = await call(server, "POST", "/Bulk", many)
    assert bulk.status == 404
    assert (await call(server, "GET", "/ServiceProviderConfig")).ok()["bulk"]["supported"] is False
