"""What any released version wrote is read by this one: bit for bit, and with the same meaning."""

import json
from typing import Any, get_args

import msgspec
import pytest

from clients.python import wire
from protocol import codec
from protocol.attempt.chain import ErasedLog, Line, open_log, seal, seed
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Body, Record
from protocol.attempt.kinds import KINDS
from protocol.attempt.model import Actor, Attempt
from protocol.messages.directions import FromCandidate, FromInstructor, ToCandidate, ToInstructor
from protocol.messages.monitor import Row
from server.relay.frames import read_ask, read_batch, read_executed
from storage.projection import monitor_row
from storage.snapshots import FOLD, SHAPE
from tests.golden import story, writing
from tests.golden.comparing import changes, read

VERSIONS = sorted(folder.name for folder in writing.FOLDER.glob("v*"))
NEWEST = writing.name_of_this_version()
WRITE = "run `python -m tests.golden`, and look at what it says"


def lines_of(version: str, file: str = "log.jsonl") -> list[Line]:
    return [
        Line(
            one["seq"],
            one["at_ms"],
            one["kind"],
            one["role"],
            bytes.fromhex(one["digest"]),
            None if one["body"] is None else bytes.fromhex(one["body"]),
            bytes.fromhex(one["hash"]),
        )
        for one in read(version, file)
    ]


def records_of(version: str) -> list[Record]:
    return open_log(story.ATTEMPT, story.KEY, lines_of(version))


def end_of(version: str) -> Record:
    with pytest.raises(ErasedLog) as erased:
        open_log(story.ATTEMPT, story.NEW_KEY, lines_of(version, "erased.jsonl"))
    return erased.value.record


def about(version: str) -> dict[str, Any]:
    (said,) = read(version, "about.json")
    return said


def differences(before: Any, now: Any, where: str = "") -> list[str]:
    """What an older version wrote and this one understands in another way. Whatever is new is no difference."""
    if isinstance(before, dict) and isinstance(now, dict):
        gone = [f"{where}.{name} is gone" for name in before if name not in now]
        kept = [name for name in before if name in now]
        return gone + [said for name in kept for said in differences(before[name], now[name], f"{where}.{name}")]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [said for i, one in enumerate(before) for said in differences(one, now[i], f"{where}[{i}]")]
    return [] if before == now else [f"{where} was {before!r} and is {now!r}"]


def test_the_files_of_this_version_are_those_that_it_makes() -> None:
    files = writing.files()
    said = changes(NEWEST, files) if NEWEST in VERSIONS else ["there are none"]
    if NEWEST in writing.FROZEN:
        assert not said, (f"{NEWEST} was released, and is written otherwise now: {' '.join(said)}",)
    assert not said, (WRITE, *said)


def test_every_kind_and_every_field_is_in_the_log_of_this_version() -> None:
    records = [*records_of(NEWEST), end_of(NEWEST)]
    written: dict[str, set[str]] = {}
    for record in records:
        fact = msgspec.msgpack.decode(record.body)["fact"]
        written.setdefault(fact.pop("t"), set()).update(fact)
    assert written.keys() == {kind.tag for kind in KINDS}, WRITE
    for kind in KINDS:
        fields = written[kind.tag]
        assert fields == set(kind.fact.__struct_fields__), f"{kind.tag}: a field is at its default. {WRITE}"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_record_is_written_again_with_the_same_bytes(version: str) -> None:
    """A changed name, order or default shows here."""
    head = seed(story.ATTEMPT)
    for record in records_of(version):
        entry = record.entry
        again = seal(head, story.KEY, entry.seq, entry.at_ms, Actor(entry.role, entry.by), entry.fact)
        before, now = (msgspec.msgpack.decode(body) for body in (record.body, again.body))
        tag = before["fact"]["t"]
        assert not differences(before, now, tag), f"{tag} of {version} is written otherwise now"
        assert list(before["fact"]) == list(now["fact"]), f"{tag}: the order of its fields has changed since {version}"
        assert again == record
        head = record.hash


