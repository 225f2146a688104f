"""The checker itself: it finds nothing in a clean history, and every planted bug in a spoilt one."""

from hashlib import blake2b

import msgspec
import pytest

from loadtest.checker import Database, same_decisions
from loadtest.checker.database import Attempt, OutboxEvent
from loadtest.checker.fold import hash_of
from loadtest.checker.history import (
    Connected,
    Event,
    Gauge,
    Healed,
    Invoke,
    Lost,
    Ok,
    Quiet,
    Relief,
    Scattered,
    Seen,
    SentAway,
    Shown,
    Told,
    Trouble,
    Watching,
    digest,
    read_lines,
    to_line,
)
from protocol.attempt.facts import Answered, AnyFact, Expired, Moved, Submitted, Warned
from protocol.attempt.facts import Connected as Joined
from protocol.attempt.model import Actor
from protocol.messages.monitor import Row
from protocol.messages.operations import Answer, Submit
from protocol.messages.staff import ExtendAttempt, PauseAttempt, ReopenAttempt, ResumeAttempt, WarnAttempt
from protocol.messages.state import AttemptState
from tests.loadtest.checker.story import ADA, ATTEMPT, SYSTEM, T0, Story, exam, expired, handed_in, invariants

replace = msgspec.structs.replace


# ── clean ──────────────────────────────────────────────────────────────────────────────────────────────────────


def paused_extended_reopened() -> Story:
    story = exam()
    story.steer(WarnAttempt("w", ATTEMPT, "a phone"))
    story.show()
    story.steer(PauseAttempt("p", ATTEMPT, "fire alarm"))
    story.show()
    story.later(120_000)
    story.steer(ResumeAttempt("r", ATTEMPT, ""))
    story.steer(ExtendAttempt("x", ATTEMPT, 60_000, ""))
    story.operate(Submit(1, 0))
    story.told()
    story.steer(ReopenAttempt("o", ATTEMPT, 60_000, "by mistake", False))
    story.told()
    story.answer("single", "b")
    story.operate(Submit(1, 0))
    story.told()
    story.complete()
    return story


@pytest.mark.parametrize("story", [handed_in(), expired(), expired(late_ms=900), paused_extended_reopened()])
def test_a_clean_history_passes(story: Story) -> None:
    assert story.violations() == []


def test_a_history_survives_its_file() -> None:
    history = handed_in().history
    lines = [to_line(event) for event in history]
    assert list(read_lines(lines)) == history
    assert digest(read_lines(lines)) == digest(history)
    assert digest(history[:-1]) != digest(history)


def test_an_operation_that_nobody_knows_the_end_of_may_be_in_the_log_or_not() -> None:
    story = exam()
    story.n += 1
    story.ask(Answer(story.n, "single", "c", None, 0))
    story.operate(Submit(1, 0))
    story.complete()
    assert story.violations() == []


def test_a_repeated_operation_is_acknowledged_on_the_new_connection() -> None:
    story = exam()
    op = story.answer("single", "c")
    story.connect("ada/2", "c3")
    story.send(op, story.n)
    story.ok(op, story.n)
    assert story.violations() == []


# ── I1 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_i1_an_acknowledgement_before_a_commit_that_was_lost() -> None:
    story = exam()
    story.rows.pop()
    assert "I1" in invariants(story.violations())


def test_i1_an_acknowledgement_of_another_body() -> None:
    story = exam()
    fact = story.rows[-1][0].entry.fact
    assert isinstance(fact, Answered)
    story.rewrite([(story.now_ms, ADA, replace(fact, value="other"))], after=len(story.rows) - 1)
    assert "I1" in invariants(story.violations())


def test_i1_a_refused_operation_that_is_in_the_log() -> None:
    story = exam()
    op = story.answer("single", "c")
    story.history.pop()
    story.fail(op, story.n, "paused")
    assert "I1" in invariants(story.violations())


