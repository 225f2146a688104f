"""Writes the traces that hold every client's queue to one set of rules: `python -m tests.simulation.traces`.

What came to the queues of simulated days, and of walks against a server that refuses at random (a right one hardly
ever says `internal`), is played again step by step. Of all that is found the shortest traces are kept that reach every
mark in the queue and every feature below. What clients are free to do differently is left out:

* whether a later edit takes the place of one that has no number yet: none is asked for in a trace while another about
  the same waits without a number;
* how a position is joined to an answer that waits: one is asked for only while nothing waits without a number;
* whether a refused `start` is sent again, or a person is asked; what is done after the attempt has ended.
"""

import argparse
import json
import random
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import msgspec

import clients.python.session
from clients.python.queue import UNNUMBERED, Entry, Queue, Settled, position_of
from clients.vectors import EXAMPLES
from protocol import limits
from protocol.codec import tag_of
from protocol.codes import Code
from protocol.marks import marks
from protocol.messages.candidate import Ack
from protocol.messages.connection import RefusedOp
from protocol.messages.operations import (
    Answer,
    Enter,
    Flag,
    Operation,
    Progress,
    Receipt,
    Start,
    Submit,
)
from protocol.operations import OPERATIONS, subject
from tests.clients.python.model_server import ModelServer
from tests.clients.python.replay import Replay, Step, asked_of, unnumbered
from tests.simulation.drawing import LONG_EVERY, make_plan

PATH: Final = Path(__file__).parents[2] / "protocol" / "vectors" / "traces.json"
_DAYS: Final = 60
_WALKS: Final = 4_000
_STEPS: Final = 160
_EACH: Final = 2
"""Traces for each mark and feature."""
_AFTER: Final = 8
"""Steps after the one that it is about: what becomes of it."""

_OTHERS: Final = tuple(
    kind for kind in OPERATIONS if kind not in (Start, Answer, Flag, Progress, Receipt, Enter, Submit)
)
"""What a walk asks for more seldom, all of them as often."""

Trace = list[Step]


class RecordingQueue(Queue):
    """The queue of a simulated device, and what came to it."""

    recorded: list[Trace]

    def __init__(self) -> None:
        super().__init__()
        self.trace: Trace = []
        self.recorded.append(self.trace)

    def add(self, operation: Operation) -> Entry:
        entry = super().add(operation)
        self.trace.append(asked_of(entry))
        return entry

    def connected(self, last_n: int) -> None:
        super().connected(last_n)
        self.trace.append({"welcome": last_n})

    def release(self) -> None:
        if self.on_hold:
            self.trace.append({"time": True})
        super().release()

    def try_again(self) -> None:
        super().try_again()
        self.trace.append({"time": True})

    def told(self, status: str) -> None:
        super().told(status)
        self.trace.append({"status": status})

    def acked(self, number: int) -> list[Settled]:
        self.trace.append({"ack": number})
        return super().acked(number)

    def refused(self, refusal: RefusedOp) -> Settled | None:
        self.trace.append({"refused": refusal.n, "code": str(refusal.code), "retry": str(refusal.retry)})
        return super().refused(refusal)

    def finish(self, entry: Entry) -> bool:
        self.trace.append({"finished": entry.place})
        return super().finish(entry)


def of_days(seeds: range) -> list[Trace]:
    """What came to the devices of short simulated days."""
    from tests.simulation.world import simulate

    recorded: list[Trace] = []
    RecordingQueue.recorded = recorded
    with patch.object(clients.python.session, "Queue", RecordingQueue):
        for seed in seeds:
            if seed % LONG_EVERY:
                simulate(make_plan(seed))
    return [part for trace in recorded for part in _parts(trace)]


def _parts(trace: Trace) -> Iterator[Trace]:
    """From each welcome at which nothing waits: what was before has no say any more."""
    starts = [i for i, came in enumerate(trace) if "welcome" in came]
    for start in starts:
        yield trace[start:]


