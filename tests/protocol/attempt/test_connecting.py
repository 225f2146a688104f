"""Who may connect, what replaces whom, and what a lost connection does to the clock."""

import pytest

from protocol.attempt import view
from protocol.attempt.commands import Begin, Connect, HandIn, Steer, Wake
from protocol.attempt.facts import (
    Connected,
    DeviceAllowed,
    Disconnected,
    Expired,
    Paused,
    Resumed,
)
from protocol.attempt.model import Status
from protocol.codes import Code
from protocol.messages.operations import Answer, Submit
from protocol.messages.staff import (
    AllowDevice,
    CancelAttempt,
)
from tests.protocol.attempt.scene import (
    CANDIDATE,
    HOUR,
    INSTRUCTOR,
    MINUTE,
    SERVICE,
    SYSTEM,
    T0,
    Scene,
)

# ── connections ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_connection_wins_and_the_older_one_is_superseded() -> None:
    scene = Scene().connected("c1").started()
    scene.facts(scene.operate(Answer(1, "single", "a", None, 0), "c1"))
    scene.connected("c2")
    for operation in scene.operations(2):
        assert scene.refusal(scene.operate(operation.operation, "c1")) is Code.SUPERSEDED
    scene.facts(scene.operate(Answer(2, "single", "b", None, 0), "c2"))
    scene.facts(scene.operate(Answer(3, "single", "c", None, 0), None))


def test_a_connection_that_was_never_made_says_nothing() -> None:
    scene = Scene().started()
    assert scene.refusal(scene.operate(Answer(1, "single", "a", None, 0), "c1")) is Code.SUPERSEDED


OK = None
"""The connect is accepted."""
CONNECTS: list[tuple[str, bool, str, tuple[str, int], bool, str | None, Code | None]] = [
    # newest wins | where the attempt stands | (device, connect_n) that comes, after (laptop, 3) | takeover | gone
    ("a reconnect", True, "held", ("laptop", 4), False, None, OK),
    ("a reconnect that says takeover", True, "held", ("laptop", 9), True, None, OK),
    ("the same hello again", True, "held", ("laptop", 3), False, None, Code.SUPERSEDED),
    ("an older hello that comes late", True, "held", ("laptop", 2), False, None, Code.SUPERSEDED),
    ("an older hello that says takeover", True, "held", ("laptop", 2), True, None, Code.SUPERSEDED),
    ("an older hello after a lost link", True, "free", ("laptop", 2), True, None, Code.SUPERSEDED),
    ("a reconnect after a lost link", True, "free", ("laptop", 4), False, None, OK),
    ("another device wakes by itself", True, "held", ("tablet", 7), False, None, Code.CONNECTION_EXISTS),
    ("another device, while nobody is there", True, "free", ("tablet", 7), False, None, Code.CONNECTION_EXISTS),
    ("a person opens another device", True, "held", ("tablet", 1), True, None, OK),
    ("a person does, while nobody is there", True, "free", ("tablet", 1), True, None, OK),
    ("first: her own device after a lost link", False, "held", ("laptop", 4), False, None, OK),
    ("first: an older hello that comes late", False, "held", ("laptop", 3), True, None, Code.SUPERSEDED),
    ("first: another device", False, "held", ("tablet", 1), True, None, Code.CONNECTION_EXISTS),
    ("first: another device wakes by itself", False, "held", ("tablet", 1), False, None, Code.CONNECTION_EXISTS),
    ("first: the old one has gone", False, "free", ("tablet", 1), True, None, OK),
    ("first: that alone is no act", False, "free", ("tablet", 1), False, None, Code.CONNECTION_EXISTS),
    ("first: the holder has gone", False, "held", ("tablet", 1), True, "c1", OK),
    ("first: its going is no act", False, "held", ("tablet", 1), False, "c1", Code.CONNECTION_EXISTS),
    ("first: another holder has gone", False, "held", ("tablet", 1), True, "c0", Code.CONNECTION_EXISTS),
]


@pytest.mark.parametrize("row", CONNECTS, ids=[row[0] for row in CONNECTS])
def test_who_may_connect(row: tuple[str, bool, str, tuple[str, int], bool, str | None, Code | None]) -> None:
    _, newest, stands, (device, connect_n), takeover, gone, expected = row
    scene = Scene(newest_connection_wins=newest).started()
    scene.facts(scene.connect("c1", "laptop", 3))
    if stands == "free":
        scene.facts(scene.disconnect("c1"))
    command = scene.connect("c2", device, connect_n, takeover=takeover, gone=gone)
    if expected is not None:
        assert scene.refusal(command) is expected
        assert scene.attempt.connection_id == (None if stands == "free" else "c1")
        return
    ended = [] if gone is None else [Disconnected("c1", scene.now_ms)]
    assert scene.facts(command) == [*ended, Connected("c2", "tests/1", device, connect_n, "", "", None, None)]
    assert (scene.attempt.connection_id, scene.attempt.device) == ("c2", device)


