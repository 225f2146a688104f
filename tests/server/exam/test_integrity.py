"""What an exam file says of what is noticed is read, and written again."""

import pytest

from protocol.errors import Refused
from protocol.integrity.captures import Capture
from protocol.integrity.safe_exam_browser import SafeExamBrowser
from protocol.integrity.watches import Watch
from server.exam.file import read_exam
from server.exam.writing import write_exam

EXAM = """
test_id: watched
title: Watched
rules:
  full_screen: true
  integrity: {said}
questions:
  - {{id: q, type: true_false, prompt: It is so., correct: true}}
"""


@pytest.mark.parametrize(
    ("said", "watches"),
    [
        ("{focus_lost: warn, copied: record}", [Watch("focus_lost", warn_from=1), Watch("copied")]),
        ("{page_hidden: {warn: 1, alert: 2, pause: 3}}", [Watch("page_hidden", 1, 2, 3)]),
        ("{page_hidden: {pause: 3}, cut: ignore}", [Watch("page_hidden", pause_from=3)]),
        ("{printed: alert, second_screen: pause}", [Watch("printed", None, 1), Watch("second_screen", None, None, 1)]),
    ],
)
def test_it_is_read_and_written(said: str, watches: list[Watch]) -> None:
    test_id, content = read_exam(EXAM.format(said=said).encode())
    assert content.rules.integrity == watches
    assert read_exam(write_exam(test_id, content).encode()) == (test_id, content)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("{staring: warn}", "no signal 'staring'"),
        ("{copied: shout}", "must say of copied"),
        ("{copied: {warn: 0}}", "from which time on"),
        ("{copied: {shout: 1}}", "must say of copied"),
        ("{copied: [warn]}", "must say of copied"),
        ("warn", "must say for signals what follows"),
        ("{keystrokes: pause}", "keystrokes can't pause"),
    ],
)
def test_what_makes_no_sense_is_named(said: str, named: str) -> None:
    with pytest.raises(Refused) as refused:
        read_exam(EXAM.format(said=said).encode())
    assert named in str(refused.value.refusal.detail)


CAPTURES = """
test_id: seen
title: Seen
rules:
  captures: {said}
questions:
  - {{id: q, type: true_false, prompt: It is so., correct: true}}
"""


@pytest.mark.parametrize(
    ("said", "captures"),
    [
        (
            "{camera: {asks: required, every: 30s, keep_days: 30}}",
            [Capture("camera", "required", 30_000, 30)],
        ),
        (
            """
    screen: {asks: if_able, every: 10 minutes, keep_days: 1, whole_screen: yes}
    camera: {asks: offered, every: 10s, keep_days: 365}""",
            [Capture("screen", "if_able", 600_000, 1, whole_screen=True), Capture("camera", "offered", 10_000, 365)],
        ),
    ],
)
def test_captures_are_read_and_written(said: str, captures: list[Capture]) -> None:
    test_id, content = read_exam(CAPTURES.format(said=said).encode())
    assert content.rules.captures == captures
    assert read_exam(write_exam(test_id, content).encode()) == (test_id, content)


@pytest.mark.parametrize(
    "said",
    [
        "yes",
        "{}",
        "{microphone: {asks: offered, every: 30s, keep_days: 30}}",
        "{camera: off}",
        "{camera: {asks: required}}",
        "{camera: {asks: secret, every: 30s, keep_days: 30}}",
        "{camera: {asks: offered, every: 5s, keep_days: 30}}",
        "{screen: {asks: offered, every: 11 minutes, keep_days: 30}}",
        "{screen: {asks: offered, every: 30s, keep_days: 366}}",
        "{screen: {asks: offered, every: 30s, keep_days: 30, whole: yes}}",
        "{camera: {asks: offered, every: 30s, keep_days: 30, whole_screen: yes}}",
    ],
)
def test_captures_that_can_not_be_are_refused(said: str) -> None:
    with pytest.raises(Refused, match="captures"):
        read_exam(CAPTURES.format(said=said).encode())


SEB = """
test_id: locked
title: Locked
rules:
  safe_exam_browser: {said}
questions:
  - {{id: q, type: true_false, prompt: It is so., correct: true}}
"""


def test_safe_exam_browser_is_read_and_written() -> None:
    said = f"{{start_url: 'https://exams.example.org', config_keys: [{'0A' * 32}], browser_keys: [{'0b' * 32}]}}"
    test_id, content = read_exam(SEB.format(said=said).encode())
    assert content.rules.safe_exam_browser == SafeExamBrowser(
        start_url="https://exams.example.org", config_keys=["0a" * 32], browser_keys=["0b" * 32]
    )
    assert read_exam(write_exam(test_id, content).encode()) == (test_id, content)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("{config_keys: [short]}", "64 hexadecimal digits"),
        ("{config_keys: x}", "64 hexadecimal digits"),
        ("{key: x}", "must name some of"),
        ("yes", "must name some of"),
        ("{config_keys: []}", "needs `start_url`"),
    ],
)
def test_what_is_wrong_with_it_is_named(said: str, named: str) -> None:
    with pytest.raises(Refused) as refused:
        read_exam(SEB.format(said=said).encode())
    assert named in str(refused.value.refusal.detail)
