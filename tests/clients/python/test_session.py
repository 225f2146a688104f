import random
from collections import deque

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.python import session as session_module
from clients.python.candidate_link import CandidateLink
from clients.python.errors import QueueFull
from clients.python.link import ABNORMAL_CLOSE, Phase
from clients.python.queue import UNNUMBERED, Entry
from clients.python.session import Accepted, HandedIn, Rejected, Session
from clients.vectors import INITIATED
from protocol import limits
from protocol.codes import REFUSALS, Code
from protocol.messages.base import Message
from protocol.messages.candidate import Hello, StaffMessage, StatePush, TimeWarning, Welcome
from protocol.messages.connection import Beat, Echo, RefusedOp
from protocol.messages.directions import ToCandidate
from protocol.messages.operations import Answer, Operation, Receipt, Submit
from protocol.messages.state import SavedAnswer
from tests.clients.python.model_server import ModelServer
from tests.clients.python.scene import ACKED_HEAD, NOW, acked, state, welcome


def make_session() -> Session:
    return Session(CandidateLink("token", "test/1", lambda: 0.5, renewable=False, device="device-1"), lambda: 0.5)


def online(session: Session, message: Welcome | None = None, now_ms: int = NOW) -> Session:
    session.link.connecting()
    session.opened(now_ms)
    session.received(message or welcome(), now_ms)
    return session


def answer(question: str, value: str = "a") -> Answer:
    return Answer(UNNUMBERED, question, value, None, NOW)


def refused(n: int | None, code: Code) -> RefusedOp:
    return RefusedOp(n, code, REFUSALS[code].sentence, REFUSALS[code].retry)


def sent(session: Session) -> list[Message]:
    messages = [message for message in session.link.outgoing if not isinstance(message, Hello)]
    session.link.outgoing.clear()
    return messages


def operations(session: Session) -> list[int]:
    return [message.n for message in sent(session) if isinstance(message, Answer | Submit | Receipt)]


def happened(session: Session) -> list[object]:
    events: list[object] = [event for event in session.events if not isinstance(event, Welcome)]
    session.events.clear()
    return events


def test_nothing_leaves_before_the_welcome() -> None:
    session = make_session()
    session.ask(answer("q1"), NOW)
    session.link.connecting()
    session.opened(NOW)
    assert operations(session) == []
    session.received(welcome(last_n=7), NOW)
    assert operations(session) == [8]


def test_an_acknowledgement_is_told_with_its_operation() -> None:
    session = online(make_session())
    entry = session.ask(answer("q1"), NOW)
    ack = acked(1, 4)
    session.received(ack, NOW)
    assert happened(session) == [Accepted(entry, ack)]


def test_a_refusal_for_good_is_told_with_its_operation() -> None:
    session = online(make_session())
    entry = session.ask(answer("q1"), NOW)
    no = refused(1, Code.UNKNOWN_QUESTION)
    session.received(no, NOW)
    assert happened(session) == [Rejected(entry, no)]


def test_a_hello_names_the_newest_record_that_the_server_has_told_of() -> None:
    session = online(make_session())
    first = session.link.hello()
    session.received(acked(1, 8), NOW)
    session.received(StatePush(NOW, state(seq=5)), NOW)
    second = session.link.hello()
    assert (first.seen_seq, first.seen_head) == (3, INITIATED.head)
    assert (second.seen_seq, second.seen_head) == (8, ACKED_HEAD)


def test_a_restored_log_that_has_grown_again_is_known_by_what_the_server_says() -> None:
    session = online(make_session())
    session.ask(answer("q1"), NOW)
    session.received(acked(1, 4), NOW)
    sent(session)
    session.closed(ABNORMAL_CLOSE, "", NOW)
    online(session, welcome(last_n=0, seq=9, restored=True), NOW + 1_000)
    assert [(message.n, message.question_id) for message in sent(session) if isinstance(message, Answer)] == [(2, "q1")]


def test_what_was_answered_in_a_restored_log_since_stands() -> None:
    session = online(make_session())
    for value in ("a", "b"):
        session.ask(answer("q1", value), NOW)
        session.ask(answer("q2", value), NOW)
    session.received(acked(4, 4), NOW)
    sent(session)
    session.closed(ABNORMAL_CLOSE, "", NOW)
    held = [SavedAnswer("q1", "a", 1, NOW - 1), SavedAnswer("q2", "of another device", 2, NOW + 1)]
    online(session, msgspec.structs.replace(welcome(last_n=9, seq=9, restored=True), answers=held), NOW + 1_000)
    again = [(message.question_id, message.value) for message in sent(session) if isinstance(message, Answer)]
    assert again == [("q1", "b")]