def test_i1_an_operation_that_is_both_acknowledged_and_refused() -> None:
    story = exam()
    story.fail(story.answer("single", "c"), story.n, "paused")
    assert "I1" in invariants(story.violations())


def test_i1_a_welcome_with_old_answers() -> None:
    story = exam()
    story.replace_last(Connected, answers=[("single", "a")])
    assert "I1" in invariants(story.violations())


def test_i1_kept_answers_that_are_not_the_last_ones() -> None:
    story = handed_in()
    kept = story.kept()
    assert "I1" in invariants(story.violations(replace(kept, answers={"single": "a", "text": "no"})))


def test_i1_a_record_that_nobody_asked_for() -> None:
    story = exam()
    story.state_fact(Moved(story.n + 1, 2, 77), ADA)
    assert "I1" in invariants(story.violations())


def test_i1_an_acknowledged_staff_command_that_is_lost() -> None:
    story = exam()
    story.steer(ExtendAttempt("x", ATTEMPT, 60_000, ""))
    story.rows.pop()
    assert "I1" in invariants(story.violations())


# ── I2 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def closing(story: Story) -> int:
    closes_at_ms = story.attempt.closes_at_ms
    assert closes_at_ms is not None
    return closes_at_ms


def test_i2_an_answer_received_exactly_at_closing() -> None:
    story = exam()
    at_ms = closing(story)
    story.rewrite([(at_ms, ADA, Answered(story.n + 1, "single", "b", None, 1))], after=len(story.rows))
    assert "I2" in invariants(story.violations())


def test_i2_an_answer_committed_exactly_at_closing() -> None:
    story = exam()
    record, _ = story.rows[-1]
    story.rows[-1] = (record, closing(story))
    assert "I2" in invariants(story.violations())
    story.rows[-1] = (record, closing(story) - 1)
    assert story.violations() == []


def test_i2_an_answer_after_the_end() -> None:
    story = exam()
    story.operate(Submit(1, 0))
    story.state_fact(Answered(story.n + 1, "single", "b", None, 1), ADA)
    assert "I2" in invariants(story.violations())


def test_i2_closed_early() -> None:
    story = exam()
    at_ms = closing(story) - 1
    deadline_ms = story.attempt.test_clock.deadline_ms
    assert deadline_ms is not None
    story.rewrite([(at_ms, SYSTEM, Expired(deadline_ms, ""))], after=len(story.rows))
    assert "I2" in invariants(story.violations())


def test_i2_closed_with_another_instant_than_the_deadline() -> None:
    story = exam()
    at_ms = closing(story)
    story.rewrite([(at_ms, SYSTEM, Expired(at_ms, ""))], after=len(story.rows))
    assert "I2" in invariants(story.violations())


# ── I3 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_i3_a_second_end() -> None:
    story = exam()
    story.operate(Submit(1, 0))
    story.state_fact(Expired(story.now_ms, ""))
    assert "I3" in invariants(story.violations())


def test_i3_no_end_after_quiet() -> None:
    story = exam()
    story.later(200_000)
    story.history += [Healed(at_ms=story.now_ms, who=""), Quiet(at_ms=story.now_ms + 60_000, who="")]
    assert "I3" in invariants(story.violations())


def test_i3_an_end_that_is_never_marked() -> None:
    story = handed_in()
    story.rows.pop()
    kept = replace(story.kept(), projected=None)
    assert "I3" in invariants(story.violations(kept))


def test_i3_another_reference_than_the_log_has() -> None:
    story = handed_in()
    story.replace_last(Told, state=replace(told_state(story), reference="0000-0000-0000"))
    assert "I3" in invariants(story.violations())


def told_state(story: Story) -> AttemptState:
    return next(event.state for event in reversed(story.history) if isinstance(event, Told))


