"""Bugs planted in the real code: the simulation must report the invariant that each of them breaks."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count, islice
from typing import Any, Final
from unittest.mock import patch

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, select, update

from loadtest.checker import same_decisions
from protocol.attempt.commands import Operate
from protocol.attempt.decisions import candidate, connections, rules, system, terms
from protocol.attempt.folds import work
from protocol.attempt.model import Attempt, Clock, Scope, Terms
from protocol.attempt.paper import make_paper
from protocol.rules.admission import may_make, may_start
from server import admission
from server.attempts.alarm import Alarm
from server.attempts.live import LiveAttempt
from server.attempts.pending import Done
from server.attempts.registry import Registry
from server.bulk import BulkWorker
from server.marking.regrader import Regrader
from server.monitor.room import Room
from server.monitor.rooms import Rooms
from server.people.erasing import Erasures
from server.sockets.candidate import CandidateSession
from server.sweeper import Sweeper
from storage import erasing
from storage.log import sqlite as log_sqlite
from storage.log.journal import Journal
from storage.log.known_heads import KnownHeads
from storage.schema import test_attempts
from storage.statements import LOG
from tests.simulation.drawing import make_plan
from tests.simulation.plan import Deed, Fault, Instructor, Mend, Order, Plan, Step
from tests.simulation.verdict import finds
from tests.simulation.world import simulate

MOST_SEEDS = 24
"""Days after which a bug that was not found counts as overlooked."""
_FIRST_STEPS = 5


_plan: Final = cache(make_plan)


def drawn(longest_ms: int, wanted: Callable[[Plan], object]) -> list[Plan]:
    """The first days that are not longer than that, with what is wanted."""
    plans = (plan for plan in map(_plan, count(1)) if plan.rules.duration_ms <= longest_ms and wanted(plan))
    return list(islice(plans, MOST_SEEDS))


def smallest_first(plans: Iterable[Plan]) -> list[Plan]:
    """In most of them a bug is found on any day: on a small one in less time."""

    def size(plan: Plan) -> int:
        return plan.rules.duration_ms * plan.rules.nodes * (len(plan.candidates) + 4)

    return sorted(plans, key=size)


def days() -> Iterable[Plan]:
    """The shortest days, with whatever trouble they bring."""
    return smallest_first(drawn(60_000, lambda plan: True))


def days_with_several_nodes() -> Iterable[Plan]:
    """Days on which two nodes may take an attempt for theirs."""
    return smallest_first(drawn(60_000, lambda plan: plan.rules.nodes > 1))


def days_that_are_watched() -> Iterator[Plan]:
    """Days without trouble on which somebody has the room before her from the start."""
    for plan in drawn(60_000, lambda plan: True):
        watcher = Instructor("staff-0", plan.candidates[0].org, 0, ())
        yield replace(plan, faults=(), instructors=(watcher,))


def days_that_nobody_hands_in() -> Iterator[Plan]:
    """Days on which everybody walks away in the middle, and nobody asks for anything after that."""
    for plan in days():
        people = tuple(
            replace(one, again=False, steps=(*one.steps[:_FIRST_STEPS], Step(0, "walk_away")))
            for one in plan.candidates
        )
        yield replace(plan, candidates=people, faults=(), deeds=(), instructors=())


def slow_commits_around_the_closing() -> Iterator[Plan]:
    """Days on which the database is slow just when time is up."""
    for plan in days():
        yield replace(plan, faults=(Fault(plan.rules.duration_ms - 2_000, "database_slow", 30_000),))


def days_with_bound_links() -> Iterable[Plan]:
    """Days on which a link belongs to the device that opens it, and other devices come."""
    return smallest_first(drawn(300_000, lambda plan: plan.rules.link_opens_once))


def days_with_sections() -> Iterable[Plan]:
    """Days on which sections are sat one after the other."""
    return smallest_first(drawn(300_000, lambda plan: plan.rules.section_ms))


def days_with_a_waiting_room() -> Iterable[Plan]:
    """Days on which nobody begins before staff let her in."""
    return smallest_first(drawn(300_000, lambda plan: plan.rules.waiting_room))


def days_with_shorter_rules() -> Iterator[Plan]:
    """Days on which an author makes the exam shorter, and staff apply that to somebody."""
    for plan in days():
        one = plan.candidates[0]
        order = Order(one.arrives_ms + 10_000, "apply_rules", one.user)
        mends = (Mend(one.arrives_ms + 8_000, one.org, plan.rules.duration_ms // 2),)
        yield replace(plan, faults=(), mends=mends, instructors=(Instructor("staff-0", one.org, 0, (order,)),))


def days_with_acts_on_all() -> Iterator[Plan]:
    """Days on which everybody gets more time at once."""
    for plan in days():
        one = plan.candidates[0]
        yield replace(plan, faults=(), deeds=(Deed(one.arrives_ms + 10_000, "extend_all", one.org, one.user, 1_000),))


def days_with_further_attempts() -> Iterator[Plan]:
    """Days on which everybody is granted a further attempt."""
    for plan in days():
        one = plan.candidates[0]
        deed = Deed(one.arrives_ms + 10_000, "another_attempt_for_all", one.org, one.user, 0)
        yield replace(plan, faults=(), deeds=(deed,))


def days_on_which_all_want_another_attempt() -> Iterator[Plan]:
    """Days on which nobody may have a second attempt, and everybody asks for one."""
    for plan in days():
        people = tuple(replace(one, again=True) for one in plan.candidates)
        yield replace(plan, candidates=people, faults=(), deeds=())


def days_with_enrolment() -> Iterator[Plan]:
    """Days on which nobody is enrolled who should be."""
    for plan in days():
        yield replace(plan, rules=replace(plan.rules, enrolment=True), faults=(), deeds=())


def days_with_shuffled_papers() -> Iterator[Plan]:
    """Days on which everybody has the questions in another order."""
    for plan in days():
        yield replace(plan, rules=replace(plan.rules, shuffled=True))


def days_with_regrades() -> Iterator[Plan]:
    """Days on which all who have handed in are marked again by another key."""
    for plan in days():
        one = plan.candidates[0]
        at_ms = plan.rules.duration_ms + 60_000
        mends = (Mend(at_ms - 5_000, one.org, None, "b"),)
        deeds = (Deed(at_ms, "regrade", one.org, one.user, 1_001),)
        yield replace(plan, rules=replace(plan.rules, essays=False), faults=(), mends=mends, deeds=deeds)


def days_with_timed_questions() -> Iterable[Plan]:
    """Days on which some questions have a limit of their own."""
    return smallest_first(drawn(300_000, lambda plan: plan.rules.question_ms is not None))


# ── the bugs ───────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def no_fence() -> Iterator[None]:
    """Whoever writes record n overwrites another's record n."""

    async def unchained(self: KnownHeads, batch: Any) -> dict[str, Any]:
        return {}

    overwriting = replace(LOG, sqlite=LOG.sqlite.replace("INSERT INTO", "INSERT OR REPLACE INTO"))
    with patch.object(KnownHeads, "unchained", unchained), patch.object(log_sqlite, "LOG", overwriting):
        yield


