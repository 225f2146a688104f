"""What belongs to another organisation, or to somebody else in it, is answered byte for byte like what does not exist,
on every endpoint and by every message of both sockets; and nothing of it is changed. A new endpoint without
a case here fails; of messages the examples are taken.
"""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from itertools import count, product
from typing import Any, Final, get_args
from uuid import UUID

import pytest
from sqlalchemy import update

from protocol.attempt.model import Role
from protocol.codes import Close, Code
from protocol.events.delivering import DEAD
from protocol.media import hash_of
from protocol.messages.base import Message
from protocol.messages.directions import FromCandidate, FromInstructor
from protocol.messages.operations import Start
from server.app import ENDPOINTS
from storage.answer_files import AnswerFile
from storage.schema import deliveries, metadata
from tests.server.conftest import StartServer
from tests.server.harness.calls import BODIES, NOTHING, Ids, about, make, numbered
from tests.server.harness.exam import ORG, TEST, exam
from tests.server.harness.running import Reply, RunningServer
from tests.server.harness.socket import Socket
from tests.server.harness.waiting import eventually

COLLEGE: Final = "college"
CANARY: Final = "canary"
"""In every name and text of the school."""
ROLES: Final = (Role.CANDIDATE, Role.INSTRUCTOR, Role.SERVICE)


class School:
    """Somebody's exam, with something of everything; `another` is an attempt of somebody else's at another test."""

    def __init__(self, server: RunningServer, ids: Ids, another: str) -> None:
        self.server = server
        self.ids = ids
        self.another = another

    async def kept(self) -> dict[str, list[Any]]:
        """Every row of the school, and what its attempt is in memory."""
        key = UUID(self.ids.attempt_id).bytes
        kept: dict[str, list[Any]] = {}
        with closing(sqlite3.connect(self.server.settings.data / "pencilsdown.sqlite3")) as database:
            for table in metadata.sorted_tables:
                if not {"org_id", "attempt_id"} & set(table.c.keys()):
                    continue  # signs of life, which belong to nobody
                column, value = ("org_id", ORG) if "org_id" in table.c else ("attempt_id", key)
                rows = database.execute(f"SELECT * FROM {table.name} WHERE {column} = ? ORDER BY 1, 2", (value,))  # noqa: S608
                kept[table.name] = rows.fetchall()
        return kept | {"memory": sorted((await self.server.status(self.ids.attempt_id)).items())}


@pytest.fixture
async def school(start_server: StartServer) -> AsyncIterator[School]:
    """The school's exam is under way; whatever is done in the test, all of it is at the end as it was."""
    # No snapshot is due while the test runs, and nothing else, however slow the machine is: whoever is on REST
    # would be told of as gone after a while.
    server = await start_server(snapshot_ms=600_000)
    content = exam(essay=True) | {"title": f"{CANARY} exam"}
    (await server.call("PUT", f"/tests/{TEST}", server.service, content)).ok()
    (await server.call("PUT", "/tests/other", server.service, content)).ok()
    attempt_id = await server.started("ada", display_name=f"{CANARY} Ada")
    path = f"/test-attempts/{attempt_id}"
    answers = {"answers": [numbered(question_id="single", value="a")]}
    (await server.act("POST", f"{path}/answers", server.token(), answers)).ok()
    (await server.call("POST", f"{path}/messages", server.service, {"command_id": "m", "text": f"{CANARY}!"})).ok()
    token = server.token()
    token_id = (await server.node.tokens.verify(token)).token_id
    assert token_id is not None
    file = AnswerFile(hash_of(CANARY.encode()), "text/plain", len(CANARY), server.clock.now_ms())
    await server.node.answer_files.put(ORG, attempt_id, file, CANARY.encode())
    another = await server.make_attempt("bob", test_id="other")
    keyed = {"role": "marker", "user_id": CANARY}
    key_id = (await server.call("POST", "/api-keys", server.service, keyed)).ok()["key"]["key_id"]
    subscription_id, event_id = await _given_up(server, attempt_id)
    ids = Ids(
        attempt_id,
        TEST,
        "single",
        "m",
        token_id,
        token,
        "ada",
        hash=file.hash,
        subscription_id=subscription_id,
        event_id=event_id,
        key_id=key_id,
    )
    school = School(server, ids, another)
    await eventually(lambda: _client_is_noted(server))
    before = await school.kept()
    assert all(before[name] for name in ("attempt_log", "tests", "test_attempts", "events", "deliveries"))
    yield school
    assert await school.kept() == before, "nothing of it has changed"


