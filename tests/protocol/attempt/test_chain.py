"""The chain finds every changed, removed, inserted or exchanged byte."""

import re
from hashlib import blake2b, sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.chain import (
    BrokenChain,
    Line,
    NewerLog,
    Unread,
    digest_of,
    header_of,
    link,
    open_line,
    open_log,
    open_record,
    reference,
    seal,
    seed,
)
from protocol.attempt.facts import Moved
from protocol.attempt.model import Attempt, Status
from tests.protocol.attempt.scene import CANDIDATE, IDENTITY, KEY, T0, line_of, scene_in
from tests.protocol.attempt.test_model import eventful
from tests.storage.newer import NEW_KIND, new_record

RECORDS = eventful().records
LINES = [line_of(record) for record in RECORDS]
ID = IDENTITY.attempt_id
BYTES = ("digest", "body", "hash")
"""The columns of a line that are bytes."""


def with_line(index: int, line: Line) -> list[Line]:
    return [*LINES[:index], line, *LINES[index + 1 :]]


def changed_in(line: Line, column: str, value: bytes) -> Line:
    return Line(**(line._asdict() | {column: value}))


def before(index: int) -> bytes:
    return LINES[index - 1].hash if index else seed(ID)


def mended(index: int, line: Line) -> Line:
    """`line` with the digest and the hash that fit it."""
    assert line.body is not None
    digest = digest_of(KEY, line.body)
    return line._replace(digest=digest, hash=link(before(index), header_of(*line[:4]), digest))


def test_a_log_opens_as_it_was_written() -> None:
    assert open_log(ID, KEY, LINES) == RECORDS
    assert open_log(ID, KEY, []) == []


def test_the_tail_of_a_log_opens_after_a_snapshot() -> None:
    assert open_log(ID, KEY, LINES[5:], after=5, head=LINES[4].hash) == RECORDS[5:]
    with pytest.raises(BrokenChain):
        open_log(ID, KEY, LINES[5:], after=5, head=LINES[3].hash)


def test_the_hash_is_what_the_format_says() -> None:
    head = sha256(b"pencilsdown log 1\nattempt-1").digest()
    for line in LINES:
        assert line.body is not None
        assert line.digest == blake2b(line.body, key=KEY, digest_size=32).digest()
        header = msgspec.msgpack.encode([line.seq, line.at_ms, line.kind, line.role])
        head = sha256(head + header + line.digest).digest()
        assert line.hash == head


def test_the_chain_holds_without_bodies_and_without_the_key() -> None:
    head = seed(ID)
    for seq, line in enumerate(LINES, 1):
        assert open_line(ID, head, seq, line._replace(body=None)) == RECORDS[seq - 1].header
        head = line.hash


@given(st.integers(0, len(LINES) - 1), st.sampled_from(BYTES), st.data())
def test_a_changed_byte_is_found_where_it_is(index: int, column: str, data: st.DataObject) -> None:
    line = LINES[index]
    original: bytes = getattr(line, column)
    position = data.draw(st.integers(0, len(original) - 1))
    flipped = original[position] ^ data.draw(st.integers(1, 255))
    changed = changed_in(line, column, original[:position] + bytes([flipped]) + original[position + 1 :])
    with pytest.raises(BrokenChain) as broken:
        open_log(ID, KEY, with_line(index, changed))
    assert broken.value.seq == line.seq
    if column == "body" and index + 1 < len(LINES):
        # Whoever also mends digest and hash of the changed record breaks the next one, if the bytes still are a record.
        with pytest.raises(BrokenChain) as broken:
            open_log(ID, KEY, with_line(index, mended(index, changed)))
        assert broken.value.seq in (line.seq, line.seq + 1)


@pytest.mark.parametrize("index", range(len(LINES)))
@pytest.mark.parametrize(
    "change", [{"at_ms": T0 - 1}, {"kind": "answeree"}, {"role": "candidates"}, {"role": "anybody"}, {"at_ms": "text"}]
)
def test_a_changed_header_is_found_where_it_is(index: int, change: dict[str, object]) -> None:
    changed = Line(**(LINES[index]._asdict() | change))
    with pytest.raises(BrokenChain, match="the hash does not match") as broken:
        open_log(ID, KEY, with_line(index, changed))
    assert broken.value.seq == index + 1


