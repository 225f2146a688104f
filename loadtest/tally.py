"""The counters of a running replay."""

import asyncio
import time
from collections import Counter
from typing import Any

from clients.python.errors import ConnectionEnded, Refused
from loadtest.latency import Latency


class Tally:
    """Counters of all candidates together. Times are `time.monotonic`'s: uvloop's own stands still within a round."""

    def __init__(self) -> None:
        self.sent = 0
        self.acked = 0
        self.connected = 0
        self.submitted: set[str] = set()
        self.promised: set[tuple[str, str]] = set()
        """Candidate and question of every answer that was acknowledged: the server must hold them whatever happened."""
        self.reconnects = 0
        self.ack = Latency()
        self.behind = Latency()
        """How late answers left, compared with the trace's times: a large value means that this program is too slow."""
        self.refusals: Counter[str] = Counter()
        self.wrong_papers: list[str] = []
        """Candidates whose paper was not drawn as the blueprint says, or was another one afterwards."""
        self.wrong_times: list[str] = []
        """Candidates who have not the extra time that the roster gives."""

    def answered(self, future: asyncio.Future[Any], now_s: float, what: tuple[str, str] | None = None) -> None:
        """An answer was handed to the client at `now_s`. `what` (candidate and question) is kept once the answer is
        acknowledged, if it is given."""
        self.sent += 1

        def settled(done: asyncio.Future[Any]) -> None:
            error = done.exception()
            if error is None:
                self.acked += 1
                if what is not None:
                    self.promised.add(what)
                self.ack.add((time.monotonic() - now_s) * 1_000)
            else:
                self.failed(error)

        future.add_done_callback(settled)

    def failed(self, error: BaseException) -> None:
        """An operation was refused for good, or will never be known."""
        match error:
            case Refused():
                self.refusals[error.code] += 1
            case ConnectionEnded():
                self.refusals[f"connection_ended_{error.code}"] += 1
            case _:
                self.refusals[type(error).__name__] += 1