LAPTOP, TABLET, PHONE = (f"{name} with a long random name" for name in ("laptop", "tablet", "phone"))
LINKS: list[tuple[str, list[str], str, bool, Code | None]] = [
    # what has happened: connects of a device, or "allow" by staff | who comes | takeover | what is decided
    ("the first one binds the link", [], LAPTOP, False, OK),
    ("the same device comes back", [LAPTOP], LAPTOP, False, OK),
    ("another device", [LAPTOP], TABLET, False, Code.LINK_USED),
    ("another device, and a person asks", [LAPTOP], TABLET, True, Code.LINK_USED),
    ("staff allow it", [LAPTOP, "allow"], TABLET, True, OK),
    ("that alone is no act of a person", [LAPTOP, "allow"], TABLET, False, Code.CONNECTION_EXISTS),
    ("the old device uses no permission up", [LAPTOP, "allow", LAPTOP], TABLET, True, OK),
    ("it holds for one device", [LAPTOP, "allow", TABLET], PHONE, True, Code.LINK_USED),
    ("the link has left the old device", [LAPTOP, "allow", TABLET], LAPTOP, True, Code.LINK_USED),
    ("the new device comes back", [LAPTOP, "allow", TABLET], TABLET, False, OK),
    ("two permissions at once are one", [LAPTOP, "allow", "allow", TABLET], PHONE, True, Code.LINK_USED),
    ("a permission for each", [LAPTOP, "allow", TABLET, "allow"], PHONE, True, OK),
    ("a permission before anybody came", ["allow", LAPTOP], TABLET, True, Code.LINK_USED),
    ("a device whose name can be guessed", [], "laptop", True, Code.OUT_OF_RANGE),
    ("the same after staff allowed one", [LAPTOP, "allow"], "tablet", True, Code.OUT_OF_RANGE),
]


@pytest.mark.parametrize("row", LINKS, ids=[row[0] for row in LINKS])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_that_opens_once(row: tuple[str, list[str], str, bool, Code | None], is_there: bool) -> None:
    _, before, device, takeover, expected = row
    scene = Scene(link_opens_once=True).started()
    for i, what in enumerate(before):
        if what == "allow":
            scene.facts(Steer(INSTRUCTOR, AllowDevice(f"allow-{i}", "a", "her laptop has broken")))
        else:
            scene.facts(scene.connect(f"c{i}", what))
            if not is_there:
                scene.facts(scene.disconnect(f"c{i}"))
    command = scene.connect("new", device, takeover=takeover)
    if expected is not None:
        assert scene.refusal(command) is expected
        return
    scene.facts(command)
    assert scene.attempt.device == device


def test_a_link_that_opened_once_stays_shut_after_the_end() -> None:
    scene = Scene(link_opens_once=True).started()
    scene.facts(scene.connect("c1", LAPTOP))
    scene.facts(Steer(INSTRUCTOR, AllowDevice("allow", "a", "her laptop has broken")))
    scene.submitted()
    assert scene.refusal(scene.connect("c2", TABLET)) is Code.LINK_USED
    assert scene.facts(scene.connect("c2", LAPTOP)) == []


def test_when_staff_may_allow_a_device() -> None:
    def allow(command_id: str = "c", reason: str = "why") -> Steer:
        return Steer(INSTRUCTOR, AllowDevice(command_id, "a", reason))

    assert Scene().refusal(allow()) is Code.LINK_OPEN
    scene = Scene(link_opens_once=True)
    assert scene.refusal(allow(reason=" ")) is Code.REASON_REQUIRED
    assert scene.facts(allow()) == [DeviceAllowed("c", "why")]
    assert scene.facts(allow()) == [], "a repeated command is carried out once"
    assert scene.refusal(allow(reason="another")) is Code.COMMAND_REUSED
    scene.started().submitted()
    assert scene.refusal(allow("d")) is Code.ALREADY_SUBMITTED


