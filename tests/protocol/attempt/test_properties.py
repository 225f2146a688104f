"""Any sequence of commands, at any times, with any client clocks: what must always hold."""

from itertools import pairwise

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.attempt import model, view
from protocol.attempt.chain import open_log
from protocol.attempt.clocks import closing_of
from protocol.attempt.commands import Connect, Disconnect, Wake
from protocol.attempt.events import event_of
from protocol.attempt.evolve import fold
from protocol.attempt.facts import (
    Abandoned,
    Accommodated,
    Answered,
    Body,
    Cancelled,
    Collected,
    Created,
    Expired,
    Extended,
    Flagged,
    Moved,
    Paused,
    PauseForgotten,
    Reinstated,
    Reopened,
    Resumed,
    Retermed,
    SectionClosed,
    Started,
    Submitted,
    Warned,
    tag_of,
)
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import ENDED, OPEN, SITTING, Attempt, Clock, Role, Scope, Status
from protocol.attempt.wake import next_closing, next_sweep, next_wake, wakes_alike
from protocol.codes import Code
from protocol.errors import Refusal
from tests.protocol.attempt.drawn import (
    Step,
    Terms,
    busy_lists,
    busy_terms,
    command_of,
    durations,
    lists_of,
    run,
    scene_of,
    states,
    step_lists,
    term_sets,
)
from tests.protocol.attempt.scene import (
    IDENTITY,
    KEY,
    SYSTEM,
    line_of,
)


def left(attempt: Attempt, at_ms: int) -> int | None:
    """What the candidate has left; None: nothing yet, nothing any more, or no limit."""
    if attempt.pause is not None:
        # A limit that only informs may be over when its clock stops.
        return None if attempt.test_clock.left_ms is None else max(0, attempt.test_clock.left_ms)
    return None if attempt.test_clock.deadline_ms is None else max(0, attempt.test_clock.deadline_ms - at_ms)


@given(term_sets, step_lists)
def test_no_sequence_of_commands_leads_out_of_the_table(terms: Terms, steps: list[Step]) -> None:
    scene, taken = run(terms, steps, [0])
    after = states(scene.records)
    for before, record, now in zip(after, scene.records[1:], after[1:], strict=False):
        kind = KIND_OF[type(record.entry.fact)]
        assert before.status in kind.origins
        assert record.entry.role in kind.by
        assert now.status in (kind.returns or {kind.target or before.status})
    for step in taken:
        if isinstance(step.decision, Refusal):
            assert step.after is step.before


