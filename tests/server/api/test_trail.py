"""Every call of staff leaves what `server/api/trail.py` says: a tour through all of them, which looks after each."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import Any, Final

import pytest

from protocol.attempt.model import Role
from protocol.rules.audit import OverrideChanged, kind_of_type
from protocol.rules.rights import STAFF
from server.api.trail import NOTHING, RECORD, TRAIL, entries_of
from server.app import ENDPOINTS
from tests.server.api.test_openapi import Tour, _successes
from tests.server.conftest import StartServer
from tests.server.harness.exam import ORG, exam
from tests.server.harness.running import Reply

OF_STAFF: Final = {f"{one.method} {one.path}" for one in ENDPOINTS if one.roles & STAFF}


class Watched(Tour):
    """Notes what each call that succeeds leaves: the kinds of entries, and whether a log has grown."""

    kinds: dict[str, list[list[str]]]
    grew: dict[str, bool]

    async def call(
        self, method: str, path: str, token: str | None = None, body: Any = None, raw: bytes | None = None
    ) -> Reply:
        entries, records = await self._entries(), self._records()
        reply = await super().call(method, path, token, body, raw)
        if reply.status >= 400 or token is None:
            return reply
        template = self.told.template_of(path)
        left = (await self._entries())[len(entries) :]
        if (await self.server.node.tokens.verify(token)).role is Role.CANDIDATE:
            assert left == [], f"a candidate's {method} {template} is in the audit log"
            if f"{method} {template}" in TRAIL and method == "GET":
                # What she reads of her own, staff read too.
                (await self.call(method, path, self.server.instructor)).ok()
        else:
            self.kinds[f"{method} {template}"].append(left)
        self.grew[f"{method} {template}"] |= self._records() > records
        return reply

    async def _entries(self) -> list[str]:
        return [one.line.kind for one in await self.server.node.audit.page(ORG, after=0, limit=1_000)]

    def _records(self) -> int:
        with closing(sqlite3.connect(self.server.settings.data / "pencilsdown.sqlite3")) as database:
            ((count,),) = database.execute("SELECT count(*) FROM attempt_log")
        return int(count)


@pytest.fixture
async def tour(start_server: StartServer) -> Watched:
    server = await start_server()
    watched = Watched(server, (await server.call("GET", "/openapi.json")).ok())
    watched.kinds, watched.grew = defaultdict(list), defaultdict(bool)
    return watched


def test_every_call_of_staff_is_in_the_table_once() -> None:
    assert set(TRAIL) | set(NOTHING) == OF_STAFF
    assert not set(TRAIL) & set(NOTHING)
    assert all(NOTHING.values())


_OF_MANY = {"POST /oneroster"}
"""Each of these calls is about many people and groups, and leaves an entry for each that it changes."""


async def _the_rest(tour: Tour) -> None:
    """Calls that the tour makes only elsewhere."""
    server = tour.server
    (await tour.call("PUT", "/tests/once", server.service, exam(links="once"))).ok()
    wanted = {"test_id": "once", "user_id": "eve"}
    made = (await tour.call("POST", "/test-attempts", server.service, wanted)).ok()
    path = f"/test-attempts/{made['attempt_id']}"
    (await tour.call("POST", f"{path}/resume", made["token"], server.arrival(device="laptop" * 8))).ok()
    (await tour.call("POST", f"{path}/allow-device", server.instructor, {"reason": "her laptop has broken"})).ok()
    (await tour.call("POST", f"{path}/grant-attempt", server.instructor, {})).ok()


async def test_every_call_leaves_what_the_table_says(tour: Watched) -> None:
    await _successes(tour)
    await _the_rest(tour)
    for name, left in TRAIL.items():
        if isinstance(left, str):
            assert left == RECORD
            # The twin of a `PUT` is the same call, made again.
            twin = name.replace("POST", "PUT", 1)
            assert tour.grew[name] or tour.grew[twin], f"{name} left no record in any log"
            also = {kind for kinds in tour.kinds[name] for kind in kinds}
            assert also <= {kind_of_type(OverrideChanged)}, name
        elif name in _OF_MANY:
            kinds = {kind_of_type(kind) for kind in entries_of(left)}
            assert [] in tour.kinds[name], name
            assert {kind for made in tour.kinds[name] for kind in made} == kinds, name
        else:
            # A repetition that changes nothing leaves nothing.
            for kind in entries_of(left):
                assert [kind_of_type(kind)] in tour.kinds[name], name
            known = [[], *([kind_of_type(kind)] for kind in entries_of(left))]
            assert all(kinds in known for kinds in tour.kinds[name]), name
    for name in NOTHING:
        assert all(kinds == [] for kinds in tour.kinds[name]), name
