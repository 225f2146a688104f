"""Patches as RFC 7644 (3.5.2) shows them, and as Entra and Okta write them."""

from typing import Any, Final

import msgspec
import pytest

from protocol import limits
from protocol.scim.attributes import GROUP, USER, Schema
from protocol.scim.faults import (
    INVALID_FILTER,
    INVALID_PATH,
    INVALID_SYNTAX,
    INVALID_VALUE,
    MUTABILITY,
    NO_TARGET,
    ScimFault,
)
from protocol.scim.patching import PATCH_URN, patched, read_operations
from protocol.scim.reading import read_resource
from tests.shared import SHARED

ADA: Final[dict[str, Any]] = {
    "userName": "ada",
    "displayName": "Ada Lovelace",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [{"value": "ada@example.org", "type": "work", "primary": True}],
    "active": True,
}
ROOM: Final[dict[str, Any]] = {"displayName": "Room 1", "members": [{"value": "ada"}, {"value": "bob"}]}
KING: Final = {"givenName": "Ada", "familyName": "King"}
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def operations(*given: dict[str, Any]) -> list[Any]:
    return read_operations({"schemas": [PATCH_URN], "Operations": list(given)})


def patch(*given: dict[str, Any], to: dict[str, Any] = ADA, schema: Schema = USER) -> dict[str, Any]:
    before = msgspec.json.encode(to)
    after = patched(schema, to, operations(*given))
    assert msgspec.json.encode(to) == before, "the resource stays as it is"
    return after


def members(*given: dict[str, Any], to: dict[str, Any] = ROOM) -> list[str]:
    return [one["value"] for one in patch(*given, to=to, schema=GROUP).get("members", [])]


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        # Okta
        ({"op": "replace", "value": {"active": False}}, {"active": False}),
        ({"op": "replace", "value": {"id": "ada", "userName": "ada.l"}}, {"userName": "ada.l"}),
        # Entra
        ({"op": "Replace", "path": "active", "value": "False"}, {"active": False}),
        ({"op": "Add", "path": "displayName", "value": "Countess"}, {"displayName": "Countess"}),
        (
            {"op": "Add", "value": {"name.familyName": "King", f"{ENTERPRISE}:department": "Maths"}},
            {"name": KING},
        ),
        ({"op": "Replace", "path": f"{USER.urn}:userName", "value": "ada.l"}, {"userName": "ada.l"}),
        (
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "ada@new.example"},
            {"emails": [{"value": "ada@new.example", "type": "work", "primary": True}]},
        ),
        ({"op": "Replace", "path": 'addresses[type eq "work"].locality', "value": "London"}, {}),
        ({"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": "bob"}, {}),
        ({"op": "Replace", "path": 'phoneNumbers[type eq "mobile"].value', "value": "1"}, {}),
        # The RFC
        ({"op": "replace", "path": "name", "value": {"familyName": "King"}}, {"name": KING}),
        ({"op": "remove", "path": "name.givenName"}, {"name": {"familyName": "Lovelace"}}),
        ({"op": "replace", "path": "externalId", "value": "7"}, {"externalId": "7"}),
        ({"op": "remove", "path": "externalId"}, {}),
        ({"op": "replace", "path": "emails", "value": []}, {"emails": []}),
        ({"op": "remove", "path": 'emails[type eq "work"]'}, {"emails": []}),
        ({"op": "remove", "path": 'emails[type eq "work"].value'}, {"emails": [{"type": "work", "primary": True}]}),
        ({"op": "add", "path": "nickName", "value": "Babs"}, {}),
        ({"op": "add", "value": {"schemas": [USER.urn], "displayName": "A."}}, {"displayName": "A."}),
    ],
)  # fmt: skip
def test_one_operation(operation: dict[str, Any], changed: dict[str, Any]) -> None:
    assert patch(operation) == ADA | changed


def test_an_address_that_is_added_takes_its_place() -> None:
    home = {"value": "ada@home.example", "type": "home", "primary": True}
    added = patch({"op": "add", "path": "emails", "value": [home]})
    assert added["emails"] == [{"value": "ada@example.org", "type": "work"}, home]
    bare = {name: value for name, value in ADA.items() if name != "emails"}
    made = patch({"op": "Add", "path": 'emails[type eq "work"].value', "value": "a@b.example"}, to=bare)
    assert made["emails"] == [{"type": "work", "value": "a@b.example"}]


