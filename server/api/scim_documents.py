"""What SCIM can do here: the documents that identity providers read first."""

from typing import Any

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.scim import ScimDocument, ScimListed
from protocol.scim.attributes import Schema
from protocol.scim.documents import SCHEMAS, provider_config, resource_type, schema_document
from server.api.endpoint import Call
from server.api.people import org_of
from server.api.scim import base_of, endpoint, listed


async def show_config(call: Call) -> dict[str, Any]:
    org_of(call)
    return provider_config(base_of(call))


async def list_types(call: Call) -> dict[str, Any]:
    org_of(call)
    return listed(len(SCHEMAS), 0, [resource_type(schema, base_of(call)) for schema in SCHEMAS])


async def list_schemas(call: Call) -> dict[str, Any]:
    org_of(call)
    return listed(len(SCHEMAS), 0, [schema_document(schema, base_of(call)) for schema in SCHEMAS])


async def show_type(call: Call) -> dict[str, Any]:
    org_of(call)
    return resource_type(_named(call.path["type_id"]), base_of(call))


async def show_schema(call: Call) -> dict[str, Any]:
    org_of(call)
    return schema_document(_named(call.path["schema_id"]), base_of(call))


def _named(name: str) -> Schema:
    found = next((one for one in SCHEMAS if name in (one.name, one.urn)), None)
    if found is None:
        raise Refused(refuse(Code.NOT_FOUND, "There is no such schema or type of resources here."))
    return found


ENDPOINTS = [
    endpoint("GET", "/ServiceProviderConfig", "What SCIM can do here.", show_config, ScimDocument),
    endpoint("GET", "/ResourceTypes", "The types of resources of SCIM here.", list_types, ScimListed),
    endpoint("GET", "/ResourceTypes/{type_id}", "One of them.", show_type, ScimDocument, Code.NOT_FOUND),
    endpoint("GET", "/Schemas", "The attributes of SCIM that are kept here.", list_schemas, ScimListed),
    endpoint("GET", "/Schemas/{schema_id}", "Those of one type.", show_schema, ScimDocument, Code.NOT_FOUND),
]
