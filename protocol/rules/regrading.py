"""Regrades, and whose marks are just being made anew by one."""

import msgspec

from protocol.attempt.model import Attempt
from protocol.rest.results import Result


class Ordered(msgspec.Struct, frozen=True):
    """A regrade that was asked for at `at_ms`: by the keys of version `key_version`, and in each attempt as the command
    `command_id`. While it is `under_way` not all attempts that had ended have it."""

    command_id: str
    key_version: int
    at_ms: int
    under_way: bool


def lacks(attempt: Attempt, regrade: Ordered) -> bool:
    """Whether the attempt was begun before the regrade was asked for, is marked by other keys, and has not got it:
    whoever hands in later was asked by the same wrong key."""
    began_before = attempt.started_at_ms is not None and attempt.started_at_ms <= regrade.at_ms
    return began_before and keys_of(attempt) != regrade.key_version and regrade.command_id not in attempt.commands


def is_marked_anew(attempt: Attempt, result: Result, newest: Ordered | None) -> bool:
    """Whether marks by other keys than those of `result` are being made for this attempt, or will be in a moment.
    `newest` is the regrade of its test that was asked for last."""
    if keys_of(attempt) != (result.key_version or result.test_version):
        return True
    return newest is not None and newest.under_way and lacks(attempt, newest)


def keys_of(attempt: Attempt) -> int | None:
    """The version of the test by whose keys the attempt is marked; None before its start."""
    return attempt.key_version or attempt.test_version
