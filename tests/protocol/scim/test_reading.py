"""What an identity provider sends, what is kept of it, and what is shown again."""

from typing import Any, Final

import msgspec
import pytest

from protocol import limits
from protocol.scim import groups, users
from protocol.scim.attributes import ENTERPRISE_URN, GROUP, USER
from protocol.scim.documents import SCHEMAS, provider_config, resource_type, schema_document
from protocol.scim.faults import INVALID_PATH, INVALID_SYNTAX, INVALID_VALUE, ScimFault
from protocol.scim.groups import Listed, listed_of
from protocol.scim.reading import read_resource
from protocol.scim.showing import shown
from protocol.scim.users import Account, account_of
from tests.shared import SHARED

EXAMPLES: Final = SHARED / "data/import/scim"
needs_examples: Final = pytest.mark.skipif(not EXAMPLES.exists(), reason="the RFC's examples are not on this machine")


def user(**fields: Any) -> dict[str, Any]:
    return read_resource(USER, {"schemas": [USER.urn], "userName": "ada"} | fields)


def group(**fields: Any) -> dict[str, Any]:
    return read_resource(GROUP, {"schemas": [GROUP.urn], "displayName": "Room 1"} | fields)


def example(name: str) -> Any:
    return msgspec.json.decode((EXAMPLES / name).read_bytes())


@needs_examples
@pytest.mark.parametrize("name", ["rfc7643-8.2-user-full.json", "rfc7643-8.3-enterprise_user.json"])
def test_the_full_users_of_the_rfc(name: str) -> None:
    assert account_of(read_resource(USER, example(name))) == Account(
        user_name="bjensen@example.com",
        name="Babs Jensen",
        email="bjensen@example.com",
        external_id="701984",
        given_name="Barbara",
        family_name="Jensen",
    )


@needs_examples
def test_the_least_user_and_the_group_of_the_rfc() -> None:
    least = account_of(read_resource(USER, example("rfc7643-8.1-user-minimal.json")))
    assert least == Account(user_name="bjensen@example.com", name="bjensen@example.com")
    room = listed_of(read_resource(GROUP, example("rfc7643-8.4-group.json")))
    members = {"2819c223-7f76-453a-919d-413861904646", "902c246b-6245-4190-8e05-00816be7344a"}
    assert room == Listed(title="Tour Guides", members=frozenset(members))


def test_what_is_shown_is_read_alike() -> None:
    ada = Account(user_name="ada", name="Ada", email="a@b.example", external_id="7", given_name="A", active=False)
    assert account_of(user(**users.resource_of(ada))) == ada
    room = Listed(title="Room", external_id="9", members=frozenset({"ada", "bob"}))
    assert listed_of(group(**groups.resource_of(room))) == room


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"displayName": "Countess"}, "Countess"),
        ({"name": {"givenName": "Ada", "familyName": "King"}}, "Ada King"),
        ({"name": {"familyName": "King"}}, "King"),
        ({"name": {"formatted": "Ms. King"}}, "Ms. King"),
        ({"name": {"formatted": "Ms. King", "givenName": "Ada"}}, "Ada"),
        ({"displayName": " \u202e ", "name": None}, "ada"),
        ({"DISPLAYNAME": "Ada\nKing"}, "Ada King"),
    ],
)
def test_what_a_person_is_called(fields: dict[str, Any], name: str) -> None:
    assert account_of(user(**fields)).name == name


def test_a_name_goes_on_following_from_its_parts() -> None:
    before = account_of(user(name={"givenName": "Ada", "familyName": "Byron"}))
    married = users.resource_of(before) | {"name": {"givenName": "Ada", "familyName": "King"}}
    assert account_of(married, before).name == "Ada King"
    chosen = account_of(user(displayName="Countess", name={"familyName": "Byron"}))
    assert account_of(users.resource_of(chosen) | {"name": {"familyName": "King"}}, chosen).name == "Countess"


@pytest.mark.parametrize(
    ("emails", "address"),
    [
        ([{"value": "a@home.example", "type": "home"}, {"value": "a@work.example", "type": "Work"}], "a@work.example"),
        ([{"value": "a@home.example", "primary": "True"}, {"value": "a@b.example", "type": "work"}], "a@home.example"),
        ([{"value": "a@first.example"}, {"value": "a@second.example"}], "a@first.example"),
        ([{"type": "work", "primary": True, "value": None}], None),
        ([{"value": ""}], None),
        ("a@b.example", "a@b.example"),
        (None, None),
    ],
)
def test_one_address_is_kept(emails: Any, address: str | None) -> None:
    assert account_of(user(emails=emails)).email == address


