"""The two lanes of what waits for the journal."""

from msgspec.structs import replace

from storage.log.append_queue import LEAST_PATIENT, MAX_BATCH_RECORDS, MAX_OVERDUE, MAX_PATIENT, OVERDUE_S, AppendQueue
from storage.log.batch import Append
from tests.storage.making import Owner


def appends(count: int, *, patient: bool = False) -> list[Append]:
    return [replace(Owner().made(), patient=patient) for _ in range(count)]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def filled(*lanes: list[Append], clock: Clock | None = None) -> AppendQueue:
    queue = AppendQueue(clock or Clock())
    for lane in lanes:
        for append in lane:
            queue.add(append)
    return queue


def test_what_a_person_waits_for_comes_first_and_of_the_rest_a_few() -> None:
    closings, answers = appends(MAX_PATIENT + 1, patient=True), appends(3)
    queue = filled(closings, answers)
    assert queue.records == MAX_PATIENT + 4
    assert queue.take() == answers + closings[:MAX_PATIENT]
    assert (bool(queue), queue.records) == (True, 1)
    assert queue.take() == closings[MAX_PATIENT:]
    assert (bool(queue), queue.records, queue.take()) == (False, 0, [])


def test_of_what_has_waited_for_long_a_transaction_takes_more() -> None:
    """Where each commit took a tenth of a second, whoever of ten thousand came last had given up before."""
    clock = Clock()
    coming = appends(MAX_PATIENT + MAX_OVERDUE + 1, patient=True)
    queue = filled(coming, clock=clock)
    clock.now_s = OVERDUE_S - 0.01
    assert queue.take() == coming[:MAX_PATIENT]
    clock.now_s = OVERDUE_S
    assert queue.take() == coming[MAX_PATIENT : MAX_PATIENT + MAX_OVERDUE]
    assert queue.take() == coming[-1:]


def test_a_transaction_that_is_full_has_no_room_for_the_rest() -> None:
    closing = appends(1, patient=True)
    owner = Owner()
    made = owner.made()
    records = (made.records[0],) * MAX_BATCH_RECORDS
    large = replace(made, records=records, states=made.states * MAX_BATCH_RECORDS)
    queue = filled(closing, [large])
    assert queue.take() == [large]
    assert queue.take() == closing


def test_a_flood_of_what_a_person_waits_for_leaves_room_for_the_rest() -> None:
    """Closings had no turn for as long as each transaction was full of answers."""
    closings = appends(LEAST_PATIENT + 1, patient=True)
    (answer,) = appends(1)
    # The same one many times: what a record says does not matter here.
    flood = [replace(answer, attempt_id=str(number)) for number in range(2 * MAX_BATCH_RECORDS)]
    queue = filled(closings, flood)
    room = MAX_BATCH_RECORDS - LEAST_PATIENT
    assert queue.take() == flood[:room] + closings[:LEAST_PATIENT]
    assert queue.take() == flood[room : 2 * room] + closings[LEAST_PATIENT:]
    assert queue.records == len(flood) - 2 * room


def test_what_was_rejected_is_taken_out_of_both_lanes() -> None:
    closings, answers = appends(2, patient=True), appends(2)
    queue = filled(closings, answers)
    assert queue.take_out({closings[0].attempt_id, answers[1].attempt_id}) == [answers[1], closings[0]]
    assert queue.take_out({"nobody"}) == []
    assert queue.records == 2
    assert queue.take() == [answers[0], closings[1]]