class Walk:
    """A client and a server that refuses at random, step by step."""

    _CODES: Final = (Code.INTERNAL, Code.OVERLOADED, Code.PAUSED, Code.ANSWER_TOO_LONG, Code.SUPERSEDED)

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.replay = Replay()
        self.server = ModelServer()
        self.wire: deque[Operation] = deque()
        self.trace: Trace = []
        self._paused = False
        self._messages = 0
        poison = self._chance.random() < 0.3
        self._poison = "q1" if poison else ""

    def run(self, steps: int) -> Trace:
        self._came({"welcome": 0})
        for _ in range(steps):
            self._step()
        return self.trace

    def _came(self, came: Step) -> None:
        self.trace.append(came)
        for message in self.replay.step(came)["sent"]:
            self.wire.append(msgspec.convert(message, Operation))

    def _step(self) -> None:
        (what,) = self._chance.choices(
            ("ask", "read", "commit", "hear", "time", "cut", "pause", "many"),
            (9, 22, 18, 30, 20, 0.2, 0.2, 0) if self._poison else (24, 22, 18, 30, 8, 2, 3, 0.3),
        )
        match what:
            case "ask":
                came = {"asked": self._operation()}
                if _binding(self.replay.queue, came, set()):
                    self._came(came)
            case "many" if len(self.replay.queue) < 5:
                for i in range(70):
                    self._came({"asked": _body(Answer(UNNUMBERED, f"m{i}", "a", None, 0))})
            case "read" if self.wire:
                self._read()
            case "commit":
                self.server.commit()
            case "hear" if self.server.to_client:
                self._hear(self.server.to_client.popleft())
            case "time":
                self._came({"time": True})
            case "cut":
                self._cut()
            case "pause":
                self._paused = not self._paused
                self._came({"status": "paused" if self._paused else "in_progress"})

    def _operation(self) -> Step:
        draw = self._chance.random()
        question = self._chance.choice(("q1", "q2", "q3"))
        value = self._chance.choice("ab")
        position = self._chance.randrange(4) if self._chance.random() < 0.2 else None
        operation: Operation
        if draw < 0.6:
            operation = Answer(UNNUMBERED, question, value, position, 0)
        elif draw < 0.7:
            operation = Flag(UNNUMBERED, question, value == "a", 0)
        elif draw < 0.8:
            operation = Progress(UNNUMBERED, self._chance.randrange(4), 0)
        elif draw < 0.88:
            self._messages += 1
            operation = Receipt(UNNUMBERED, f"message-{self._messages}", False, 0)
        elif draw < 0.92:
            operation = self._any_of(self._chance.choice(_OTHERS))
        elif draw < 0.96:
            operation = Enter(UNNUMBERED, f"part-{self._chance.randrange(1, 4)}", 0)
        else:
            operation = Submit(UNNUMBERED, 0)
        return _body(operation)

    def _any_of(self, kind: type[Operation]) -> Operation:
        """Of two of them some are about the same thing, and some are not."""
        drawn: Step = {"client_at_ms": 0}
        for field in msgspec.structs.fields(kind):
            if field.type is bool:
                drawn[field.name] = self._chance.random() < 0.5
            elif field.name in OPERATIONS[kind].about:
                drawn[field.name] = self._chance.choice(("one", "another"))
        return unnumbered(msgspec.to_builtins(EXAMPLES[kind]) | drawn)

    def _read(self) -> None:
        operation = self.wire.popleft()
        code = self._chance.choice(self._CODES) if self._chance.random() < 0.2 else None
        if isinstance(operation, Answer | Flag) and operation.question_id == self._poison:
            code = Code.INTERNAL if self._chance.random() < 0.9 else None
        if self._paused and OPERATIONS[type(operation)].waits:
            code = Code.PAUSED
        self.server.refusing = None if code == Code.PAUSED and not self._paused else code
        self.server.receive(operation)

    def _hear(self, message: Ack | RefusedOp) -> None:
        if isinstance(message, Ack):
            self._came({"ack": message.n})
        else:
            self._came({"refused": message.n, "code": str(message.code), "retry": str(message.retry)})

    def _cut(self) -> None:
        arrived = self._chance.randrange(len(self.wire) + 1)
        self.server.refusing = None
        for _ in range(arrived):
            self.server.receive(self.wire.popleft())
        self.wire.clear()
        self.server.cut()
        for _ in range(self._chance.choice((0, 0, 1, 2))):
            self.server.receive(Answer(self.server.last_n + 1, "elsewhere", "a", None, 0))
            self.server.cut()
        self._came({"welcome": self.server.last_n})


def _body(operation: Operation) -> Step:
    return dict(asked_of(Entry(0, operation))["asked"])


# ── choosing ────────────────────────────────────────────────────────────────────────────────────────────────


def played(trace: Trace) -> tuple[list[Step], list[set[str]]]:
    """The trace as clients are held to it, as far as they have no choice; and what each step reaches."""
    replay = Replay()
    steps: list[Step] = []
    reached: list[set[str]] = []
    sent: set[int] = set()
    names: dict[str, int] = {}
    for came in trace:
        if not _binding(replay.queue, came, sent):
            break
        came = _renamed(came, names)
        flying = replay.queue.flying
        with marks() as found:
            step = replay.step(came)
        if "welcome" in came:
            sent.clear()
        sent.update(message["n"] for message in step["sent"])
        if _is_free(replay.settled):
            break
        steps.append({"came": came, **step})
        given_up = any("queue: internal too often" in before for before in reached)
        if given_up and "queue: set aside" in found and "asked" not in came:
            found.add("set aside after another was given up")
        reached.append(found | _features(replay, came, step, flying))
    return steps, reached


