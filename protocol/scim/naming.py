"""Which attribute a name means."""

from protocol.scim.attributes import Attribute, Schema
from protocol.scim.faults import INVALID_PATH, ScimFault


def resolve(schema: Schema, text: str) -> tuple[Attribute, Attribute | None] | None:
    """The attribute and its part that a name such as `name.givenName` means, with or without its schema before it.
    None: it is passed over. Raises `ScimFault(invalidPath)`."""
    if text.casefold().startswith("urn:"):
        if schema.is_extension(text):
            return None
        urn, _, rest_of = text.rpartition(":")
        if schema.is_extension(urn):
            return None
        if not schema.is_own(urn):
            raise ScimFault(INVALID_PATH, f"There is no schema `{urn[:200]}` here.")
        text = rest_of
    name, dot, rest = text.partition(".")
    attribute = schema.attribute(name)
    if attribute is None:
        if schema.passes_over(name):
            return None
        raise unknown(text)
    if not dot:
        return attribute, None
    sub = attribute.sub(rest)
    if sub is None:
        if rest.casefold() in attribute.passes:
            return None
        raise unknown(text)
    return attribute, sub


def unknown(text: str) -> ScimFault:
    """Nothing is called so."""
    return ScimFault(INVALID_PATH, f"There is no attribute `{text[:200]}` here.")
