import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from clients.python.queue import UNNUMBERED, Entry, Queue, Settled
from protocol import limits
from protocol.codes import REFUSALS, Code, Retry
from protocol.messages.connection import RefusedOp
from protocol.messages.operations import Answer, Enter, Flag, Operation, Progress, RaiseHand, Submit
from tests.clients.python.model_server import ModelServer

NOW = 1_700_000_000_000


def answer(question: str, value: str = "a") -> Answer:
    return Answer(UNNUMBERED, question, value, None, NOW)


def refusal(n: int, code: Code) -> RefusedOp:
    return RefusedOp(n, code, REFUSALS[code].sentence, REFUSALS[code].retry)


def send_all(queue: Queue) -> list[Operation]:
    sent = []
    while queue.ready:
        sent.append(queue.next_operation())
    return sent


def numbers(operations: list[Operation]) -> list[int]:
    return [operation.n for operation in operations]


@pytest.fixture
def queue() -> Queue:
    queue = Queue()
    queue.connected(0)
    return queue


class TestNumbers:
    def test_begin_above_what_the_server_has(self) -> None:
        queue = Queue()
        queue.add(answer("q1"))
        queue.connected(41)
        assert numbers(send_all(queue)) == [42]

    def test_are_given_when_an_operation_leaves_so_waiting_ones_can_go_above_another_device(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        assert numbers(send_all(queue)) == [1]
        queue.add(answer("q2"))
        queue.connected(10)
        assert numbers(send_all(queue)) == [1, 11]

    def test_only_rise_however_many_were_refused(self, queue: Queue) -> None:
        for index in range(500):
            queue.add(answer(f"q{index}"))
        sent: list[int] = []
        while flying := numbers(send_all(queue)):
            assert len(flying) <= limits.SEND_WINDOW
            sent.extend(flying)
            for n in flying:
                queue.refused(refusal(n, Code.DEADLINE_PASSED))
        assert sent == list(range(1, 501))
        queue.add(answer("q1"))
        assert numbers(send_all(queue)) == [501]

    def test_below_the_last_one_of_the_server_stay_spent_when_they_are_acked_once_more(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        send_all(queue)
        queue.connected(40)
        send_all(queue)
        queue.acked(1)
        queue.add(answer("q1"))
        assert numbers(send_all(queue)) == [41]


class TestWindow:
    def test_is_never_left(self, queue: Queue) -> None:
        for index in range(100):
            queue.add(answer(f"q{index}"))
        assert numbers(send_all(queue)) == list(range(1, 65))
        queue.acked(10)
        assert numbers(send_all(queue)) == list(range(65, 75))

    def test_holds_on_a_new_connection_with_all_that_was_kept(self) -> None:
        queue = Queue()
        for index in range(500):
            queue.add(answer(f"q{index}"))
        for _ in range(3):
            queue.connected(0)
            assert numbers(send_all(queue)) == list(range(1, 65))
        for n in range(1, 501):
            assert queue.flying <= limits.SEND_WINDOW
            queue.acked(n)
            send_all(queue)
        assert len(queue) == 0


class TestAcknowledgement:
    def test_settles_everything_up_to_its_number(self, queue: Queue) -> None:
        entries = [queue.add(answer(f"q{index}")) for index in range(3)]
        send_all(queue)
        assert queue.acked(2) == [Settled(entries[0], None), Settled(entries[1], None)]
        assert len(queue) == 1

    def test_does_not_settle_what_was_refused_for_now(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        second = queue.add(answer("q2"))
        send_all(queue)
        assert queue.refused(refusal(1, Code.RATE_LIMITED)) is None
        assert queue.acked(2) == [Settled(second, None)]
        assert len(queue) == 1

    def test_does_not_settle_what_was_not_sent_on_this_connection(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        send_all(queue)
        queue.connected(1)
        assert queue.acked(1) == []
        send_all(queue)
        assert len(queue.acked(1)) == 1


class TestRefusal:
    def test_for_good_settles(self, queue: Queue) -> None:
        entry = queue.add(answer("q1"))
        send_all(queue)
        no = refusal(1, Code.UNKNOWN_QUESTION)
        assert queue.refused(no) == Settled(entry, no)
        assert queue.refused(no) is None

    def test_for_now_holds_everything_behind_it_then_sends_one_alone(self, queue: Queue) -> None:
        for index in range(3):
            queue.add(answer(f"q{index}"))
        send_all(queue)
        queue.add(answer("q3"))
        for n in (1, 2, 3):
            queue.refused(refusal(n, Code.OVERLOADED))
        assert send_all(queue) == []
        queue.release()
        assert numbers(send_all(queue)) == [1]
        queue.acked(1)
        assert numbers(send_all(queue)) == [2, 3, 4]

    def test_for_now_lets_the_first_go_alone_whatever_was_acknowledged_before(self, queue: Queue) -> None:
        for index in range(3):
            queue.add(answer(f"q{index}"))
        send_all(queue)
        queue.refused(refusal(2, Code.OVERLOADED))
        queue.acked(1)
        queue.release()
        assert send_all(queue) == []
        queue.refused(refusal(3, Code.OVERLOADED))
        queue.release()
        assert numbers(send_all(queue)) == [2]

    def test_because_the_clock_stands_holds_until_it_runs_but_for_what_needs_none(self, queue: Queue) -> None:
        queue.told("paused")
        queue.add(answer("q1"))
        send_all(queue)
        queue.refused(refusal(1, Code.PAUSED))
        queue.add(answer("q2"))
        queue.add(RaiseHand(UNNUMBERED, True, NOW))
        queue.release()
        assert send_all(queue) == [RaiseHand(2, True, NOW)]
        queue.acked(2)
        assert send_all(queue) == []
        queue.told("in_progress")
        # Its number lies below one that was accepted, so it has a new one.
        assert send_all(queue) == [Answer(3, "q1", "a", None, NOW)]
        queue.acked(3)
        assert numbers(send_all(queue)) == [4]

    def test_because_the_clock_stands_backs_off_with_what_needs_none(self, queue: Queue) -> None:
        queue.told("paused")
        queue.add(RaiseHand(UNNUMBERED, True, NOW))
        send_all(queue)
        queue.refused(refusal(1, Code.PAUSED))
        assert send_all(queue) == []
        assert queue.on_hold
        queue.release()
        assert send_all(queue) == [RaiseHand(1, True, NOW)]

    def test_because_the_clock_stands_is_tried_again_where_it_is_known_to_run(self, queue: Queue) -> None:
        queue.told("in_progress")
        queue.add(answer("q1"))
        send_all(queue)
        queue.refused(refusal(1, Code.PAUSED))
        assert send_all(queue) == []
        queue.release()
        assert numbers(send_all(queue)) == [1]

    @pytest.mark.parametrize("code", [Code.SUPERSEDED, Code.CONNECTION_EXISTS])
    def test_of_the_connection_keeps_the_operation(self, queue: Queue, code: Code) -> None:
        queue.add(answer("q1"))
        send_all(queue)
        assert queue.refused(refusal(1, code)) is None
        assert send_all(queue) == []
        queue.connected(0)
        assert numbers(send_all(queue)) == [1]

    def test_for_now_settles_what_a_later_answer_has_overtaken(self, queue: Queue) -> None:
        first = queue.add(answer("q1", "old"))
        second = queue.add(answer("q1", "new"))
        send_all(queue)
        later = refusal(1, Code.RATE_LIMITED)
        queue.refused(later)
        assert queue.acked(2) == [Settled(second, None), Settled(first, later)]
        assert len(queue) == 0

    def test_does_not_put_the_test_taker_back(self, queue: Queue) -> None:
        queue.add(Answer(UNNUMBERED, "q1", "a", 1, NOW))
        queue.add(Progress(UNNUMBERED, 5, NOW))
        send_all(queue)
        queue.refused(refusal(1, Code.RATE_LIMITED))
        queue.acked(2)
        queue.release()
        assert send_all(queue) == [Answer(3, "q1", "a", None, NOW)]

    def test_for_now_is_not_sent_again_while_a_later_one_flies(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        queue.add(answer("q2"))
        send_all(queue)
        queue.refused(refusal(1, Code.RATE_LIMITED))
        queue.release()
        assert send_all(queue) == []
        queue.acked(2)
        # Number 1 lies below one that was accepted, and would be refused as skipped.
        assert numbers(send_all(queue)) == [3]

    def test_of_a_skipped_number_gives_a_new_one(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        queue.add(Flag(UNNUMBERED, "q1", True, NOW))
        send_all(queue)
        queue.connected(4)
        send_all(queue)
        assert queue.refused(refusal(1, Code.NUMBER_SKIPPED)) is None
        assert send_all(queue) == [Answer(5, "q1", "a", None, NOW)]

    def test_of_a_skipped_number_is_final_where_a_later_answer_is_on_its_way(self, queue: Queue) -> None:
        first = queue.add(answer("q1", "old"))
        queue.add(answer("q1", "new"))
        send_all(queue)
        queue.connected(4)
        send_all(queue)
        skipped = refusal(1, Code.NUMBER_SKIPPED)
        assert queue.refused(skipped) == Settled(first, skipped)

    def test_without_a_number_settles_nothing(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        send_all(queue)
        assert queue.refused(RefusedOp(None, Code.MALFORMED, "", Retry.NEVER)) is None
        assert len(queue) == 1


class TestClosing:
    @pytest.mark.parametrize("closing", [Submit(UNNUMBERED, NOW), Enter(UNNUMBERED, "writing", NOW)])
    def test_waits_until_everything_before_it_is_settled(self, queue: Queue, closing: Operation) -> None:
        queue.add(answer("q1"))
        queue.add(closing)
        queue.add(answer("q2"))
        assert numbers(send_all(queue)) == [1]
        queue.acked(1)
        assert send_all(queue)[0] == replace(closing, n=2)

    def test_sections_are_entered_one_after_the_other(self, queue: Queue) -> None:
        for section_id in ("writing", "sums"):
            queue.add(Enter(UNNUMBERED, section_id, NOW))
        assert send_all(queue) == [Enter(1, "writing", NOW)]
        queue.acked(1)
        assert send_all(queue) == [Enter(2, "sums", NOW)]

    def test_can_be_settled_from_outside_once(self, queue: Queue) -> None:
        waiting = queue.add(Submit(UNNUMBERED, NOW))
        assert queue.finish(waiting)
        assert not queue.finish(waiting)
        flying = queue.add(Submit(UNNUMBERED, NOW))
        send_all(queue)
        assert queue.finish(flying)
        assert queue.acked(1) == []


class TestInternal:
    """Something goes wrong in the server, and may do so again and again with the same operation."""

    def test_once_holds_everything_as_any_refusal_for_now_does(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        send_all(queue)
        queue.add(answer("q2"))
        queue.refused(refusal(1, Code.INTERNAL))
        assert (queue.on_hold, queue.ready, queue.aside) == (True, False, False)

    def test_again_sets_aside_what_is_about_the_same_alone(self, queue: Queue) -> None:
        poison = queue.add(answer("q1"))
        fail(queue, 2)
        queue.add(answer("q1", "newer"))
        queue.add(answer("q2"))
        queue.add(Flag(UNNUMBERED, "q1", True, NOW))
        assert [type(operation) for operation in send_all(queue)] == [Answer, Flag]
        assert len(queue.acked(3)) == 2
        queue.try_again()
        # Under a new number, and one after the other.
        assert send_all(queue) == [poison.operation]
        assert poison.number == 4
        queue.acked(4)
        assert [operation.n for operation in send_all(queue)] == [5]

    def test_lets_the_attempt_be_handed_in_without_a_flag(self, queue: Queue) -> None:
        queue.add(Flag(UNNUMBERED, "q1", True, NOW))
        fail(queue, 2)
        queue.add(Submit(UNNUMBERED, NOW))
        assert [type(operation) for operation in send_all(queue)] == [Submit]

    def test_counts_on_where_a_later_answer_takes_its_place(self, queue: Queue) -> None:
        queue.add(answer("q1", "old"))
        fail(queue, 1)
        queue.add(answer("q1", "new"))
        assert fail(queue, 1) is not None
        assert send_all(queue) == []
        assert fail(queue, limits.INTERNAL_TRIES - 3) is None
        assert fail(queue, 1) is not None

    def test_does_not_let_the_attempt_be_handed_in_without_it(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        fail(queue, 2)
        queue.add(Submit(UNNUMBERED, NOW))
        assert send_all(queue) == []
        queue.try_again()
        queue.refused(refusal(send_all(queue)[0].n, Code.INTERNAL))
        queue.connected(0)
        assert [type(operation) for operation in send_all(queue)] == [Answer]

    def test_too_often_is_told_and_holds_nothing_up_any_more(self, queue: Queue) -> None:
        poison = queue.add(answer("q1"))
        told = fail(queue, limits.INTERNAL_TRIES)
        assert told is not None
        assert told.entry is poison
        queue.add(Submit(UNNUMBERED, NOW))
        assert [type(operation) for operation in send_all(queue)] == [Submit]

    def test_is_counted_anew_once_the_same_was_accepted(self, queue: Queue) -> None:
        queue.add(answer("q1"))
        fail(queue, 2)
        queue.try_again()
        queue.acked(send_all(queue)[0].n)
        assert not queue.in_trouble
        queue.add(answer("q1"))
        fail(queue, 1)
        assert queue.on_hold


def fail(queue: Queue, times: int) -> Settled | None:
    """The next operation fails so often in a row; what the last failure says of it."""
    told = None
    for _ in range(times):
        queue.release()
        queue.try_again()
        (operation,) = send_all(queue)
        told = queue.refused(refusal(operation.n, Code.INTERNAL))
    return told


LATER = [code for code, rule_ in REFUSALS.items() if rule_.retry == Retry.LATER]
NEVER = [
    code
    for code, rule_ in REFUSALS.items()
    if rule_.retry != Retry.LATER and code not in (Code.NUMBER_REUSED, Code.NUMBER_SKIPPED)
]


class Wire(RuleBasedStateMachine):
    """Any order of sending, receiving, committing, refusing, cutting and crashing."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = Queue()
        self.server = ModelServer()
        self.to_server: deque[Operation] = deque()
        self.asked: list[Entry] = []
        self.settled: dict[int, Settled] = {}
        self.sent: set[int] = set()
        self.welcomed_n = 0
        self.queue.connected(0)

    @rule(question=st.sampled_from("pqr"), value=st.sampled_from("ab"))
    def ask(self, question: str, value: str) -> None:
        self.asked.append(self.queue.add(answer(question, value)))

    @rule(count=st.integers(1, 70))
    def ask_many(self, count: int) -> None:
        for index in range(count):
            self.ask("pqr"[index % 3], "ab"[index % 2])

    @rule(count=st.sampled_from((1, 2, 70)))
    def send(self, count: int) -> None:
        while count and self.queue.ready:
            operation = self.queue.next_operation()
            assert operation.n > self.welcomed_n or operation.n in self.sent, "a new operation with a spent number"
            self.sent.add(operation.n)
            self.to_server.append(operation)
            count -= 1

    @precondition(lambda self: self.to_server)
    @rule(count=st.sampled_from((1, 2, 63, 70)), code=st.none() | st.sampled_from(LATER) | st.sampled_from(NEVER))
    def server_reads(self, count: int, code: Code | None) -> None:
        self.server.refusing = code
        while count and self.to_server:
            self.server.receive(self.to_server.popleft())
            count -= 1

    @rule()
    def commit(self) -> None:
        self.server.commit()

    @precondition(lambda self: self.server.to_client)
    @rule(count=st.sampled_from((1, 2, 70)))
    def client_reads(self, count: int) -> None:
        while count and self.server.to_client:
            message = self.server.to_client.popleft()
            count -= 1
            if isinstance(message, RefusedOp):
                found = self.queue.refused(message)
                settled = [] if found is None else [found]
            else:
                settled = self.queue.acked(message.n)
            for one in settled:
                assert one.entry.place not in self.settled, "settled twice"
                self.settled[one.entry.place] = one

    @rule()
    def release(self) -> None:
        self.queue.told("in_progress")
        self.queue.release()
        self.queue.try_again()

    @rule(arrived=st.sampled_from((0, 1, 70)), crash=st.booleans(), elsewhere=st.sampled_from((0, 0, 1, 2)))
    def reconnect(self, arrived: int, crash: bool, elsewhere: int) -> None:
        """`elsewhere`: so many answers come from another device in between."""
        self.server.refusing = None
        while arrived and self.to_server:
            self.server.receive(self.to_server.popleft())
            arrived -= 1
        self.to_server.clear()
        if crash:
            self.server.crash()
        else:
            self.server.cut()
        for _ in range(elsewhere):
            self.server.receive(Answer(self.server.last_n + 1, "elsewhere", "a", None, NOW))
            self.server.cut()
        self.welcomed_n = self.server.last_n
        self.queue.connected(self.welcomed_n)

    @invariant()
    def no_more_than_the_window_flies(self) -> None:
        assert self.queue.flying <= limits.SEND_WINDOW
        assert len(self.queue) + len(self.settled) == len(self.asked)

    def teardown(self) -> None:
        """On a quiet line everything ends, and what was said of each operation is true."""
        for _ in range(10 * len(self.asked) + 10):
            self.release()
            self.send(len(self.asked))
            if self.to_server:
                self.server_reads(len(self.asked), None)
            self.server.commit()
            if self.server.to_client:
                self.client_reads(2 * len(self.asked))
        assert sorted(self.settled) == [entry.place for entry in self.asked]
        for entry, no in self.settled.values():
            logged = self.server.log.get(entry.number)
            if no is None:
                assert logged == entry.operation
            elif logged is not None:
                # Its number went to another operation: one of another device, or after it was refused for good.
                assert logged is not entry.operation
        self.last_accepted_answer_stands()

    def last_accepted_answer_stands(self) -> None:
        for question in "pqr":
            accepted = [
                settled.entry.operation
                for place, settled in sorted(self.settled.items())
                if settled.refusal is None
                and isinstance(settled.entry.operation, Answer)
                and settled.entry.operation.question_id == question
            ]
            logged = [
                operation
                for _, operation in sorted(self.server.log.items())
                if isinstance(operation, Answer) and operation.question_id == question
            ]
            if accepted:
                assert logged[-1] == accepted[-1]


TestWire = Wire.TestCase
TestWire.settings = settings(max_examples=50, stateful_step_count=40)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60)
def test_long_walks(seed: int) -> None:
    """Longer than the machine above goes by itself: some mistakes need ten steps in one order."""
    chance = random.Random(seed)
    wire = Wire()
    codes = [None, None, chance.choice(LATER), chance.choice(NEVER)]
    for _ in range(300):
        match chance.choice(
            ("ask", "ask", "many", "send", "send", "server", "server", "commit", "client", "client", "release", "cut")
        ):
            case "ask":
                wire.ask(chance.choice("pqr"), chance.choice("ab"))
            case "many" if len(wire.queue) < 200:
                wire.ask_many(70)
            case "send":
                wire.send(chance.choice((1, 2, 70)))
            case "server":
                wire.server_reads(chance.choice((1, 2, 63, 70)), chance.choice(codes))
            case "commit":
                wire.commit()
            case "client":
                wire.client_reads(chance.choice((1, 2, 70)))
            case "release":
                wire.release()
            case "cut" if chance.random() < 0.2:
                wire.reconnect(chance.choice((0, 1, 70)), chance.random() < 0.5, chance.choice((0, 0, 1)))
        wire.no_more_than_the_window_flies()
    wire.teardown()
