"""Clients that do not come back and loops that lag are found: the invariant I11."""

import pytest
from msgspec.structs import replace

from loadtest.checker.history import (
    Connected,
    Event,
    Gauge,
    Healed,
    Lost,
    Relief,
    Scattered,
    Sent,
    SentAway,
    Trouble,
    Watching,
)
from tests.loadtest.checker.story import T0, Story, exam, handed_in, invariants

# ── I11 ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_i11_a_client_that_does_not_come_back() -> None:
    story = handed_in()
    story.history.insert(len(story.history) - 2, Lost(at_ms=story.now_ms - 1, who="ada/2", connection_id="c2", code=1))
    healed = next(event for event in story.history if isinstance(event, Healed))
    story.replace_last(Lost, at_ms=healed.at_ms - 1)
    assert invariants(story.violations()) == {"I11"}


def crowd(size: int, late: int) -> Story:
    """So many more, all cut off at one moment before anybody else comes; some are back only after the window."""
    story = handed_in()
    connected = next(event for event in story.history if isinstance(event, Connected))
    at_ms = T0 - 60_000
    names = [f"one-{number}/1" for number in range(size)]

    def all_connected(at_ms: list[int]) -> list[Event]:
        return [replace(connected, who=name, at_ms=one) for name, one in zip(names, at_ms, strict=True)]

    window_ms = story.setup.return_ms
    back_ms = [at_ms + window_ms + (1 if number < late else -1) for number in range(size)]
    lost = [Lost(at_ms=at_ms + 1, who=name, connection_id="c", code=1006) for name in names]
    told = [*all_connected([at_ms - 1] * size), Scattered(at_ms=at_ms, who="nemesis"), *lost, *all_connected(back_ms)]
    story.history[1:1] = sorted(told, key=lambda event: event.at_ms)
    return story


def test_i11_one_in_a_hundred_may_be_late_in_a_crowd() -> None:
    assert crowd(400, late=4).violations() == []
    assert invariants(crowd(400, late=5).violations()) == {"I11"}


def test_i11_each_is_counted_by_herself() -> None:
    """Where she was before the cut counts for nothing, nor does it that she comes back in the end."""
    story = crowd(1, late=1)
    (violation,) = (one for one in story.violations() if one.invariant == "I11")
    assert "one-0/1" in violation.what
    assert "after all were cut off" in violation.what


@pytest.mark.parametrize(("back_after_ms", "found"), [(9_500, set()), (10_500, {"I11"})])
def test_i11_who_is_told_when_to_come_back_has_as_long_from_then_on(back_after_ms: int, found: set[str]) -> None:
    story = crowd(1, late=0)
    last = max(i for i, event in enumerate(story.history) if event.who == "one-0/1")
    at_ms = T0 - 60_000
    story.history[last] = replace(story.history[last], at_ms=at_ms + back_after_ms)
    story.history.insert(last, SentAway(at_ms=at_ms + 1_000, who="one-0/1", after_ms=1_000))
    assert invariants(story.violations()) == found


def test_i11_who_does_not_even_notice_that_she_was_cut_off() -> None:
    story = crowd(1, late=0)
    del story.history[4]  # neither is back
    del story.history[3]  # nor has she lost anything
    assert invariants(story.violations()) == {"I11"}


def test_i11_the_next_time_that_all_are_cut_off_ends_the_window() -> None:
    """Who was back, and is cut off again before the window is over, was back."""
    story = crowd(1, late=0)
    scattered_lost_connected = story.history[2:5]
    story.history[5:5] = [replace(event, at_ms=event.at_ms + 14_999) for event in scattered_lost_connected]
    assert story.violations() == []
    del story.history[7]
    assert invariants(story.violations()) == {"I11"}


def test_i11_a_monitor_that_does_not_come_back() -> None:
    story = handed_in()
    healed = next(event for event in story.history if isinstance(event, Healed))
    lost = replace(
        next(event for event in story.history if isinstance(event, Watching)), online=False, at_ms=healed.at_ms
    )
    story.history.insert(story.history.index(healed), lost)
    assert invariants(story.violations()) == {"I11"}


@pytest.mark.parametrize(("kind", "what"), [(None, "late"), ("node", "late"), ("stall", None)])
def test_i11_a_loop_that_is_late_without_having_been_stopped(kind: str | None, what: str | None) -> None:
    story = handed_in()
    story.setup = replace(story.setup, bounds={"loop lag ms": 1_000})
    at_ms = story.now_ms - 40_000
    if kind is not None:
        story.history.append(Trouble(at_ms=at_ms - 6_000, who="nemesis", kind=kind, what="node-1", node="node-1"))
        story.history.append(Relief(at_ms=at_ms - 1_000, who="nemesis", kind=kind, what="node-1"))
    story.history.append(Gauge(at_ms=at_ms, who="node-1", name="loop lag ms", value=5_000))
    assert invariants(story.violations()) == (set() if what is None else {"I11"})


def test_i11_a_stop_excuses_no_other_node_and_no_later_lag() -> None:
    for who, later_ms in (("node-2", 0), ("node-1", 10_000)):
        story = handed_in()
        story.setup = replace(story.setup, bounds={"loop lag ms": 1_000})
        at_ms = story.now_ms - 40_000
        story.history += [
            Trouble(at_ms=at_ms, who="nemesis", kind="stall", what="node-1", node="node-1"),
            Relief(at_ms=at_ms + 5_000, who="nemesis", kind="stall", what="node-1"),
            Gauge(at_ms=at_ms + 5_500 + later_ms, who=who, name="loop lag ms", value=5_000),
        ]
        assert invariants(story.violations()) == {"I11"}


def test_i11_a_queue_without_bound() -> None:
    story = handed_in()
    story.history.append(Gauge(at_ms=1, who="node-1", name="queue", value=101))
    assert invariants(story.violations()) == {"I11"}


@pytest.mark.parametrize(("every_ms", "found"), [(50, {"I11"}), (250, set())])
def test_i11_an_operation_that_goes_round_and_round(every_ms: int, found: set[str]) -> None:
    story = exam()
    op = story.answer("single", "c")
    (first,) = (event for event in story.history if isinstance(event, Sent) and event.op == op)
    place = story.history.index(first)
    story.history[place:place] = [replace(first, at_ms=first.at_ms - every_ms * again) for again in range(200, 0, -1)]
    assert invariants(story.violations()) == found
