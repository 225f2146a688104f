"""Refusals as values and as exceptions."""

from protocol.codes import REFUSALS, Code, Retry
from protocol.errors import Refusal, Refused, WireError, refuse


def test_a_refusal_says_the_tables_sentence_or_a_more_exact_one() -> None:
    assert refuse(Code.PAUSED) == Refusal(Code.PAUSED, REFUSALS[Code.PAUSED].sentence)
    assert refuse(Code.PAUSED, "Wait.").detail == "Wait."


def test_a_refusal_knows_its_rule() -> None:
    refusal = refuse(Code.RATE_LIMITED)
    assert (refusal.http_status, refusal.retry) == (429, Retry.LATER)


def test_an_exception_carries_its_refusal() -> None:
    error = WireError(refuse(Code.MALFORMED))
    assert isinstance(error, Refused)
    assert error.refusal.code is Code.MALFORMED
    assert str(error) == "malformed: This message could not be read."
