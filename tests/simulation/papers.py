"""Papers that differ: which question stands where on somebody's, and that she is always given the one of her log."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from loadtest.checker.database import Record
from loadtest.checker.evidence import Evidence
from loadtest.checker.violations import Violation
from protocol.paper import Paper
from tests.simulation.exam import question_at
from tests.simulation.plan import QUESTIONS


class SeenPaper(NamedTuple):
    """What somebody was given to read: position → question, of the sections that were open."""

    who: str
    attempt_id: str
    questions: Mapping[int, str]


class HerPaper:
    """What a candidate knows of her paper."""

    def __init__(self) -> None:
        self._at: dict[int, str] = {}

    def knows(self, position: int) -> bool:
        return position % QUESTIONS in self._at

    def question(self, position: int) -> str:
        """The question at this position, as far as she knows."""
        return self._at.get(position % QUESTIONS, question_at(position))

    def learn(self, data: bytes) -> dict[int, str]:
        """The questions of a paper that she was given, by their positions."""
        paper = msgspec.json.decode(data, type=Paper)
        opened = (one.first for one in paper.sections if one.section_id == paper.section_id)
        first = 0 if paper.section_id is None else next(opened)
        read = {first + i: one.question_id for i, one in enumerate(paper.questions)}
        self._at |= read
        return read


def check(seen: Iterable[SeenPaper], evidence: Evidence) -> Iterator[Violation]:
    """Each paper is that of the log; and all papers of an organisation are worth the same."""
    for paper in seen:
        log = evidence.logs.get(paper.attempt_id)
        laid = {} if log is None else dict(enumerate(laid_out(log.records)))
        if not paper.questions.items() <= laid.items():
            yield Violation("paper", paper.attempt_id, f"{paper.who} read {paper.questions}, where the log has {laid}")
    worth: dict[str, set[int]] = defaultdict(set)
    for log in evidence.logs.values():
        worth[log.attempt.org_id] |= {one.fact["max_mpt"] for one in log.records if one.kind == "completed"}
    for org_id, found in sorted(worth.items()):
        if len(found) > 1:
            yield Violation("paper", org_id, f"its papers are worth {sorted(found)}")


def laid_out(records: Iterable[Record]) -> list[str]:
    """The questions of an attempt's paper, in their order; none before its start."""
    started = (record.fact["layout"] for record in records if record.kind == "started")
    return [question[0] for section in next(started, [[]])[0] for question in section[1]]
