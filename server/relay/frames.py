"""The messages between nodes of one deployment, as MessagePack."""

from collections.abc import Callable
from typing import Final, TypeVar
from zlib import crc32

import msgspec

from protocol.messages.monitor import Row
from protocol.rules.scope import TokenScope
from storage.overrides import Who

RECORDS_CHANNELS: Final = tuple(f"records:{number:02}" for number in range(64))
"""Channels for news of records that a node wrote while the candidate may be connected to another node. Every node
listens to all of them; there are several so that the shards of a Redis Cluster share the load."""


def records_channel(attempt_id: str) -> str:
    """The one of `RECORDS_CHANNELS` that belongs to this attempt."""
    return RECORDS_CHANNELS[crc32(attempt_id.encode()) % len(RECORDS_CHANNELS)]


def rows_channel(org_id: str, test_id: str) -> str:
    """Batches of rows of one test, for nodes with watchers."""
    return f"rows:{_named(org_id)}:{test_id}"


def ask_channel(org_id: str, test_id: str) -> str:
    """Where nodes with watchers say so, and ask all others for their rows."""
    return f"ask:{_named(org_id)}:{test_id}"


def _named(org_id: str) -> str:
    """An organisation's id, escaped for a channel's name: without that, "a:b" with "c" would equal "a" with "b:c"."""
    return org_id.replace("%", "%25").replace(":", "%3A")


class Frame(msgspec.Struct, frozen=True, tag_field="t"):
    """Base. `node` is the sender's name, made anew at each start."""

    node: str


class Batch(Frame, frozen=True, tag="batch"):
    """Rows of a room that have changed. Numbered per node and room from 1: a hole in the numbers is a gap.
    `whole`: these are all the live rows the node has. An empty one says that the node is alive."""

    number: int
    whole: bool
    rows: list[Row]


class Ask(Frame, frozen=True, tag="ask"):
    """Somebody watches the room at this node: rows that change are to be told. `whole`: all live rows are, once."""

    whole: bool


class Executed(Frame, frozen=True, tag="executed", omit_defaults=True):
    """The log of an attempt has got as far as record `seq`, whose hash is `head`. What the records say is read from the
    log. `traceparents`: the W3C `traceparent` of each command that brought them, as far as it is traced."""

    attempt_id: str
    seq: int
    head: bytes
    traceparents: tuple[str, ...] = ()


class TestStored(Frame, frozen=True, tag="test"):
    """A version of this test was stored. What it says is read from the database."""

    __test__ = False

    org_id: str
    test_id: str


class PeopleChanged(Frame, frozen=True, tag="people"):
    """The change of this number was made to an organisation's people. What they are is read from the database. `who`:
    the users and groups that it is about; nil: more than a message names. At one test, or (`test_id` empty) at every
    test."""

    org_id: str
    revision: int
    who: tuple[Who, ...] | None
    test_id: str


class BulkMoved(Frame, frozen=True, tag="bulk"):
    """An act on many attempts has come further. `message` is what those are told who watch the test and may see all
    that lies in `scope`."""

    org_id: str
    test_id: str
    scope: TokenScope
    message: bytes


encode: Final = msgspec.msgpack.Encoder().encode
_F = TypeVar("_F", bound=Frame)


def _reader(kind: type[_F]) -> Callable[[bytes], _F | None]:
    """Reads frames of this kind. Fields that only a newer node knows are left out; a frame of a kind that only a newer
    node knows is None. Raises `msgspec.ValidationError` for whatever no version sends."""
    decode = msgspec.msgpack.Decoder(kind).decode

    def read(data: bytes) -> _F | None:
        try:
            return decode(data)
        except msgspec.ValidationError:
            if _any_frame(data).t == kind.__struct_config__.tag:
                raise
            return None

    return read


class _AnyFrame(msgspec.Struct, frozen=True):
    t: str


_any_frame: Final = msgspec.msgpack.Decoder(_AnyFrame).decode
read_ask: Final = _reader(Ask)
read_batch: Final = _reader(Batch)
read_executed: Final = _reader(Executed)
read_test_stored: Final = _reader(TestStored)
read_people_changed: Final = _reader(PeopleChanged)
read_bulk_moved: Final = _reader(BulkMoved)
