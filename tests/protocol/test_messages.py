"""The rules of the wire hold for every message: no floats, bounded integers, every field always there."""

from typing import Any, get_args

import msgspec
import pytest

from clients.structs import structs_of
from clients.vectors import DIRECTIONS
from protocol import limits, messages
from protocol.messages.base import AnyHello, Id, Message
from protocol.messages.candidate import Welcome
from protocol.messages.connection import Beat
from protocol.messages.directions import FromCandidate, FromInstructor
from protocol.messages.operations import Operation
from protocol.messages.staff import StaffCommand

KINDS = [struct for struct in structs_of(messages) if issubclass(struct, Message)]


def types_in(info: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return types_in(inner)
        case msgspec.inspect.ListType(item_type=item) | msgspec.inspect.VarTupleType(item_type=item):
            return [info, *types_in(item)]
        case msgspec.inspect.DictType(key_type=key, value_type=value):
            return [info, *types_in(key), *types_in(value)]
        case msgspec.inspect.UnionType(types=types):
            return [one for member in types for one in types_in(member)]
        case msgspec.inspect.StructType(fields=fields):
            return [info, *[one for field in fields for one in types_in(field.type)]]
        case _:
            return [info]


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_has_only_what_every_language_encodes_alike(kind: type[Message]) -> None:
    for info in types_in(msgspec.inspect.type_info(kind)):
        assert isinstance(
            info,
            msgspec.inspect.IntType
            | msgspec.inspect.StrType
            | msgspec.inspect.BoolType
            | msgspec.inspect.NoneType
            | msgspec.inspect.ListType
            | msgspec.inspect.VarTupleType
            | msgspec.inspect.DictType
            | msgspec.inspect.StructType,
        )
        if isinstance(info, msgspec.inspect.IntType):
            assert info.ge is not None
            assert info.le is not None
            assert 0 <= info.ge <= info.le <= limits.MAX_INT
        if isinstance(info, msgspec.inspect.StructType):
            # What a server says since a later version is absent in an older one's messages, and older clients pass over
            # it in those of a newer one.
            later_ones = kind not in get_args(FromCandidate | FromInstructor)
            # A hello must be readable by servers older than its client.
            assert info.forbid_unknown_fields is not (later_ones or issubclass(kind, AnyHello))
            # What staff have seen of an attempt may be left out, and what they tell a candidate.
            optional = {field.name for field in info.fields if not field.required and field.default is None}
            assert all(field.required or field.name in optional for field in info.fields)
            assert later_ones or optional <= {"seen_seq", "said"}
            assert info.cls.__struct_config__.frozen


@pytest.mark.parametrize("kind", get_args(FromCandidate | FromInstructor))
def test_what_a_client_may_send_is_bounded_everywhere(kind: type[Message]) -> None:
    for info in types_in(msgspec.inspect.type_info(kind)):
        if isinstance(
            info,
            msgspec.inspect.StrType
            | msgspec.inspect.ListType
            | msgspec.inspect.VarTupleType
            | msgspec.inspect.DictType,
        ):
            assert info.max_length is not None


@pytest.mark.parametrize(
    ("text", "fits"), [("a", True), ("a\n", True), ("\0", False), ("a\0", False), ("a\n\0\n", False)]
)
def test_an_id_has_no_nul(text: str, fits: bool) -> None:
    try:
        msgspec.convert(text, Id)
    except msgspec.ValidationError:
        assert not fits
    else:
        assert fits


def test_every_tag_is_used_once_in_each_direction_and_every_message_goes_somewhere() -> None:
    for union in DIRECTIONS.values():
        tags: list[Any] = [kind.__struct_config__.tag for kind in get_args(union)]
        assert len(set(tags)) == len(tags)
    going = {kind for union in DIRECTIONS.values() for kind in get_args(union)}
    assert going == set(KINDS)


def test_the_tag_goes_first() -> None:
    assert list(msgspec.to_builtins(Beat(1))) == ["t", "t0_ms"]
    assert Welcome.__struct_fields__[0] == "protocol"


def test_operations_are_numbered_and_orders_have_an_id() -> None:
    for kind in get_args(Operation):
        assert kind.__struct_fields__[0] == "n"
        assert kind.__struct_fields__[-1] == "client_at_ms"
    for kind in get_args(StaffCommand):
        assert kind.__struct_fields__[:2] == ("command_id", "attempt_id")