def test_what_another_device_has_cleared_is_not_sent_again() -> None:
    session = online(make_session())
    session.ask(answer("q1"), NOW)
    session.received(acked(1, 4), NOW)
    sent(session)
    session.closed(ABNORMAL_CLOSE, "", NOW)
    online(session, welcome(last_n=2, seq=9), NOW + 1_000)
    assert sent(session) == []


def test_what_was_not_acknowledged_is_sent_again_with_its_number() -> None:
    session = online(make_session())
    for question in ("q1", "q2", "q3"):
        session.ask(answer(question), NOW)
    session.received(acked(1, 4), NOW)
    before = sent(session)
    session.closed(ABNORMAL_CLOSE, "", NOW)
    session.ask(answer("q4"), NOW)
    assert not sent(session)
    online(session, welcome(last_n=3, seq=6), NOW + 1_000)
    again = sent(session)
    assert again[:2] == before[1:]
    assert [message.n for message in again if isinstance(message, Answer)] == [2, 3, 4]


class TestRefusedForNow:
    def test_goes_again_after_a_back_off(self) -> None:
        session = online(make_session())
        session.ask(answer("q1"), NOW)
        sent(session)
        session.received(refused(1, Code.STORAGE_UNAVAILABLE), NOW)
        assert session.next_wake_ms() == NOW + 250
        session.wake(NOW + 249)
        assert operations(session) == []
        session.wake(NOW + 250)
        assert operations(session) == [1]

    def test_backs_off_further_each_time_and_from_the_base_after_a_success(self) -> None:
        session = online(make_session())
        session.ask(answer("q1"), NOW)
        now, waits = NOW, []
        for _ in range(3):
            session.received(refused(1, Code.STORAGE_UNAVAILABLE), now)
            wake = session.next_wake_ms()
            assert wake is not None
            waits.append(wake - now)
            now = wake
            session.wake(now)
        session.received(acked(1, 4, now), now)
        session.ask(answer("q2"), now)
        session.received(refused(2, Code.STORAGE_UNAVAILABLE), now)
        wake = session.next_wake_ms()
        assert wake is not None
        assert [*waits, wake - now] == [250, 500, 1_000, 250]

    def test_many_at_once_are_one_failure(self) -> None:
        session = online(make_session())
        for index in range(10):
            session.ask(answer(f"q{index}"), NOW)
        for n in range(1, 11):
            session.received(refused(n, Code.STORAGE_UNAVAILABLE), NOW)
        assert session.next_wake_ms() == NOW + 250

    def test_by_a_pause_waits_for_the_clock_to_run(self) -> None:
        session = online(make_session())
        session.received(StatePush(NOW, state("paused")), NOW)
        session.ask(answer("q1"), NOW)
        sent(session)
        session.received(refused(1, Code.PAUSED), NOW)
        session.wake(NOW + 20_000)
        assert operations(session) == []
        session.received(StatePush(NOW + 21_000, state("in_progress")), NOW + 21_000)
        assert operations(session) == [1]

    def test_by_a_pause_that_was_never_told_goes_again_by_itself(self) -> None:
        session = online(make_session())
        session.ask(answer("q1"), NOW)
        sent(session)
        session.received(refused(1, Code.PAUSED), NOW)
        session.wake(NOW + 250)
        assert operations(session) == [1]


class TestInternal:
    def test_over_and_over_backs_off_by_itself_while_others_are_saved(self) -> None:
        session = online(make_session())
        poison = session.ask(answer("q1"), NOW)
        now_ms = NOW
        tries = 0
        saved = 0
        while not any(isinstance(event, Rejected) for event in session.events):
            for n in operations(session):
                if n == poison.number:
                    tries += 1
                    session.received(refused(n, Code.INTERNAL), now_ms)
                else:
                    saved += 1
                    session.received(acked(n, n, 0), now_ms)
            if tries >= 2:
                session.ask(answer("q2", str(tries)), now_ms)
            wake_ms = session.next_wake_ms()
            assert wake_ms is not None
            now_ms = max(now_ms + 1, wake_ms)
            session.received(Echo(now_ms, now_ms, now_ms), now_ms)
            session.wake(now_ms)
        assert tries == limits.INTERNAL_TRIES
        assert saved >= limits.INTERNAL_TRIES - 2
        assert not session.queue.on_hold


