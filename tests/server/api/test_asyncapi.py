"""The AsyncAPI document: valid by the specification's own schema, and true of what goes over the sockets."""

import json
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012, SchemaRegistry
from starlette.routing import WebSocketRoute

from clients.vectors import EXAMPLES
from protocol.codec import tag_of
from protocol.events.topics import TOPICS
from protocol.messages.base import Message
from protocol.messages.directions import FromCandidate, FromInstructor, ToCandidate, ToInstructor
from server.api.asyncapi import document
from server.app import VERSION, make_app
from tests.server.harness.running import RunningServer

SPECIFICATION: Final = Path(__file__).parents[3] / "clients/web/node_modules/@asyncapi/specs/schemas/3.0.0.json"
DOCUMENT: Final = document(VERSION)
SPOKEN: Final = {
    "hear_candidate": FromCandidate,
    "tell_candidate": ToCandidate,
    "hear_monitor": FromInstructor,
    "tell_monitor": ToInstructor,
}


def known() -> SchemaRegistry:
    whole = Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
    found: SchemaRegistry = Registry().with_resource("urn:document", whole).crawl()
    return found


KNOWN: Final = known()


def find(reference: str) -> Any:
    """What a reference leads to, through further ones."""
    there: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        there = there[part]
    return find(there["$ref"]) if "$ref" in there else there


def references(of: Any) -> list[str]:
    if isinstance(of, list):
        return [one for part in of for one in references(part)]
    if not isinstance(of, dict):
        return []
    found = [of["$ref"]] if isinstance(of.get("$ref"), str) else []
    return found + [one for part in of.values() for one in references(part)]


def test_the_document_is_valid() -> None:
    Draft7Validator(json.loads(SPECIFICATION.read_text("utf-8"))).validate(DOCUMENT)


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        assert find(reference), reference


@pytest.mark.parametrize("name", SPOKEN)
def test_an_operation_has_the_messages_of_its_direction(name: str) -> None:
    said = [find(one["$ref"])["name"] for one in DOCUMENT["operations"][name]["messages"]]
    assert said == [tag_of(kind) for kind in get_args(SPOKEN[name])]


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_every_message_fits_its_schema(kind: type[Message]) -> None:
    payload = {"$ref": f"urn:document#/components/messages/{kind.__name__}/payload"}
    Draft202012Validator(payload, registry=KNOWN).validate(msgspec.to_builtins(EXAMPLES[kind]))


def test_webhooks_and_streams_tell_every_topic() -> None:
    for name in ("tell_webhook", "tell_stream"):
        assert [find(one["$ref"])["name"] for one in DOCUMENT["operations"][name]["messages"]] == list(TOPICS)


def test_sockets_are_where_it_says(server: RunningServer) -> None:
    async def no_node() -> Any:
        raise NotImplementedError

    routes = {
        route.path for route in make_app(server.settings, no_node).routes if isinstance(route, WebSocketRoute)
    } - {"/{path:path}"}
    said = {channel["address"] for channel in DOCUMENT["channels"].values()}
    assert routes == {address for address in said if address is not None and address.startswith("/")}


async def test_the_document_is_what_the_server_publishes(server: RunningServer) -> None:
    assert (await server.call("GET", "/asyncapi.json")).ok() == DOCUMENT
