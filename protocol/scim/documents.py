"""What the server can do, as it tells identity providers (RFC 7643, 5 to 7): made from the table of attributes."""

from typing import Any, Final

from protocol import limits
from protocol.scim.attributes import GROUP, USER, Attribute, Schema

SCHEMAS: Final = (USER, GROUP)
_CORE: Final = "urn:ietf:params:scim:schemas:core:2.0"
MAX_RESULTS: Final = 200
"""Resources of one page."""


def provider_config(base: str) -> dict[str, Any]:
    """`/ServiceProviderConfig`; `base` is the address of SCIM here."""
    return {
        "schemas": [f"{_CORE}:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": limits.MAX_SCIM_BODY_BYTES},
        "filter": {"supported": True, "maxResults": MAX_RESULTS},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "An API key of the organisation, or a token of its staff, in the header Authorization.",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }


def resource_type(schema: Schema, base: str) -> dict[str, Any]:
    """One of `/ResourceTypes`."""
    return {
        "schemas": [f"{_CORE}:ResourceType"],
        "id": schema.name,
        "name": schema.name,
        "description": schema.says,
        "endpoint": f"/{schema.path}",
        "schema": schema.urn,
        "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{schema.name}"},
    }


def schema_document(schema: Schema, base: str) -> dict[str, Any]:
    """One of `/Schemas`."""
    return {
        "schemas": [f"{_CORE}:Schema"],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.says,
        "attributes": [_attribute(one) for one in schema.attributes],
        "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{schema.urn}"},
    }


def _attribute(one: Attribute) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": one.name,
        "type": one.kind,
        "multiValued": one.multi,
        "description": one.says,
        "required": one.required,
        "mutability": one.mutability,
        "returned": "default",
    }
    if one.kind in ("string", "reference"):
        said |= {"caseExact": one.case_exact, "uniqueness": one.uniqueness}
    if one.kind == "reference":
        said["referenceTypes"] = ["User", "Group"]
    if one.words:
        said["canonicalValues"] = list(one.words)
    if one.subs:
        said["subAttributes"] = [_attribute(sub) for sub in one.subs]
    return said
