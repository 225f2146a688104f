"""An organisation's office: gives acts on many attempts and regrades over REST, and asks again until it is answered."""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import aiohttp

from clients.python.errors import Refused
from clients.python.rest import Rest
from loadtest.drill.exams import KEYS, TESTS
from loadtest.drill.recorder import canary
from loadtest.drill.watcher import Watcher
from protocol.messages.staff import (
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ResumeAttempt,
    StaffCommand,
)
from protocol.orders import COMMANDS, AnyOrder, Filter
from protocol.rest.bulk import BulkBody
from protocol.rest.gradebook import RegradeBody

_PACE_S: Final = 1.2
_TRY_EVERY_S: Final = 0.3
_PATIENCE_S: Final = 60.0
_PAUSED_S: Final = 0.7
_MORE_MS: Final = (500, 1_000, 2_000)
_MOST_COLLECTED: Final = 2
_ALL: Final = Filter()
_SITTING: Final = Filter(statuses=["in_progress", "paused"])
_ORDERS: Final = {command: order for order, command in COMMANDS.items()}

T = TypeVar("T")


class Office:
    """Works until `healed`. `acts` and `regrades` are the ids of those that the server has accepted, the latter with
    their tests."""

    def __init__(
        self, org: str, rest: Rest, watchers: Sequence[Watcher], chance: random.Random, healed: asyncio.Event
    ) -> None:
        self.org = org
        self.acts: list[str] = []
        self.regrades: list[tuple[str, str]] = []
        self._rest = rest
        self._watchers = watchers
        self._chance = chance
        self._healed = healed

    async def work(self) -> None:
        """Gives an act now and then. Whatever was begun is brought to its end."""
        kinds: list[tuple[float, Callable[[str], Awaitable[None]]]] = [
            (3, self._extend),
            (3, self._write),
            (2, self._pause_and_resume),
            (0.7, self._collect_some),
            (3, self._regrade),
        ]
        while not self._healed.is_set():
            await asyncio.sleep(_PACE_S * self._chance.uniform(0.5, 1.5))
            ((_, give),) = self._chance.choices(kinds, [weight for weight, _ in kinds])
            await give(self._chance.choice(TESTS))

    async def give_to_all(self) -> None:
        """Something to do for every attempt at every test, and a regrade of each; returns when all is accepted."""
        for test_id in TESTS:
            await self._write(test_id)
            await self._extend(test_id)
            await self._regrade(test_id)

    # ── what it gives ──────────────────────────────────────────────────────────────────────────────────────────

    async def _extend(self, test_id: str) -> None:
        order = _order(ExtendAttempt, add_ms=self._chance.choice(_MORE_MS), reason="a drill, for all")
        await self._act(test_id, order, self._chance.choice((_ALL, _SITTING)))

    async def _write(self, test_id: str) -> None:
        await self._act(test_id, _order(MessageAttempt, text=f"To all: keep calm, {canary(self.org)}."), _ALL)

    async def _pause_and_resume(self, test_id: str) -> None:
        await self._act(test_id, _order(PauseAttempt, reason="a fire drill"), _SITTING)
        await asyncio.sleep(_PAUSED_S)
        await self._act(test_id, _order(ResumeAttempt, reason="no fire"), _SITTING)

    async def _collect_some(self, test_id: str) -> None:
        rows = [row for one in self._watchers if one.test_id == test_id for row in one.rows.values()]
        sitting = sorted(row.attempt_id for row in rows if row.status == "in_progress")
        if sitting:
            chosen = self._chance.sample(sitting, min(_MOST_COLLECTED, len(sitting)))
            await self._act(test_id, _order(EndAttempt, reason="caught, in a drill"), chosen)

    async def _act(self, test_id: str, order: AnyOrder, to: Filter | list[str]) -> None:
        bulk_id = str(uuid.uuid4())
        attempt_ids = to if isinstance(to, list) else None
        body = BulkBody(
            bulk_id=bulk_id, order=order, attempt_ids=attempt_ids, filter=to if isinstance(to, Filter) else None
        )
        if await self._until_answered(lambda: self._rest.bulk(test_id, body)) is not None:
            self.acts.append(bulk_id)

    async def _regrade(self, test_id: str) -> None:
        body = RegradeBody(key_version=self._chance.randint(1, len(KEYS)), reason=f"a wrong key, {canary(self.org)}")
        reply = await self._until_answered(lambda: self._rest.regrade(test_id, body))
        if reply is not None and reply.regrade_id is not None:
            self.regrades.append((test_id, reply.regrade_id))

    async def _until_answered(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """The answer; None where it was refused, or nobody answers for so long."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while True:
                    try:
                        return await ask()
                    except Refused as error:
                        if not error.may_repeat:
                            return None
                    except (aiohttp.ClientError, TimeoutError):
                        pass
                    await asyncio.sleep(_TRY_EVERY_S)
        except TimeoutError:
            return None


def _order(command: type[StaffCommand], **fields: object) -> AnyOrder:
    return _ORDERS[command](**fields)