def test_operations_follow_one_another() -> None:
    after = patch(
        {"op": "remove", "path": "emails"},
        {"op": "add", "path": "emails", "value": {"value": "x@y.example"}},
        {"op": "replace", "path": "emails.type", "value": "home"},
    )
    assert after["emails"] == [{"value": "x@y.example", "type": "home"}]


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ({"op": "add", "path": "members", "value": [{"value": "eve"}, {"value": "ada"}]}, ["ada", "bob", "eve"]),
        ({"op": "Add", "path": "members", "value": [{"$ref": None, "value": "eve"}]}, ["ada", "bob", "eve"]),
        ({"op": "add", "value": {"members": [{"value": "eve"}]}}, ["ada", "bob", "eve"]),
        ({"op": "replace", "path": "members", "value": [{"value": "eve"}]}, ["eve"]),
        ({"op": "replace", "value": {"id": "x", "members": [{"value": "eve"}]}}, ["eve"]),
        ({"op": "remove", "path": 'members[value eq "ada"]'}, ["bob"]),
        ({"op": "remove", "path": 'members[value eq "ada" or value eq "bob"]'}, []),
        ({"op": "remove", "path": 'members[value eq "nobody"]'}, ["ada", "bob"]),
        ({"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "ada"}]}, ["bob"]),
        ({"op": "remove", "path": "members"}, []),
    ],
)
def test_members(operation: dict[str, Any], left: list[str]) -> None:
    assert members(operation) == left


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        ({"op": "move", "path": "displayName", "value": "x"}, INVALID_SYNTAX),
        ({"path": "displayName", "value": "x"}, INVALID_SYNTAX),
        ({"op": "add", "path": 7, "value": "x"}, INVALID_SYNTAX),
        ({"op": "remove"}, NO_TARGET),
        ({"op": "remove", "value": {"active": True}}, NO_TARGET),
        ({"op": "add", "value": "x"}, INVALID_VALUE),
        ({"op": "add", "path": "shoeSize", "value": "x"}, INVALID_PATH),
        ({"op": "add", "value": {"shoeSize": 7}}, INVALID_PATH),
        ({"op": "add", "path": "name.shoe", "value": "x"}, INVALID_PATH),
        ({"op": "add", "path": "urn:example:User:shoe", "value": "x"}, INVALID_PATH),
        ({"op": "add", "path": "emails[", "value": "x"}, INVALID_PATH),
        ({"op": "add", "path": "emails.value.type", "value": "x"}, INVALID_PATH),
        ({"op": "add", "path": 'displayName[value eq "x"]', "value": "x"}, INVALID_PATH),
        ({"op": "add", "path": "emails[type is 7]", "value": "x"}, INVALID_FILTER),
        ({"op": "add", "path": 'emails[shoe eq "x"]', "value": "x"}, INVALID_FILTER),
        ({"op": "replace", "path": 'emails[type eq "home"].value', "value": "x@y.example"}, NO_TARGET),
        ({"op": "add", "path": 'emails[type ne "work"].value', "value": "x@y.example"}, NO_TARGET),
        ({"op": "replace", "path": "id", "value": "x"}, MUTABILITY),
        ({"op": "replace", "path": "meta.version", "value": "x"}, MUTABILITY),
        ({"op": "add", "path": "groups", "value": [{"value": "x"}]}, MUTABILITY),
        ({"op": "remove", "path": "userName"}, INVALID_VALUE),
        ({"op": "replace", "path": "userName", "value": None}, INVALID_VALUE),
        ({"op": "replace", "path": "active", "value": "perhaps"}, INVALID_VALUE),
        ({"op": "replace", "path": "active", "value": 1}, INVALID_VALUE),
        ({"op": "replace", "path": "displayName", "value": ["x"]}, INVALID_VALUE),
        ({"op": "replace", "path": "displayName", "value": "x" * 3_000}, INVALID_VALUE),
        ({"op": "replace", "path": "displayName", "value": "a\0b"}, INVALID_VALUE),
        ({"op": "replace", "path": "name", "value": "Ada"}, INVALID_VALUE),
        ({"op": "replace", "path": "name", "value": {"shoe": "x"}}, INVALID_VALUE),
        ({"op": "add", "path": "x" * 3_000, "value": "x"}, INVALID_PATH),
    ],
)
def test_what_can_not_be_done_is_refused_by_name(operation: dict[str, Any], scim_type: str) -> None:
    with pytest.raises(ScimFault) as raised:
        patch({"op": "replace", "path": "displayName", "value": "Changed"}, operation)
    assert raised.value.scim_type == scim_type, raised.value.refusal.detail


