"""A candidate: has an attempt made, opens it, answers until she is told that the fault is over, and hands in."""

import asyncio
import random
from typing import Final

import aiohttp

from clients.python.errors import Refused
from clients.python.rest import Rest
from clients.python.shell import now_ms
from loadtest.checker.history import Invoke, Ok
from loadtest.drill.device import Device
from loadtest.drill.exams import QUESTIONS, make_answer, next_section
from loadtest.drill.recorder import Recorder
from protocol.messages.operations import Answer, Enter, Flag, Progress, RaiseHand, Start, Submit
from protocol.rest.attempts import NewAttempt

_TRY_EVERY_S: Final = 0.5
_LAST_ANSWERS: Final = 2
"""Answers given after the fault, to check that everything works again."""
_ENTERS: Final = 0.1
"""How often she goes on to the next section instead."""


class Sitter:
    """`healed` is set when no fault is left. She comes `arrives_s` after the beginning; `pace_s` is about how long she
    thinks about one answer."""

    def __init__(
        self,
        recorder: Recorder,
        url: str,
        user_id: str,
        org: str,
        test_id: str,
        token: str,
        chance: random.Random,
        healed: asyncio.Event,
        pace_s: float,
        arrives_s: float,
    ) -> None:
        self.user_id = user_id
        self.org = org
        self.test_id = test_id
        self.attempt_id: str | None = None
        self.devices: list[Device] = []
        self.done = False
        self._recorder = recorder
        self._url = url
        self._token = token
        self._chance = chance
        self._healed = healed
        self._pace_s = pace_s
        self._arrives_s = arrives_s
        self._news = asyncio.Event()

    @property
    def device(self) -> Device | None:
        """The one in her hands."""
        return self.devices[-1] if self.devices else None

    async def sit(self, rest: Rest) -> None:
        """From her arrival to the end of her attempt, or until it is cancelled."""
        await asyncio.sleep(self._arrives_s)
        self.attempt_id = await self._admitted(rest)
        self.open_device()
        self._ask(Start, None)
        while not self._healed.is_set() and not self._over:
            await self._work()
        for _ in range(_LAST_ANSWERS):
            if not self._over:
                await self._work()
        while not self._over:
            # Who has handed in on a page that was taken away does it again on the next one.
            if self._keep_a_device() or self._is_idle:
                self._ask(Submit)
            self._news.clear()
            try:
                async with asyncio.timeout(1.0):
                    await self._news.wait()
            except TimeoutError:
                continue
        self.done = True

    def open_device(self) -> None:
        """She opens her attempt on one more device; who is connected elsewhere is replaced."""
        assert self.attempt_id is not None
        name = f"{self.user_id}/{len(self.devices) + 1}"
        device = Device(self._recorder, self._url, name, self.org, self.attempt_id, self._token, self._chance)
        device.state_seen = self._news.set
        self.devices.append(device)
        device.open()

    async def close(self) -> None:
        """She leaves, with all her devices."""
        for device in self.devices:
            await device.close()

    @property
    def back(self) -> bool:
        """Whether she is connected, or needs to be no more."""
        return self._over or (self.device is not None and self.device.online)

    @property
    def paused(self) -> bool:
        """Whether staff have stopped her clock: what she asks for waits until they let it run again."""
        return self.device is not None and self.device.status == "paused"

    @property
    def _is_idle(self) -> bool:
        return self.device is not None and not self.device.unsettled()

    @property
    def _over(self) -> bool:
        return any(device.over for device in self.devices)

    async def _admitted(self, rest: Rest) -> str:
        me = rest.as_user(self._token)
        while True:
            try:
                made = await me.make_attempt(NewAttempt(test_id=self.test_id))
            except (aiohttp.ClientError, TimeoutError, Refused):
                await asyncio.sleep(_TRY_EVERY_S)
                continue
            op = f"{self.user_id}/create"
            who = f"{self.user_id}/rest"
            self._recorder.note(
                Invoke(
                    at_ms=now_ms(),
                    who=who,
                    op=op,
                    attempt_id=made.attempt_id,
                    kind="create",
                    body={},
                    client_at_ms=None,
                )
            )
            self._recorder.note(
                Ok(at_ms=now_ms(), who=who, op=op, connection_id=None, n=None, seq=made.state.seq, committed_at_ms=None)
            )
            return made.attempt_id

    async def _work(self) -> None:
        await asyncio.sleep(self._pace_s * self._chance.uniform(0.4, 1.6))
        self._keep_a_device()
        if self._over:
            return
        assert self.device is not None
        section_id = self.device.section_id
        what = self._chance.random()
        after = next_section(self.test_id, section_id, self.device.closed_sections)
        # Between two sections there is nothing else to do.
        if after is not None and (section_id is None or what < _ENTERS):
            self._ask(Enter, after)
        elif what < 0.75:
            self._ask(Answer, *make_answer(self._chance, self.org, section_id))
        elif what < 0.8:
            self._ask(RaiseHand, self._chance.random() < 0.7)
        elif what < 0.9:
            self._ask(Progress, self._chance.randrange(QUESTIONS))
        else:
            self._ask(Flag, f"q{self._chance.randint(1, QUESTIONS)}", self._chance.random() < 0.5)

    def _keep_a_device(self) -> bool:
        """Opens the page again if it was replaced or broken. Returns whether it did."""
        if self.device is not None and self.device.ended:
            self.open_device()
            return True
        return False

    def _ask(self, kind: type, *arguments: object) -> None:
        assert self.device is not None
        self.device.ask(kind, *arguments)
