"""I8. No byte of an organisation's data reaches anyone else.

Every organisation's texts hold canaries of its own; the recorder looks for all of them in everything that anybody
gets: frames, responses, events, and what belongs to nobody: logs and metrics.
"""

from collections.abc import Iterator

from loadtest.checker.evidence import Evidence
from loadtest.checker.history import Seen
from loadtest.checker.violations import Violation


def check(evidence: Evidence) -> Iterator[Violation]:
    for event in evidence.of(Seen):
        for org_id, text in event.canaries:
            if org_id != event.org_id:
                yield Violation(
                    "I8", event.who, f"{event.where} of {event.org_id or 'nobody'} has {text!r} of {org_id}"
                )
