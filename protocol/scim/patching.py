"""Patches of one resource (RFC 7644, 3.5.2), as Entra and Okta write them too: operations in any letter case, truths as
texts, values without a path, whose names may be paths, and removals that name the values which go."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from protocol import limits
from protocol.codes import Code
from protocol.scim.attributes import Attribute, Schema
from protocol.scim.faults import INVALID_SYNTAX, INVALID_VALUE, MUTABILITY, NO_TARGET, ScimFault
from protocol.scim.filters import AllOf, Comparison, Filter
from protocol.scim.matching import matches
from protocol.scim.paths import Path, parse_path
from protocol.scim.reading import read_one, read_value
from protocol.scim.showing import comparisons

PATCH_URN: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_KEY: Final = "value"
_PRIMARY: Final = "primary"
Resource = dict[str, Any]


def read_operations(body: Any) -> list[Mapping[str, Any]]:
    """The operations of a patch. Raises `ScimFault(invalidSyntax)`."""
    if not isinstance(body, Mapping):
        raise ScimFault(INVALID_SYNTAX, "A patch is an object of JSON.", Code.WRONG_TYPE)
    by_name = {name.casefold(): value for name, value in body.items()}
    schemas = by_name.get("schemas")
    if schemas is None:
        raise ScimFault(INVALID_SYNTAX, f"`schemas` is missing, which names `{PATCH_URN}`.", Code.MISSING_FIELD)
    if not isinstance(schemas, list) or [urn for urn in schemas if str(urn).casefold() != PATCH_URN.casefold()]:
        raise ScimFault(INVALID_SYNTAX, f"`schemas` of a patch must be [`{PATCH_URN}`].")
    operations = by_name.get("operations")
    if not isinstance(operations, list) or not all(isinstance(one, Mapping) for one in operations) or not operations:
        raise ScimFault(INVALID_SYNTAX, "`Operations` must be a list of at least one operation.", Code.WRONG_TYPE)
    read: list[Mapping[str, Any]] = [{name.casefold(): value for name, value in one.items()} for one in operations]
    if sum(map(_changes, read)) > limits.MAX_PATCH_OPERATIONS:
        raise ScimFault(
            INVALID_VALUE,
            f"A patch has at most {limits.MAX_PATCH_OPERATIONS} operations; without a path, each attribute is one.",
        )
    return read


def _changes(operation: Mapping[str, Any]) -> int:
    value = operation.get("value")
    return max(1, len(value)) if isinstance(value, Mapping) and not operation.get("path") else 1


def patched(schema: Schema, resource: Resource, operations: list[Mapping[str, Any]]) -> Resource:
    """The resource after all of the operations, one after the other; `resource` stays as it is. Raises `ScimFault`."""
    patch = _Patch(schema, resource)
    for one in operations:
        patch.carry_out(one)
    return patch.resource


class _Patch:
    def __init__(self, schema: Schema, resource: Resource) -> None:
        self._schema = schema
        self._looks = 0
        self.resource = {name: _copied(value) for name, value in resource.items()}

    def carry_out(self, operation: Mapping[str, Any]) -> None:
        verb, path, value = operation.get("op"), operation.get("path"), operation.get("value")
        verb = verb.casefold() if isinstance(verb, str) else verb
        if verb not in ("add", "replace", "remove"):
            raise ScimFault(INVALID_SYNTAX, f"`{str(verb)[:100]}` is no operation: there are add, replace and remove.")
        if path is not None and not isinstance(path, str):
            raise ScimFault(INVALID_SYNTAX, "`path` must be a text.", Code.WRONG_TYPE)
        if path:
            self._at(verb, path, value, named=True)
        elif verb == "remove":
            raise ScimFault(NO_TARGET, "What is removed is named by a path.")
        elif not isinstance(value, Mapping):
            raise ScimFault(INVALID_VALUE, "Without a path, `value` is an object of attributes.", Code.WRONG_TYPE)
        else:
            for name, one in value.items():
                if name.casefold() != "schemas":
                    self._at(verb, name, one, named=False)

    def _at(self, verb: str, text: str, value: Any, *, named: bool) -> None:
        path = parse_path(self._schema, text)
        if path is None:
            return
        if path.attribute.mutability == "readOnly" or (path.sub is not None and path.sub.mutability == "readOnly"):
            # Okta sends the id along.
            if named:
                raise ScimFault(MUTABILITY, f"`{text[:200]}` can't be changed.")
            return
        if path.attribute.multi:
            self._of_many(verb, path, value)
        elif verb == "remove" or value is None:
            self._remove_one(path)
        else:
            self._set_one(path, value)

    def _remove_one(self, path: Path) -> None:
        if path.attribute.required:
            raise ScimFault(INVALID_VALUE, f"`{path.attribute.name}` can't be removed: it must have a value.")
        if path.sub is None:
            self.resource.pop(path.attribute.name, None)
        else:
            self.resource.get(path.attribute.name, {}).pop(path.sub.name, None)

    def _set_one(self, path: Path, value: Any) -> None:
        attribute, sub = path.attribute, path.sub
        if sub is not None:
            self.resource.setdefault(attribute.name, {})[sub.name] = read_one(sub, value)
        elif attribute.kind == "complex":
            parts = read_value(attribute, value)
            self.resource.setdefault(attribute.name, {}).update(parts or {})
        else:
            self.resource[attribute.name] = read_value(attribute, value)

    def _of_many(self, verb: str, path: Path, value: Any) -> None:
        attribute, sub = path.attribute, path.sub
        own: list[Resource] = self.resource.setdefault(attribute.name, [])
        if verb == "remove":
            self.resource[attribute.name] = self._without(own, path, value)
        elif path.which is not None or sub is not None:
            chosen = own if path.which is None else self._chosen(own, path)
            if not chosen and verb == "add":
                chosen = [_made_for(path)]
                own += chosen
            if not chosen:
                raise ScimFault(NO_TARGET, f"No value of `{attribute.name}` fits the filter of the path.")
            parts = read_one(attribute, value) or {} if sub is None else {sub.name: read_one(sub, value)}
            for one in chosen:
                one.update(parts)
                if sub is not None and parts[sub.name] is None:
                    del one[sub.name]
            if parts.get(_PRIMARY):
                self._one_primary(own, chosen[-1])
        else:
            values: list[Resource] = read_value(attribute, value) or []
            self.resource[attribute.name] = values if verb == "replace" else self._with(own, values)

    def _with(self, own: list[Resource], values: list[Resource]) -> list[Resource]:
        known = {one.get(_KEY): one for one in own}
        primary = None
        for value in values:
            one = known.setdefault(value.get(_KEY), value)
            if one is value:
                own.append(one)
            else:
                one.update(value)
            primary = one if value.get(_PRIMARY) else primary
        if len(own) > limits.MAX_GROUP_MEMBERS:
            raise ScimFault(INVALID_VALUE, f"An attribute has at most {limits.MAX_GROUP_MEMBERS} values.")
        if primary is not None:
            self._one_primary(own, primary)
        return own

    def _without(self, own: list[Resource], path: Path, value: Any) -> list[Resource]:
        attribute, sub = path.attribute, path.sub
        if path.which is None and sub is None and value is not None:
            # Entra names those who go, and not by the path.
            gone = {one.get(_KEY) for one in read_value(attribute, value) or []}
            return [one for one in own if one.get(_KEY) not in gone]
        chosen = own if path.which is None else self._chosen(own, path)
        if sub is not None:
            for one in chosen:
                one.pop(sub.name, None)
            return own
        ids = {id(one) for one in chosen}
        return [one for one in own if id(one) not in ids]

    def _chosen(self, own: list[Resource], path: Path) -> list[Resource]:
        """Those that fit the filter of the path."""
        which, attribute = path.which, path.attribute
        assert which is not None
        sub = attribute.sub(which.path) if isinstance(which, Comparison) and which.operator == "eq" else None
        is_plain = sub is not None and sub.kind == "string" and sub.case_exact
        self._looks += len(own) * (1 if is_plain else limits.PATCH_LOOK_COST * comparisons(which))
        if self._looks > limits.MAX_PATCH_LOOKS:
            raise ScimFault(INVALID_VALUE, "The filters of this patch look at too many values: send it in parts.")
        if isinstance(which, Comparison) and sub is not None and is_plain:
            return [one for one in own if one.get(sub.name) == which.value]
        return [one for one in own if matches(self._schema, which, one, attribute)]

    def _one_primary(self, own: list[Resource], newest: Resource) -> None:
        for one in own:
            if one is not newest:
                one.pop(_PRIMARY, None)


def _made_for(path: Path) -> Resource:
    """The value that would fit `type eq "work"`: Entra adds so what is not there yet. Raises `ScimFault(noTarget)` for
    a filter that no one value follows from."""
    assert path.which is not None or path.sub is not None
    return {} if path.which is None else dict(_equals(path.which, path.attribute))


def _equals(which: Filter, attribute: Attribute) -> Iterator[tuple[str, Any]]:
    match which:
        case AllOf():
            for one in which.inner:
                yield from _equals(one, attribute)
        case Comparison(operator="eq", value=value) if value is not None:
            sub = attribute.sub(which.path)
            if sub is not None:
                yield sub.name, read_one(sub, value)
        case _:
            raise ScimFault(NO_TARGET, f"No value of `{attribute.name}` fits the filter of the path.")


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [dict(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