@contextmanager
def acknowledged_before_the_commit() -> Iterator[None]:
    """The reply goes out when the records are queued."""
    append = LiveAttempt._append

    def early(self: LiveAttempt, pending: Any, records: Any, now_ms: int) -> None:
        append(self, pending, records, now_ms)
        if pending.appended and isinstance(pending.command, Operate):
            reply, pending.reply = pending.reply, lambda outcome: None
            reply(Done(records, pending.states[-1], self._clock.now_ms()))

    with patch.object(LiveAttempt, "_append", early):
        yield


@contextmanager
def no_look_at_the_clock_in_the_journal() -> Iterator[None]:
    """What was received in time is committed however late."""
    submit = Journal.submit

    def any_time(self: Journal, append: Any) -> bool:
        append.not_after_ms = None
        return submit(self, append)

    with patch.object(Journal, "submit", any_time):
        yield


@contextmanager
def superseded_sockets_go_on() -> Iterator[None]:
    """Neither the session nor the core minds that a newer connection has come."""

    def blind(attempt: Attempt, command: Any, now_ms: int, paper: Any) -> Any:
        return operate(attempt, replace(command, connection_id=attempt.connection_id), now_ms, paper)

    operate = candidate.operate
    told = CandidateSession.record_committed

    def deaf(self: CandidateSession, before: Attempt, record: Any, after: Attempt) -> None:
        if record.entry.fact.__struct_config__.tag != "connected":
            told(self, before, record, after)

    with patch.object(candidate, "operate", blind), patch.object(CandidateSession, "record_committed", deaf):
        yield


@contextmanager
def nobody_closes() -> Iterator[None]:
    """No timer, no sweeper, and no look at what is due before a command."""

    async def sweep(self: Sweeper) -> None:
        return None

    def nothing(self: LiveAttempt, *_: Any) -> None:
        return None

    with (
        patch.object(Sweeper, "sweep", sweep),
        patch.object(LiveAttempt, "_set_alarm", nothing),
        patch.object(LiveAttempt, "_wake_if_due", nothing),
    ):
        yield


