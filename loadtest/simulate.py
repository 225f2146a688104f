"""Simulated candidates for a demonstration: they sit any test as people do, as far as a monitor can tell."""

import asyncio
import time
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import aiohttp
from rich.console import Console

from clients.python.client import Callbacks, Client
from clients.python.errors import ClientError, Refused
from clients.python.rest import Rest
from clients.python.session import ENDED
from loadtest.guess import drafts, guess
from loadtest.people import random_name
from loadtest.screen import show
from loadtest.tally import Tally
from protocol.messages.candidate import Ack, StaffMessage, StatePush, Welcome
from protocol.paper import PaperQuestion
from protocol.rest.attempts import NewAttempt

ARRIVAL_SHARE: Final = 0.1
"""The share of the sitting's duration over which candidates arrive."""

FLAGS: Final = 0.1
SKIPS: Final = 0.06
CHANGES: Final = 0.12
LOOKS_BACK: Final = 0.08
LOSES_CONNECTION: Final = 0.02
"""How often each happens, per question."""

_PATIENCE: Final = 10
_MORE_PATIENCE_S: Final = 60.0
"""A candidate who has not handed in after ten times the planned minutes plus one counts as lost."""
_READS_A_MESSAGE_S: Final = (2.0, 8.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowd:
    """Who comes. `minutes`: about how long each takes. The same seed gives the same names and habits."""

    url: str
    token: str
    test_id: str
    candidates: int
    minutes: float
    seed: int


async def simulate(crowd: Crowd, console: Console) -> dict[str, str]:
    """Runs until every candidate has handed in or failed. Returns those who did not hand in, with the reasons. Raises
    `Refused` and `aiohttp.ClientError` if the test cannot be read."""
    tally = Tally()
    lost: dict[str, str] = {}
    patience_s = crowd.minutes * 60 * _PATIENCE + _MORE_PATIENCE_S
    run = uuid.uuid4().hex[:8]
    async with Rest.open(crowd.url, crowd.token) as rest:
        forms = sorted((await rest.test(crowd.test_id)).forms)
        screen = asyncio.create_task(show(console, tally, crowd.candidates, None))
        try:
            async with asyncio.TaskGroup() as group:
                for index in range(crowd.candidates):
                    chance = Random(f"{crowd.seed}/{index}")
                    form_id = chance.choice(forms) if forms else None
                    user_id = f"sim-{run}-{index:04}"
                    group.create_task(
                        _try(_come(crowd, rest, user_id, form_id, chance, tally), user_id, lost, tally, patience_s)
                    )
        finally:
            screen.cancel()
            await asyncio.gather(screen, return_exceptions=True)
    return lost


async def _try(
    sitting: Coroutine[Any, Any, None], user_id: str, lost: dict[str, str], tally: Tally, patience_s: float
) -> None:
    """Runs one candidate. If she fails, the others go on, and she is named at the end."""
    try:
        async with asyncio.timeout(patience_s):
            await sitting
    except* (ClientError, aiohttp.ClientError, TimeoutError) as failures:
        error: BaseException = failures
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        tally.failed(error)
        lost[user_id] = f"{type(error).__name__}: {error}"


async def _come(crowd: Crowd, rest: Rest, user_id: str, form_id: str | None, chance: Random, tally: Tally) -> None:
    name = random_name(chance)
    await asyncio.sleep(chance.uniform(0, crowd.minutes * 60 * ARRIVAL_SHARE))
    attempt = NewAttempt(test_id=crowd.test_id, user_id=user_id, display_name=name, form_id=form_id)
    made = await rest.make_attempt(attempt)
    if made.token is None:
        raise ClientError("the token that was given is not a service's")
    async with asyncio.TaskGroup() as group:
        person = _Person(chance, crowd.minutes * 60, tally, group)
        callbacks = Callbacks(message=person.read, state=person.look_up, welcome=person.look_up)
        async with Client(crowd.url, made.attempt_id, made.token, callbacks=callbacks) as client:
            person.client = client
            try:
                await person.sit(rest.as_user(made.token), made.attempt_id)
                tally.submitted.add(user_id)
            finally:
                tally.reconnects += max(0, client.connections - 1)


class _Person:
    """One simulated candidate at work."""

    client: Client

    def __init__(self, chance: Random, seconds: float, tally: Tally, tasks: asyncio.TaskGroup) -> None:
        self._questions: list[PaperQuestion] = []
        self._chance = chance
        self._seconds = seconds
        self._tally = tally
        self._tasks = tasks
        self._running = asyncio.Event()

    async def sit(self, rest: Rest, attempt_id: str) -> None:
        """From the door to handing in. Raises `ClientError`."""
        welcome = await self.client.welcomed()
        self._tally.connected += 1
        for asked in [] if welcome.watching is None else welcome.watching.captures:
            # A program sends no picture: without this one that is required would keep all of them out.
            await self.client.give_consent(asked, "agreed")
        await self.client.start()
        # The questions are not shown before the clock runs.
        self._questions = (await rest.paper(attempt_id)).questions
        for index in range(len(self._questions)):
            await self._work_on(index)
            if index and self._chance.random() < LOOKS_BACK:
                await self._work_on(self._chance.randrange(index))
            if self._chance.random() < LOSES_CONNECTION:
                await self.client.drop()
            if self._over:
                break
        if self.client.state is not None and self.client.state.status in ("cancelled", "expired"):
            raise ClientError(f"the attempt is {self.client.state.status}")
        await self.client.submit()

    def read(self, message: StaffMessage) -> None:
        """A message from staff is shown; it is read, and dismissed after a while."""
        self._tasks.create_task(self._dismiss(message.message_id))

    def look_up(self, news: Welcome | StatePush) -> None:
        """Waits while the clock is stopped."""
        if news.state.status == "paused":
            self._running.clear()
        else:
            self._running.set()

    async def _dismiss(self, message_id: str) -> None:
        await asyncio.sleep(self._chance.uniform(*_READS_A_MESSAGE_S))
        try:
            await self.client.receipt(message_id, seen=True)
        except ClientError as error:
            self._tally.failed(error)

    async def _work_on(self, index: int) -> None:
        question = self._questions[index]
        self._forget(self.client.progress(index))
        await self._think(0.7)
        if self._chance.random() >= SKIPS:
            await self._answer(question)
        if self._chance.random() < FLAGS:
            self._forget(self.client.flag(question.question_id, True))
        if self._chance.random() < CHANGES:
            await self._think(0.2)
            await self._answer(question)

    async def _answer(self, question: PaperQuestion) -> None:
        pieces = drafts(guess(question, self._chance), self._chance)
        for piece in pieces:
            await self._think(0.3 / len(pieces))
            if self._over:
                return
            self._tally.answered(self.client.answer(question.question_id, piece), time.monotonic())

    async def _think(self, share: float) -> None:
        """Think times are skewed: many short ones, a few long ones. The clock may stand."""
        pace_s = self._seconds / (len(self._questions) * (1 + LOOKS_BACK))
        await asyncio.sleep(pace_s * share * self._chance.lognormvariate(-0.18, 0.6))
        await self._running.wait()

    @property
    def _over(self) -> bool:
        return self.client.state is not None and self.client.state.status in ENDED

    def _forget(self, operation: asyncio.Future[Ack]) -> None:
        """Awaits an operation in the background; a refusal is counted."""

        def settled(done: asyncio.Future[Ack]) -> None:
            if isinstance(error := done.exception(), Refused):
                self._tally.failed(error)

        operation.add_done_callback(settled)
