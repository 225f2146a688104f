"""Holds what was acknowledged against the log."""

from collections.abc import Sequence

from loadtest.bench.plan import Lost
from loadtest.bench.script import Log, Script


def check_log(log: Log, script: Script, attempts: Sequence[str], last_numbers: Sequence[int]) -> None:
    """Whether the log has all that was acknowledged, as it was sent, and nothing else. Raises `Lost`."""
    for peer, (attempt_id, last) in enumerate(zip(attempts, last_numbers, strict=True)):
        left = dict(log.get(attempt_id, {}))
        for number in range(script.first_number, last + 1):
            sent = script.sent(peer, number)
            if left.pop(number, None) != (sent.question_id, sent.value):
                raise Lost(f"answer {number} of attempt {attempt_id} was acknowledged, but the log does not have it")
        if left:
            raise Lost(f"the log of attempt {attempt_id} has answers that were not acknowledged: {sorted(left)}")
