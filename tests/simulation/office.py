"""An office: does over REST what concerns many at once, and asks again until it is answered."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec

from loadtest.checker.database import Database
from loadtest.checker.violations import Violation
from protocol.rest.gradebook import RegradeReply
from tests.simulation.plan import QUESTIONS, TEST, Deed, Plan
from tests.simulation.recorder import canary

GROUP: Final = "group-1"
_TRIES: Final = 60
_ORDERS: Final = {"extend_all": "extend", "pause_all": "pause", "resume_all": "resume", "write_to_all": "message"}
Call = tuple[str, str, Any]


class Street(Protocol):
    """What the office needs of the world."""

    plan: Plan

    def token(self, role: str, user: str, org: str) -> str: ...
    async def rest(
        self, who: str, org: str, method: str, path: str, token: str, body: Any, device: str = ""
    ) -> tuple[int, bytes] | None: ...


class Office:
    """`attempt_of` gives the attempt of a user, where she has one. `accepted` are the acts on many attempts that the
    server has taken, and `regrades` the regrades, as (organisation, id)."""

    def __init__(self, street: Street, attempt_of: Callable[[str], str | None]) -> None:
        self._street = street
        self._attempt_of = attempt_of
        self.accepted: set[tuple[str, str]] = set()
        self.regrades: set[tuple[str, str]] = set()

    async def do(self, deed: Deed, number: int) -> None:
        """At its time, as often as it takes."""
        await asyncio.sleep(deed.at_ms / 1_000)
        for method, path, body in self._calls(deed, number):
            reply = await self._ask(deed.org, method, path, body)
            if reply is None or reply[0] >= 300:
                return
            if deed.kind in _ORDERS:
                self.accepted.add((deed.org, body["bulk_id"]))
            elif deed.kind == "regrade":
                regrade_id = msgspec.json.decode(reply[1], type=RegradeReply).regrade_id
                assert regrade_id is not None
                self.regrades.add((deed.org, regrade_id))

    async def _ask(self, org: str, method: str, path: str, body: Any) -> tuple[int, bytes] | None:
        token = self._street.token("service", "office", org)
        for _ in range(_TRIES):
            reply = await self._street.rest("the office", org, method, path, token, body)
            if reply is not None and reply[0] < 500 and reply[0] != 429:
                return reply
            await asyncio.sleep(1)
        return None

    def _calls(self, deed: Deed, number: int) -> list[Call]:
        group, test = f"/groups/{GROUP}", f"/tests/{TEST}"
        made: Call = ("PUT", group, {"title": f"A room {canary(deed.org)}"})
        match deed.kind:
            case "grant":
                return [("PUT", f"{test}/overrides/users/{deed.user}", {"override": {"extra_time_ms": deed.ms}})]
            case "grant_group":
                permille = deed.ms // 100
                override = {"extra_time_permille": permille} if deed.ms % 20_000 else {"pause_budget_ms": deed.ms}
                return [made, ("PUT", f"{test}/overrides/groups/{GROUP}", {"override": override})]
            case "join":
                return [made, ("PUT", f"{group}/members/{deed.user}", {})]
            case "leave":
                return [("DELETE", f"{group}/members/{deed.user}", None)]
            case "withdraw":
                return [("DELETE", f"{test}/overrides/users/{deed.user}", None)]
            case "mark":
                attempt_id = self._attempt_of(deed.user)
                body = {"score_mpt": deed.ms % 1_000, "reason": "seen again", "command_id": f"mark-{number}"}
                path = f"/test-attempts/{attempt_id}/marks/q{QUESTIONS}"
                return [] if attempt_id is None else [("PUT", path, body)]
            case "regrade":
                versions = 1 + sum(
                    mend.org == deed.org and mend.at_ms <= deed.at_ms for mend in self._street.plan.mends
                )
                body = {"key_version": 1 + deed.ms % versions, "reason": f"a wrong key {canary(deed.org)}"}
                return [("POST", f"{test}/regrades", body)]
            case _:
                order: dict[str, Any] = {"t": _ORDERS[deed.kind]}
                if deed.kind == "write_to_all":
                    order["text"] = f"hello all {canary(deed.org)}"
                else:
                    order["reason"] = f"for all {canary(deed.org)}"
                if deed.kind == "extend_all":
                    order["add_ms"] = deed.ms
                fits = {"statuses": ["in_progress", "paused"]} if deed.ms % 20_000 else {}
                return [("POST", f"{test}/bulk", {"bulk_id": f"all-{number}", "order": order, "filter": fits})]

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
        return sorted(missing)
