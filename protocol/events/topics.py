"""The topics of events, and which of them a subscription takes."""

import inspect
from collections.abc import Iterable
from typing import Final

from protocol.attempt.kinds import KINDS
from protocol.events import presence, security
from protocol.events.progress import TOLD
from protocol.rules.audit import ENTRIES, kind_of_type

ATTEMPT: Final = "attempt."
"""Before the kind of a fact: it has happened in an attempt."""
PROGRESS: Final = "progress."
"""Before what is told now and then: there is much of it, so that nobody gets it who has not asked for it."""
AUDIT: Final = "audit."
"""Before the kind of an entry of the audit log: it was done in the organisation."""
EVERY: Final = "*"


def _first_paragraph(of: type) -> str:
    return " ".join((inspect.getdoc(of) or "").split("\n\n")[0].split())


TOPICS: Final[dict[str, str]] = {
    **{kind.topic: _first_paragraph(kind.fact) for kind in KINDS if kind.topic is not None},
    **{topic: _first_paragraph(told) for topic, told in (TOLD | presence.TOLD | security.TOLD).items()},
    **{f"{AUDIT}{kind_of_type(entry)}": _first_paragraph(entry) for entry in ENTRIES.values()},
}
"""Topic → what has happened, in a sentence."""


def takes(patterns: Iterable[str], topic: str) -> bool:
    """Whether one of `patterns` is the topic, its beginning up to the dot and `*`, or `*`, which stands for all but
    `progress.`."""
    taking = {topic, topic.partition(".")[0] + ".*"}
    if not topic.startswith(PROGRESS):
        taking.add(EVERY)
    return any(pattern in taking for pattern in patterns)


def unknown_pattern(patterns: Iterable[str]) -> str | None:
    """The first pattern that no topic fits; None: there is none such."""
    return next((pattern for pattern in patterns if not any(takes((pattern,), topic) for topic in TOPICS)), None)
