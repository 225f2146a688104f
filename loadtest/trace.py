"""A recorded exam day, read from a folder: who sat it, which items, what they chose, and how long they took.

    candidates.csv      candidate, pilot_set, total_seconds, and columns that are not used here
    items.csv           item, scored (1: counts), key (the correct option)
    responses.csv.gz    one row per item seen: candidate, item, option (empty: left blank), correct (0 or 1), seconds

The order of a candidate's items is not recorded; they are taken in ascending order.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OPTIONS: Final = ("1", "2", "3", "4")
"""The options of every item."""


class TraceError(Exception):
    """The trace is not readable, or contradicts itself. The text names the file, and the line where there is one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the exam. Pilot items are not scored."""

    number: int
    scored: bool
    key: str

    @property
    def question_id(self) -> str:
        return f"item-{self.number:03d}"


@dataclass(frozen=True, slots=True)
class Response:
    """What one candidate did with one item. `option` nil: left blank. `correct` is the trace's own word."""

    item: Item
    option: str | None
    correct: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate and her responses, in ascending order of the items."""

    candidate_id: str
    form_id: str
    total_seconds: float
    responses: tuple[Response, ...]

    @property
    def answered(self) -> dict[str, str]:
        """The chosen option of every item that was not left blank, by question id."""
        return {
            response.item.question_id: response.option for response in self.responses if response.option is not None
        }

    def score(self) -> int:
        """Scored items that are correct by the trace's own `correct` column."""
        return sum(response.item.scored and response.correct for response in self.responses)

    def score_by_key(self) -> int:
        """Scored items whose option is the key: the same figure, found another way."""
        return sum(response.item.scored and response.option == response.item.key for response in self.responses)


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole day. `forms` gives the items of each form, by its id."""

    items: tuple[Item, ...]
    forms: Mapping[str, tuple[Item, ...]]
    candidates: tuple[Candidate, ...]


def read_trace(folder: Path) -> Trace:
    """Raises `TraceError`."""
    items = {item.number: item for item in _read_items(folder / "items.csv")}
    responses = _read_responses(folder / "responses.csv.gz", items)
    candidates = tuple(_read_candidates(folder / "candidates.csv", responses))
    if not candidates:
        raise TraceError(f"{folder / 'candidates.csv'}: nobody sat this exam")
    return Trace(tuple(items[number] for number in sorted(items)), _forms(candidates), candidates)


def _read_items(path: Path) -> Iterator[Item]:
    for where, row in _rows(path):
        key = _field(where, row, "key")
        if key not in OPTIONS:
            raise TraceError(f"{where}: the key {key!r} is no option")
        yield Item(_whole(where, row, "item"), _flag(where, row, "scored"), key)


def _read_responses(path: Path, items: Mapping[int, Item]) -> dict[str, list[Response]]:
    responses: dict[str, list[Response]] = defaultdict(list)
    for where, row in _rows(path):
        item = items.get(_whole(where, row, "item"))
        if item is None:
            raise TraceError(f"{where}: items.csv has no item {row['item']!r}")
        option = _field(where, row, "option") or None
        if option is not None and option not in OPTIONS:
            raise TraceError(f"{where}: {option!r} is no option")
        seconds = _seconds(where, row, "seconds")
        responses[_field(where, row, "candidate")].append(Response(item, option, _flag(where, row, "correct"), seconds))
    return responses


def _read_candidates(path: Path, responses: Mapping[str, list[Response]]) -> Iterator[Candidate]:
    for where, row in _rows(path):
        candidate_id = _field(where, row, "candidate")
        own = sorted(responses.get(candidate_id, ()), key=lambda response: response.item.number)
        if not own:
            raise TraceError(f"{where}: {candidate_id!r} has no responses")
        form_id = f"pilot-{_field(where, row, 'pilot_set')}"
        yield Candidate(candidate_id, form_id, _seconds(where, row, "total_seconds"), tuple(own))


def _forms(candidates: tuple[Candidate, ...]) -> dict[str, tuple[Item, ...]]:
    forms: dict[str, tuple[Item, ...]] = {}
    for candidate in candidates:
        seen = tuple(response.item for response in candidate.responses)
        if len(set(seen)) != len(seen):
            raise TraceError(f"{candidate.candidate_id!r} has two responses to one item")
        if forms.setdefault(candidate.form_id, seen) != seen:
            raise TraceError(f"{candidate.candidate_id!r} saw other items than the rest of {candidate.form_id!r}")
    return forms


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of a CSV file with its place, plain or gzipped by its name."""
    try:
        with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                yield f"{path.name}, line {line}", row
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise TraceError(f"{path}: {error}") from error


def _field(where: str, row: Mapping[str, str], name: str) -> str:
    value = row.get(name)
    if value is None:
        raise TraceError(f"{where}: there is no {name!r}")
    return value.strip()


def _whole(where: str, row: Mapping[str, str], name: str) -> int:
    value = _field(where, row, name)
    if not value.isascii() or not value.isdigit():
        raise TraceError(f"{where}: {name} is no whole number: {value!r}")
    return int(value)


def _flag(where: str, row: Mapping[str, str], name: str) -> bool:
    value = _field(where, row, name)
    if value not in ("0", "1"):
        raise TraceError(f"{where}: {name} is neither 0 nor 1: {value!r}")
    return value == "1"


def _seconds(where: str, row: Mapping[str, str], name: str) -> float:
    try:
        value = float(_field(where, row, name))
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise TraceError(f"{where}: {name} is no number of seconds: {row[name]!r}")
    return value
