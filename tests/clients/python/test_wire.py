import itertools
from functools import cache
from typing import Any, get_args, get_type_hints

import msgpack  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.python.wire import NewerMessage, UnreadableMessage, pack, unpack_to_candidate, unpack_to_instructor
from protocol import codec
from protocol.messages.base import Message
from protocol.messages.candidate import Ack
from protocol.messages.directions import FromCandidate, FromInstructor, ToCandidate, ToInstructor


def _kinds(*unions: Any) -> list[type[Message]]:
    return list(dict.fromkeys(itertools.chain.from_iterable(get_args(union) for union in unions)))


ALL = _kinds(FromCandidate, ToCandidate, FromInstructor, ToInstructor)


def _values(hint: Any, name: str) -> st.SearchStrategy[Any]:
    """Values of a field, by its type; whether they are in its limits is the codec's affair and not the bytes'."""
    if hint is int:
        top = 2**53 - 1
        return st.integers(0, top) | st.sampled_from((0, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, top))
    if hint is str:
        return st.text(max_size=40) | st.sampled_from(
            ("", "x" * 31, "x" * 32, "x" * 255, "x" * 256, "ä" * 128, "x" * 65_536)
        )
    if hint is bool:
        return st.booleans()
    if hint is type(None):
        return st.none()
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _instances(hint)
    if hasattr(hint, "__metadata__"):
        return _values(hint.__origin__, name)
    arguments = get_args(hint)
    if getattr(hint, "__origin__", None) is list:
        return st.lists(_values(arguments[0], name), max_size=5)
    if getattr(hint, "__origin__", None) is tuple:
        return st.tuples(*[_values(arguments[0], name)] * 2)
    if getattr(hint, "__origin__", None) is dict:
        return st.dictionaries(*(_values(argument, name) for argument in arguments), max_size=5)
    assert arguments, f"{name}: {hint}"
    return st.one_of(*(_values(argument, name) for argument in arguments))


@cache
def _instances(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{name: _values(hints[name], name) for name in kind.__struct_fields__})


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
@settings(max_examples=15)
@given(data=st.data())
def test_msgpack_and_msgspec_write_the_same_bytes(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(_instances(kind))
    assert pack(message) == codec.encode(message)


@pytest.mark.parametrize("kind", _kinds(ToCandidate), ids=lambda kind: kind.__name__)
@settings(max_examples=15)
@given(data=st.data())
def test_what_a_server_tells_a_candidate_is_read(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(_instances(kind))
    if _within_limits(message):
        assert unpack_to_candidate(codec.encode(message)) == message


@pytest.mark.parametrize("kind", _kinds(ToInstructor), ids=lambda kind: kind.__name__)
@settings(max_examples=15)
@given(data=st.data())
def test_what_a_server_tells_an_instructor_is_read(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(_instances(kind))
    if _within_limits(message):
        assert unpack_to_instructor(codec.encode(message)) == message


def _within_limits(message: Message) -> bool:
    try:
        msgspec.msgpack.decode(codec.encode(message), type=type(message))
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x80",
        b"\x93\x01\x02\x03",
        b"\x81\xa1t\xa3ack",
        msgpack.packb({"t": "ack", "n": "1", "seq": 1, "committed_at_ms": 1}),
        msgpack.packb({"t": "ack", "n": 1, "seq": 1, "committed_at_ms": 1}) + b"\xc0",
        msgpack.packb({"t": ["ack"]}),
        b"\x91" * 3_000,
        b"\x81\xa1t\xa1\xff",
        b"\xdf\xff\xff\xff\xff",
    ],
    ids=[
        "empty", "reserved byte", "no tag", "no map", "missing field", "wrong type", "trailing bytes",
        "tag of no text", "deep", "no UTF-8", "a length that lies",
    ],
)  # fmt: skip
def test_what_is_no_message_is_said_to_be_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableMessage):
        unpack_to_candidate(data)


def test_what_a_newer_server_says_besides_is_passed_over() -> None:
    ack = Ack(1, 1, 1, "")
    assert (
        unpack_to_candidate(msgpack.packb({"t": "ack", "n": 1, "seq": 1, "committed_at_ms": 1, "head": "", "more": 1}))
        == ack
    )
    for tag in ("of_tomorrow", "hello"):
        with pytest.raises(NewerMessage, match=tag):
            unpack_to_candidate(msgpack.packb({"t": tag, "n": 1}))


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
@settings(max_examples=5)
@given(data=st.data())
def test_fields_of_a_newer_server_are_passed_over_everywhere(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(_instances(kind))
    for union, unpack in ((ToCandidate, unpack_to_candidate), (ToInstructor, unpack_to_instructor)):
        if kind in _kinds(union) and _within_limits(message):
            assert unpack(msgpack.packb(_with_more(msgspec.to_builtins(message)))) == message


def _with_more(value: Any) -> Any:
    """With a field more in each map, but for answers: these are what they are."""
    if isinstance(value, list):
        return [_with_more(one) for one in value]
    if isinstance(value, dict):
        known = {name: one if name == "value" else _with_more(one) for name, one in value.items()}
        return {**known, "of_tomorrow": {"mood": 1}}
    return value
