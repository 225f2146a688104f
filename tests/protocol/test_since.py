"""What a value needs of the nodes that read it."""

from typing import Annotated, Any

import msgspec
import pytest

from protocol.attempt.facts import Fact
from protocol.attempt.kinds import KINDS
from protocol.content import TestContent
from protocol.since import OLDEST, SPEAKS, agree, needs, newest_in, since


class Inner(msgspec.Struct, frozen=True, omit_defaults=True):
    a: int
    b: Annotated[int | None, since(3)] = None


class Outer(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    named: Annotated[dict[str, Inner], since(2)] = {}


@pytest.mark.parametrize(
    ("value", "version"),
    [
        (Outer("x"), 1),
        (Outer("x", Inner(1)), 1),
        (Outer("x", Inner(1, 5)), 3),
        (Outer("x", None, (Inner(1), Inner(2, 0))), 3),
        (Outer("x", named={"one": Inner(1)}), 2),
        (Outer("x", named={"one": Inner(1, 1)}), 3),
        ([Inner(1), Inner(1, 1)], 3),
        ("text", 1),
    ],
)
def test_a_value_needs_the_newest_of_the_fields_that_it_uses(value: object, version: int) -> None:
    assert needs(value) == version


def test_a_field_that_is_not_used_leaves_the_bytes_as_they_were() -> None:
    assert msgspec.msgpack.encode(Inner(1)) == msgspec.msgpack.encode({"a": 1})


def test_the_newest_field_of_a_type_is_found_however_deep_it_lies() -> None:
    assert (newest_in(Outer), newest_in(Inner)) == (3, 3)


KEPT: list[type[msgspec.Struct]] = [TestContent, *(kind.fact for kind in KINDS)]


def test_nothing_is_newer_than_what_this_release_speaks() -> None:
    assert OLDEST <= SPEAKS
    assert max([*(kind.since for kind in KINDS), *map(newest_in, KEPT)]) <= SPEAKS


def structs_in(info: msgspec.inspect.Type) -> list[msgspec.inspect.StructType]:
    match info:
        case msgspec.inspect.StructType(fields=fields):
            return [info, *(one for field in fields for one in structs_in(field.type))]
        case msgspec.inspect.UnionType(types=types):
            return [one for member in types for one in structs_in(member)]
        case msgspec.inspect.ListType(item_type=item) | msgspec.inspect.VarTupleType(item_type=item):
            return structs_in(item)
        case msgspec.inspect.Metadata(type=inner):
            return structs_in(inner)
        case _:
            return []


@pytest.mark.parametrize("fact", Fact.__subclasses__())
def test_a_field_of_a_fact_that_is_at_its_default_is_not_written(fact: type[Fact]) -> None:
    """A later field must leave the bytes of older records as they were. (Give the struct `omit_defaults=True`.)"""
    for info in structs_in(msgspec.inspect.type_info(fact)):
        if info.array_like:
            # Nothing can be left out of an array, so nothing is ever added to one.
            assert info.forbid_unknown_fields, info.cls
            assert newest_in(info.cls) == 1, info.cls
            continue
        assert info.cls.__struct_config__.omit_defaults or all(field.required for field in info.fields), info.cls


@pytest.mark.parametrize("kind", KEPT)
def test_a_struct_with_a_later_field_omits_defaults(kind: type[msgspec.Struct]) -> None:
    """Nodes of before refuse a field that they do not know, even at its default."""
    for info in structs_in(msgspec.inspect.type_info(kind)):
        own = [field for field in msgspec.structs.fields(info.cls) if newest_of(field.type) > 1]
        assert info.cls.__struct_config__.omit_defaults or not own, info.cls


def newest_of(hint: Any) -> int:
    return max((meta.extra["since"] for meta in getattr(hint, "__metadata__", ()) if meta.extra), default=1)


@pytest.mark.parametrize(
    ("oldest", "newest", "fleet", "version"),
    [
        (1, 1, 1, 1),
        (1, 9, 1, 1),
        (1, 3, 2, 2),
        (2, 3, 1, None),
        (1, 1, 3, 1),
        (2, 3, 3, 3),
        (4, 5, 3, None),
        (0, 0, 3, None),
    ],
)
def test_the_newest_version_that_client_and_fleet_speak_is_picked(
    monkeypatch: pytest.MonkeyPatch, oldest: int, newest: int, fleet: int, version: int | None
) -> None:
    monkeypatch.setattr("protocol.since.SPEAKS", 3)
    assert agree(oldest, newest, fleet) == version
