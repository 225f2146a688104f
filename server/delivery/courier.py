"""Takes events over and delivers them: one courier in each node. Several share the work by claiming it.

Each subscription has a round of its own at most, so that whoever is slow or down holds up nobody else; and all of it
waits while the node has something to do that somebody sits and waits for.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from protocol.attempt.model import Actor, Role
from protocol.events.delivering import Tried
from protocol.marks import mark
from server.delivery.round import Receiver, Round
from server.pacing.turns import turns
from storage.deliveries import Claimed, Standing
from storage.errors import StorageUnavailable
from storage.subscriptions import MAIL, STREAM, WEBHOOK, Subscription

if TYPE_CHECKING:
    from server.delivery.stream import Streams
    from server.delivery.webhook import Webhooks
    from server.mail.mailer import Mailer
    from server.node import Node

log = logging.getLogger(__name__)

_PLACES: Final = 64
"""Tries under way at one node to receivers that answer quickly, and as many to those that don't."""
_REST_S: Final = 0.1
_MOST_RESTS: Final = 20
_RUSH: Final = 200
"""Records that wait for the database: events can wait until they are written."""


class Courier:
    """`webhooks`, `streams` and `mailer` are made where there are some: their clients take some tenths of a second to
    import, in which nobody is served. A thread would not help: it and the event loop would wait for one another, ten
    times as long."""

    def __init__(self, node: "Node") -> None:
        self.node = node
        self.actor = Actor(Role.SYSTEM, "courier")
        self.stopping = False
        self.standing = Standing(0, 0, None)
        self.webhooks: Webhooks | None = None
        self.streams: Streams | None = None
        self.mailer: Mailer | None = None
        self._random = random.Random()  # noqa: S311 (spreads load, guards nothing)
        self._receivers: dict[str, Receiver] = {}
        self._rounds: dict[str, asyncio.Task[None]] = {}
        self._quick = asyncio.Semaphore(_PLACES)
        self._slow = asyncio.Semaphore(_PLACES)

    async def prepare(self) -> None:
        """Before the node serves: makes the clients for the subscriptions that there are."""
        make = {WEBHOOK: self._webhooks, STREAM: self._streams, MAIL: self._mailer}
        for one in await self.node.subscriptions.all():
            make[one.kind]()

    async def take_over(self) -> None:
        """Takes over all events that wait in the outbox, in small steps."""
        more = True
        while more and not self.stopping:
            await self._let_others_go_first()
            await turns().take(new=True)
            more = (await self.node.events.take_over(self.node.clock.now_ms())).more

    async def look(self) -> None:
        """Begins a round for each subscription that has something due and no round at this node."""
        subscriptions = {one.subscription_id: one for one in await self.node.subscriptions.all()}
        for gone in self._receivers.keys() - subscriptions.keys():
            del self._receivers[gone]
        now_s = asyncio.get_running_loop().time()
        free = [one for one in subscriptions if one not in self._rounds and self._receiver(one).rests_until_s <= now_s]
        if not free:
            return
        for subscription_id in await self.node.deliveries.due(free, self.node.clock.now_ms()):
            one = subscriptions[subscription_id]
            task = asyncio.create_task(self._run(one), name=f"deliveries of {subscription_id}")
            self._rounds[subscription_id] = task

    async def count(self) -> None:
        """Counts what waits, for operators."""
        self.standing = await self.node.deliveries.standing()

    @property
    def oldest_s(self) -> float:
        """How long the oldest delivery waits."""
        made_ms = self.standing.oldest_made_ms
        return 0.0 if made_ms is None else max(0, self.node.clock.now_ms() - made_ms) / 1000

    async def stop(self) -> None:
        """Begins nothing new, and ends what is under way: it is due again when its lease ends."""
        self.stopping = True
        rounds = list(self._rounds.values())
        for task in rounds:
            task.cancel()
        await asyncio.gather(*rounds, return_exceptions=True)
        if self.webhooks is not None:
            await self.webhooks.close()
        if self.streams is not None:
            await self.streams.close()
        if self.mailer is not None:
            await self.mailer.close()

    def chance(self) -> float:
        """From 0 to 1."""
        return self._random.random()

    @asynccontextmanager
    async def place(self, *, slow: bool) -> AsyncIterator[None]:
        """Holds a place among the tries under way: slow receivers take none from quick ones."""
        async with self._slow if slow else self._quick:
            yield

    async def secrets(self, one: Subscription, now_ms: int) -> list[str]:
        """What signs the webhooks of a subscription now; nothing for what is no webhook."""
        if one.kind != WEBHOOK:
            return []
        return await self.node.subscriptions.secrets(one.org_id, one.subscription_id, now_ms)

    async def send(self, one: Subscription, claimed: Claimed, body: bytes, secrets: list[str]) -> Tried:
        """One try, by the way of the subscription."""
        if one.kind == MAIL:
            return await self._mailer().send(one, claimed)
        if one.kind == WEBHOOK:
            if not secrets:
                return Tried(None, "its secret was sealed by a deployment with another PENCILSDOWN_TOKEN_SECRET")
            return await self._webhooks().send(one.target, claimed.event_id, body, secrets)
        return await self._streams().send(one.org_id, one.target, claimed.event_id, claimed.topic, body)

    def _webhooks(self) -> "Webhooks":
        if self.webhooks is None:
            from server.delivery.webhook import Webhooks

            self.webhooks = Webhooks(self.node.settings.webhook_networks, self.node.clock.now_ms)
        return self.webhooks

    def _streams(self) -> "Streams":
        if self.streams is None:
            from server.delivery.stream import Streams

            self.streams = Streams(self.node.settings.events_redis_url)
        return self.streams

    def _mailer(self) -> "Mailer":
        if self.mailer is None:
            from server.mail.mailer import Mailer

            self.mailer = Mailer(self.node)
        return self.mailer

    def _receiver(self, subscription_id: str) -> Receiver:
        return self._receivers.setdefault(subscription_id, Receiver())

    async def _run(self, one: Subscription) -> None:
        try:
            await Round(self, one, self._receiver(one.subscription_id)).run()
        except StorageUnavailable:
            log.warning("Deliveries of %s wait for the database", one.subscription_id)
        except Exception:
            log.exception("Deliveries of %s failed, and are tried again", one.subscription_id)
        finally:
            del self._rounds[one.subscription_id]

    async def _let_others_go_first(self) -> None:
        for _ in range(_MOST_RESTS):
            if self.node.journal.queued + self.node.journal.untold <= _RUSH:
                return
            mark("courier: waits for a rush to pass")
            await asyncio.sleep(_REST_S)
