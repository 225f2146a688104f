"""One subscription's round at one node: claims what is due, tries it, notes what came of it, until nothing is due."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from protocol.events.delivering import DEAD, Tried, after_try
from protocol.events.envelope import envelope
from protocol.events.mail import asked_as
from protocol.events.topics import takes
from storage.deliveries import Claimed, Settled
from storage.errors import StorageUnavailable
from storage.subscriptions import GONE, OFF, Subscription

if TYPE_CHECKING:
    from server.delivery.courier import Courier

log = logging.getLogger(__name__)

AT_ONCE: Final = 32
"""Deliveries of one claim."""
TOGETHER: Final = 8
"""Of them so many are on their way at the same time."""
_PATIENT_AFTER: Final = 5
"""So many tries that failed one after the other, and the receiver is taken for down: then one delivery is tried, and
nothing more until some time has passed."""
_LONGEST_REST_S: Final = 60.0


class Receiver:
    """What this node remembers of a subscription. A receiver that is down costs one try a minute, and no place of
    others."""

    def __init__(self) -> None:
        self.failures = 0
        """Tries that failed since one arrived."""
        self.rests_until_s = 0.0
        """By the loop's clock."""
        self.slow = False

    @property
    def down(self) -> bool:
        return self.failures >= _PATIENT_AFTER

    def noted(self, tried: Tried, took_s: float, now_s: float, chance: float) -> None:
        """One try is over."""
        self.slow = took_s > 1.0
        if tried.arrived or tried.final or tried.needless:
            # What is final is no fault of the receiver's.
            self.failures, self.rests_until_s = 0, 0.0
            return
        self.failures += 1
        if self.down:
            rest_s = min(_LONGEST_REST_S, 2.0 ** (self.failures - _PATIENT_AFTER))
            self.rests_until_s = now_s + rest_s * (0.5 + chance / 2)


class Round:
    """See the module."""

    def __init__(self, courier: "Courier", subscription: Subscription, receiver: Receiver) -> None:
        self._courier = courier
        self._subscription = subscription
        self._receiver = receiver
        self._gone = False

    async def run(self) -> None:
        """Raises `StorageUnavailable`: what was claimed is due again when its lease ends."""
        node, loop = self._courier.node, asyncio.get_running_loop()
        while self._goes_on() and loop.time() >= self._receiver.rests_until_s:
            # There may be something due for hours: what is changed or switched off meanwhile is so at once.
            one = await node.subscriptions.get(self._subscription.org_id, self._subscription.subscription_id)
            if one is None or not one.enabled:
                return
            self._subscription = one
            now_ms = node.clock.now_ms()
            secrets = await self._courier.secrets(one, now_ms)
            most = 1 if self._receiver.down else TOGETHER if self._receiver.slow else AT_ONCE
            claimed = await node.deliveries.claim(one.org_id, one.subscription_id, now_ms, most)
            if not claimed:
                return
            unwanted = [each for each in claimed if not takes(one.topics, asked_as(each.topic))]
            if unwanted:
                await node.deliveries.drop(one.org_id, one.subscription_id, unwanted)
                claimed = [each for each in claimed if each not in unwanted]
            lanes = asyncio.Semaphore(TOGETHER)
            settled = await asyncio.gather(*(self._deliver(each, secrets, lanes) for each in claimed))
            now_ms = node.clock.now_ms()
            done = [each for each in settled if each is not None]
            await node.deliveries.settle(one.org_id, one.subscription_id, done, now_ms)
            # Those that were not tried because the receiver went down are due at once: it is asked again after a rest.
            left = [each for each, what in zip(claimed, settled, strict=True) if what is None]
            await node.deliveries.let_go(one.org_id, one.subscription_id, left, now_ms)
        if self._gone:
            await self._switch_off(node.clock.now_ms())

    def _goes_on(self) -> bool:
        return not (self._courier.stopping or self._gone)

    async def _deliver(self, claimed: Claimed, secrets: list[str], lanes: asyncio.Semaphore) -> Settled | None:
        """What came of it; None: it was not tried."""
        courier, loop = self._courier, asyncio.get_running_loop()
        async with lanes:
            # Of those that were claimed before it went down.
            if not self._goes_on() or self._receiver.failures > _PATIENT_AFTER + TOGETHER:
                return None
            async with courier.place(slow=self._receiver.slow):
                began_s = loop.time()
                body = envelope(claimed.event_id, claimed.topic, claimed.at_ms, claimed.data)
                tried = await self._send(claimed, body, secrets)
        chance = courier.chance()
        self._receiver.noted(tried, loop.time() - began_s, loop.time(), chance)
        self._gone = self._gone or tried.gone
        next_ = after_try(tried, claimed.tries + 1, courier.node.clock.now_ms(), claimed.give_up_ms, chance)
        counted = courier.node.tally.deliveries
        counted["delivered" if tried.arrived or tried.needless else "failed"] += 1
        if next_.state == DEAD:
            counted["dead"] += 1
            log.warning(
                "Subscription %s: the event %s was given up after %d tries",
                self._subscription.subscription_id,
                claimed.event_id,
                claimed.tries + 1,
            )
        return Settled(claimed, next_, tried.status)

    async def _send(self, claimed: Claimed, body: bytes, secrets: list[str]) -> Tried:
        """One that can't be made must not keep those beside it from being noted: they would go out again and again."""
        try:
            return await self._courier.send(self._subscription, claimed, body, secrets)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("Subscription %s: an event cannot be told", self._subscription.subscription_id)
            return Tried(None, "a fault of this server: its log says which")

    async def _switch_off(self, now_ms: int) -> None:
        one = self._subscription
        log.warning("Subscription %s is switched off: its receiver answers 410", one.subscription_id)
        values = {"enabled": False, "why_off": GONE}
        await self._courier.node.subscriptions.change(
            one.org_id, one.subscription_id, values, self._courier.actor, now_ms, OFF
        )