@pytest.mark.parametrize(
    "body",
    [
        [],
        "patch",
        {"Operations": [{"op": "add"}]},
        {"schemas": ["urn:example"], "Operations": [{"op": "add"}]},
        {"schemas": [PATCH_URN]},
        {"schemas": [PATCH_URN], "Operations": []},
        {"schemas": [PATCH_URN], "Operations": ["add"]},
        {"schemas": [PATCH_URN], "Operations": [{"op": "add"}] * (limits.MAX_PATCH_OPERATIONS + 1)},
    ],
)
def test_what_is_no_patch_is_refused(body: Any) -> None:
    with pytest.raises(ScimFault):
        read_operations(body)


def test_a_patch_that_looks_at_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PATCH_LOOKS", 10_000)
    room = {"displayName": "All", "members": [{"value": f"user-{n}"} for n in range(100)]}
    dear = {"op": "remove", "path": 'members[value co "x" or value co "y"]'}
    with pytest.raises(ScimFault) as raised:
        members(*[dear] * 3, to=room)
    assert "send it in parts" in raised.value.refusal.detail
    cheap = [{"op": "remove", "path": f'members[value eq "user-{n}"]'} for n in range(50)]
    assert len(members(*cheap, to=room)) == 50


def test_the_example_of_the_rfc() -> None:
    file = SHARED / "data/import/scim/rfc7644-3.5.2.1-patch_op-add_members.json"
    if not file.exists():
        pytest.skip("the examples of the RFC are not on this machine")
    given = read_operations(msgspec.json.decode(file.read_bytes()))
    after = patched(GROUP, read_resource(GROUP, {"schemas": [GROUP.urn], "displayName": "Tour Guides"}), given)
    assert after["members"] == [{"value": "2819c223-7f76-453a-919d-413861904646"}]


@pytest.mark.parametrize(
    ("schema", "of", "path"),
    [
        (USER, ADA, 'emails[type eq "work"].type'),
        (USER, ADA, 'emails[type eq "work"].primary'),
        (USER, ADA, "emails.value"),
        (GROUP, {"displayName": "Room", "members": [{"value": "ada", "type": "User"}]}, "members.type"),
    ],
)
def test_a_part_that_becomes_null_is_gone(schema: Schema, of: dict[str, Any], path: str) -> None:
    (values,) = [value for value in of.values() if isinstance(value, list)]
    after = patch({"op": "replace", "path": path, "value": None}, to=of, schema=schema)
    (changed,) = [value for value in after.values() if isinstance(value, list)]
    assert [set(one) for one in changed] == [set(one) - {path.rpartition(".")[2]} for one in values]


def test_the_last_primary_one_is_the_primary_one() -> None:
    more = [{"value": f"{at}@example.org", "primary": True} for at in range(limits.MAX_GROUP_MEMBERS - 1)]
    after = patch({"op": "add", "path": "emails", "value": more})["emails"]
    assert [one["value"] for one in after if one.get("primary")] == [more[-1]["value"]]
    again = {"op": "add", "path": "emails", "value": [*more, {"value": "ada@example.org", "primary": True}]}
    assert [one["value"] for one in patch(again)["emails"] if one.get("primary")] == ["ada@example.org"]
    with pytest.raises(ScimFault):
        patch(again, {"op": "add", "path": "emails", "value": [{"value": "one.more@example.org"}]})


def test_attributes_without_a_path_are_operations() -> None:
    spelt = {"active" + " " * at: True for at in range(limits.MAX_PATCH_OPERATIONS + 1)}
    with pytest.raises(ScimFault):
        operations({"op": "replace", "value": spelt})


def test_each_comparison_of_a_path_counts() -> None:
    room = {"displayName": "Room", "members": [{"value": str(at), "type": "User"} for at in range(5_000)]}
    path = "members[" + " or ".join(['type co "x"'] * 20) + "].type"
    with pytest.raises(ScimFault, match="send it in parts"):
        patch({"op": "add", "path": path, "value": "User"}, to=room, schema=GROUP)