async def _given_up(server: RunningServer, attempt_id: str) -> tuple[str, str]:
    """A subscription that is off, and an event that was given up for it. From here on nothing moves by itself."""
    wanted = {"kind": "webhook", "target": f"https://hooks.example/{CANARY}", "topics": ["attempt.*"]}
    server.node.courier.stopping = True
    made = (await server.call("POST", "/subscriptions", server.service, wanted)).ok()["subscription"]
    path = f"/subscriptions/{made['subscription_id']}"
    off = {name: wanted[name] for name in ("target", "topics")} | {"enabled": False}
    (await server.call("POST", f"/test-attempts/{attempt_id}/warn", server.service, {"reason": CANARY})).ok()
    while (await server.node.events.take_over(server.clock.now_ms())).events:
        pass
    (await server.call("PUT", path, server.service, off)).ok()
    while (await server.node.events.take_over(server.clock.now_ms())).events:
        pass
    given_up = update(deliveries).values(state=DEAD)
    await server.node.database.write(lambda connection: connection.execute(given_up).close())
    listed = (await server.call("GET", "/deliveries?state=dead", server.service)).ok()["deliveries"]
    return made["subscription_id"], listed[0]["event_id"]


def _client_is_noted(server: RunningServer) -> bool:
    with closing(sqlite3.connect(server.settings.data / "pencilsdown.sqlite3")) as database:
        return bool(database.execute("SELECT 1 FROM test_attempts WHERE ip_address IS NOT NULL").fetchall())


def shape(reply: Reply, ids: Ids) -> tuple[Any, ...]:
    """All that could tell one answer from another; what the call itself named, and what is new in each, left out."""
    headers = {name: value for name, value in reply.headers.items() if name not in ("date", "content-length")}
    text = reply.raw.decode()
    assert CANARY not in text
    text = re.sub(r'"(changed|made)_by":"\w+"', "", text)
    # They are new each time.
    text = re.sub(r'"(token|secret)":"[^"]+"', r'"\1":"*"', text)
    for value in ids:
        text = text.replace(f'"{value}"', '"ID"')
    return reply.status, sorted((name, _NEW.sub("*", value)) for name, value in headers.items()), _NEW.sub("*", text)


_NEW: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<!\w)[0-9a-f]{32}(?!\w)|\d{13}")
"""Ids, digests of what has them in it, and instants."""


# REST


def test_every_endpoint_has_a_case() -> None:
    assert set(BODIES) == {f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS}


async def call(server: RunningServer, name: str, ids: Ids, token: str) -> tuple[Any, ...]:
    return shape(await make(server, name, ids, token), ids)


async def test_another_organisations_ids_on_every_endpoint(school: School) -> None:
    server = school.server
    # Last what makes the college a test of its own with the school's name.
    for name in sorted(BODIES, key=lambda name: name.startswith("PUT /tests")):
        if name in ("POST /oneroster", "POST /scim/v2/Users"):
            # What it makes is there from then on.
            await call(server, name, NOTHING, server.token(Role.SERVICE, "platform", COLLEGE))
        for role in ROLES:
            for user in ("ada", "platform"):
                token = server.token(role, user, COLLEGE)
                expected = await call(server, name, NOTHING, token)
                assert await call(server, name, school.ids, token) == expected, (name, role)
                mixed = school.ids._replace(attempt_id=NOTHING.attempt_id)
                assert await call(server, name, mixed, token) == expected, (name, role)


async def test_somebody_elses_attempt_on_every_endpoint(school: School) -> None:
    """Within the organisation: with tokens for another test, another attempt, another branch or group, of another
    candidate; and what is no id at all."""
    server = school.server
    theirs = school.ids.attempt_id
    for endpoint in ENDPOINTS:
        name = f"{endpoint.method} {endpoint.path}"
        for role in endpoint.roles if "{attempt_id}" in name else ():
            strangers = [server.token(role, tests=["other"]), server.token(role, attempt_id=school.another)]
            if role is Role.CANDIDATE:
                strangers.append(server.token(user="bob"))
            else:
                limits: list[dict[str, Any]] = [{"branches": ["south"]}, {"branches": ["east", "west"]}]
                strangers += [server.token(role, **limit) for limit in (*limits, {"groups": ["nobody"]})]
            expected = await call(server, name, NOTHING, server.token(role))
            assert (expected[0], f'"code":"{Code.NOT_FOUND}"' in expected[2]) == (404, True)
            for token in strangers:
                assert await call(server, name, school.ids, token) == expected, (name, role)
            for no_id in ("nothing", theirs[:-1], theirs + "%00"):
                ids = school.ids._replace(attempt_id=no_id)
                assert await call(server, name, ids, server.token(role)) == expected, (name, no_id)


_OF_A_RESULT: Final = {"GET /test-attempts/{attempt_id}/result", "GET /test-attempts/{attempt_id}/confirmation"}
_OF_A_BOARD: Final = {
    "GET /tests/{test_id}/leaderboard",
    *(f"{method} /test-attempts/{{attempt_id}}/leaderboard" for method in ("PUT", "POST")),
}


