"""An instructor at work: watches every test of an organisation and steers attempts, some of them more than once."""

import asyncio
import random
import uuid
from collections.abc import Callable
from typing import Final

from loadtest.drill.recorder import canary
from loadtest.drill.watcher import Watcher
from protocol.messages import (
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReopenAttempt,
    ResumeAttempt,
    StaffCommand,
)

_PACE_S: Final = 0.35
_MOST_UNANSWERED: Final = 20
_SITTING: Final = ("in_progress", "paused")


class Steward:
    """See above. Steers until `healed`; `let_run` then lets every clock run that staff have stopped."""

    def __init__(self, watchers: list[Watcher], chance: random.Random, healed: asyncio.Event) -> None:
        self._watchers = watchers
        self._chance = chance
        self._healed = healed

    async def steer(self) -> None:
        while not self._healed.is_set():
            await asyncio.sleep(_PACE_S * self._chance.uniform(0.5, 1.5))
            watcher = self._chance.choice(self._watchers)
            attempt_ids = list(watcher.rows)
            if attempt_ids and watcher.unanswered < _MOST_UNANSWERED:
                watcher.ask(self._command(watcher.org, self._chance.choice(attempt_ids)))

    def let_run(self) -> None:
        """Resumes what is paused."""
        self._to_all({"paused"}, lambda one: ResumeAttempt(_new_id(), one, "the end of the drill"))

    def collect(self) -> None:
        """Ends what nobody hands in any more."""
        self._to_all(set(_SITTING), lambda one: EndAttempt(_new_id(), one, "the end of the drill"))

    def _to_all(self, statuses: set[str], command: Callable[[str], StaffCommand]) -> None:
        for watcher in self._watchers:
            for attempt_id, row in watcher.rows.items():
                if row.status in statuses and watcher.unanswered < _MOST_UNANSWERED:
                    watcher.ask(command(attempt_id))

    def _command(self, org: str, attempt_id: str) -> StaffCommand:
        chance = self._chance
        match chance.choices(("message", "extend", "pause", "resume", "end", "reopen"), (4, 3, 2, 3, 0.4, 0.6))[0]:
            case "message":
                return MessageAttempt(_new_id(), attempt_id, f"Keep calm, {canary(org)}.")
            case "extend":
                return ExtendAttempt(_new_id(), attempt_id, chance.choice((500, 1_000, 2_000)), "a drill")
            case "pause":
                return PauseAttempt(_new_id(), attempt_id, "a drill")
            case "resume":
                return ResumeAttempt(_new_id(), attempt_id, "a drill")
            case "end":
                return EndAttempt(_new_id(), attempt_id, "caught, in a drill")
            case _:
                return ReopenAttempt(_new_id(), attempt_id, 2_000, "a mistake, in a drill")


def _new_id() -> str:
    return str(uuid.uuid4())
