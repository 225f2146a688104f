"""I2. Nothing is accepted late, nothing after the end, and nothing is closed early.

accepted(e) ⇒ e was received and its transaction begun before the closing time in force, its section is open, and no end
lies before it. In force are the closing times of the test, of the section and of the question that e is about.
While staff have stopped the clock, what was on the wire is accepted for the length of the grace.
"""

from collections.abc import Iterator
from typing import Final

from loadtest.checker import pauses
from loadtest.checker.blank import answered
from loadtest.checker.database import Record
from loadtest.checker.evidence import Evidence, Log
from loadtest.checker.granting import under
from loadtest.checker.kinds import kind_of
from loadtest.checker.state import ENDED, ENDS, State
from loadtest.checker.timers import Paper
from loadtest.checker.violations import Violation

_WRITING: Final = frozenset({"answered", "flagged", "moved", "section_entered", "submitted"})


def check(evidence: Evidence) -> Iterator[Violation]:
    for log in evidence.logs.values():
        for record, before in zip(log.records, log.states, strict=False):
            what = _wrong(record, before)
            if what is not None:
                yield Violation("I2", log.attempt_id, f"record {record.seq} ({record.kind}): {what}")
        yield from _created_once(log)


def _created_once(log: Log) -> Iterator[Violation]:
    if [record.seq for record in log.records if record.kind == "created"] != [1]:
        yield Violation("I2", log.attempt_id, "it was not made exactly once, by its first record")


def _wrong(record: Record, before: State) -> str | None:
    allowed = kind_of(record.kind).origins
    if allowed is not None and before.status not in allowed:
        where = "after the end" if before.status in ENDED else f"while {before.status}"
        # A second end is I3's affair.
        return None if before.status in ENDED and record.kind in ENDS else f"accepted {where}"
    if record.kind in ("submitted", "section_entered"):
        from_ms = before.hand_in_from_ms if record.kind == "submitted" else before.leave_from_ms
        if from_ms is not None and record.at_ms < from_ms:
            return f"accepted {from_ms - record.at_ms} ms before the minimum time had run"
    if record.kind in _WRITING:
        return _late(record, before) or _shut(record, before)
    if before.collected and record.kind in ("extended", "paused", "collected"):
        return "accepted although the paper was collected"
    if record.kind in ("expired", "pause_forgotten") and before.status == "paused":
        return pauses.wrong(record, before)
    if record.kind in ("expired", "abandoned"):
        return _other_end(record, before) or _early(record, before, "test", None)
    if record.kind == "section_closed":
        return _early(record, before, "section", record.fact["section_id"])
    if record.kind == "question_closed":
        return _early(record, before, "question", record.fact["question_id"])
    return _outside_window(record, before) if record.kind == "started" else None


def _late(record: Record, before: State) -> str | None:
    if before.standing_since_ms is not None:
        until_ms = before.standing_since_ms + before.grace_ms
        return None if record.at_ms < until_ms else f"received {record.at_ms - until_ms} ms after the grace of a pause"
    closes_at_ms = min(_closings(record, before), default=None)
    if closes_at_ms is None:
        return None
    if record.at_ms >= closes_at_ms:
        return f"received {record.at_ms - closes_at_ms} ms after closing"
    if record.written_at_ms >= closes_at_ms:
        return f"committed {record.written_at_ms - closes_at_ms} ms after closing"
    return None


def _closings(record: Record, before: State) -> Iterator[int]:
    """When the clocks close that govern this record."""
    for timer in before.timers:
        governs = {
            "test": True,
            "window": True,
            "section": record.kind not in ("submitted", "section_entered"),
            "question": record.kind == "answered" and record.fact["question_id"] == timer.of,
        }
        if timer.until_ms is not None and not timer.soft and governs[timer.scope]:
            more_ms = before.hand_in_ms if record.kind == "submitted" else 0
            yield timer.until_ms + before.grace_ms + more_ms


def _shut(record: Record, before: State) -> str | None:
    """What is wrong with where the record belongs on the paper."""
    paper, fact = before.paper, record.fact
    if paper is None:
        return None
    missing = _missing(record, before, paper)
    if missing:
        return f"accepted without an answer to {missing}"
    if record.kind == "submitted":
        return None
    if record.kind == "answered" and fact["question_id"] in before.closed_questions:
        return "accepted after the question had closed"
    if record.kind == "section_entered":
        begun = len(before.closed_sections) + (before.open_section is not None)
        names = [name for name, _, _ in paper.sections]
        following = names[begun : begun + 1] if paper.by_section else []
        return None if [fact["section_id"]] == following else f"entered out of order: {following} comes next"
    if not paper.by_section:
        return None
    position = fact["question_index"] if record.kind == "moved" else paper.position(fact["question_id"])
    section = paper.section_at(position)
    return None if section == before.open_section else f"accepted in the section {section}, which is not open"


def _missing(record: Record, before: State, paper: Paper) -> list[str]:
    """The required questions without an answer that she could still have given, where the test refuses gaps."""
    leaves = record.kind == "section_entered"
    if not (leaves or record.kind == "submitted") or before.terms.get("gaps") != "refuse" or before.collected:
        return []
    scopes = {"test", "window", "section"} if leaves else {"test", "window"}
    up = {
        (timer.scope, timer.of)
        for timer in before.timers
        if timer.until_ms is not None and not timer.soft and timer.until_ms <= record.at_ms
    }
    if any(scope in scopes for scope, _ in up):
        return []
    gone = set(before.closed_questions) | {of for scope, of in up if scope == "question"}
    return [
        name
        for section, questions, _ in paper.sections
        for name, _ in questions
        if name in paper.required.keys() - gone
        and section not in before.closed_sections
        and (not leaves or section == before.open_section)
        and answered(before.answers.get(name)) < paper.required[name]
    ]


def _other_end(record: Record, before: State) -> str | None:
    """What is wrong where the test asks for another end than this one."""
    is_kept = not before.collected and before.terms.get("at_end", "submit") != "submit"
    if is_kept == (record.kind == "abandoned"):
        return None
    return "collected, where the test lets it be abandoned" if is_kept else "abandoned, where it is collected"


def _early(record: Record, before: State, scope: str, of: str | None) -> str | None:
    if scope == "test":
        until_ms = before.end_ms
    else:
        until_ms = next((timer.until_ms for timer in before.timers if (timer.scope, timer.of) == (scope, of)), None)
    if until_ms is None:
        return "closed without a deadline"
    if scope == "test":
        until_ms += before.hand_in_ms
    closes_at_ms = until_ms + before.grace_ms
    if record.at_ms < closes_at_ms:
        return f"closed {closes_at_ms - record.at_ms} ms early"
    if record.fact["at_ms"] != until_ms:
        return f"effective at {record.fact['at_ms']}, and the deadline is {until_ms}"
    return None


def _outside_window(record: Record, before: State) -> str | None:
    terms = under(record.fact["terms"], before.granted)
    opens_at_ms, closes_at_ms = terms["window_opens_at_ms"], terms["window_closes_at_ms"]
    inside = (opens_at_ms is None or record.at_ms >= opens_at_ms) and (
        closes_at_ms is None or record.at_ms < closes_at_ms
    )
    return None if inside else "outside her window"