@given(st.integers(0, len(LINES) - 1), st.sampled_from(BYTES), st.integers(0, 255), st.data())
def test_an_inserted_or_removed_byte_is_found(index: int, column: str, byte: int, data: st.DataObject) -> None:
    line = LINES[index]
    original: bytes = getattr(line, column)
    position = data.draw(st.integers(0, len(original) - 1))
    inserted = original[:position] + bytes([byte]) + original[position:]
    removed = original[:position] + original[position + 1 :]
    for changed in (inserted, removed):
        with pytest.raises(BrokenChain) as broken:
            open_log(ID, KEY, with_line(index, changed_in(line, column, changed)))
        assert broken.value.seq == line.seq


@pytest.mark.parametrize("index", range(len(LINES) - 1))
def test_a_record_that_is_missing_doubled_or_in_the_wrong_place_is_found(index: int) -> None:
    without = [*LINES[:index], *LINES[index + 1 :]]
    twice = [*LINES[: index + 1], *LINES[index:]]
    swapped = [*LINES[:index], LINES[index + 1], LINES[index], *LINES[index + 2 :]]
    for lines, seq in ((without, index + 1), (twice, index + 2), (swapped, index + 1)):
        with pytest.raises(BrokenChain, match="it is missing") as broken:
            open_log(ID, KEY, lines)
        assert broken.value.seq == seq
        renumbered = [line._replace(seq=number) for number, line in enumerate(lines, start=1)]
        with pytest.raises(BrokenChain) as broken:
            open_log(ID, KEY, renumbered)
        assert broken.value.seq == seq


def test_a_log_of_another_attempt_does_not_fit() -> None:
    with pytest.raises(BrokenChain, match="attempt attempt-2, record 1: the hash does not match") as broken:
        open_log("attempt-2", KEY, LINES)
    assert (broken.value.attempt_id, broken.value.what) == ("attempt-2", "the hash does not match")


def test_without_its_key_no_body_is_believed() -> None:
    with pytest.raises(BrokenChain, match="record 1: the body is not the one that was written"):
        open_log(ID, bytes(32), LINES)


def test_a_body_that_is_gone_is_named() -> None:
    with pytest.raises(BrokenChain, match="record 4: the body is gone"):
        open_log(ID, KEY, with_line(3, LINES[3]._replace(body=None)))


def test_a_digest_does_not_tell_a_body_that_is_known() -> None:
    """Two attempts with the same answer: without the keys nobody sees that it is the same."""
    one, other = (seal(seed(ID), key, 3, T0, CANDIDATE, Moved(1, 1, 0)) for key in (KEY, bytes(32)))
    assert one.body == other.body
    assert one.digest != other.digest


@pytest.mark.parametrize(
    "body", [b"", b"\xc1", b"\x80", b"\x91" * 100_000, RECORDS[0].body + b"\xc0", b"\x81\xa1\xff\xc0"]
)
def test_bytes_that_are_no_record_are_named_even_with_a_hash_that_fits(body: bytes) -> None:
    with pytest.raises(BrokenChain, match="the bytes are no record"):
        open_record(ID, seed(ID), KEY, 1, mended(0, LINES[0]._replace(body=body)))


def test_text_that_is_no_utf8_is_no_record() -> None:
    record = seal(seed(ID), KEY, 1, T0, CANDIDATE, eventful().records[5].entry.fact)
    body = record.body.replace("Ünïcødé".encode(), b"\xff" * len("Ünïcødé".encode()))
    assert body != record.body
    with pytest.raises(BrokenChain, match="the bytes are no record"):
        open_record(ID, seed(ID), KEY, 1, mended(0, line_of(record)._replace(body=body)))


def after(*facts: dict[str, Any], role: str = "candidate") -> list[Line]:
    """The log, and further records as a newer version would write them."""
    lines = list(LINES)
    for fact in facts:
        last = lines[-1]
        lines.append(Line(**new_record(last.hash, KEY, last.seq + 1, T0, fact, role)))
    return lines