@contextmanager
def a_lazy_timer() -> Iterator[None]:
    """Timers fire four seconds late, and sweepers leave it to them."""
    sleep = Alarm._sleep

    def late(self: Alarm, delay_s: float) -> None:
        sleep(self, delay_s + 4)

    with patch.object(Alarm, "_sleep", late), patch("server.sweeper._OVERDUE_MS", 10_000):
        yield


@contextmanager
def a_forgetful_room() -> Iterator[None]:
    """What changes is not shown."""

    def forget(self: Room, live: Any) -> None:
        return None

    with patch.object(Room, "changed", forget):
        yield


@contextmanager
def rooms_by_test_alone() -> Iterator[None]:
    """The rooms of two organisations whose tests have one name are one."""
    room = Rooms.room
    of_test = Registry.of_test

    def shared(self: Rooms, org_id: str, test_id: str) -> Room:
        return room(self, "org-a", test_id)

    def any_live(self: Registry, org_id: str, test_id: str) -> Any:
        return [*of_test(self, "org-a", test_id), *of_test(self, "org-b", test_id)]

    with patch.object(Rooms, "room", shared), patch.object(Registry, "of_test", any_live):
        yield


@contextmanager
def the_clients_clock_decides() -> Iterator[None]:
    """A record is stamped with the client's word for the time."""
    one = rules.next_record

    def stamped(attempt: Attempt, by: Any, now_ms: int, fact: Any) -> Any:
        return one(attempt, by, getattr(fact, "client_at_ms", now_ms), fact)

    with patch.object(candidate, "next_record", stamped):
        yield


@contextmanager
def a_bound_link_opens_everywhere() -> Iterator[None]:
    """Another device gets in although nobody has allowed it."""
    with patch.object(connections, "_barred", lambda *_: None):
        yield


@contextmanager
def a_device_that_is_allowed_once_is_allowed_for_good() -> Iterator[None]:
    """After one word of staff every device gets in."""
    barred = connections._barred
    allowed: set[str] = set()

    def lenient(attempt: Attempt, device: str, of_test: Terms) -> Any:
        if attempt.device_allowed:
            allowed.add(attempt.identity.attempt_id)
        return None if attempt.identity.attempt_id in allowed else barred(attempt, device, of_test)

    with patch.object(connections, "_barred", lenient):
        yield


@contextmanager
def every_section_is_open() -> Iterator[None]:
    """What belongs to a closed section, or to one that was not entered yet, is accepted."""
    with patch.object(candidate, "shut", lambda *_, **__: None):
        yield


@contextmanager
def sections_close_when_somebody_looks() -> Iterator[None]:
    """The record of a section's closing says when it was written, and not when its time was up."""
    closing = system._closing

    def late(attempt: Attempt, clock: Clock) -> Any:
        fact: Any = closing(attempt, clock)
        return replace(fact, at_ms=fact.at_ms + attempt.pinned.grace_ms + 1) if clock.scope is Scope.SECTION else fact

    with patch.object(system, "_closing", late):
        yield


@contextmanager
def a_questions_clock_runs_on_elsewhere() -> Iterator[None]:
    """Going to another question changes no clock."""
    with patch.object(work, "at_question", lambda terms, layout, clocks, *_, **__: clocks):
        yield


@contextmanager
def the_waiting_room_has_no_door() -> Iterator[None]:
    """Whoever waits begins without being let in."""

    def let_in(*asked: Any, admitted: bool, **more: Any) -> Any:
        return may_start(*asked, admitted=True, **more)

    with patch.object(candidate, "may_start", let_in):
        yield


@contextmanager
def newer_rules_take_time() -> Iterator[None]:
    """Staff who put the newest rules in force shorten running clocks, and nobody has asked them."""
    with patch.object(terms, "_shortens", lambda *_: None):
        yield


@contextmanager
def acts_on_all_are_said_to_be_done() -> Iterator[None]:
    """What is done to many is noted as done for each of them, and given to nobody."""

    async def idle(self: BulkWorker, act: Any, attempt_id: str) -> None:
        return None

    with patch.object(BulkWorker, "_give", idle):
        yield


@contextmanager
def everybody_is_enrolled() -> Iterator[None]:
    """Nobody looks whether she is."""

    def make(*asked: Any, enrolled: bool, off: bool) -> Any:
        return may_make(*asked, enrolled=True, off=off)

    with patch.object(admission, "may_make", make):
        yield


