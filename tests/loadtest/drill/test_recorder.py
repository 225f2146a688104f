"""Canaries are seen where they do not belong, and only there."""

from loadtest.checker.history import Seen
from loadtest.drill.archive import canaries_in
from loadtest.drill.recorder import ORGS, Recorder, canary

OURS, THEIRS = ORGS


def test_what_belongs_to_others_is_noted() -> None:
    recorder = Recorder()
    recorder.look("ada", OURS, "a frame", f"… {canary(OURS)} … {canary(THEIRS)} …".encode())
    (seen,) = recorder.history
    assert isinstance(seen, Seen)
    assert (seen.who, seen.org_id, seen.where) == ("ada", OURS, "a frame")
    assert seen.canaries == [(THEIRS, canary(THEIRS))]


def test_what_is_ones_own_is_not() -> None:
    recorder = Recorder()
    recorder.look("ada", OURS, "a frame", canary(OURS).encode())
    assert recorder.history == []


def test_a_log_belongs_to_nobody() -> None:
    recorder = Recorder()
    found = canaries_in(["all is well", f"{canary(OURS)} said"], recorder, "the log of node-1")
    assert [event.canaries for event in found] == [[(OURS, canary(OURS))]]
    assert recorder.history == found
