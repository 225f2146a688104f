"""What is noticed while a test is sat, and what follows: a warning, an alert, a pause; never more than may be kept."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol import limits
from protocol.attempt import view
from protocol.attempt.commands import Grant
from protocol.attempt.events import AlertEvent, event_of
from protocol.attempt.facts import Alerted, Answered, Connected, Observed, Paused
from protocol.attempt.model import Accommodation, Role, Status
from protocol.codes import Code
from protocol.integrity.signals import PAGE_SIGNALS
from protocol.integrity.watches import Watch
from protocol.messages.operations import Answer, Observe, Progress
from protocol.messages.state import SignalWarning, WatchedSignal, Watching
from tests.protocol.attempt.scene import CANDIDATE, HOUR, MINUTE, SYSTEM, T0, Scene

FOCUS = Watch("focus_lost", warn_from=1, alert_from=2, pause_from=3)


def watched(*watches: Watch, **terms: Any) -> Scene:
    return Scene(watches=watches, **terms).connected().started().at(MINUTE)


def noticed(scene: Scene, signal: str = "focus_lost", count: int = 1, size: int = 0) -> list[object]:
    n = scene.attempt.last_n + 1
    return list(scene.facts(scene.operate(Observe(n, signal, count, size, 0), "c1")))


def refused(scene: Scene, signal: str) -> Code:
    return scene.refusal(scene.operate(Observe(scene.attempt.last_n + 1, signal, 1, 0, 0), "c1"))


def test_more_follows_with_every_time() -> None:
    scene = watched(FOCUS)
    assert noticed(scene, size=40) == [Observed(1, "focus_lost", 1, 40, 0, warned=True)]
    assert noticed(scene) == [Observed(2, "focus_lost", 1, 0, 0, warned=True), Alerted("focus_lost", 2, 40)]
    first, alert, pause = noticed(scene)
    assert (first, alert) == (Observed(3, "focus_lost", 1, 0, 0, warned=True), Alerted("focus_lost", 3, 40))
    assert isinstance(pause, Paused)
    assert (pause.at_ms, pause.connection_lost, pause.signal) == (scene.now_ms, False, "focus_lost")
    assert [record.entry.role for record in scene.records[-3:]] == [Role.CANDIDATE, Role.SYSTEM, Role.SYSTEM]


def test_several_times_at_once_count_as_so_many() -> None:
    assert [type(fact) for fact in noticed(watched(FOCUS), count=3)] == [Observed, Alerted, Paused]


def test_how_long_it_lasted_is_no_further_time() -> None:
    scene = watched(Watch("focus_lost", warn_from=1))
    noticed(scene)
    assert noticed(scene, count=0, size=9_000) == [Observed(2, "focus_lost", 0, 9_000, 0)]
    (row,) = view.row(scene.attempt, "", "", None, 0).signals or []
    assert (row.count, row.size) == (1, 9_000)


def test_what_nobody_watches_for_is_refused_and_so_is_what_nobody_knows() -> None:
    scene = watched(Watch("pasted"), Watch("address_changed"))
    assert [refused(scene, name) for name in ("focus_lost", "nonsense", "address_changed")] == [Code.NOT_WATCHED] * 3
    assert noticed(scene, "pasted", size=80) == [Observed(1, "pasted", 1, 80, 0)]


def test_a_pause_stands_until_staff_end_it_and_may_come_again() -> None:
    scene = watched(Watch("page_hidden", pause_from=1))
    noticed(scene, "page_hidden")
    state, row = view.state(scene.attempt), view.row(scene.attempt, "", "", None, 0)
    assert (state.status, state.paused_for, row.pause) == ("paused", "page_hidden", "integrity")
    assert noticed(scene, "page_hidden") == [Observed(2, "page_hidden", 1, 0, 0)], "it stands already"
    scene.facts(scene.disconnect())
    scene.facts(scene.connect("c2"))
    assert scene.status() is Status.PAUSED, "coming back ends no such pause"
    scene.facts(scene.resume())
    assert view.state(scene.attempt).paused_for is None
    scene.facts(scene.connect("c1"))
    noticed(scene, "page_hidden")
    assert scene.status() is Status.PAUSED


def test_nothing_follows_when_time_is_up_or_the_paper_is_collected() -> None:
    scene = watched(Watch("page_hidden", warn_from=1, pause_from=1)).at(HOUR + 2_000)
    assert noticed(scene, "page_hidden") == [Observed(1, "page_hidden", 1, 0, 0)]
    scene = watched(Watch("page_hidden", pause_from=1))
    scene.facts(scene.end())
    assert noticed(scene, "page_hidden") == [Observed(1, "page_hidden", 1, 0, 0)]


def test_staff_are_alerted_once_a_minute() -> None:
    scene = watched(Watch("copied", alert_from=1))
    kinds = []
    for second in (0, 30, 59, 60):
        scene.at(MINUTE + second * 1_000)
        kinds.append([type(fact) for fact in noticed(scene, "copied")])
    assert kinds == [[Observed, Alerted], [Observed], [Observed], [Observed, Alerted]]


def test_a_flapping_window_fills_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = watched(Watch("focus_lost"))
    for _ in range(limits.OBSERVATIONS_PER_MINUTE):
        noticed(scene)
    before = scene.attempt.seq
    assert refused(scene, "focus_lost") is Code.TOO_MANY_OPERATIONS
    assert scene.attempt.seq == before
    scene.at(2 * MINUTE)
    noticed(scene)
    monkeypatch.setattr(limits, "MAX_OBSERVATIONS", limits.OBSERVATIONS_PER_MINUTE + 2)
    noticed(scene)
    assert refused(scene.at(4 * MINUTE), "focus_lost") is Code.TOO_MANY_OPERATIONS


def test_a_page_that_says_much_hides_nothing_that_the_server_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(watches=(Watch("keystrokes"), Watch("address_changed", pause_from=1)))
    connect(scene, "c1", "laptop", "192.0.2.1")
    scene.started().at(MINUTE)
    for _ in range(limits.OBSERVATIONS_PER_MINUTE):
        noticed(scene, "keystrokes")
    assert refused(scene, "keystrokes") is Code.TOO_MANY_OPERATIONS
    assert [type(one) for one in connect(scene, "c2", "laptop", "192.0.2.2")[1:]] == [Observed, Alerted, Paused]
    monkeypatch.setattr(limits, "MAX_SEEN_HERE", 2)
    assert [type(one) for one in connect(scene, "c3", "laptop", "192.0.2.3")[1:]] == [Observed]
    assert connect(scene, "c4", "laptop", "192.0.2.4")[1:] == [], "that is bounded too"


def test_no_count_grows_beyond_what_clients_read() -> None:
    scene = watched(Watch("focus_lost", alert_from=1))
    noticed(scene, count=limits.MAX_INT)
    noticed(scene.at(3 * MINUTE), count=limits.MAX_INT)
    assert scene.records[-1].entry.fact == Alerted("focus_lost", limits.MAX_INT, 0)


def test_she_is_told_of_her_warnings() -> None:
    scene = watched(FOCUS)
    assert view.state(scene.attempt).signal_warnings is None
    noticed(scene)
    assert view.state(scene.attempt).signal_warnings == [SignalWarning("focus_lost", 1, scene.now_ms)]


def test_she_is_told_beforehand_of_all_that_is_noticed() -> None:
    scene = Scene(watches=(FOCUS,), full_screen=True)
    offer = view.offer(scene.attempt, scene.sheet, "", T0)
    assert offer.watching == Watching([WatchedSignal("focus_lost", 1, 2, 3)], True, [])
    assert view.offer(Scene().attempt, Scene().sheet, "", T0).watching is None


def test_who_is_exempt_is_not_watched() -> None:
    scene = watched(FOCUS, Watch("full_screen_left"), full_screen=True)
    noticed(scene)
    scene.facts(Grant(SYSTEM, Accommodation(exempt=("focus_lost", "full_screen_left")), "a screen reader"))
    assert scene.attempt.pinned.watches == ()
    assert scene.attempt.pinned.full_screen is False
    assert refused(scene, "focus_lost") is Code.NOT_WATCHED
    granted = view.row(scene.attempt, "", "", None, 0).accommodation
    assert granted is not None
    assert granted.exempt == ["focus_lost", "full_screen_left"]


def test_an_alert_is_one_event_that_says_what_it_is_about() -> None:
    scene = watched(Watch("printed", alert_from=1))
    noticed(scene, "printed", count=2)
    event = event_of(scene.attempt, scene.records[-1])
    assert event is not None
    assert event.topic == "integrity.alerted"
    assert {"signal", "times", "size"} < set(AlertEvent.__struct_fields__)
    assert b'"signal":"printed","times":2,"size":0' in event.payload
    assert event_of(scene.attempt, scene.records[-2]) is None


def connect(scene: Scene, connection_id: str, device: str, address: str) -> list[object]:
    command = replace(scene.connect(connection_id, device), address=address)
    return list(scene.facts(command))


def test_another_address_and_another_device_are_noticed() -> None:
    scene = Scene(watches=(Watch("address_changed", alert_from=1), Watch("device_changed", warn_from=1)))
    connect(scene, "c1", "laptop", "192.0.2.1")
    connect(scene, "c1", "laptop", "192.0.2.2")
    scene.started()
    assert [type(one) for one in connect(scene, "c2", "laptop", "192.0.2.2")] == [Connected]
    assert connect(scene, "c3", "phone", "192.0.2.2")[1:] == [Observed(None, "device_changed", 1, 0, None, warned=True)]
    assert connect(scene, "c4", "phone", "192.0.2.9")[1:] == [
        Observed(None, "address_changed", 1, 0, None),
        Alerted("address_changed", 1, 0),
    ]


def essay(scene: Scene, text: str) -> list[object]:
    n = scene.attempt.last_n + 1
    return list(scene.facts(scene.operate(Answer(n, "essay", text, None, 0), "c1")))


def test_a_text_that_grows_faster_than_anybody_types_is_noticed() -> None:
    scene = watched(Watch("text_jumped", alert_from=1)).at(10 * MINUTE)
    essay(scene, "A beginning.")
    scene.at(10 * MINUTE + 2_000)
    assert [type(fact) for fact in essay(scene, "A beginning." + "x" * 201)] == [Answered, Observed, Alerted]
    (one,) = view.row(scene.attempt, "", "", None, 0).signals or []
    assert (one.count, one.size) == (1, 201)


@pytest.mark.parametrize(("grown", "in_ms"), [(200, 1), (500, 20_000)])
def test_what_may_have_been_typed_is_not(grown: int, in_ms: int) -> None:
    scene = watched(Watch("text_jumped")).at(10 * MINUTE)
    essay(scene, "A beginning.")
    scene.at(10 * MINUTE + in_ms)
    assert [type(fact) for fact in essay(scene, "A beginning." + "x" * grown)] == [Answered]


def answered_after(scene: Scene, came_ms: int, took_ms: int) -> list[object]:
    """Goes to the second question, whose texts are made of many words, and answers it."""
    scene.at(came_ms)
    scene.facts(scene.operate(Progress(1, 1, 0), "c1"))
    scene.at(came_ms + took_ms)
    return list(scene.facts(scene.operate(Answer(2, "multiple", ["a"], None, 0), "c1")))


def wordy(scene: Scene) -> Scene:
    question = replace(scene.sheet.questions["multiple"], body="<p>" + "word " * 97 + "</p>")
    scene.sheet = replace(scene.sheet, questions={**scene.sheet.questions, "multiple": question})
    return scene


@pytest.mark.parametrize(("took_ms", "fast"), [(5_999, True), (6_000, False), (0, False)])
def test_an_answer_before_anybody_has_read_the_question_is_noticed(took_ms: int, fast: bool) -> None:
    scene = wordy(watched(Watch("rapid_answer")))
    facts = answered_after(scene, MINUTE, took_ms)
    assert facts[1:] == ([Observed(None, "rapid_answer", 1, took_ms, None)] if fast else [])


def test_what_may_have_waited_on_the_device_is_not_fast() -> None:
    scene = wordy(watched(Watch("rapid_answer")))
    scene.at(MINUTE)
    scene.facts(scene.connect("c1"))
    assert [type(fact) for fact in answered_after(scene, MINUTE + 9_999, 1_000)] == [Answered]


def test_the_second_answer_to_a_question_is_never_fast() -> None:
    scene = wordy(watched(Watch("rapid_answer")))
    answered_after(scene, MINUTE, 7_000)
    scene.facts(scene.operate(Progress(3, 0, 0), "c1"))
    scene.at(2 * MINUTE)
    scene.facts(scene.operate(Progress(4, 1, 0), "c1"))
    scene.at(2 * MINUTE + 10)
    assert [type(fact) for fact in scene.facts(scene.operate(Answer(5, "multiple", ["b"], None, 0), "c1"))] == [
        Answered
    ]


def test_without_watches_an_answer_is_one_record() -> None:
    scene = Scene().connected().started().at(10 * MINUTE)
    assert [type(fact) for fact in essay(scene, "x" * 900)] == [Answered]


def test_every_signal_of_a_page_can_be_told() -> None:
    scene = watched(*(Watch(signal) for signal in sorted(PAGE_SIGNALS)))  # type: ignore[arg-type]
    for signal in sorted(PAGE_SIGNALS):
        noticed(scene, signal)
    assert len(view.row(scene.attempt, "", "", None, 0).signals or []) == len(PAGE_SIGNALS)


def test_a_repeated_number_is_recorded_once() -> None:
    scene = watched(FOCUS)
    noticed(scene)
    again = scene.operate(Observe(1, "focus_lost", 1, 0, 77), "c1")
    assert scene.facts(again) == []
    assert scene.refusal(scene.operate(Observe(1, "focus_lost", 2, 0, 0), "c1")) is Code.NUMBER_REUSED


def test_a_service_may_say_it_for_her() -> None:
    scene = watched(FOCUS)
    assert scene.facts(scene.operate(Observe(1, "focus_lost", 1, 0, 0), None))
    assert scene.records[-1].entry.by == CANDIDATE.id