def test_the_monitor_shows_where_a_link_stands() -> None:
    def mark(scene: Scene) -> str | None:
        opens_once = scene.sheet.terms.link_opens_once
        return view.row(scene.attempt, "Ada", "online", None, 0, link_opens_once=opens_once).link

    assert mark(Scene().connected()) is None
    scene = Scene(link_opens_once=True)
    assert mark(scene) == "unused"
    scene.facts(scene.connect("c1", LAPTOP))
    assert mark(scene) == "bound"
    scene.facts(Steer(INSTRUCTOR, AllowDevice("c", "a", "why")))
    assert mark(scene) == "released"
    scene.facts(scene.connect("c2", TABLET))
    assert mark(scene) == "bound"


def test_the_first_to_come_needs_no_act() -> None:
    scene = Scene()
    scene.facts(scene.connect("c1", "laptop", 1, takeover=False))
    assert scene.attempt.connection_id == "c1"


def test_a_late_hello_of_a_device_that_was_replaced_never_wins() -> None:
    scene = Scene().started()
    scene.facts(scene.connect("c1", "laptop", 5))
    scene.facts(scene.connect("c2", "tablet", 1))
    assert scene.refusal(scene.connect("c3", "laptop", 4)) is Code.SUPERSEDED
    assert scene.refusal(scene.connect("c3", "laptop", 6, takeover=False)) is Code.CONNECTION_EXISTS
    scene.facts(scene.connect("c4", "laptop", 7))


def test_after_the_end_nobody_s_coming_is_recorded() -> None:
    for end in ("submitted", "cancelled"):
        scene = Scene().connected("c1").started()
        if end == "submitted":
            scene.submitted()
        else:
            scene.facts(Steer(INSTRUCTOR, CancelAttempt("c", "a", False, "void")))
        scene.facts(scene.disconnect("c1"))
        seq = scene.attempt.seq
        for device in ("c1", "c2"):
            assert scene.facts(scene.connect(f"{device}'", device, takeover=device == "c1")) == []
        assert scene.attempt.seq == seq


def test_whoever_looks_at_an_ended_attempt_is_told_that_it_has_ended_and_not_that_she_was_replaced() -> None:
    scene = Scene().connected("c1").started().submitted()
    assert scene.refusal(scene.operate(Answer(1, "single", "a", None, 0), "looking")) is Code.ALREADY_SUBMITTED
    assert scene.facts(scene.operate(Submit(1, 0), "looking")) == []
    assert scene.facts(HandIn(CANDIDATE, 0, "looking")) == []


def test_over_rest_a_replaced_connection_has_no_say_either() -> None:
    scene = Scene().connected("c1")
    assert scene.refusal(Begin(CANDIDATE, 0, "c0")) is Code.SUPERSEDED
    scene.facts(Begin(CANDIDATE, 0, "c1"))
    assert scene.refusal(HandIn(CANDIDATE, 0, "c0")) is Code.SUPERSEDED
    scene.facts(scene.disconnect("c1"))
    assert scene.refusal(HandIn(CANDIDATE, 0, "c1")) is Code.SUPERSEDED
    scene.facts(HandIn(SERVICE, 0))


def test_what_the_database_has_lost_is_recorded_when_somebody_knows_more() -> None:
    scene = Scene().connected("c1").started()
    known = scene.attempt.seq + 7
    assert scene.attempt.lost_records == 0
    (fact,) = scene.facts(Connect(CANDIDATE, "c2", "tests/1", "c1", 2, False, "192.0.2.7", "a browser", "n", known))
    assert fact == Connected("c2", "tests/1", "c1", 2, "192.0.2.7", "a browser", "n", known)
    assert scene.attempt.lost_records == 7
    scene.facts(Connect(CANDIDATE, "c3", "tests/1", "c1", 3, False, seen_seq=scene.attempt.seq))
    assert scene.attempt.lost_records == 7


def test_the_end_of_a_superseded_connection_is_no_news() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().connected("c2")
    assert scene.facts(scene.disconnect("c1")) == []
    assert scene.attempt.connection_id == "c2"
    assert scene.status() is Status.IN_PROGRESS


def test_a_lost_connection_gives_no_time() -> None:
    scene = Scene().connected().started().at(10 * MINUTE)
    assert scene.facts(scene.disconnect()) == [Disconnected("c1", T0 + 10 * MINUTE)]
    assert scene.attempt.test_clock.deadline_ms == T0 + HOUR


