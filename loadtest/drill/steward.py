"""An instructor at work: watches every test of an organisation and steers attempts, some of them more than once."""

import asyncio
import random
import uuid
from collections.abc import Callable
from typing import Final

from loadtest.drill.recorder import canary
from loadtest.drill.watcher import Watcher
from protocol.messages.staff import (
    AcceptAttempt,
    AccommodateAttempt,
    AcknowledgeHand,
    AdmitAttempt,
    ApplyRules,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReinstateAttempt,
    ReopenAttempt,
    ResumeAttempt,
    StaffCommand,
    WarnAttempt,
)

_PACE_S: Final = 0.35
_MOST_UNANSWERED: Final = 20
_MORE_MS: Final = (500, 1_000, 2_000)
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
        """Ends the attempts that nobody hands in any more."""
        self._to_all(set(_SITTING), lambda one: EndAttempt(_new_id(), one, "the end of the drill"))

    def _to_all(self, statuses: set[str], command: Callable[[str], StaffCommand]) -> None:
        for watcher in self._watchers:
            for attempt_id, row in watcher.rows.items():
                if row.status in statuses and watcher.unanswered < _MOST_UNANSWERED:
                    watcher.ask(command(attempt_id))

    def _command(self, org: str, attempt_id: str) -> StaffCommand:
        chance = self._chance
        ((_, order),) = chance.choices(tuple(ORDERS.values()), [weight for weight, _ in ORDERS.values()])
        return order(attempt_id, org, chance)


Order = Callable[[str, str, random.Random], StaffCommand]
ORDERS: Final[dict[type[StaffCommand], tuple[float, Order]]] = {
    MessageAttempt: (4, lambda one, org, _: MessageAttempt(_new_id(), one, f"Keep calm, {canary(org)}.")),
    WarnAttempt: (1, lambda one, org, _: WarnAttempt(_new_id(), one, f"No talking, {canary(org)}.")),
    ExtendAttempt: (3, lambda one, _, chance: ExtendAttempt(_new_id(), one, chance.choice(_MORE_MS), "a drill")),
    PauseAttempt: (2, lambda one, *_: PauseAttempt(_new_id(), one, "a drill")),
    ResumeAttempt: (3, lambda one, *_: ResumeAttempt(_new_id(), one, "a drill")),
    AccommodateAttempt: (
        0.5,
        lambda one, _, chance: AccommodateAttempt(
            _new_id(), one, chance.choice(_MORE_MS), "a drill", may_shorten=False
        ),
    ),
    ApplyRules: (0.5, lambda one, *_: ApplyRules(_new_id(), one, "a drill", may_shorten=False)),
    CancelAttempt: (
        0.3,
        lambda one, _, chance: CancelAttempt(_new_id(), one, chance.random() < 0.5, "void, in a drill"),
    ),
    ReinstateAttempt: (
        1.5,
        lambda one, _, chance: ReinstateAttempt(_new_id(), one, chance.random() < 0.5, "a mistake, in a drill"),
    ),
    AcknowledgeHand: (3, lambda one, *_: AcknowledgeHand(_new_id(), one, "a drill")),
    AdmitAttempt: (1, lambda one, *_: AdmitAttempt(_new_id(), one, "a drill")),
    EndAttempt: (0.4, lambda one, *_: EndAttempt(_new_id(), one, "caught, in a drill")),
    AcceptAttempt: (0.3, lambda one, *_: AcceptAttempt(_new_id(), one, "it counts, in a drill")),
    ReopenAttempt: (
        0.6,
        lambda one, _, chance: ReopenAttempt(
            _new_id(), one, 2_000, "a mistake, in a drill", on_return=chance.random() < 0.5
        ),
    ),
}
"""How often each command is given, and what it says, for an attempt of an organisation."""


def _new_id() -> str:
    return str(uuid.uuid4())
