"""What waits for the journal, in two lanes: answers and the like; and the patient lane: what the clock or the marker
has asked for, and those who come and start.

When a whole room comes, starts, or has no time left, ten thousand such appends must not stand in the way of everybody
else's answers: of the patient lane each transaction takes a few.
"""

from collections import deque
from collections.abc import Callable, Collection
from typing import Final

from storage.log.batch import Append

MAX_BATCH_RECORDS: Final = 2_000
"""Records in one transaction: beyond this a commit gets no cheaper per record, and everybody in it waits longer."""
MAX_PATIENT: Final = 100
"""Patient appends in one transaction, as long as none waits for long. A closing costs as much as some ten answers, here
and in the database, and an answer may have to wait for one such transaction, and then to be written in another one."""
MAX_OVERDUE: Final = 400
"""The same, when the first of them has waited for `OVERDUE_S`."""
OVERDUE_S: Final = 2.0
"""Whoever comes gives up after 8 s, however well the database is: where each commit takes a tenth of a second, ten
thousand who came at once would have waited for ten."""
LEAST_PATIENT: Final = 25
"""Records that a transaction has room for in the patient lane, however many wait in the other one: a flood of
answers must not put off the closings for as long as it lasts."""
SHARE_BYTES: Final = 8 * 1024
"""Once an attempt has this much in a transaction, its further appends wait for the next one: neither many answers of
one candidate nor long ones must make everybody's commit long, or what is done after it. It is one long answer, or
sixteen short ones; a window of 64 takes four transactions."""
_RECORD_BYTES: Final = 512
"""What a record costs beside its data, in bytes of data that cost as much."""


class AppendQueue:
    """First come, first served, in each lane. Whoever submits keeps the appends of an attempt in one lane for as long
    as one of them is under way."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """`now_s`: some clock."""
        self._now_s = now_s
        self.records = 0
        """In both lanes."""
        self._prompt: deque[Append] = deque()
        self._patient: deque[tuple[float, Append]] = deque()
        """Each with when it came."""

    def __bool__(self) -> bool:
        return bool(self._prompt or self._patient)

    def add(self, append: Append) -> None:
        """At the end of its lane."""
        if append.patient:
            self._patient.append((self._now_s(), append))
        else:
            self._prompt.append(append)
        self.records += len(append.records)

    def take(self) -> list[Append]:
        """Those of one transaction: at least one, if there is any. What a person waits for comes first."""
        batch: list[Append] = []
        patient = self._patient
        kept_free = LEAST_PATIENT if patient else 0
        room = self._take_prompt(batch, MAX_BATCH_RECORDS - kept_free) + kept_free
        few = MAX_OVERDUE if patient and self._now_s() - patient[0][0] >= OVERDUE_S else MAX_PATIENT
        while patient and few and (not batch or len(patient[0][1].records) <= room):
            _, append = patient.popleft()
            few -= 1
            room -= len(append.records)
            batch.append(append)
        self.records -= MAX_BATCH_RECORDS - room
        return batch

    def _take_prompt(self, batch: list[Append], room: int) -> int:
        queue = self._prompt
        taken: dict[str, int] = {}
        left: list[Append] = []
        while queue and (not batch or len(queue[0].records) <= room):
            append = queue.popleft()
            attempt_id = append.attempt_id
            size = taken.get(attempt_id, 0)
            if size >= SHARE_BYTES:
                left.append(append)
                continue
            for record in append.records:
                size += _RECORD_BYTES + len(record.body)
            taken[attempt_id] = size
            room -= len(append.records)
            batch.append(append)
        queue.extendleft(reversed(left))
        return room

    def take_out(self, attempt_ids: Collection[str]) -> list[Append]:
        """All appends of these attempts."""
        waiting = (*self._prompt, *(append for _, append in self._patient))
        out = [append for append in waiting if append.attempt_id in attempt_ids]
        if out:
            self._prompt = deque(append for append in self._prompt if append.attempt_id not in attempt_ids)
            self._patient = deque(one for one in self._patient if one[1].attempt_id not in attempt_ids)
            self.records -= sum(len(append.records) for append in out)
        return out