@pytest.mark.parametrize("change", ["twice", "missing", "of nothing"])
def test_i3_outbox_events_that_are_not_one_to_one(change: str) -> None:
    story = handed_in()
    kept = story.kept()
    assert kept.outbox is not None
    outbox = {
        "twice": [*kept.outbox, kept.outbox[-1]],
        "missing": kept.outbox[:-1],
        "of nothing": [*kept.outbox, OutboxEvent(event_id=f"{ATTEMPT}:4", topic="attempt.submitted")],
    }[change]
    assert "I3" in invariants(story.violations(replace(kept, outbox=outbox)))


def test_i3_a_result_of_another_end() -> None:
    story = handed_in()
    kept = story.kept()
    assert kept.result is not None
    wrong = replace(kept, result=replace(kept.result, reference="0000-0000-0000"))
    assert "I3" in invariants(story.violations(wrong))
    assert "I3" in invariants(story.violations(replace(kept, result=None)))


# ── I4 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_i4_a_gap_in_the_sequence() -> None:
    story = handed_in()
    kept = story.kept()
    assert "I4" in invariants(story.violations(replace(kept, records=kept.records[:4] + kept.records[5:])))


def test_i4_one_number_in_two_records() -> None:
    story = exam()
    first = story.rows[-1][0].entry.fact
    assert isinstance(first, Answered)
    kept = story.forged([(story.now_ms, ADA, first)], after=len(story.rows))
    assert "I4" in invariants(story.violations(kept))


def test_i4_a_number_acknowledged_for_two_bodies() -> None:
    story = exam()
    op = story.ask(Answer(story.n, "single", "c", None, 0))
    story.ok(op, story.n)
    assert "I4" in invariants(story.violations())


def test_i4_asked_for_after_it_was_acknowledged_and_before_it_in_the_log() -> None:
    story = exam()
    story.answer("single", "c")
    story.answer("text", "no")
    one, other = story.rows[-2][0].entry, story.rows[-1][0].entry
    assert isinstance(one.fact, Answered)
    assert isinstance(other.fact, Answered)
    swapped: list[tuple[int, Actor, AnyFact]] = [(other.at_ms, ADA, other.fact), (other.at_ms, ADA, one.fact)]
    kept = story.forged(swapped, after=len(story.rows) - 2)
    assert "I4" in invariants(story.violations(kept))


def test_i4_written_long_before_its_predecessor() -> None:
    story = exam()
    record, written_at_ms = story.rows[-2]
    story.rows[-2] = (record, written_at_ms + 30_000)
    assert "I4" in invariants(story.violations())


# ── I5 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_i5_a_superseded_socket_gets_ok() -> None:
    story = exam()
    story.answer("single", "c")
    story.replace_last(Ok, connection_id="c1")
    assert "I5" in invariants(story.violations())


def test_i5_a_superseded_socket_is_told_again_of_what_was_saved_long_before() -> None:
    story = exam()
    story.connect("ada/1", "c3")
    op = story.answer("single", "c")
    saved = story.attempt.seq
    story.later(60_000)
    story.connect("ada/1", "c4")
    story.replace_last(Ok, connection_id="c3", seq=saved)
    assert "I5" not in invariants(story.violations()), "it was told before"
    story.replace_last(Ok, seq=story.attempt.seq)
    (found,) = (violation for violation in story.violations() if violation.invariant == "I5")
    assert op in found.what


def test_i5_what_one_transaction_holds_together_with_the_next_connect_may_be_told() -> None:
    story = exam()
    story.connect("ada/1", "c3")
    story.answer("single", "c")
    story.connect("ada/1", "c4")
    story.replace_last(Ok, connection_id="c3", seq=story.attempt.seq)
    assert "I5" in invariants(story.violations())
    (saved, _), (connect, written_at_ms) = story.rows[-2:]
    story.rows[-2:] = [(saved, written_at_ms), (connect, written_at_ms)]
    assert "I5" not in invariants(story.violations())


