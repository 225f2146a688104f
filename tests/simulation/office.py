"""An office: does over REST what concerns many at once, and asks again until it is answered."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import msgspec

from loadtest.checker.database import Database
from loadtest.checker.violations import Violation
from protocol.rest.gradebook import RegradeReply
from protocol.rest.late import LateList
from tests.simulation.calls import ORDERS, calls_for
from tests.simulation.enrolled import Enrolled
from tests.simulation.plan import Deed, Plan
from tests.simulation.recorder import Recorder

_TRIES: Final = 60


class Street(Protocol):
    """What the office needs of the world."""

    plan: Plan
    recorder: Recorder

    def token(self, role: str, user: str, org: str) -> str: ...
    async def rest(
        self, who: str, org: str, method: str, path: str, token: str, body: Any, device: str = ""
    ) -> tuple[int, bytes] | None: ...


class Office:
    """`attempt_of` gives the attempt of a user, where she has one. `accepted` are the acts on many attempts that the
    server has taken, and `regrades` the regrades, as (organisation, id); `decided` the decisions about late answers, as
    (attempt, id)."""

    def __init__(self, street: Street, attempt_of: Callable[[str], str | None]) -> None:
        self._street = street
        self._attempt_of = attempt_of
        self._enrolled = Enrolled(street.recorder, [(one.org, one.user) for one in street.plan.candidates])
        self.accepted: set[tuple[str, str]] = set()
        self.regrades: set[tuple[str, str]] = set()
        self.decided: set[tuple[str, str]] = set()

    async def do(self, deed: Deed, number: int) -> None:
        """At its time, as often as it takes."""
        await asyncio.sleep(deed.at_ms / 1_000)
        self._enrolled.asked(deed)
        self._enrolled.answered(deed, done=await self._has_done(deed, number))

    async def _has_done(self, deed: Deed, number: int) -> bool:
        """Whether it is done, and nothing of it is still on its way."""
        is_sure = True
        for method, path, body in calls_for(deed, number, self._street.plan, self._attempt_of(deed.user)):
            reply, tries = await self._ask(deed.org, method, path, body)
            if reply is None or reply[0] >= 300:
                return False
            # One that nobody has answered may come to a node much later.
            is_sure = is_sure and (tries == 1 or method == "DELETE")
            if deed.kind in ORDERS:
                self.accepted.add((deed.org, body["bulk_id"]))
            elif deed.kind == "regrade":
                regrade_id = msgspec.json.decode(reply[1], type=RegradeReply).regrade_id
                assert regrade_id is not None
                self.regrades.add((deed.org, regrade_id))
        return is_sure

    async def decide_late(self, attempts: Sequence[tuple[str, str]]) -> None:
        """Of these (attempt, organisation), what came after the end counts, unless another device had answered too."""
        for attempt_id, org in attempts:
            path = f"/test-attempts/{attempt_id}/late-answers"
            reply, _ = await self._ask(org, "GET", path, None)
            if reply is None or reply[0] >= 300:
                continue
            for late in msgspec.json.decode(reply[1], type=LateList).late:
                if late.decision is not None or late.ended_at_ms is None:
                    continue
                accepted = [answer.question_id for answer in late.answers if not answer.overtaken]
                body = {
                    "command_id": f"decides {late.late_id}",
                    "accepted": accepted,
                    "reason": "The network was down.",
                }
                decided, _ = await self._ask(org, "POST", f"{path}/{late.late_id}/decision", body)
                if decided is not None and decided[0] < 300:
                    self.decided.add((attempt_id, late.late_id))

    async def _ask(self, org: str, method: str, path: str, body: Any) -> tuple[tuple[int, bytes] | None, int]:
        """The answer, and how often it took to ask."""
        token = self._street.token("service", "office", org)
        for tries in range(1, _TRIES + 1):
            reply = await self._street.rest("the office", org, method, path, token, body)
            if reply is not None and reply[0] < 500 and reply[0] != 429:
                return reply, tries
            await asyncio.sleep(1)
        return None, _TRIES

    def lost(self, database: Database) -> list[Violation]:
        """What the server has taken, and the database does not know."""
        acts = {(act.org_id, act.bulk_id) for act in database.acts or ()}
        regrades = {(one.org_id, one.regrade_id) for one in database.regrades or ()}
        missing = [
            Violation("I14", f"{org} {name}", "the act was accepted, and is lost") for org, name in self.accepted - acts
        ]
        missing += [
            Violation("I15", f"{org} {name}", "the regrade was accepted, and is lost")
            for org, name in self.regrades - regrades
        ]
        found = {
            (attempt.attempt_id, record.fact["late_id"])
            for attempt in database.attempts
            for record in attempt.records
            if record.kind == "late_decided"
        }
        missing += [
            Violation("I1", attempt_id, f"the decision about {late_id} was acknowledged, and is lost")
            for attempt_id, late_id in self.decided - found
        ]
        return sorted(missing)