async def test_a_result_token_opens_the_result_and_no_other_endpoint(school: School) -> None:
    server = school.server
    token = server.token(user="ada", attempt_id=school.ids.attempt_id, only_result=True)
    for name in BODIES:
        status, _, text = await call(server, name, school.ids, token)
        if name in _OF_A_BOARD:
            assert status == (200 if "PUT" in name or "POST" in name else 404), "the test has none; she may leave it"
        elif name in _OF_A_RESULT:
            assert (status, f'"code":"{Code.NOT_ENDED}"' in text) == (409, True)
        else:
            assert (status, f'"code":"{Code.FORBIDDEN}"' in text) == (403, True), name
        for other in (NOTHING.attempt_id, school.another):
            # Of another attempt not even the result is there.
            status, _, text = await call(server, name, school.ids._replace(attempt_id=other), token)
            assert status in (403, 404), name


# Sockets


def _said(kind: type[Message], ids: Ids) -> dict[str, Any]:
    fields = about(kind, ids)
    # The first number of an attempt, as far as it is one that may be given.
    return fields | {"n": 1} if "n" in fields else fields


_FROM_CANDIDATE: Final = {kind: partial(_said, kind) for kind in get_args(FromCandidate)}
_FROM_INSTRUCTOR: Final = {kind: partial(_said, kind) for kind in get_args(FromInstructor)}


def tag(kind: type) -> str:
    return str(kind.__struct_config__.tag)  # type: ignore[attr-defined]


DOORS: Final = {"/ws/attempts/{attempt_id}": _FROM_CANDIDATE, "/ws/monitor/{test_id}": _FROM_INSTRUCTOR}


async def test_no_role_of_another_organisation_gets_into_a_socket(school: School) -> None:
    """Neither with a hello nor with any other message."""
    server = school.server
    for role, door in product(ROLES, DOORS):
        token = server.token(role, "ada", COLLEGE)
        for kind, fields in DOORS[door].items():
            answers = []
            for ids in (NOTHING, school.ids):
                async with await server.socket(door.format(**ids._asdict())) as socket:
                    await socket.send(tag(kind), **fields(ids._replace(token=token)))
                    answers.append(await socket.end())
            assert answers[0] == answers[1], (role, kind)
            assert answers[0][0][0]["code"] in (Code.NOT_FOUND, Code.FORBIDDEN, Code.NOT_EXPECTED)


async def test_a_result_token_opens_no_socket(school: School) -> None:
    server = school.server
    token = server.token(user="ada", attempt_id=school.ids.attempt_id, only_result=True)
    for door in DOORS:
        async with await server.socket(door.format(**school.ids._asdict())) as socket:
            await socket.hello(token)
            assert await socket.refusal() == (Code.FORBIDDEN, Close.FORBIDDEN)


async def at_home(server: RunningServer, user: str, role: Role, *, started: bool) -> Socket:
    """A socket of the college's own. It has a test and an attempt too, and questions of its own."""
    content = exam()
    for question in content["questions"]:
        question["question_id"] = f"own-{question['question_id']}"
    (await server.call("PUT", f"/tests/{TEST}", server.token(Role.SERVICE, "platform", COLLEGE), content)).ok()
    own = await server.make_attempt(user, COLLEGE)
    candidate = server.token(Role.CANDIDATE, user, COLLEGE)
    if started:
        (
            await server.call(
                "POST", f"/test-attempts/{own}/start", server.token(Role.SERVICE, "platform", COLLEGE), {}
            )
        ).ok()
    is_candidate = role is Role.CANDIDATE
    socket = await server.socket(f"/ws/attempts/{own}" if is_candidate else f"/ws/monitor/{TEST}")
    await socket.hello(candidate if is_candidate else server.token(role, user, COLLEGE))
    await socket.until("welcome" if is_candidate else "roster")
    return socket


async def answer_to(server: RunningServer, kind: type, fields: dict[str, Any], user: str, role: Role) -> dict[str, Any]:
    """The answer to a message, without the clock's readings."""
    async with await at_home(server, user, role, started=kind is not Start) as socket:
        await socket.send(tag(kind), **fields)
        while (answer := await socket.next())["t"] in ("state", "rows"):
            pass
        await socket.send("beat", t0_ms=77)
        await socket.until("echo", t0_ms=77)
        assert CANARY not in str([answer, *socket.skipped])
        return {name: value for name, value in answer.items() if not name.endswith("_ms")}


async def test_another_organisations_ids_in_every_message(school: School) -> None:
    """From a socket at home."""
    server = school.server
    nothing = NOTHING._replace(token=server.token(org="nowhere"))
    user = (f"student-{n}" for n in count())
    for role in ROLES:
        for kind, fields in (_FROM_CANDIDATE if role is Role.CANDIDATE else _FROM_INSTRUCTOR).items():
            expected = await answer_to(server, kind, fields(nothing), next(user), role)
            answer = await answer_to(server, kind, fields(school.ids), next(user), role)
            # The hash of a record of another attempt.
            assert ("head" in answer) == ("head" in expected)
            answer.pop("head", None), expected.pop("head", None)
            if "attempt_id" in answer:
                assert answer.pop("attempt_id") == school.ids.attempt_id
                assert expected.pop("attempt_id") == NOTHING.attempt_id
                assert (answer["t"], answer["code"]) == ("command_refused", Code.NOT_FOUND)
            assert answer == expected, (role, kind)
