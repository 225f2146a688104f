"""Writes and sends the letter of a delivery: one courier's way beside webhooks and streams.

Nothing of a letter is kept: who it goes to, and what it says, is looked up when it is sent. So nothing is written to
somebody who was erased meanwhile, and no address stands in a queue or in a log.
"""

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from protocol.attempt.events import AttemptEvent, OfAttempt
from protocol.events.delivering import Tried
from protocol.events.mail import CANDIDATES, DIGEST, RELEASED, RESULT_RELEASED, TO_CANDIDATES, Digest, ResultReleased
from protocol.rules.audit import Released
from protocol.rules.release import held_back, is_over, marks_from_ms
from server.mail.letters import About, Letter, of_day, to_candidate, to_staff
from server.mail.message import NoAddress, Sender, message, on_the_wire
from server.mail.sending import Sending
from server.mail.servers import parse_mail_server
from server.mail.stops import Stop, link_of
from server.mail.wishes import may_send_from
from server.mail.words import language_for
from storage.deliveries import Claimed
from storage.letters import BEFORE_ALL
from storage.people import Person
from storage.subscriptions import Subscription, Writing

if TYPE_CHECKING:
    from server.node import Node

_attempt_event: Final = msgspec.json.Decoder(AttemptEvent).decode
_of_attempt: Final = msgspec.json.Decoder(OfAttempt).decode
_release: Final = msgspec.json.Decoder(ResultReleased).decode
_digest: Final = msgspec.json.Decoder(Digest).decode


class _Entry(msgspec.Struct, frozen=True):
    entry: Released


_entry: Final = msgspec.json.Decoder(_Entry).decode
_OFF: Final = "this server sends no letters any more: PENCILSDOWN_SMTP_URL is not set"


def _needless(why: str) -> Tried:
    return Tried(None, why, needless=True)