NEW: list[tuple[list[Line], str]] = [
    (after(NEW_KIND), "the kind noted"),
    (after({"t": "moved", "n": 9, "question_index": 1, "client_at_ms": 0, "speed": 3}), "the field speed in moved"),
    (after({"t": "moved", "n": 9, "question_index": 1, "client_at_ms": 0}, role="proctor"), "the role proctor"),
]


@pytest.mark.parametrize(("lines", "what"), NEW, ids=["kind", "field", "role"])
def test_what_only_a_newer_version_knows_is_named_and_breaks_no_chain(lines: list[Line], what: str) -> None:
    with pytest.raises(NewerLog, match=f"this version does not know {what}") as newer:
        open_log(ID, KEY, lines)
    assert newer.value.unread == (Unread(len(lines), what),)
    with pytest.raises(NewerLog):
        open_log(ID, KEY, lines[5:], after=5, head=LINES[4].hash)
    for changed in (lines[-1]._replace(body=b"\x80"), lines[-1]._replace(hash=bytes(32))):
        with pytest.raises(BrokenChain):
            open_log(ID, KEY, [*lines[:-1], changed])


def test_the_chain_is_checked_behind_what_is_not_known_too() -> None:
    lines = after(NEW_KIND, {"t": "moved", "n": 9, "question_index": 1, "client_at_ms": 0}, NEW_KIND)
    with pytest.raises(NewerLog) as newer:
        open_log(ID, KEY, lines)
    assert [unread.seq for unread in newer.value.unread] == [len(LINES) + 1, len(LINES) + 3]
    with pytest.raises(BrokenChain) as broken:
        open_log(ID, KEY, [*lines[:-2], lines[-2]._replace(at_ms=T0 + 1), lines[-1]])
    assert broken.value.seq == len(LINES) + 2


def test_a_body_of_another_kind_than_the_header_is_broken_in_newer_records_too() -> None:
    index = len(LINES) - 1
    with pytest.raises(BrokenChain, match="the header says noted, the body"):
        open_log(ID, KEY, with_line(index, mended(index, LINES[index]._replace(kind="noted"))))
    with pytest.raises(BrokenChain, match="the bytes are no record"):
        open_log(ID, KEY, with_line(index, mended(index, LINES[index]._replace(kind="noted", body=b"\x80"))))


def test_header_and_body_must_be_of_one_kind() -> None:
    with pytest.raises(BrokenChain, match="the header says moved, the body created"):
        open_record(ID, seed(ID), KEY, 1, mended(0, LINES[0]._replace(kind="moved")))


def test_the_format_of_a_record_is_for_years() -> None:
    record = seal(seed("a"), KEY, 2, 5, CANDIDATE, Moved(1, 3, 9))
    assert record.header == b"\x94\x02\x05\xa5moved\xa9candidate"
    assert msgspec.msgpack.decode(record.body) == {
        "by": "ada",
        "fact": {"t": "moved", "n": 1, "question_index": 3, "client_at_ms": 9},
    }
    assert record.body == (
        b"\x82\xa2by\xa3ada\xa4fact\x84\xa1t\xa5moved\xa1n\x01\xaequestion_index\x03\xacclient_at_ms\x09"
    )


def test_nothing_personal_is_in_a_header() -> None:
    for record in RECORDS:
        header = msgspec.msgpack.decode(record.header)
        assert header == [record.entry.seq, record.entry.at_ms, line_of(record).kind, record.entry.role]


def test_a_reference_can_be_read_aloud() -> None:
    assert reference(bytes(32)) == "0000-0000-0000"
    assert reference(b"\xff" * 32) == "ZZZZ-ZZZZ-ZZZZ"
    assert reference(bytes.fromhex("00443214c74254b6") + bytes(24)) == "0123-4567-89AB"


@given(st.binary(min_size=32, max_size=32))
def test_every_reference_has_one_form(record_hash: bytes) -> None:
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", reference(record_hash))


def test_the_reference_names_the_record_that_ended_the_attempt() -> None:
    scene = scene_in(Status.COMPLETED)
    attempt: Attempt = scene.attempt
    assert attempt.reference == reference(scene.records[-2].hash)
