"""Which topics there are, and who takes which."""

import pytest

from protocol.events.topics import TOPICS, takes, unknown_pattern


def test_every_topic_is_said_in_words() -> None:
    assert {"attempt.created", "attempt.completed", "audit.subscription_changed"} <= set(TOPICS)
    assert all(TOPICS.values())


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("*", True),
        ("attempt.*", True),
        ("attempt.created", True),
        ("attempt.started", False),
        ("audit.*", False),
        ("attempt", False),
        ("att*", False),
        ("attempt.c*", False),
    ],
)
def test_patterns(pattern: str, taken: bool) -> None:
    assert takes([pattern], "attempt.created") is taken


def test_what_is_told_now_and_then_has_to_be_asked_for() -> None:
    topic = "progress.updated"
    assert topic in TOPICS
    assert not takes(["*", "attempt.*"], topic)
    assert takes(["progress.*"], topic)
    assert takes([topic], topic)
    assert not takes(["progress.answers_saved"], topic)


def test_a_pattern_that_takes_nothing_is_named() -> None:
    assert unknown_pattern(["*", "attempt.*", "audit.*", "attempt.created"]) is None
    assert unknown_pattern(["attempt.created", "attempt.creatd", "other.*"]) == "attempt.creatd"
    assert unknown_pattern([""]) == ""