class Mailer:
    """Sends the letters of one node. Import it only where letters are sent."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        url = node.settings.smtp_url
        self._sending = Sending(parse_mail_server(url)) if url else None

    async def send(self, one: Subscription, claimed: Claimed) -> Tried:
        """One try. Never raises for what the mail server does."""
        if self._sending is None:
            return Tried(None, _OFF)
        if one.target != CANDIDATES:
            return await self._post(one, claimed, await self._for_staff(one, claimed), one.target, None)
        if claimed.topic == RELEASED:
            return await self._announce(one, claimed)
        org_id, user_id, test_id = self._whose(claimed)
        person = (await self._node.people.of(org_id, [user_id])).get(user_id)
        if person is None or not person.email:
            return _needless("nobody has said her address")
        essential = TO_CANDIDATES.get(claimed.topic, False)
        if not essential and await self._node.mail_stops.has(org_id, user_id):
            return _needless("she has stopped such letters")
        if claimed.topic in ("attempt.completed", RESULT_RELEASED) and not await self._is_shown(org_id, test_id):
            return _needless("the results are not shown yet")
        letter = await self._for_candidate(one, claimed, person, test_id, essential=essential)
        return await self._post(one, claimed, letter, person.email, person.name)

    async def close(self) -> None:
        """Closes all connections."""
        if self._sending is not None:
            await self._sending.close()

    async def _post(self, one: Subscription, claimed: Claimed, letter: Letter, to: str, name: str | None) -> Tried:
        assert self._sending is not None
        writing = one.mail or Writing()
        settings = self._node.settings
        # The operator may have taken the domain away since it was chosen: the letter comes all the same.
        is_own = bool(writing.sender) and may_send_from(one.org_id, writing.sender, settings)
        sender = Sender(writing.sender if is_own else settings.mail_from, writing.sender_name, writing.reply_to)
        delivery = f"{one.org_id}\0{one.subscription_id}\0{claimed.event_id}"
        try:
            made = message(letter, sender, to, name, delivery, self._node.clock.now_ms())
            return await self._sending.send(made, on_the_wire(sender.address), on_the_wire(to))
        except NoAddress:
            return Tried(None, "nothing can be sent to this address", final=True)

    # What it says

    async def _for_candidate(
        self, one: Subscription, claimed: Claimed, person: Person, test_id: str, *, essential: bool
    ) -> Letter:
        title, language = await self._test(one, test_id)
        kind = claimed.topic.partition(".")[2]
        about = About(name=person.name, test=title, at_ms=claimed.at_ms)
        if kind in ("completed", "result_released"):
            kind = "result"
        else:
            state = _attempt_event(claimed.data).state
            about = msgspec.structs.replace(about, until_ms=state.test_clock.deadline_ms, reference=state.reference)
        stop = None if essential else self._stop(Stop(one.org_id, "user", person.user_id, language))
        return to_candidate(kind, about, language, stop)

    async def _for_staff(self, one: Subscription, claimed: Claimed) -> Letter:
        if claimed.topic == DIGEST:
            digest = _digest(claimed.data)
            titles = {of.test_id: (await self._test(one, of.test_id))[0] for of in digest.tests}
            language = language_for(one.mail.language if one.mail else None)
            return of_day(digest, titles, language, self._stop(self._of(one, language)))
        event = _of_attempt(claimed.data)
        title, language = await self._test(one, event.test_id)
        person = (await self._node.people.of(one.org_id, [event.user_id])).get(event.user_id)
        about = About(
            name=event.user_id if person is None else person.name,
            test=title,
            at_ms=claimed.at_ms,
            room=f"{self._node.settings.url}/monitor#test={quote(event.test_id, safe='')}",
        )
        return to_staff(claimed.topic.partition(".")[2], about, language, self._stop(self._of(one, language)))

    def _of(self, one: Subscription, language: str) -> Stop:
        return Stop(one.org_id, "subscription", one.subscription_id, language)

    def _stop(self, stop: Stop) -> str:
        return link_of(self._node.sealer, self._node.settings.url, stop)

    async def _test(self, one: Subscription, test_id: str) -> tuple[str, str]:
        """The title of a test, and the language of letters about it."""
        chosen = one.mail.language if one.mail else None
        test = await self._node.papers.newest(one.org_id, test_id)
        if test is None:
            return test_id, language_for(chosen)
        return test.content.title, language_for(chosen, test.content.language)

    # Results

    async def _is_shown(self, org_id: str, test_id: str) -> bool:
        node = self._node
        test = await node.papers.newest(org_id, test_id)
        if test is None or test.content.rules.shows == "reference":
            return False
        rules, now_ms = test.content.rules, node.clock.now_ms()
        released_ms = await node.releases.since_ms(org_id, test_id) if rules.release == "by_staff" else None
        until_ms = await node.sitting.until_ms(org_id, test_id) if is_over(rules, now_ms) else None
        return held_back(rules, released_ms, marks_from_ms(rules, now_ms, until_ms)) is None

    async def _announce(self, one: Subscription, claimed: Claimed) -> Tried:
        """Makes a letter for each candidate of a test whose results were released."""
        entry = _entry(claimed.data).entry
        if entry.taken_back:
            return _needless("the release was taken back")
        test = await self._node.papers.newest(one.org_id, entry.test_id)
        if test is None or test.content.rules.release != "by_staff":
            return _needless("the results of this test need no release")
        after: str | None = BEFORE_ALL
        while after is not None:
            after = await self._node.private_events.tell_release(
                one.org_id,
                one.subscription_id,
                entry.test_id,
                claimed.event_id,
                after,
                claimed.at_ms,
                self._node.clock.now_ms(),
            )
        return _needless("a letter was made for each candidate")

    @staticmethod
    def _whose(claimed: Claimed) -> tuple[str, str, str]:
        """(organisation, user, test)"""
        event: Any = _release(claimed.data) if claimed.topic == RESULT_RELEASED else _attempt_event(claimed.data)
        return event.org_id, event.user_id, event.test_id
