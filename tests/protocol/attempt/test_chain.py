"""The chain finds every changed, removed, inserted or exchanged byte."""

import re
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.chain import BrokenChain, open_log, open_record, reference, seal, seed
from protocol.attempt.facts import Moved
from protocol.attempt.model import Attempt, Status
from tests.protocol.attempt.scene import CANDIDATE, IDENTITY, T0, scene_in
from tests.protocol.attempt.test_model import eventful

RECORDS = eventful().records
ROWS = [(record.entry.seq, record.data, record.hash) for record in RECORDS]
ID = IDENTITY.attempt_id


def test_a_log_opens_as_it_was_written() -> None:
    assert open_log(ID, ROWS) == RECORDS
    assert open_log(ID, []) == []


def test_the_tail_of_a_log_opens_after_a_snapshot() -> None:
    assert open_log(ID, ROWS[5:], after=5, head=ROWS[4][2]) == RECORDS[5:]
    with pytest.raises(BrokenChain):
        open_log(ID, ROWS[5:], after=5, head=ROWS[3][2])


def test_the_hash_is_what_the_format_says() -> None:
    head = sha256(b"pencilsdown log 1\nattempt-1").digest()
    for _, data, stored_hash in ROWS:
        head = sha256(head + data).digest()
        assert stored_hash == head


@given(st.integers(0, len(ROWS) - 1), st.data())
def test_a_changed_byte_is_found_where_it_is(index: int, data: st.DataObject) -> None:
    seq, original, stored_hash = ROWS[index]
    position = data.draw(st.integers(0, len(original) - 1))
    flipped = original[position] ^ data.draw(st.integers(1, 255))
    changed = original[:position] + bytes([flipped]) + original[position + 1 :]
    with pytest.raises(BrokenChain) as broken:
        open_log(ID, [*ROWS[:index], (seq, changed, stored_hash), *ROWS[index + 1 :]])
    assert broken.value.seq == seq
    if index + 1 < len(ROWS):
        # Whoever also mends the hash of the changed record breaks the next one, if the bytes still are a record.
        mended = sha256((ROWS[index - 1][2] if index else seed(ID)) + changed).digest()
        with pytest.raises(BrokenChain) as broken:
            open_log(ID, [*ROWS[:index], (seq, changed, mended), *ROWS[index + 1 :]])
        assert broken.value.seq in (seq, seq + 1)


@given(st.integers(0, len(ROWS) - 1), st.integers(0, 255), st.data())
def test_an_inserted_or_removed_byte_is_found(index: int, byte: int, data: st.DataObject) -> None:
    seq, original, stored_hash = ROWS[index]
    position = data.draw(st.integers(0, len(original) - 1))
    inserted = original[:position] + bytes([byte]) + original[position:]
    removed = original[:position] + original[position + 1 :]
    for changed in (inserted, removed):
        with pytest.raises(BrokenChain) as broken:
            open_log(ID, [*ROWS[:index], (seq, changed, stored_hash), *ROWS[index + 1 :]])
        assert broken.value.seq == seq


@pytest.mark.parametrize("index", range(len(ROWS) - 1))
def test_a_record_that_is_missing_doubled_or_in_the_wrong_place_is_found(index: int) -> None:
    without = [*ROWS[:index], *ROWS[index + 1 :]]
    twice = [*ROWS[: index + 1], *ROWS[index:]]
    swapped = [*ROWS[:index], ROWS[index + 1], ROWS[index], *ROWS[index + 2 :]]
    for rows, seq in ((without, index + 1), (twice, index + 2), (swapped, index + 1)):
        with pytest.raises(BrokenChain, match="it is missing") as broken:
            open_log(ID, rows)
        assert broken.value.seq == seq
        renumbered = [(number, data, stored) for number, (_, data, stored) in enumerate(rows, start=1)]
        with pytest.raises(BrokenChain) as broken:
            open_log(ID, renumbered)
        assert broken.value.seq == seq


def test_a_log_of_another_attempt_does_not_fit() -> None:
    with pytest.raises(BrokenChain, match="attempt attempt-2, record 1: the hash does not match") as broken:
        open_log("attempt-2", ROWS)
    assert (broken.value.attempt_id, broken.value.what) == ("attempt-2", "the hash does not match")


def test_a_record_says_its_own_number() -> None:
    record = seal(seed(ID), 7, T0, CANDIDATE, Moved(1, 1, 0))
    with pytest.raises(BrokenChain, match="it says it is record 7"):
        open_record(ID, seed(ID), 1, record.data, record.hash)


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x80", b"\x91" * 100_000, RECORDS[0].data + b"\xc0", b"\x81\xa1\xff\xc0"]
)
def test_bytes_that_are_no_record_are_named_even_with_a_hash_that_fits(data: bytes) -> None:
    with pytest.raises(BrokenChain, match="the bytes are no record"):
        open_record(ID, seed(ID), 1, data, sha256(seed(ID) + data).digest())


def test_text_that_is_no_utf8_is_no_record() -> None:
    record = seal(seed(ID), 1, T0, CANDIDATE, eventful().records[5].entry.fact)
    data = record.data.replace("Ünïcødé".encode(), b"\xff" * len("Ünïcødé".encode()))
    assert data != record.data
    with pytest.raises(BrokenChain, match="the bytes are no record"):
        open_record(ID, seed(ID), 1, data, sha256(seed(ID) + data).digest())


def test_the_format_of_a_record_is_for_years() -> None:
    record = seal(seed("a"), 2, 5, CANDIDATE, Moved(1, 3, 9))
    assert msgspec.msgpack.decode(record.data) == {
        "seq": 2,
        "at_ms": 5,
        "role": "candidate",
        "by": "ada",
        "fact": {"t": "moved", "n": 1, "question_index": 3, "client_at_ms": 9},
    }
    assert record.data == (
        b"\x85\xa3seq\x02\xa5at_ms\x05\xa4role\xa9candidate\xa2by\xa3ada"
        b"\xa4fact\x84\xa1t\xa5moved\xa1n\x01\xaequestion_index\x03\xacclient_at_ms\x09"
    )


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
