"""Rapid guessing: answers that came faster than anybody could have read the question."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from protocol.statistics import PPM, rounded

ALONE_MS: Final = 3_000
"""Where nothing is known of others: one threshold for all questions, three seconds (X. J. Kong, S. L. Wise and D. S.
Bhola, "Setting the response time threshold parameter to differentiate solution behavior from rapid-guessing behavior",
Educational and Psychological Measurement 67, 2007)."""
_MOST_MS: Final = 10_000
_TENTH: Final = Fraction(1, 10)


def threshold_ms(times_ms: Sequence[int]) -> int | None:
    """The threshold of one question by the times of all who answered it: a tenth of their mean, and ten seconds at most
    (NT10: S. L. Wise and L. Ma, "Setting response time thresholds for a CAT item pool: the normative threshold method",
    annual meeting of the NCME, 2012). None: nobody answered."""
    if not times_ms:
        return None
    return min(_MOST_MS, rounded(Fraction(sum(times_ms), len(times_ms)) * _TENTH))


def is_rapid(time_ms: int, under_ms: int | None) -> bool:
    """Whether a question that took so long was answered too fast. A client that sends all answers at once says nothing
    of their times, and its candidate is no guesser."""
    return under_ms is not None and 0 < time_ms < under_ms


def effort_ppm(answered: int, rapid: int) -> int | None:
    """Response time effort: the share of the answers that were no rapid guesses (S. L. Wise and X. Kong, "Response time
    effort", Applied Measurement in Education 18, 2005). None: there is no answer."""
    return rounded(Fraction((answered - rapid) * PPM, answered)) if answered else None