def _binding(queue: Queue, came: Step, sent: set[int]) -> bool:
    """Whether it is clear what a client does, and a server could say it."""
    fresh = [entry.operation for entry in queue.unsettled() if entry.number == UNNUMBERED]
    match came:
        case {"asked": dict(body)}:
            operation = unnumbered(body)
            moves = position_of(operation) is not None
            same = any(subject(one) == subject(operation) for one in fresh)
            waits = any(isinstance(one, Answer | Progress) for one in fresh)
            return not same and not (moves and waits)
        case {"refused": int(n), "code": str(code)}:
            its = next((entry.operation for entry in queue.unsettled() if entry.number == n), None)
            return n in sent and not isinstance(its, Start) and code != Code.NOT_STARTED
        case {"refused": _} | {"finished": _}:
            return False
        case {"ack": int(n)}:
            return n in sent
        case {"status": str(status)}:
            return status in ("in_progress", "paused")
    return True


def _is_free(settled: list[Settled]) -> bool:
    """A position that was refused with its answer may be said by an operation of its own."""
    return any(
        one.refusal is not None and isinstance(one.entry.operation, Answer) and one.entry.operation.position is not None
        for one in settled
    )


def _renamed(came: Step, names: dict[str, int]) -> Step:
    """Without what is of one day alone: ids of messages, texts and clocks."""
    if "asked" not in came:
        return came
    body = dict(came["asked"])
    body["client_at_ms"] = 0
    if "message_id" in body:
        body["message_id"] = f"message-{names.setdefault(body['message_id'], len(names) + 1)}"
    if isinstance(body.get("value"), str) and len(body["value"]) > 1:
        body["value"] = body["value"][-1]
    return {"asked": body}


def _features(replay: Replay, came: Step, step: Step, flying: int) -> set[str]:
    queue = replay.queue
    found = set()
    if "asked" in came:
        found.add(f"{came['asked']['t']} is asked for")
    if queue.flying == limits.SEND_WINDOW and len(queue) > queue.flying:
        found.add("the window is full")
    if len(step["saved"]) > 1:
        found.add("one ack for several")
    if "ack" in came and not step["saved"] and flying:
        found.add("an ack that settles nothing")
    for closing in _CLOSING:
        if "asked" in came and came["asked"]["t"] == closing and not step["sent"]:
            found.add(f"{closing} waits")
        leaves = [place for place, message in enumerate(step["sent"]) if message["t"] == closing]
        if leaves and "asked" not in came:
            found.add(f"{closing} leaves")
        if leaves and leaves[-1] < len(step["sent"]) - 1:
            found.add(f"{closing} leaves, and what was asked for after it")
        if "welcome" in came and leaves:
            found.add(f"{closing} is sent again")
    if any(one.refusal is not None and one.refusal.retry == "never" for one in replay.settled):
        found.add("refused for good")
        found |= {f"{name} is refused for good" for name in _CLOSING & {_tag(one.entry) for one in replay.settled}}
    found |= {f"{name} is saved" for name in _CLOSING & {_tag(one.entry) for one in replay.settled if not one.refusal}}
    if "refused" in came and came["code"] == Code.NUMBER_REUSED:
        found.add("a number that was used by another device")
    if "welcome" in came and step["sent"]:
        found.add("sent after a welcome")
    return found


_CLOSING: Final = {tag_of(kind) for kind, handling in OPERATIONS.items() if handling.closes}


def _tag(entry: Entry) -> str:
    return tag_of(type(entry.operation))


def chosen(traces: list[Trace]) -> list[dict[str, Any]]:
    """The shortest traces that reach everything that is reached at all."""
    best: dict[str, list[tuple[int, int, int]]] = {}
    every = [played(trace) for trace in traces]
    for which, (_, reached) in enumerate(every):
        for end, names in enumerate(reached):
            for name in names:
                found = best.setdefault(name, [])
                if which not in (other for _, other, _ in found):
                    found.append((end, which, end))
                    found.sort()
                    del found[_EACH:]
    ends: dict[int, int] = {}
    for found in best.values():
        for _, which, end in found:
            ends[which] = max(ends.get(which, 0), end)
    kept = []
    for which, end in sorted(ends.items(), key=lambda one: (one[1], one[0])):
        steps, reached = every[which]
        upto = min(len(steps), end + 1 + _AFTER)
        kept.append({"reaches": sorted(set().union(*reached[:upto])), "steps": steps[:upto]})
    return kept


def text_of(traces: list[dict[str, Any]]) -> str:
    """The file: one step a line."""
    shown = []
    for trace in traces:
        steps = ",\n".join("  " + json.dumps(step, ensure_ascii=False) for step in trace["steps"])
        shown.append(f'{{"reaches": {json.dumps(trace["reaches"])}, "steps": [\n{steps}\n]}}')
    return "[\n" + ",\n".join(shown) + "\n]\n"


def main() -> int:
    """0: written."""
    argparse.ArgumentParser(prog="python -m tests.simulation.traces", description=__doc__).parse_args()
    traces = of_days(range(1, _DAYS + 1))
    traces += [Walk(seed).run(_STEPS) for seed in range(_WALKS)]
    kept = chosen(traces)
    PATH.write_text(text_of(kept), "utf-8")
    names = sorted({name for trace in kept for name in trace["reaches"]})
    print(f"{len(kept)} traces of {sum(len(trace['steps']) for trace in kept)} steps: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