class TestSubmit:
    def test_is_answered_by_the_state_that_follows_its_acknowledgement(self) -> None:
        session = online(make_session())
        entry = session.ask(Submit(UNNUMBERED, NOW), NOW)
        session.received(acked(1, 4), NOW)
        assert happened(session) == []
        over = state("submitted")
        session.received(StatePush(NOW, over), NOW)
        assert happened(session) == [StatePush(NOW, over), HandedIn(entry, over)]
        assert len(session.queue) == 0

    @pytest.mark.parametrize("status", ["submitted", "expired", "cancelled", "completed"])
    def test_is_answered_by_any_end(self, status: str) -> None:
        session = online(make_session())
        entry = session.ask(Submit(UNNUMBERED, NOW), NOW)
        session.received(StatePush(NOW, state(status)), NOW)
        assert HandedIn(entry, state(status)) in happened(session)
        session.received(acked(1, 4), NOW)
        assert happened(session) == []

    def test_of_an_ended_attempt_is_answered_at_once(self) -> None:
        session = online(make_session(), welcome("expired"))
        entry = session.ask(Submit(UNNUMBERED, NOW), NOW)
        assert happened(session) == [HandedIn(entry, state("expired"))]
        assert operations(session) == []

    def test_is_answered_by_the_welcome_after_a_cut(self) -> None:
        session = online(make_session())
        entry = session.ask(Submit(UNNUMBERED, NOW), NOW)
        session.closed(ABNORMAL_CLOSE, "", NOW)
        online(session, welcome("submitted", last_n=1))
        assert happened(session) == [HandedIn(entry, state("submitted"))]

    def test_may_be_refused(self) -> None:
        session = online(make_session(), welcome("initiated"))
        entry = session.ask(Submit(UNNUMBERED, NOW), NOW)
        no = refused(1, Code.NOT_STARTED)
        session.received(no, NOW)
        session.received(StatePush(NOW, state("cancelled")), NOW)
        assert [event for event in happened(session) if not isinstance(event, StatePush)] == [Rejected(entry, no)]


class TestMessages:
    def test_are_confirmed_once_however_often_they_come(self) -> None:
        session = online(make_session())
        message = StaffMessage("m1", "Please speak up.", NOW)
        session.received(message, NOW)
        assert sent(session) == [Receipt(1, "m1", False, NOW)]
        session.received(message, NOW)
        session.closed(ABNORMAL_CLOSE, "", NOW)
        online(session, welcome(last_n=1, unseen=[message]))
        assert happened(session) == [message]

    def test_that_waited_come_with_the_welcome(self) -> None:
        message = StaffMessage("m1", "Please speak up.", NOW)
        session = online(make_session(), welcome(unseen=[message]))
        assert happened(session) == [message]
        assert sent(session) == [Receipt(1, "m1", False, NOW)]


def test_a_state_that_comes_late_is_not_believed() -> None:
    session = online(make_session())
    session.received(StatePush(NOW, state("submitted", seq=9)), NOW)
    session.received(StatePush(NOW, state("in_progress", seq=8)), NOW)
    assert session.state == state("submitted", seq=9)
    assert happened(session) == [StatePush(NOW, state("submitted", seq=9))]


def test_pushes_are_told() -> None:
    session = online(make_session())
    warning = TimeWarning(60_000, NOW + 60_000, "test", None)
    unreadable = refused(None, Code.MALFORMED)
    session.received(warning, NOW)
    session.received(unreadable, NOW)
    assert happened(session) == [warning, unreadable]


def test_a_warning_that_was_missed_comes_with_the_welcome_and_no_warning_comes_twice() -> None:
    session = online(make_session())
    first = TimeWarning(300_000, NOW + 300_000, "test", None)
    second = TimeWarning(60_000, NOW + 300_000, "test", None)
    session.received(first, NOW)
    for warning in (first, second, second, None):
        session.closed(ABNORMAL_CLOSE, "", NOW)
        online(session, welcome(warning=warning))
    assert happened(session) == [first, second]


def test_a_flood_is_spread_below_the_servers_limit() -> None:
    session = online(make_session())
    now = NOW
    total = limits.RATE_BURST * 2
    for index in range(total):
        session.ask(answer(f"q{index}"), now)
    times = []
    while len(session.queue):
        for n in operations(session):
            times.append(now)
            session.received(acked(n, n, now), now)
        wake = session.next_wake_ms()
        assert wake is not None
        now = max(now, wake)
        session.link.heard(now)
        session.wake(now)
    assert len(times) == total
    bucket, at = limits.RATE_BURST * 1_000, times[0]
    for instant in times:
        bucket = min(limits.RATE_BURST * 1_000, bucket + (instant - at) * limits.RATE_PER_SECOND) - 1_000
        at = instant
        assert bucket >= 0