def test_where_the_policy_says_so_a_lost_connection_stops_the_clock_from_its_last_sign_of_life() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    facts = scene.facts(scene.disconnect(last_contact_ms=9 * MINUTE))
    assert facts[1:] == [Paused(T0 + 9 * MINUTE, True, None, "connection lost")]
    assert scene.attempt.pause is not None
    assert scene.attempt.test_clock.left_ms == 51 * MINUTE
    scene.at(12 * MINUTE)
    assert scene.facts(scene.connect("c2"))[1:] == [Resumed(T0 + 12 * MINUTE, None, "connected again")]
    assert scene.attempt.test_clock.deadline_ms == T0 + 63 * MINUTE
    assert scene.attempt.pause_used_ms == 3 * MINUTE


def test_a_lost_connection_never_stops_the_clock_before_it_last_began_to_run() -> None:
    scene = Scene(pause_on_disconnect=True).connected().at(MINUTE).started().at(2 * MINUTE)
    scene.facts(scene.disconnect(last_contact_ms=0))
    assert scene.attempt.pause is not None
    assert scene.attempt.test_clock.left_ms == HOUR


def test_a_sign_of_life_from_the_future_counts_as_now() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(2 * MINUTE)
    scene.facts(scene.disconnect(last_contact_ms=HOUR))
    assert scene.attempt.pause is not None
    assert scene.attempt.pause.since_ms == T0 + 2 * MINUTE


def test_the_pause_budget_is_spent_once() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    scene.facts(scene.disconnect())
    scene.at(13 * MINUTE).connected("c2")
    scene.at(20 * MINUTE).facts(scene.disconnect("c2"))
    assert scene.wake_at(22 * MINUTE - 1) == []
    assert scene.wake_at(22 * MINUTE) == [Resumed(T0 + 22 * MINUTE, None, "pause budget used up")]
    assert scene.attempt.pause_used_ms == 5 * MINUTE
    assert scene.attempt.test_clock.deadline_ms == T0 + 65 * MINUTE
    scene.at(30 * MINUTE).connected("c3")
    assert len(scene.facts(scene.disconnect("c3"))) == 1
    assert scene.status() is Status.IN_PROGRESS


def test_a_budget_that_ran_out_unnoticed_ends_when_it_ended() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    scene.facts(scene.disconnect())
    facts = scene.wake_at(500 * MINUTE)
    assert facts == [Resumed(T0 + 15 * MINUTE, None, "pause budget used up"), Expired(T0 + 65 * MINUTE, "")]


def test_the_clock_also_stood_while_the_node_of_the_connection_was_dead() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().at(14 * MINUTE)
    facts = scene.facts(scene.connect("c2", gone="c1", gone_contact_ms=10 * MINUTE))
    assert facts[:3] == [
        Disconnected("c1", T0 + 10 * MINUTE),
        Paused(T0 + 10 * MINUTE, True, None, "connection lost"),
        Resumed(T0 + 14 * MINUTE, None, "connected again"),
    ]
    assert scene.attempt.connection_id == "c2"
    assert scene.attempt.test_clock.deadline_ms == T0 + 64 * MINUTE
    assert scene.attempt.pause_used_ms == 4 * MINUTE


def test_a_dead_node_gives_no_more_than_the_budget() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().at(40 * MINUTE)
    facts = scene.facts(scene.connect("c2", gone="c1", gone_contact_ms=10 * MINUTE))
    assert facts[2] == Resumed(T0 + 15 * MINUTE, None, "pause budget used up")
    assert scene.attempt.test_clock.deadline_ms == T0 + 65 * MINUTE


def test_a_dead_node_gives_no_time_where_the_clock_runs_on_or_stands_already() -> None:
    running = Scene().connected("c1").started().at(14 * MINUTE)
    facts = running.facts(running.connect("c2", gone="c1", gone_contact_ms=10 * MINUTE))
    assert [type(fact) for fact in facts] == [Disconnected, Connected]
    assert running.attempt.test_clock.deadline_ms == T0 + HOUR


def test_a_connection_that_is_lost_after_the_deadline_stops_nothing() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(HOUR)
    assert len(scene.facts(scene.disconnect())) == 1
    late = Scene(pause_on_disconnect=True).connected().started().at(HOUR + 2_000)
    assert len(late.facts(late.disconnect(last_contact_ms=HOUR - 1))) == 1


def test_a_loss_that_nobody_could_record_counts_even_after_the_closing() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().at(HOUR + 2 * MINUTE)
    facts = scene.facts(Wake(SYSTEM, scene.disconnect("c1", HOUR - MINUTE)))
    assert facts == [
        Disconnected("c1", T0 + HOUR - MINUTE),
        Paused(T0 + HOUR - MINUTE, True, None, "connection lost"),
    ]
    scene.facts(scene.connect("c2"))
    assert scene.attempt.test_clock.deadline_ms == T0 + HOUR + 3 * MINUTE


