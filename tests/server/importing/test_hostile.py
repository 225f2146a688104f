"""Files that are made to do harm: none is believed or takes for ever, and a sentence says why one is refused."""

import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import msgspec
import pytest

from protocol.codes import Code
from protocol.errors import Refused
from server.importing.faults import ImportFault
from server.importing.reading import ReadExam, read_file
from server.media.faults import MediaFault
from server.media.handed_in import look_at
from server.media.looking import look
from server.writing.content import checked_content
from tests.server.importing.hostile import FAMILIES, SECRET, Hostile

_MAX_CALLS = 3_000_000
"""Calls of functions: some tens for each of the items, answers or lines that are looked at. What takes for ever takes
more, or never comes back."""
_MAX_SAID = 600
_BOMBS = ("bomb", "zips in zips", "overlap", "base64 of")
_MAX_BYTES = 250 * 1024**2
"""A file of 64 MiB, three times for a moment."""


@contextmanager
def _few_calls() -> Iterator[None]:
    """Fails where more functions are called than `_MAX_CALLS`: a count, which no other load of the machine changes."""
    left = _MAX_CALLS

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        left -= event in ("call", "c_call")
        if left < 0:
            sys.setprofile(None)
            pytest.fail("it takes too many steps")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


def _read(file: Hostile) -> ReadExam | str:
    """What was read, or why it was not."""
    try:
        return read_file(file.file, file.data, None)
    except ImportFault as fault:
        return str(fault)
    except Refused as refused:
        return refused.refusal.detail if refused.refusal.code is Code.INVALID_TEST else ""


@contextmanager
def _named(file: Hostile) -> Iterator[None]:
    """A failure says of which file."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"the file is {file.name!r}")
        raise


@pytest.fixture(scope="module")
def files() -> dict[str, list[Hostile]]:
    """By family."""
    return {family.__name__: list(family()) for family in FAMILIES}


def test_each_has_a_name_of_its_own(files: dict[str, list[Hostile]]) -> None:
    names = [file.name for family in files.values() for file in family]
    assert len(names) == len(set(names)) > 200


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.strip("_"))
def test_a_hostile_file_is_refused_by_name_or_taken_clean(
    files: dict[str, list[Hostile]], family: Callable[[], Iterator[Hostile]]
) -> None:
    for file in files[family.__name__]:
        with _named(file):
            _is_harmless(file)


def _is_harmless(file: Hostile) -> None:
    with _few_calls():
        read = _read(file)
    if isinstance(read, str):
        assert 1 <= len(read) <= _MAX_SAID
        assert SECRET not in read
        return
    assert len(read.reports) <= 5_000
    for report in read.reports:
        assert len(report.item) <= 300
        assert all(1 <= len(reason) <= _MAX_SAID for reason in report.reasons)
        assert report.outcome != "refused" or report.reasons
    if read.content is None:
        assert all(report.outcome == "refused" for report in read.reports)
        return
    assert not file.is_refused
    # Cleaned once more nothing changes: there is nothing in it that a body may not hold.
    assert checked_content(read.content) == read.content
    assert SECRET not in msgspec.json.encode(read.content).decode()
    assert all(look(looked.data).data == looked.data for looked in read.files.values())


def test_a_bomb_fills_no_memory(files: dict[str, list[Hostile]]) -> None:
    bombs = [file for family in files.values() for file in family if any(word in file.name for word in _BOMBS)]
    assert len(bombs) > 10
    for file in bombs:
        with _named(file):
            tracemalloc.start()
            try:
                _read(file)
                assert tracemalloc.get_traced_memory()[1] < _MAX_BYTES
            finally:
                tracemalloc.stop()


@pytest.mark.parametrize(
    "take", [look, lambda data: look_at(b"<!-- \x7f -->" + data, ["picture"])], ids=["of a test", "of a candidate"]
)
def test_no_picture_is_looked_at_for_ever(take: Callable[[bytes], object]) -> None:
    for box in ("," * 1_000, " ," * 1_000, "0 0 " + "." * 9 + " 1", "0 0 1 1 " + "," * 1_000 + "x", "1" * 100_000):
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"/>'.encode()
        with suppress(MediaFault):
            take(svg)