@pytest.mark.parametrize("version", VERSIONS)
def test_a_new_field_of_a_fact_goes_last_and_has_a_default(version: str) -> None:
    known: dict[str, list[str]] = {}
    for record in [*records_of(version), end_of(version)]:
        fact = msgspec.msgpack.decode(record.body)["fact"]
        # What follows the first record of a kind lacks the fields that may be left out.
        known.setdefault(fact.pop("t"), list(fact))
    facts = {kind.tag: kind.fact for kind in KINDS}
    for tag, fields in known.items():
        now = msgspec.structs.fields(facts[tag])
        assert [field.name for field in now[: len(fields)]] == fields, f"{tag}: new fields go behind those of {version}"
        assert not any(field.required for field in now[len(fields) :]), f"{tag}: old records lack what is new"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_log_means_what_it_meant(version: str) -> None:
    attempt: Attempt | None = None
    for record, before in zip([*records_of(version), end_of(version)], read(version, "states.jsonl"), strict=True):
        attempt = evolve(attempt, record)
        said = differences(before, json.loads(msgspec.json.encode(attempt)))
        tag = record.entry.fact.__struct_config__.tag
        assert not said, f"after {tag} of {version}: {said}. Raise FOLD in storage/snapshots.py if this is meant"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_snapshot_is_the_state_or_is_ignored(version: str) -> None:
    (kept,) = read(version, "snapshot.json")
    if about(version) != {"fold": FOLD, "shape": SHAPE.hex()}:
        assert about(version)["shape"] != SHAPE.hex(), "its shape says that it can be read"
        return
    attempt: Attempt | None = None
    for record in records_of(version):
        attempt = evolve(attempt, record)
    assert msgspec.msgpack.decode(bytes.fromhex(kept["state"]), type=Attempt) == attempt


def _reader(name: str) -> Any:
    for union, decode in (
        (FromCandidate, codec.decode_from_candidate),
        (FromInstructor, codec.decode_from_instructor),
        (ToCandidate, wire.unpack_to_candidate),
        (ToInstructor, wire.unpack_to_instructor),
    ):
        if name in {kind.__name__ for kind in get_args(union)}:
            return decode
    raise AssertionError(f"{name} has gone: clients of before still send it, or still wait for it")


@pytest.mark.parametrize("version", VERSIONS)
def test_old_messages_are_read_alike(version: str) -> None:
    for one in read(version, "frames.jsonl"):
        data = bytes.fromhex(one["bytes"])
        message = _reader(one["message"])(data)
        said = differences(msgspec.msgpack.decode(data), msgspec.to_builtins(message), one["message"])
        assert not said, (version, said)


@pytest.mark.parametrize("version", VERSIONS)
def test_words_of_old_nodes_are_understood(version: str) -> None:
    readers: dict[str, Any] = {"ask": read_ask, "batch": read_batch, "executed": read_executed}
    for one in read(version, "relay.jsonl"):
        data = bytes.fromhex(one["bytes"])
        frame = readers[one["frame"]](data)
        before = msgspec.msgpack.decode(data)
        now = msgspec.msgpack.decode(msgspec.msgpack.encode(frame))
        assert not differences(before, now, one["frame"])


@pytest.mark.parametrize("version", VERSIONS)
def test_old_rows_of_the_projection_are_shown(version: str) -> None:
    for one in read(version, "rows.jsonl"):
        kept = json.loads(one["session_data"])
        row = monitor_row("a", one["seq"], "ada", "north", "Ada", 1, "paused", 1, (1, None, None), one["session_data"])
        assert isinstance(row, Row)
        assert not differences(kept, msgspec.to_builtins(row), "row")


def test_what_a_newer_version_adds_to_a_row_is_passed_over() -> None:
    (one, *_) = read(NEWEST, "rows.jsonl")
    data = json.dumps({**json.loads(one["session_data"]), "of_tomorrow": 1})
    assert monitor_row("a", 1, "ada", "north", "Ada", 1, "paused", 1, (1, None, None), data).user_id == "ada"


def test_bodies_are_read_by_their_names_and_not_by_their_order() -> None:
    """What the vectors hold for messages holds for the log."""
    for record in records_of(NEWEST):
        said = msgspec.msgpack.decode(record.body)
        turned = {"fact": dict(reversed(said["fact"].items())), "by": said["by"]}
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(turned), type=Body).fact == record.entry.fact
