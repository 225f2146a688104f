"""The test that a trace was recorded on, as the server takes it: one question per item, one form per pilot set."""

from typing import Final

from loadtest.trace import OPTIONS, Candidate, Item, Trace
from protocol.content import Option, Question, Rules, SingleChoice, TestContent

LIMIT_S: Final = 13_700
"""The real time limit: nearly everybody ended before it. It is not divided by the speed of a replay: a scaled limit
would multiply every pause of this machine by the speed, and end attempts that were in time."""

POINT_MPT: Final = 1_000
"""A scored item is worth one point."""

_MARGIN_S: Final = 60
"""Extra time for connecting and submitting at the original speed."""

_EXTRA_STEP_S: Final = 300
"""Extra time is granted in steps of five minutes, as people do."""


def make_test(trace: Trace) -> TestContent:
    """The exam. Its prompts are placeholders: the real ones are not published."""
    return TestContent(
        title="Credentialing exam (replay)",
        instructions="A recorded exam day, sat again by a load generator.",
        rules=Rules(duration_ms=LIMIT_S * 1_000, max_attempts=None),
        questions=[_question(item) for item in trace.items],
        forms={form_id: [item.question_id for item in items] for form_id, items in sorted(trace.forms.items())},
    )


def extra_time_ms(candidate: Candidate) -> int:
    """The extra time that this candidate must have been granted, to have sat for so long."""
    over_s = candidate.total_seconds + _MARGIN_S - LIMIT_S
    return 0 if over_s <= 0 else (int(over_s // _EXTRA_STEP_S) + 1) * _EXTRA_STEP_S * 1_000


def _question(item: Item) -> Question:
    return Question(
        question_id=item.question_id,
        body=f"Item {item.number}" if item.scored else f"Item {item.number} (pilot, not scored)",
        interactions=[
            SingleChoice(
                points_mpt=POINT_MPT if item.scored else 0,
                options=[Option(option, f"Option {option}") for option in OPTIONS],
                correct=item.key,
            )
        ],
    )