def test_i5_a_superseded_owner_commits() -> None:
    story = exam()
    story.who, story.connection_id = "ada/1", "c1"
    story.n += 1
    operation = Answer(story.n, "single", "c", None, 0)
    story.ask(operation)
    asked = [event.client_at_ms for event in story.history if isinstance(event, Invoke)]
    client_at_ms = asked[-1]
    assert client_at_ms is not None
    story.state_fact(Answered(story.n, "single", "c", None, client_at_ms), ADA)
    assert invariants(story.violations()) == {"I5"}


def test_i5_another_device_takes_over_by_itself() -> None:
    story = exam()
    story.connect("ada/9", "c9", asked=False)
    assert "I5" in invariants(story.violations())


def test_i5_an_old_connect_comes_to_win() -> None:
    story = exam()
    story.state_fact(Joined("c9", "test", "ada/1", 1, "", "", None, None), ADA)
    assert "I5" in invariants(story.violations())


# ── I6 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_i6_closing_too_late_on_a_healthy_system() -> None:
    assert invariants(expired(late_ms=1_500).violations()) == {"I6"}


def with_fault(story: Story, kind: str, from_ms: int, to_ms: int) -> Story:
    story.history.insert(1, Trouble(at_ms=from_ms, who="nemesis", kind=kind, what="x"))
    story.history.insert(2, Relief(at_ms=to_ms, who="nemesis", kind=kind, what="x"))
    return story


def test_i6_the_owner_died_just_before() -> None:
    story = expired(late_ms=6_000)
    due_ms = story.now_ms - 30_000 - 100 - 6_000
    assert with_fault(story, "node", due_ms - 500, due_ms + 60_000).violations() == []
    late = expired(late_ms=9_000)
    assert invariants(with_fault(late, "node", due_ms - 500, due_ms + 60_000).violations()) == {"I6"}


def test_i6_across_an_outage_of_the_database() -> None:
    story = expired(late_ms=20_000)
    due_ms = story.now_ms - 30_000 - 100 - 20_000
    assert with_fault(story, "database", due_ms - 5_000, due_ms + 19_000).violations() == []
    late = expired(late_ms=40_000)
    assert invariants(with_fault(late, "database", due_ms - 5_000, due_ms + 19_000).violations()) == {"I6"}


# ── I7 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def last_row(story: Story) -> Row:
    return next(event.rows[0] for event in reversed(story.history) if isinstance(event, Shown))


def test_i7_a_row_that_goes_back() -> None:
    story = exam()
    first = next(event for event in story.history if isinstance(event, Shown))
    story.history.append(first)
    assert "I7" in invariants(story.violations())


@pytest.mark.parametrize("changes", [{"answered": 7}, {"status": "paused"}, {"deadline_ms": 1}, {"seq": 2}])
def test_i7_a_row_that_is_no_fold_of_a_prefix(changes: dict[str, object]) -> None:
    story = exam()
    story.replace_last(Shown, rows=[replace(last_row(story), **changes)])
    assert "I7" in invariants(story.violations())


def test_i7_a_row_of_another_room() -> None:
    story = exam()
    story.replace_last(Shown, test_id="another")
    assert "I7" in invariants(story.violations())


def test_i7_a_monitor_that_never_catches_up() -> None:
    story = handed_in()
    position = max(i for i, event in enumerate(story.history) if isinstance(event, Shown))
    del story.history[position]
    assert invariants(story.violations()) == {"I7"}


def test_i7_that_everybody_leaves_in_the_end_excuses_nothing() -> None:
    story = handed_in()
    del story.history[max(i for i, event in enumerate(story.history) if isinstance(event, Shown))]
    story.history.append(
        Watching(at_ms=story.now_ms + 1, who="grace", org_id="org", test_id="test", online=False),
    )
    assert invariants(story.violations()) == {"I7"}


@pytest.mark.parametrize(("settled_ms", "found"), [(10_000, set()), (50, {"I7"})])
def test_i7_who_waited_until_all_was_right_must_not_wait_any_longer(settled_ms: int, found: set[str]) -> None:
    """The last row is missing, and it was quiet soon after it; a monitor that lags while all work is no violation."""
    story = handed_in()
    shown = max(i for i, event in enumerate(story.history) if isinstance(event, Shown))
    story.history[-1] = replace(story.history[-1], at_ms=story.history[shown].at_ms + 100)
    del story.history[shown]
    story.setup = replace(story.setup, settled_ms=settled_ms)
    assert invariants(story.violations()) == found


