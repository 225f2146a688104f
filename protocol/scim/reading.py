"""Reads what an identity provider sends into the one form: known attributes alone, each by its own name and type. What
RFC 7643 has and we do not keep is passed over; what is in no schema is refused by name."""

from collections.abc import Mapping
from typing import Any, Final

from protocol import limits
from protocol.codes import Code
from protocol.scim.attributes import Attribute, Schema
from protocol.scim.faults import INVALID_SYNTAX, INVALID_VALUE, ScimFault
from protocol.scim.naming import resolve

_SCHEMAS: Final = "schemas"
_TRUTHS: Final = {"true": True, "false": False}


def read_resource(schema: Schema, body: Any) -> dict[str, Any]:
    """The attributes that can be written. Raises `ScimFault`."""
    if not isinstance(body, Mapping):
        raise ScimFault(INVALID_SYNTAX, f"A {schema.name} is an object of JSON.", Code.WRONG_TYPE)
    check_schemas(schema, body)
    found: dict[str, Any] = {}
    for name, value in body.items():
        if name.casefold() == _SCHEMAS:
            continue
        named = resolve(schema, name)
        if named is None or named[0].mutability == "readOnly":
            continue
        attribute, sub = named
        if sub is not None:
            raise ScimFault(INVALID_SYNTAX, f"`{name[:200]}` is a path, which only a patch may have.")
        if attribute.name in found:
            raise ScimFault(INVALID_SYNTAX, f"`{attribute.name}` is there twice.")
        read = read_value(attribute, value)
        if read is not None:
            found[attribute.name] = read
    return found


def check_schemas(schema: Schema, body: Mapping[str, Any]) -> None:
    """Raises `ScimFault(invalidSyntax)` where the body does not say that it is of this schema, or names another one."""
    named = body.get(_SCHEMAS)
    if named is None:
        raise ScimFault(INVALID_SYNTAX, f"`schemas` is missing, which names `{schema.urn}`.", Code.MISSING_FIELD)
    if not isinstance(named, list) or not all(isinstance(urn, str) for urn in named):
        raise ScimFault(INVALID_SYNTAX, f"`schemas` must be a list that names `{schema.urn}`.", Code.WRONG_TYPE)
    for urn in named:
        if not schema.is_own(urn) and not schema.is_extension(urn):
            raise ScimFault(INVALID_SYNTAX, f"There is no schema `{urn[:200]}` here.")
    if not any(schema.is_own(urn) for urn in named):
        raise ScimFault(INVALID_SYNTAX, f"`schemas` must name `{schema.urn}`.")


def read_value(attribute: Attribute, value: Any) -> Any:
    """The value in its one form; None: there is none. Raises `ScimFault(invalidValue)`."""
    if not attribute.multi:
        one = read_one(attribute, value)
        return None if one == {} else one
    values = value if isinstance(value, list) else [] if value is None else [value]
    if len(values) > limits.MAX_GROUP_MEMBERS:
        raise ScimFault(
            INVALID_VALUE, f"`{attribute.name}` has {len(values)} values: more than {limits.MAX_GROUP_MEMBERS}."
        )
    read = (read_one(attribute, one) for one in values)
    return [one for one in read if one is not None] or None


def read_one(attribute: Attribute, value: Any) -> Any:
    """One value of the attribute."""
    if value is None:
        return None
    if attribute.kind == "complex":
        return _read_parts(attribute, value)
    if attribute.kind == "boolean":
        # Entra writes truths as texts.
        truth = _TRUTHS.get(value.strip().casefold()) if isinstance(value, str) else value
        if not isinstance(truth, bool):
            raise ScimFault(INVALID_VALUE, f"`{attribute.name}` must be true or false.", Code.WRONG_TYPE)
        return truth
    if not isinstance(value, str):
        raise ScimFault(INVALID_VALUE, f"`{attribute.name}` must be a text.", Code.WRONG_TYPE)
    if len(value) > limits.MAX_FILTER_CHARS:
        raise ScimFault(INVALID_VALUE, f"`{attribute.name}` has more than {limits.MAX_FILTER_CHARS} characters.")
    if "\0" in value:
        raise ScimFault(INVALID_VALUE, f"`{attribute.name}` has a character U+0000 in it.")
    return value


def _read_parts(attribute: Attribute, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        value = {"value": value} if attribute.sub("value") is not None else None
    if value is None:
        raise ScimFault(INVALID_VALUE, f"`{attribute.name}` must be an object of JSON.", Code.WRONG_TYPE)
    found: dict[str, Any] = {}
    for name, part in value.items():
        sub = attribute.sub(name)
        if sub is None:
            if name.casefold() in attribute.passes:
                continue
            raise ScimFault(INVALID_VALUE, f"`{attribute.name}` has no part `{name[:200]}`.", Code.UNKNOWN_FIELD)
        if sub.mutability != "readOnly" and (read := read_one(sub, part)) is not None:
            found[sub.name] = read
    return found
