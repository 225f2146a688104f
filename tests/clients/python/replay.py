"""A client's queue, driven step by step: what comes in, and what it sends, keeps and takes for saved after that.

`protocol/vectors/traces.json` holds such steps. The queue sends all that it may after each; its program asks for the
back-off's end as soon as it is told that time passes.
"""

from typing import Any

import msgspec

from clients.python.queue import UNNUMBERED, Entry, Queue, Settled
from protocol.codes import REFUSALS, Code, Retry
from protocol.messages.connection import RefusedOp
from protocol.messages.operations import Operation

Step = dict[str, Any]


class Replay:
    """See above. Operations are named by their place in the order of asking, from 0."""

    def __init__(self) -> None:
        self.queue = Queue()
        self.settled: list[Settled] = []
        """By the last step."""

    def step(self, came: Step) -> Step:
        """What follows from one step: `sent` (messages), `saved` and `kept` (places)."""
        self.settled = self._take(came)
        sent = []
        while self.queue.ready:
            sent.append(msgspec.to_builtins(self.queue.next_operation()))
        return {
            "sent": sent,
            "saved": [one.entry.place for one in self.settled if one.refusal is None],
            "kept": [entry.place for entry in self.queue.unsettled()],
        }

    def _take(self, came: Step) -> list[Settled]:
        match came:
            case {"welcome": int(last_n)}:
                self.queue.connected(last_n)
            case {"asked": dict(operation)}:
                self.queue.add(unnumbered(operation))
            case {"ack": int(n)}:
                return self.queue.acked(n)
            case {"refused": int(n), "code": str(name), "retry": str(retry)}:
                code = Code(name)
                settled = self.queue.refused(RefusedOp(n, code, REFUSALS[code].sentence, Retry(retry)))
                return [] if settled is None else [settled]
            case {"status": str(status)}:
                self.queue.told(status)
            case {"time": True}:
                self.queue.release()
                self.queue.try_again()
            case _:
                raise ValueError(f"no such step: {came}")
        return []


def unnumbered(body: Step) -> Operation:
    """An operation that has not left yet. (On the wire no number is 0.)"""
    operation: Operation = msgspec.convert({**body, "n": 1}, Operation)
    return msgspec.structs.replace(operation, n=UNNUMBERED)


def asked_of(entry: Entry) -> Step:
    """An operation as it was asked for: without its number."""
    body: Step = msgspec.to_builtins(entry.operation)
    body.pop("n")
    return {"asked": body}