def test_more_than_may_wait_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "MAX_WAITING", 2)
    session = make_session()
    session.ask(answer("q1"), NOW)
    session.ask(answer("q2"), NOW)
    with pytest.raises(QueueFull):
        session.ask(answer("q3"), NOW)


class _Line:
    """A client and the server's rules on a bad line, in virtual time: delays, cuts, crashes, refusals."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.session = Session(
            CandidateLink("t", "sim/1", self.chance.random, renewable=False, device="d"), self.chance.random
        )
        self.server = ModelServer()
        self.now = NOW
        self.up = False
        self.to_server: deque[Operation] = deque()
        self.to_client: deque[ToCandidate] = deque()
        self.entries: list[Entry] = []
        self.ended: dict[int, str] = {}

    def step(self, *, calm: bool) -> None:
        self.now += self.chance.choice((0, 1, 20, 300))
        session = self.session
        if not self.up:
            if self.now >= session.link.retry_at_ms:
                session.link.connecting()
                self._open(fails=not calm and self.chance.random() < 0.3)
            return
        wake = session.next_wake_ms()
        if wake is not None and self.now >= wake:
            session.wake(self.now)
        self._leave()
        self.server.refusing = None
        if not calm and self.chance.random() < 0.2:
            self.server.refusing = self.chance.choice(
                (Code.RATE_LIMITED, Code.STORAGE_UNAVAILABLE, Code.PAUSED, Code.UNKNOWN_QUESTION, Code.DEADLINE_PASSED)
            )
        for _ in range(self.chance.randrange(20)):
            if self.to_server:
                self.server.receive(self.to_server.popleft())
        if self.chance.random() < 0.5:
            self.server.commit()
        self.to_client.extend(self.server.to_client)
        self.server.to_client.clear()
        for _ in range(self.chance.randrange(20)):
            if self.to_client:
                self._hear(self.to_client.popleft())
        if session.link.broken or (not calm and self.chance.random() < 0.05):
            self._cut()

    def ask(self) -> None:
        question = self.chance.choice(("p", "q", "r"))
        self.entries.append(self.session.ask(answer(question, str(len(self.entries))), self.now))

    def _open(self, *, fails: bool) -> None:
        if fails:
            self.session.closed(ABNORMAL_CLOSE, "refused", self.now)
            return
        self.up = True
        self.session.opened(self.now)
        self._leave()
        self._hear(welcome(last_n=self.server.last_n, seq=len(self.server.log), now_ms=self.now))

    def _leave(self) -> None:
        outgoing = self.session.link.outgoing
        while outgoing:
            message = outgoing.popleft()
            if isinstance(message, Answer):
                self.to_server.append(message)
            else:
                assert isinstance(message, Hello | Beat)

    def _hear(self, message: ToCandidate) -> None:
        self.session.received(message, self.now)
        while self.session.events:
            event = self.session.events.popleft()
            if isinstance(event, Accepted | Rejected):
                assert event.entry.place not in self.ended, "settled twice"
                self.ended[event.entry.place] = "ok" if isinstance(event, Accepted) else event.refusal.code
                logged = self.server.log.get(event.entry.number)
                assert (logged == event.entry.operation) == isinstance(event, Accepted)

    def _cut(self) -> None:
        for _ in range(self.chance.randrange(3)):
            if self.to_server:
                self.server.receive(self.to_server.popleft())
        if self.chance.random() < 0.3:
            self.server.crash()
        else:
            self.server.cut()
        self.to_server.clear()
        self.to_client.clear()
        self.up = False
        self.session.closed(ABNORMAL_CLOSE, "cut", self.now)
        assert self.session.link.phase == Phase.WAITING


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60)
def test_on_a_bad_line_every_operation_ends_once_and_truly(seed: int) -> None:
    line = _Line(seed)
    for _ in range(400):
        if line.chance.random() < 0.3:
            line.ask()
        line.step(calm=False)
    for _ in range(20_000):
        if not len(line.session.queue):
            break
        line.step(calm=True)
    assert sorted(line.ended) == [entry.place for entry in line.entries]
    for question in ("p", "q", "r"):
        accepted = [
            entry.operation
            for entry in line.entries
            if line.ended[entry.place] == "ok" and entry.operation in line.server.log.values()
        ]
        mine = [one for one in accepted if isinstance(one, Answer) and one.question_id == question]
        logged = [one for _, one in sorted(line.server.log.items()) if isinstance(one, Answer)]
        assert [one for one in logged if one.question_id == question][-1:] == mine[-1:]