@pytest.mark.parametrize(
    ("fields", "scim_type"),
    [
        ({"schemas": None}, INVALID_SYNTAX),
        ({"schemas": [7]}, INVALID_SYNTAX),
        ({"schemas": []}, INVALID_SYNTAX),
        ({"schemas": [ENTERPRISE_URN]}, INVALID_SYNTAX),
        ({"schemas": [USER.urn, "urn:example:shoes"]}, INVALID_SYNTAX),
        ({"urn:example:shoes": {}}, INVALID_PATH),
        ({"shoeSize": 7}, INVALID_PATH),
        ({"name.givenName": "Ada"}, INVALID_SYNTAX),
        ({"USERNAME": "bob"}, INVALID_SYNTAX),
        ({"userName": None}, INVALID_VALUE),
        ({"userName": " "}, INVALID_VALUE),
        ({"userName": "x" * 129}, INVALID_VALUE),
        ({"userName": "a\u202eb"}, INVALID_VALUE),
        ({"userName": 7}, INVALID_VALUE),
        ({"externalId": "x" * 257}, INVALID_VALUE),
        ({"externalId": "a\u202eb"}, INVALID_VALUE),
        ({"active": "perhaps"}, INVALID_VALUE),
        ({"name": ["Ada"]}, INVALID_VALUE),
        ({"emails": [{"value": "no address"}]}, INVALID_VALUE),
        ({"emails": [7]}, INVALID_VALUE),
        ({"emails": [{"value": "a@b.example", "shoe": 1}]}, INVALID_VALUE),
        ({"emails": [{"value": "a@b.example"}] * (limits.MAX_GROUP_MEMBERS + 1)}, INVALID_VALUE),
    ],
)
def test_a_person_who_can_not_be_is_refused_by_name(fields: dict[str, Any], scim_type: str) -> None:
    with pytest.raises(ScimFault) as raised:
        account_of(user(**fields))
    assert raised.value.scim_type == scim_type, raised.value.refusal.detail


@pytest.mark.parametrize(
    "fields",
    [
        {"displayName": None},
        {"displayName": "\u200b"},
        {"displayName": "x" * 301},
        {"members": [{"value": "room", "type": "Group"}]},
        {"members": [{"display": "Ada"}]},
        {"members": [{"type": "User"}]},
    ],
)
def test_a_group_that_can_not_be_is_refused_by_name(fields: dict[str, Any]) -> None:
    with pytest.raises(ScimFault) as raised:
        listed_of(group(**fields))
    assert raised.value.scim_type == INVALID_VALUE


@pytest.mark.parametrize("body", [[], "ada", 7, None])
def test_what_is_no_object_is_refused(body: Any) -> None:
    with pytest.raises(ScimFault):
        read_resource(USER, body)


ADA: Final = {
    "schemas": [USER.urn],
    "id": "ada",
    "userName": "ada",
    "name": {"givenName": "Ada", "familyName": "King"},
    "emails": [{"value": "a@b.example", "type": "work"}],
}


@pytest.mark.parametrize(
    ("wanted", "unwanted", "left"),
    [
        (None, None, ADA),
        ("userName", None, {"userName": "ada"}),
        (" USERNAME , title, externalId", None, {"userName": "ada"}),
        ("name.givenName,name.familyName", None, {"name": ADA["name"]}),
        ("emails.value", None, {"emails": [{"value": "a@b.example"}]}),
        ("emails.value,emails.type", None, {"emails": ADA["emails"]}),
        (None, "name,emails,id", {"userName": "ada"}),
        (None, "name.givenName,emails,meta", {"userName": "ada", "name": {"familyName": "King"}}),
        (None, "emails.type,name", {"userName": "ada", "emails": [{"value": "a@b.example"}]}),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_shown(wanted: str | None, unwanted: str | None, left: dict[str, Any]) -> None:
    assert shown(USER, ADA, wanted, unwanted) == {"schemas": ADA["schemas"], "id": "ada"} | left


def test_an_attribute_that_there_is_not_can_not_be_asked_for() -> None:
    with pytest.raises(ScimFault):
        shown(USER, ADA, "shoeSize", None)


def test_the_documents_tell_what_is_kept() -> None:
    base = "https://exams.example.org/scim/v2"
    assert provider_config(base)["bulk"]["supported"] is False
    for schema in SCHEMAS:
        document = schema_document(schema, base)
        assert [one["name"] for one in document["attributes"]] == [one.name for one in schema.attributes]
        assert resource_type(schema, base)["schema"] == document["id"] == schema.urn
    named = {one["name"]: one for one in schema_document(USER, base)["attributes"]}
    assert named["userName"]["uniqueness"] == "server"
    assert "uniqueness" not in named["active"]
