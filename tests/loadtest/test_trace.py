import gzip
from collections import Counter
from pathlib import Path

import pytest

from loadtest.trace import TraceError, read_trace
from tests.loadtest.traces import write_trace
from tests.shared import SHARED

REAL = SHARED / "data" / "credentialing_exam"


def test_gives_everybody_her_items_in_ascending_order(tmp_path: Path) -> None:
    trace = read_trace(write_trace(tmp_path))
    assert len(trace.candidates) == 12
    assert [item.number for item in trace.items] == list(range(1, 11))
    for candidate in trace.candidates:
        seen = [response.item.number for response in candidate.responses]
        assert seen == sorted(seen)
        assert tuple(response.item for response in candidate.responses) == trace.forms[candidate.form_id]
        assert sum(response.seconds for response in candidate.responses) == candidate.total_seconds


def test_both_ways_to_score_agree(tmp_path: Path) -> None:
    candidates = read_trace(write_trace(tmp_path)).candidates
    assert [candidate.score() for candidate in candidates] == [candidate.score_by_key() for candidate in candidates]
    assert any(candidate.score() for candidate in candidates)


def test_what_was_left_blank_is_no_answer(tmp_path: Path) -> None:
    candidates = read_trace(write_trace(tmp_path)).candidates
    assert sum(len(candidate.answered) < len(candidate.responses) for candidate in candidates)
    assert all(None not in candidate.answered.values() for candidate in candidates)


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("items.csv", "item,scored,key", "item,scored,clue", "no 'key'"),
        ("items.csv", "1,1,", "1,2,", "scored is neither 0 nor 1"),
        ("items.csv", "\n1,1,", "\n1,1,9", "no option"),
        ("items.csv", "\n10,0", "\n11,0", "no item"),
        ("candidates.csv", "\ne000", "\ne999", "has no responses"),
        ("responses.csv.gz", "\ne001,1,", "\ne001,one,", "no whole number"),
        ("responses.csv.gz", "\ne001,2,", "\ne001,1,", "two responses"),
        ("responses.csv.gz", "\ne001,1,", "\ne001,10,", "other items"),
        ("responses.csv.gz", ",1,", ",5,", "is no option"),
    ],
)  # fmt: skip
def test_a_trace_that_makes_no_sense_is_refused(tmp_path: Path, file: str, old: str, new: str, complaint: str) -> None:
    path = write_trace(tmp_path) / file
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if file.endswith(".gz") else raw).decode().replace("\r\n", "\n")
    if complaint == "is no option":
        text = text.replace("\n", "\n,", 1).replace("\n,", "\n", 1)
        first, second, *rest = text.splitlines()
        candidate, item, _, *more = second.split(",")
        text = "\n".join([first, ",".join([candidate, item, "5", *more]), *rest]) + "\n"
    else:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_bytes(gzip.compress(text.encode()) if file.endswith(".gz") else text.encode())
    with pytest.raises(TraceError, match=complaint):
        read_trace(tmp_path)


@pytest.mark.parametrize("file", ["items.csv", "candidates.csv", "responses.csv.gz"])
def test_a_file_that_is_missing_or_broken_is_named(tmp_path: Path, file: str) -> None:
    path = write_trace(tmp_path) / file
    path.write_bytes(b"\xff\x00\x8b")
    with pytest.raises(TraceError, match=file):
        read_trace(tmp_path)
    path.unlink()
    with pytest.raises(TraceError, match=file):
        read_trace(tmp_path)


def test_nobody_is_no_exam(tmp_path: Path) -> None:
    path = write_trace(tmp_path) / "candidates.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    with pytest.raises(TraceError, match="nobody"):
        read_trace(tmp_path)


def test_the_real_exam_day_is_read() -> None:
    if not REAL.is_dir():
        pytest.skip("the recorded exam day is not on this machine")
    trace = read_trace(REAL)
    assert len(trace.candidates) == 818
    assert sum(len(candidate.responses) for candidate in trace.candidates) == 147_240
    assert Counter(len(items) for items in trace.forms.values()) == {180: 3}
    assert sum(item.scored for item in trace.items) == 170
    assert all(candidate.score() == candidate.score_by_key() for candidate in trace.candidates)
    assert all(
        sum(response.seconds for response in candidate.responses) == candidate.total_seconds
        for candidate in trace.candidates
    )
