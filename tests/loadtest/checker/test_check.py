"""The checker itself: it finds nothing in a clean history, and every planted bug about answers, ends and the log."""

from hashlib import blake2b

import pytest
from msgspec.structs import replace

from loadtest.checker import Database, same_decisions
from loadtest.checker.database import Attempt, OutboxEvent, hash_of
from loadtest.checker.history import (
    Connected,
    Healed,
    Quiet,
    Told,
    digest,
    read_lines,
    to_line,
)
from protocol.attempt.facts import Answered, AnyFact, Expired, Moved, Submitted, Warned
from protocol.attempt.model import Actor
from protocol.messages.operations import Answer, Submit
from protocol.messages.staff import ExtendAttempt, PauseAttempt, ReopenAttempt, ResumeAttempt, WarnAttempt
from tests.loadtest.checker.story import ADA, ATTEMPT, SYSTEM, Story, exam, expired, handed_in, invariants

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
    story.replace_last(Told, state=replace(story.told_state(), reference="0000-0000-0000"))
    assert "I3" in invariants(story.violations())


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