@given(term_sets, step_lists)
def test_the_page_and_the_projection_hear_of_what_concerns_them(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    after = states(scene.records)
    for before, record, now in zip(after, scene.records[1:], after[1:], strict=False):
        kind = KIND_OF[type(record.entry.fact)]
        seen, sees = (replace(view.state(attempt), seq=0, head="") for attempt in (before, now))
        # Of a clock that a visit has set running the page is told too, whatever the table says.
        assert kind.shown or now.clocks is not before.clocks or seen == sees, f"{kind.tag}: Trait.SHOWN"
        assert kind.projected or projected(before) == projected(now), f"{kind.tag}: Trait.PROJECTED"


@given(term_sets, step_lists)
def test_states_that_wake_alike_wake_at_the_same_instant(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    after = states(scene.records)
    for before, now in pairwise(after):
        if wakes_alike(before, now):
            assert next_wake(before) == next_wake(now)


def projected(attempt: Attempt) -> tuple[object, ...]:
    row = view.row(attempt, "", "", None, 0)
    return (
        row.status,
        row.deadline_ms,
        row.left_ms,
        row.score_mpt,
        row.max_mpt,
        row.awaiting_marks,
        row.section_id,
        next_sweep(attempt),
    )


@given(term_sets, step_lists)
def test_the_log_alone_gives_the_state(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    rows = [line_of(record) for record in scene.records]
    opened = open_log(IDENTITY.attempt_id, KEY, rows)
    assert opened == scene.records
    assert fold(opened) == fold(scene.records) == scene.attempt
    assert [record.entry.seq for record in opened] == list(range(1, len(rows) + 1))
    half = len(rows) // 2 or 1
    snapshot = msgspec.msgpack.encode(fold(opened[:half]))
    tail = open_log(IDENTITY.attempt_id, KEY, rows[half:], after=half, head=rows[half - 1].hash)
    assert fold(tail, msgspec.msgpack.decode(snapshot, type=Attempt)) == scene.attempt
    assert all(msgspec.msgpack.encode(msgspec.msgpack.decode(one.body, type=Body)) == one.body for one in opened)


@given(term_sets, step_lists)
def test_time_left_grows_by_a_recorded_fact_alone(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    after = states(scene.records)
    when_cancelled: int | None = None
    for before, record, now in zip(after, scene.records[1:], after[1:], strict=False):
        at_ms, fact = record.entry.at_ms, record.entry.fact
        had, has = left(before, at_ms), left(now, at_ms)
        if isinstance(fact, Cancelled):
            when_cancelled = had
        if isinstance(fact, Reinstated):
            assert has == when_cancelled
            continue
        if isinstance(fact, Started | Reopened) or has is None:
            continue
        if isinstance(fact, Collected):
            assert has == 0
            continue
        if isinstance(fact, SectionClosed) and has == 0:
            # The last section is over, and with it a test that has no limit of its own.
            continue
        assert had is not None or getattr(fact, "may_shorten", False)
        had = had or 0
        match fact:
            case Accommodated(may_shorten=True) | Retermed(may_shorten=True):
                assert record.entry.role is not Role.SYSTEM
            case Accommodated() | Retermed():
                assert has >= had
            case Extended():
                assert (
                    before.status is Status.PAUSED
                    or now.test_clock.deadline_ms == (before.test_clock.deadline_ms or 0) + fact.add_ms
                )
                assert has <= had + fact.add_ms
            case Paused(connection_lost=True):
                assert has <= had + at_ms - fact.at_ms
            case _:
                assert has <= had


@given(term_sets, step_lists)
def test_nobody_gets_more_time_than_the_log_accounts_for(terms: Terms, steps: list[Step]) -> None:
    """From the start (or a reopening) to the end: the time allowed, extensions, and the time the clock stood."""
    # A limit that only informs closes nothing: `test_soft.py` holds what does.
    assume(not terms.soft)
    scene, _ = run(terms, steps, [0])
    account_ms: int | None = None
    began_ms = started_ms = stood_since_ms = 0
    after = states(scene.records)
    for record in scene.records:
        match record.entry.fact:
            case Created():
                pass
            case Started():
                began_ms = started_ms = record.entry.at_ms
                account_ms = whole_ms(after[record.entry.seq - 1].pinned, began_ms)
            case Accommodated(may_shorten=True) | Retermed(may_shorten=True) if started_ms:
                # No clock ends before the record: what it shows is what she has.
                clock = after[record.entry.seq - 1].test_clock
                if clock.left_ms is not None:
                    account_ms = stood_since_ms + clock.left_ms - began_ms
                else:
                    account_ms = None if clock.deadline_ms is None else clock.deadline_ms - began_ms
            case Accommodated() | Retermed() if started_ms:
                terms_then = [after[record.entry.seq - back].pinned for back in (2, 1)]
                was_ms, is_ms = (whole_ms(one, started_ms) for one in terms_then)
                if was_ms is not None:
                    account_ms = None if is_ms is None or account_ms is None else account_ms + is_ms - was_ms
            case Reopened(left_ms):
                began_ms = stood_since_ms = record.entry.at_ms
                account_ms = left_ms
            case Extended(add_ms) if account_ms is not None:
                account_ms += add_ms
            case Paused(at_ms):
                stood_since_ms = at_ms
            case Resumed(at_ms) if account_ms is not None:
                account_ms += at_ms - stood_since_ms
            case Cancelled() if account_ms is not None:
                if after[record.entry.seq - 2].status is not Status.PAUSED:
                    # A clock that stops in its grace has nothing left.
                    stood_since_ms = min(record.entry.at_ms, began_ms + account_ms)
            case Reinstated() if account_ms is not None and after[record.entry.seq - 1].status is Status.IN_PROGRESS:
                account_ms += record.entry.at_ms - stood_since_ms
            case Collected(at_ms):
                assert account_ms is None or at_ms <= began_ms + account_ms
                account_ms = at_ms - began_ms
            case PauseForgotten(at_ms):
                assert at_ms >= stood_since_ms
            case Expired(at_ms) if after[record.entry.seq - 2].status is Status.PAUSED:
                pause = after[record.entry.seq - 2].pause
                assert pause is not None
                assert pause.forgotten_ms == at_ms - after[record.entry.seq - 2].pinned.pause_grace_ms
            case Expired() | Abandoned() if account_ms is None:
                assert terms.layout.by_section, "its last section has closed"
            case Expired(at_ms) | Abandoned(at_ms):
                before = after[record.entry.seq - 2]
                assert account_ms is not None
                hand_in_ms = before.pinned.hand_in_ms if isinstance(record.entry.fact, Abandoned) else 0
                assert isinstance(record.entry.fact, Abandoned) is (
                    before.pinned.at_end != "submit" and not before.collected
                )
                assert at_ms == began_ms + account_ms + hand_in_ms
                assert record.entry.at_ms >= at_ms + before.pinned.grace_ms
            case Submitted() if account_ms is not None:
                before = after[record.entry.seq - 2]
                more_ms = 0 if before.collected else before.pinned.hand_in_ms
                assert record.entry.at_ms < began_ms + account_ms + before.pinned.grace_ms + more_ms
            case Answered() | Flagged() | Moved() if account_ms is not None:
                # In a pause the clock stands: what comes in its grace is bounded by the time that was left.
                paused = fold(scene.records[: record.entry.seq - 1])
                assert paused is not None
                stands_ms = record.entry.at_ms - stood_since_ms if paused.pause is not None else 0
                assert record.entry.at_ms - stands_ms < began_ms + account_ms + terms.grace_ms
            case _:
                pass


def whole_ms(terms: model.Terms, began_ms: int) -> int | None:
    """What somebody has who began then."""
    ends = [terms.window_closes_at_ms] if terms.window_closes_at_ms is not None else []
    if terms.duration_ms is not None:
        opens_ms = terms.window_opens_at_ms
        from_ms = opens_ms if terms.synchronised and opens_ms is not None else began_ms
        ends.append(from_ms + terms.duration_ms + terms.extra_time_ms)
    return min(ends) - began_ms if ends else None


def left_on(attempt: Attempt, at_ms: int) -> dict[tuple[Scope, str | None], int]:
    """What each clock has left at that instant."""
    return {
        (clock.scope, clock.of): clock.left_ms if clock.left_ms is not None else (clock.deadline_ms or 0) - at_ms
        for clock in attempt.clocks
    }


@given(busy_terms, busy_lists)
def test_nothing_shortens_a_clock_and_only_a_recorded_act_adds_to_it(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    after = states(scene.records)
    for before, record, now in zip(after, scene.records[1:], after[1:], strict=False):
        fact = record.entry.fact
        if isinstance(fact, Collected | Reopened):
            continue
        at_ms = fact.at_ms if isinstance(fact, Paused | Resumed) else record.entry.at_ms
        had, has = left_on(before, at_ms), left_on(now, at_ms)
        for clock in had.keys() & has.keys():
            # A hard clock that stands has no less than nothing left, however late it was stopped.
            is_late = isinstance(fact, Paused) and had[clock] < 0 == has[clock]
            more_ms = 0 if is_late else has[clock] - had[clock]
            if isinstance(fact, Accommodated | Retermed):
                assert more_ms >= 0 or getattr(fact, "may_shorten", False), (clock, fact)
                continue
            allowed = (0, fact.add_ms) if isinstance(fact, Extended) else (0,)
            assert more_ms in allowed, (clock, fact)


LENGTHEN = [
    "accommodate",
    "apply_rules",
    "grant",
    "grant",
    "extend",
    "pause",
    "resume",
    "progress",
    "disconnect",
    "connect",
]


@given(term_sets, lists_of([*LENGTHEN, "nothing", "answer", "enter", "end"], durations.map(lambda ms: ms // 4)))
@settings(max_examples=200)
def test_no_running_clock_gets_shorter_without_a_recorded_act(terms: Terms, steps: list[Step]) -> None:
    """Changed rules, overrides, groups, extra time taken back: whatever comes, a clock that runs closes no earlier than
    it did, and none that closes something comes out of nowhere, unless staff have said so and the record says it."""
    scene, _ = run(terms._replace(begun=True), steps, [0])
    after = states(scene.records)
    for before, record, now in zip(after, scene.records[1:], after[1:], strict=False):
        fact = record.entry.fact
        if before.status is not Status.IN_PROGRESS or now.status is not Status.IN_PROGRESS:
            continue
        said = isinstance(fact, Collected) or getattr(fact, "may_shorten", False)
        assert not said or record.entry.role is not Role.SYSTEM
        closings = {(clock.scope, clock.of): closing_of(before, clock) for clock in before.clocks}
        for clock in now.clocks:
            was_ms, is_ms = closings.get((clock.scope, clock.of)), closing_of(now, clock)
            if was_ms is not None and is_ms is not None:
                assert said or is_ms >= was_ms, (clock, fact)
            elif isinstance(fact, Accommodated | Retermed):
                assert said or is_ms is None, (clock, fact)


@given(busy_terms, busy_lists)
def test_nothing_is_accepted_after_a_closing(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    after = states(scene.records)
    for before, record in zip(after, scene.records[1:], strict=False):
        fact, at_ms = record.entry.fact, record.entry.at_ms
        if not isinstance(fact, Answered):
            continue
        assert fact.question_id not in before.closed_questions
        assert not terms.layout.by_section or before.laid.section_of(fact.question_id).section_id == before.section_id
        for clock in before.clocks:
            if clock.scope is not Scope.QUESTION or clock.of == fact.question_id:
                assert clock.soft or clock.deadline_ms is None or at_ms < clock.deadline_ms + terms.grace_ms


@given(busy_terms, busy_lists)
def test_clocks_belong_to_what_is_open(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    for attempt in states(scene.records):
        names = [(clock.scope, clock.of) for clock in attempt.clocks]
        assert len(set(names)) == len(names)
        assert [scope for scope, _ in names] == sorted((scope for scope, _ in names), key=list(Scope).index)
        for scope, of in names:
            assert scope is not Scope.SECTION or of == attempt.section_id
            assert scope is not Scope.QUESTION or of not in attempt.closed_questions
        running = [clock for clock in attempt.clocks if clock.deadline_ms is not None]
        assert sum(clock.scope is Scope.QUESTION for clock in running) <= 1 + sum(
            is_up(attempt, clock, scene.now_ms) for clock in running
        )
        order = [section.section_id for section in terms.layout.sections]
        if terms.layout.by_section:
            assert list(attempt.closed_sections) == order[: len(attempt.closed_sections)]


def is_up(attempt: Attempt, clock: Clock, now_ms: int) -> bool:
    return clock.deadline_ms is not None and clock.deadline_ms <= now_ms


@given(term_sets, step_lists)
def test_the_budget_for_lost_connections_is_never_overdrawn(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    most_ms = terms.pause_budget_ms
    for attempt in states(scene.records):
        # An accommodation or newer rules may give another budget in mid-exam, and less than was used before.
        most_ms = max(most_ms, attempt.terms.pause_budget_ms if attempt.terms is not None else 0)
        assert 0 <= attempt.pause_used_ms <= most_ms
        if attempt.pause is not None and attempt.pause.connection_lost:
            assert attempt.terms is not None
            assert attempt.terms.pause_on_disconnect


def without_client_clocks(attempt: Attempt) -> Attempt:
    """The hashes cover what the client says of its clock, and so does what is made of them; nothing else does."""
    late = tuple(replace(one, late_id="", reference="") for one in attempt.late)
    # So do the digests of commands that name what was made of them.
    commands = dict.fromkeys(attempt.commands, b"")
    return replace(attempt, head=b"", reference=None, late=late, commands=commands)


@given(term_sets, step_lists, st.lists(st.integers(0, 2**53 - 1), min_size=1, max_size=5))
def test_the_clients_clock_never_changes_a_decision(terms: Terms, steps: list[Step], clocks: list[int]) -> None:
    one, one_taken = run(terms, steps, [0])
    other, other_taken = run(terms, steps, clocks)
    for step, same_step in zip(one_taken, other_taken, strict=True):
        assert isinstance(step.decision, Refusal) is isinstance(same_step.decision, Refusal)
        if isinstance(step.decision, Refusal):
            assert step.decision == same_step.decision
    assert [tag_of(record.entry.fact) for record in one.records] == [
        tag_of(record.entry.fact) for record in other.records
    ]
    assert without_client_clocks(one.attempt) == without_client_clocks(other.attempt)


@given(term_sets, step_lists)
def test_waking_twice_changes_nothing_and_nothing_is_left_undone(terms: Terms, steps: list[Step]) -> None:
    scene = scene_of(terms)
    for step in steps:
        scene.now_ms += step.passes_ms
        scene.facts(Wake(SYSTEM))
        assert scene.facts(Wake(SYSTEM)) == []
        for due_ms in (next_wake(scene.attempt), next_closing(scene.attempt)):
            assert due_ms is None or due_ms > scene.now_ms
        scene.offer(command_of(scene, step, 0))
        wake_ms, closing_ms = next_wake(scene.attempt), next_closing(scene.attempt)
        assert (wake_ms is None) is (closing_ms is None)
        assert wake_ms is None or closing_ms is None or wake_ms <= closing_ms


@given(term_sets, step_lists)
def test_following_the_wakes_ends_every_running_clock(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    wakes = 0
    while (wake_ms := next_wake(scene.attempt)) is not None:
        wakes += 1
        assert wakes <= (len(terms.warnings_ms) + 2) * (len(scene.attempt.clocks) + 2)
        before = scene.attempt.seq
        scene.now_ms = max(scene.now_ms, wake_ms)
        scene.facts(Wake(SYSTEM))
        assert scene.attempt.seq > before
    clockless = scene.attempt.deadline_ms is None
    assert clockless or scene.attempt.status in ENDED


@given(term_sets, step_lists)
def test_each_warning_is_given_once_for_a_deadline(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    given_: set[tuple[object, ...]] = set()
    for record in scene.records:
        match record.entry.fact:
            case Warned(left_ms, deadline_ms, scope, of):
                assert (left_ms, deadline_ms, scope, of) not in given_
                given_.add((left_ms, deadline_ms, scope, of))
                assert left_ms in (0, *terms.warnings_ms)
                assert record.entry.at_ms >= deadline_ms - left_ms
                assert (left_ms == 0) is (record.entry.at_ms >= deadline_ms)
            case _:
                pass


@given(term_sets, step_lists)
def test_what_was_accepted_is_not_done_a_second_time(terms: Terms, steps: list[Step]) -> None:
    scene = scene_of(terms)
    for step in steps:
        scene.now_ms += step.passes_ms
        scene.facts(Wake(SYSTEM))
        command = command_of(scene, step, 0)
        if isinstance(scene.offer(command), Refusal) or isinstance(command, Connect | Disconnect):
            continue
        after = scene.attempt
        again = scene.offer(command)
        # A file that is brought once more is refused by name: whoever brings it must know that it has come.
        assert not isinstance(again, Refusal) or again.code is Code.ANSWER_FILE_KNOWN
        assert scene.attempt is after


@given(term_sets, step_lists)
def test_an_ended_attempt_has_an_end_and_an_open_one_has_none(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    for attempt in states(scene.records):
        ended = attempt.status in ENDED
        assert ended is not (attempt.status in OPEN)
        assert (attempt.ended_at_ms is not None) is ended
        assert (attempt.ended_as is not None) is ended
        assert (attempt.reference is not None) is ended
        assert (attempt.pause is not None) is (attempt.status is Status.PAUSED)
        assert not attempt.clocks or attempt.status in SITTING
        assert all(clock.deadline_ms is None for clock in attempt.clocks) or attempt.status is Status.IN_PROGRESS


@given(term_sets, step_lists)
@settings(max_examples=50)
def test_both_pages_and_the_platform_can_always_be_told(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    events = set()
    for attempt, record in zip(states(scene.records), scene.records, strict=True):
        state = view.state(attempt)
        assert state.seq == record.entry.seq
        assert not (state.test_clock.deadline_ms is not None and state.test_clock.left_ms is not None)
        row = view.row(attempt, "Ada", "online", None, 0)
        assert row.answered == len(view.answers(attempt))
        assert msgspec.msgpack.encode(row)
        event = event_of(attempt, record)
        if event is not None:
            assert event.event_id not in events
            events.add(event.event_id)