def test_i7_a_candidate_is_told_another_deadline() -> None:
    story = exam()
    story.told()
    told = told_state(story)
    later = replace(told.clocks[0], deadline_ms=1, closes_at_ms=2_001)
    story.replace_last(Told, state=replace(told, clocks=[later]))
    assert "I7" in invariants(story.violations())


# ── I8 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("org_id", "bad"), [("org", False), ("other", True), ("", True)])
def test_i8_a_canary_of_another_organisation(org_id: str, bad: bool) -> None:
    story = handed_in()
    story.history.append(Seen(at_ms=1, who="somebody", org_id=org_id, where="a frame", canaries=[("org", "tweet")]))
    assert invariants(story.violations()) == ({"I8"} if bad else set())


# ── I9 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def tampered(change: str) -> Attempt:
    kept = handed_in().kept()
    records = list(kept.records)
    one = records[5]
    match change:
        case "a changed byte":
            records[5] = replace(one, body=one.body[:-1] + bytes([one.body[-1] ^ 1]))
        case "a changed digest":
            records[5] = replace(one, digest=one.digest[:-1] + bytes([one.digest[-1] ^ 1]))
        case "a removed byte":
            records[5] = replace(one, body=one.body[:-1])
        case "an inserted byte":
            records[5] = replace(one, body=one.body + b"\x00")
        case "a removed record":
            records = [replace(r, seq=r.seq - (r.seq > 5)) for r in records if r.seq != 5]
        case "a rewritten record":
            body = one.body[:-1] + bytes([one.body[-1] ^ 1])
            digest = blake2b(body, digest_size=32, key=kept.key).digest()
            written = replace(one, body=body, digest=digest)
            records[5] = replace(written, hash=hash_of(bytes.fromhex(records[4].hash), written).hex())
        case "a changed column":
            records[5] = replace(one, at_ms=one.at_ms + 1)
        case "a changed kind":
            records[5] = replace(one, kind="moved")
        case "a changed role":
            records[5] = replace(one, role="service")
        case "a cut end":
            records = records[:-1]
    return replace(kept, records=records)


@pytest.mark.parametrize(
    "change",
    [
        "a changed byte",
        "a changed digest",
        "a removed byte",
        "an inserted byte",
        "a removed record",
        "a rewritten record",
        "a changed column",
        "a changed kind",
        "a changed role",
        "a cut end",
    ],
)
def test_i9_tampering(change: str) -> None:
    assert "I9" in invariants(handed_in().violations(tampered(change)))


# ── I10 ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_i10_other_client_clocks_and_the_same_decisions() -> None:
    one, other = handed_in(), handed_in()
    position = next(i for i, (record, _) in enumerate(other.rows) if isinstance(record.entry.fact, Submitted))
    facts = [(record.entry.at_ms, ADA, record.entry.fact) for record, _ in other.rows[position:]]
    submitted = facts[0][2]
    assert isinstance(submitted, Submitted)
    facts[0] = (facts[0][0], ADA, replace(submitted, client_at_ms=99))
    facts[1] = (facts[1][0], SYSTEM, facts[1][2])
    other.rewrite(facts, after=position)
    assert same_decisions(Database(attempts=[one.kept()]), Database(attempts=[other.kept()])) == []


def test_i10_decisions_that_differ() -> None:
    one, other = exam(), exam()
    other.state_fact(Warned(30_000, 0))
    databases = Database(attempts=[one.kept()]), Database(attempts=[other.kept()])
    assert invariants(same_decisions(*databases)) == {"I10"}


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


@pytest.mark.parametrize(("back_after_ms", "found"), [(16_500, set()), (17_500, {"I11"})])
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
