"""Whether a resource fits a filter."""

from collections.abc import Callable, Iterator, Mapping
from operator import ge, gt, le, lt
from typing import Any, Final

from protocol.scim.attributes import NAMES_ITSELF, Attribute, Schema
from protocol.scim.faults import INVALID_FILTER, ScimFault
from protocol.scim.filters import AllOf, AnyOf, Comparison, Filter, Not, OfOne, Present, Value
from protocol.scim.instants import microseconds
from protocol.scim.naming import resolve

Resource = Mapping[str, Any]
_TEXTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "co": lambda own, asked: asked in own,
    "sw": lambda own, asked: own.startswith(asked),
    "ew": lambda own, asked: own.endswith(asked),
}
_ORDERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"gt": gt, "ge": ge, "lt": lt, "le": le}


def check_filter(schema: Schema, asked: Filter, within: Attribute | None = None) -> None:
    """Raises `ScimFault(invalidFilter)` for a filter that names what there is not, or compares what can't be compared.
    `within`: it stands in brackets behind this attribute."""
    for one, inside in _leaves(asked, within):
        named = _named(schema, one.path, inside)
        if named is None:
            continue
        attribute, sub = named
        last = _compared(attribute, sub)
        if isinstance(one, OfOne):
            if not attribute.multi or sub is not None:
                raise ScimFault(INVALID_FILTER, f"`{one.path}` has no values to choose from by a filter.")
            check_filter(schema, one.inner, attribute)
        elif isinstance(one, Comparison):
            _check_comparison(one, last)


def matches(schema: Schema, asked: Filter, resource: Resource, within: Attribute | None = None) -> bool:
    """Whether it fits. `asked` was checked; `within`: `resource` is one value of this attribute."""
    match asked:
        case Not():
            return not matches(schema, asked.inner, resource, within)
        case AllOf():
            return all(matches(schema, one, resource, within) for one in asked.inner)
        case AnyOf():
            return any(matches(schema, one, resource, within) for one in asked.inner)
        case OfOne():
            named = _named(schema, asked.path, within)
            if named is None:
                return False
            return any(matches(schema, asked.inner, one, named[0]) for one in _all(resource.get(named[0].name)))
        case Present() | Comparison():
            named = _named(schema, asked.path, within)
            if named is None:
                return isinstance(asked, Comparison) and (asked.operator == "ne") is (asked.value is not None)
            return _fits(asked, _compared(*named), list(_values(named, resource, within)))


def _leaves(asked: Filter, within: Attribute | None) -> Iterator[tuple[Comparison | Present | OfOne, Attribute | None]]:
    match asked:
        case Not():
            yield from _leaves(asked.inner, within)
        case AllOf() | AnyOf():
            for one in asked.inner:
                yield from _leaves(one, within)
        case _:
            yield asked, within


def _named(schema: Schema, path: str, within: Attribute | None) -> tuple[Attribute, Attribute | None] | None:
    """As `resolve`; inside of brackets the names are those of the attribute's parts."""
    try:
        if within is None:
            return resolve(schema, path)
    except ScimFault as fault:
        raise ScimFault(INVALID_FILTER, fault.refusal.detail) from None
    sub = within.sub(path)
    if sub is not None:
        return within, sub
    if path.casefold() in within.passes:
        return None
    raise ScimFault(INVALID_FILTER, f"`{within.name}` has no part `{path[:200]}`.")


def _compared(attribute: Attribute, sub: Attribute | None) -> Attribute:
    """What is compared: of an attribute with parts that has no part named, its `value`."""
    if sub is not None or attribute.kind != "complex":
        return sub or attribute
    return next((one for one in attribute.subs if one.name in NAMES_ITSELF), attribute)


def _check_comparison(one: Comparison, last: Attribute) -> None:
    if last.kind == "complex":
        raise ScimFault(INVALID_FILTER, f"`{one.path}` has parts: name the one to compare.")
    if one.value is None and one.operator not in ("eq", "ne"):
        raise ScimFault(INVALID_FILTER, f"Nothing is compared with `null` by `{one.operator}`.")
    if last.kind == "boolean" and one.operator not in ("eq", "ne"):
        raise ScimFault(INVALID_FILTER, f"`{one.path}` is true or false: it is compared by `eq` and `ne`.")
    if last.kind == "dateTime" and isinstance(one.value, str):
        if one.operator in _TEXTS:
            raise ScimFault(INVALID_FILTER, f"`{one.path}` is an instant: it has no part for `{one.operator}`.")
        _instant(one.value)


def _values(named: tuple[Attribute, Attribute | None], resource: Resource, within: Attribute | None) -> Iterator[Any]:
    attribute, sub = named
    if within is not None:
        assert sub is not None
        yield from _all(resource.get(sub.name))
        return
    last = _compared(attribute, sub)
    for value in _all(resource.get(attribute.name)):
        yield from _all(value.get(last.name)) if last is not attribute and isinstance(value, Mapping) else (value,)


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _fits(asked: Comparison | Present, last: Attribute, values: list[Any]) -> bool:
    if isinstance(asked, Present):
        return any(value not in ("", [], {}) for value in values)
    if asked.value is None:
        return bool(values) is (asked.operator == "ne")
    if asked.operator == "ne":
        return not any(_equal(last, value, asked.value) for value in values)
    if asked.operator == "eq":
        return any(_equal(last, value, asked.value) for value in values)
    if not isinstance(asked.value, str):
        return False
    wanted = asked.value
    fits: Callable[[Any, Any], bool] = _ORDERED.get(asked.operator) or _TEXTS[asked.operator]
    if last.kind == "dateTime":
        return any(fits(_instant(value), _instant(wanted)) for value in values)
    return any(fits(_folded(last, value), _folded(last, wanted)) for value in values)


def _equal(last: Attribute, own: Any, asked: Value) -> bool:
    if last.kind == "boolean":
        # Entra writes them as texts.
        return (asked.casefold() if isinstance(asked, str) else str(asked).casefold()) == str(own).casefold()
    if not isinstance(asked, str):
        return False
    if last.kind == "dateTime":
        return _instant(own) == _instant(asked)
    return _folded(last, own) == _folded(last, asked)


def _folded(last: Attribute, text: str) -> str:
    return text if last.case_exact else text.casefold()


def _instant(text: str) -> int:
    found = microseconds(text)
    if found is None:
        raise ScimFault(INVALID_FILTER, f"`{text[:100]}` is no instant such as `2026-11-27T09:00:00Z`.")
    return found