@contextmanager
def attempts_are_not_counted() -> Iterator[None]:
    """Everybody has as many attempts as she likes."""
    with patch("protocol.rules.admission._is_used_up", lambda *_: False):
        yield


@contextmanager
def papers_are_read_backwards() -> Iterator[None]:
    """She is given another paper than the one that was laid out for her."""

    def backwards(*asked: Any) -> Any:
        paper = make_paper(*asked)
        return replace(paper, questions=paper.questions[::-1])

    with patch("server.papers.make_paper", backwards):
        yield


@contextmanager
def regrades_leave_somebody_out() -> Iterator[None]:
    """The first of each page is forgotten."""
    every = Regrader._regrade

    async def forgetful(self: Regrader, job: Any, attempt_ids: Any) -> int:
        return await every(self, job, attempt_ids[1:])

    with patch.object(Regrader, "_regrade", forgetful):
        yield


@contextmanager
def a_name_outlives_its_erasure() -> Iterator[None]:
    """What others read of an erased attempt still says who sat it."""
    erase = erasing._erase_attempt

    def forgetful(connection: Connection, attempt_id: str, *others: Any) -> erasing.Head:
        hers = test_attempts.c.attempt_id == attempt_id
        name = connection.execute(select(test_attempts.c.display_name).where(hers)).scalar()
        head = erase(connection, attempt_id, *others)
        connection.execute(update(test_attempts).where(hers).values(display_name=name))
        return head

    with patch.object(erasing, "_erase_attempt", forgetful):
        yield


@contextmanager
def nodes_do_not_hear_of_erasures() -> Iterator[None]:
    """The database forgets her, and what nodes have in memory stays."""

    async def look_at_nobody(self: Erasures) -> list[LiveAttempt]:
        return []

    with patch.object(Erasures, "_look", look_at_nobody):
        yield


@pytest.mark.parametrize(
    ("bug", "plans", "invariant"),
    [
        # `tests/storage/log/test_journal.py` holds the fence itself in each run.
        pytest.param(no_fence, days_with_several_nodes, "I1", marks=pytest.mark.long),
        (acknowledged_before_the_commit, days, "I1"),
        pytest.param(
            no_look_at_the_clock_in_the_journal, slow_commits_around_the_closing, "I2", marks=pytest.mark.long
        ),
        pytest.param(superseded_sockets_go_on, days, "I5", marks=pytest.mark.long),
        (a_bound_link_opens_everywhere, days_with_bound_links, "I5"),
        pytest.param(
            a_device_that_is_allowed_once_is_allowed_for_good, days_with_bound_links, "I5", marks=pytest.mark.long
        ),
        (every_section_is_open, days_with_sections, "I2"),
        (sections_close_when_somebody_looks, days_with_sections, "I2"),
        (a_questions_clock_runs_on_elsewhere, days_with_timed_questions, "I7"),
        (nobody_closes, days_that_nobody_hands_in, "I3"),
        pytest.param(the_waiting_room_has_no_door, days_with_a_waiting_room, "I12", marks=pytest.mark.long),
        (newer_rules_take_time, days_with_shorter_rules, "I13"),
        (acts_on_all_are_said_to_be_done, days_with_acts_on_all, "I14"),
        (acts_on_all_are_said_to_be_done, days_with_further_attempts, "I14"),
        pytest.param(attempts_are_not_counted, days_on_which_all_want_another_attempt, "I12", marks=pytest.mark.long),
        (everybody_is_enrolled, days_with_enrolment, "I12"),
        (papers_are_read_backwards, days_with_shuffled_papers, "paper"),
        (regrades_leave_somebody_out, days_with_regrades, "I15"),
        (a_lazy_timer, days, "I6"),
        pytest.param(a_forgetful_room, days_that_are_watched, "I7", marks=pytest.mark.long),
        (rooms_by_test_alone, days, "I8"),
        (a_name_outlives_its_erasure, days, "erasure"),
        (nodes_do_not_hear_of_erasures, days, "erasure"),
    ],
)
def test_a_planted_bug_is_found(bug: Callable[[], Any], plans: Callable[[], Iterable[Plan]], invariant: str) -> None:
    with bug():
        finds(plans(), invariant)


def test_a_client_clock_that_decides_is_found() -> None:
    plan = replace(next(iter(days())), faults=())
    with the_clients_clock_decides():
        one, other = simulate(plan), simulate(replace(plan, client_clocks=1))
    assert {violation.invariant for violation in same_decisions(one.database, other.database)} == {"I10"}