def test_such_a_loss_gives_no_more_than_the_budget() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().at(3 * HOUR)
    facts = scene.facts(Wake(SYSTEM, scene.disconnect("c1", HOUR - MINUTE)))
    assert facts[2:] == [
        Resumed(T0 + HOUR + 4 * MINUTE, None, "pause budget used up"),
        Expired(T0 + HOUR + 5 * MINUTE, ""),
    ]


def test_such_a_loss_after_the_deadline_or_of_another_connection_gives_nothing() -> None:
    for connection_id, contact_ms in (("c1", HOUR), ("c0", HOUR - MINUTE)):
        scene = Scene(pause_on_disconnect=True).connected("c1").started().at(HOUR + 2 * MINUTE)
        facts = scene.facts(Wake(SYSTEM, scene.disconnect(connection_id, contact_ms)))
        assert facts[-1] == Expired(T0 + HOUR, "")
        assert Paused not in map(type, facts)


def test_staff_take_over_a_clock_that_stands_for_a_lost_connection() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    scene.facts(scene.disconnect())
    scene.at(11 * MINUTE)
    resumed, paused = scene.facts(scene.pause())
    assert resumed == Resumed(T0 + 11 * MINUTE, None, "taken over by staff")
    assert isinstance(paused, Paused)
    assert not paused.connection_lost
    assert scene.attempt.pause_used_ms == MINUTE
    assert scene.wake_at(100 * MINUTE) == []
    assert len(scene.facts(scene.connect("c2"))) == 1
    assert scene.status() is Status.PAUSED
    scene.facts(scene.resume())
    assert scene.attempt.test_clock.deadline_ms == T0 + 150 * MINUTE


@pytest.mark.parametrize("order", ["lost, then paused", "paused, then lost"])
def test_when_staff_end_their_pause_the_clock_goes_on_standing_for_a_lost_connection(order: str) -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    for fact in (
        (scene.disconnect(), scene.pause()) if order.startswith("lost") else (scene.pause(), scene.disconnect())
    ):
        scene.facts(fact)
    resumed, paused = scene.at(30 * MINUTE).facts(scene.resume())
    assert isinstance(resumed, Resumed)
    assert paused == Paused(T0 + 30 * MINUTE, True, None, "connection lost")
    assert [(act.by, act.kind) for act in scene.attempt.acts] == [(INSTRUCTOR, "resumed")], "that is all that staff did"
    # The whole budget is left: as long as staff stopped the clock, none of it was used.
    assert scene.wake_at(35 * MINUTE - 1) == []
    assert scene.at(32 * MINUTE).facts(scene.connect("c2"))
    assert (scene.status(), scene.attempt.pause_used_ms) == (Status.IN_PROGRESS, 2 * MINUTE)
    assert scene.attempt.test_clock.deadline_ms == T0 + 82 * MINUTE


def test_nobody_who_is_away_is_waited_for_beyond_the_budget() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    scene.facts(scene.pause())
    scene.facts(scene.disconnect())
    scene.at(30 * MINUTE).facts(scene.resume())
    assert scene.wake_at(35 * MINUTE) == [Resumed(T0 + 35 * MINUTE, None, "pause budget used up")]
    scene.facts(scene.pause("again"))
    (resumed,) = scene.at(40 * MINUTE).facts(scene.resume("again"))
    assert isinstance(resumed, Resumed), "nothing is left of it"


def test_where_the_clock_runs_on_when_staff_end_their_pause() -> None:
    """Whoever is there, or never was; a test that stops no clock for lost connections; a clock without time; and where
    staff end a pause that was for the lost connection itself."""
    there = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    never = Scene(pause_on_disconnect=True).started().at(10 * MINUTE)
    stops_none = Scene().connected().started().at(10 * MINUTE)
    no_time = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    lost = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    for scene in (there, never, stops_none, no_time):
        scene.facts(scene.pause())
    for scene in (stops_none, no_time, lost):
        scene.facts(scene.disconnect())
    no_time.facts(no_time.extend(-50 * MINUTE))
    for scene in (there, never, stops_none, no_time, lost):
        (resumed,) = scene.at(11 * MINUTE).facts(scene.resume())
        assert isinstance(resumed, Resumed)
        assert scene.status() is Status.IN_PROGRESS
