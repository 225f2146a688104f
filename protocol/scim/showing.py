"""What of a resource is shown, and what a filter asks that an index can answer."""

from collections.abc import Mapping
from typing import Any, Final

from protocol.scim.attributes import Schema
from protocol.scim.filters import AllOf, AnyOf, Comparison, Filter, Not, OfOne, Present
from protocol.scim.naming import resolve

_ALWAYS: Final = frozenset({"schemas", "id"})


def shown(schema: Schema, resource: Mapping[str, Any], wanted: str | None, unwanted: str | None) -> dict[str, Any]:
    """The resource with the attributes of `wanted` alone, or without those of `unwanted`: names with commas between
    them, as in a query. Its id is always there. Raises `ScimFault(invalidPath)`."""
    if wanted is not None:
        kept: dict[str, Any] = {name: resource[name] for name in _ALWAYS if name in resource}
        for name, sub in _named(schema, wanted):
            if name not in resource:
                continue
            if sub is None:
                kept[name] = resource[name]
            else:
                part = _only(resource[name], sub)
                kept[name] = _merged(kept[name], part) if name in kept else part
        return kept
    rest = dict(resource)
    for name, sub in _named(schema, unwanted or ""):
        if name in _ALWAYS or name not in rest:
            continue
        if sub is None:
            del rest[name]
        else:
            rest[name] = _without(rest[name], sub)
    return rest


def _named(schema: Schema, names: str) -> list[tuple[str, str | None]]:
    # Once each: with every member of a large group again and again, they would take seconds.
    asked = dict.fromkeys(name.strip().casefold() for name in names.split(","))
    found = [resolve(schema, name) for name in asked if name]
    return [(one[0].name, None if one[1] is None else one[1].name) for one in found if one is not None]


def _only(value: Any, sub: str) -> Any:
    if isinstance(value, list):
        return [_only(one, sub) for one in value]
    return {sub: value[sub]} if sub in value else {}


def _without(value: Any, sub: str) -> Any:
    if isinstance(value, list):
        return [_without(one, sub) for one in value]
    return {name: part for name, part in value.items() if name != sub}


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, list):
        return [_merged(*pair) for pair in zip(one, other, strict=True)]
    return one | other


def must_equal(schema: Schema, asked: Filter) -> dict[str, str]:
    """Attribute (or `attribute.part`) → the text that it must equal in whatever fits the filter."""
    match asked:
        case AllOf():
            return {name: text for one in asked.inner for name, text in must_equal(schema, one).items()}
        case Comparison(operator="eq", value=str(text)):
            named = resolve(schema, asked.path)
            if named is None:
                return {}
            attribute, sub = named
            if attribute.kind == "complex":
                return {f"{attribute.name}.{'value' if sub is None else sub.name}": text}
            return {attribute.name: text}
        case _:
            return {}


def comparisons(asked: Filter) -> int:
    """How many comparisons the filter makes with one resource, where each of its attributes has one value."""
    match asked:
        case AllOf() | AnyOf():
            return sum(map(comparisons, asked.inner))
        case Not() | OfOne():
            return comparisons(asked.inner)
        case _:
            return 1


def names(schema: Schema, asked: Filter, attribute: str) -> bool:
    """Whether the filter is about that attribute."""
    match asked:
        case AllOf() | AnyOf():
            return any(names(schema, one, attribute) for one in asked.inner)
        case Not():
            return names(schema, asked.inner, attribute)
        case OfOne() | Present() | Comparison():
            named = resolve(schema, asked.path)
            return named is not None and named[0].name == attribute
