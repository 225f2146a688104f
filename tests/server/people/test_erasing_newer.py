"""Whatever came with newer features keeps nothing of a person who was erased either, nor of one who acted."""

from typing import Any

import pytest
from sqlalchemy import select

from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.errors import Refusal, Refused
from protocol.events.security import device_refused
from protocol.media import hash_of
from protocol.rules.audit import AlertsSeen, AnswersRead, LogRead, ResultsRead
from server.app import ENDPOINTS
from storage.answer_files import AnswerFile
from storage.events import Events
from storage.export import is_known
from storage.overrides import Candidate
from storage.schema import erasures
from storage.snapshots import Snapshots
from storage.staff_commands import Claim
from tests.server.harness.calls import NOTHING, QUERIES
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.sealing import sealed
from tests.server.harness.shown import unpacked
from tests.storage.leftovers import found_in

HER = "canary-9f31-her"
WORDS = {HER, "canary-name", "canary-mail", "canary-word", "canary-late", "canary-file", "canary-said", "canary-device"}
TOPICS = ["*", "progress.updated", "progress.answers_saved"]


async def keyed(server: RunningServer, path: str, body: dict[str, Any], key: str) -> Any:
    return (await server.call("POST", path, server.service, body, None, **{"Idempotency-Key": key})).ok()


async def sat(server: RunningServer) -> str:
    """An attempt with late answers over REST and in a file, decided, told to a subscription, and folded for reports."""
    target = {"kind": "webhook", "target": "https://receiver.example/", "topics": TOPICS}
    (await server.call("POST", "/subscriptions", server.service, target)).ok()
    person = {"name": "canary-name", "email": "canary-mail@x.example"}
    (await server.call("PUT", f"/people/{HER}", server.service, person)).ok()
    await server.make_test(late_answers="file", late_ms=1_800_000)
    body = {"test_id": TEST, "user_id": HER, "display_name": "canary-name"}
    made = await keyed(server, "/test-attempts", body, "one")
    attempt_id = str(made["attempt_id"])
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/start", server.service, {"client_at_ms": 0})).ok()
    answers = [{"n": 1, "question_id": "word", "value": "canary-word", "client_at_ms": 0}]
    (await server.call("POST", f"{path}/answers", server.service, {"answers": answers})).ok()
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    await Snapshots(server.node.database).save([live.committed], server.clock.now_ms())
    await Events(server.node.database).take_over(server.clock.now_ms())
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    now_ms = server.clock.now_ms()
    late = {"question_id": "word", "value": "canary-late", "client_at_ms": now_ms, "base": 0}
    brought = {"device": "canary-device", "client_now_ms": now_ms, "answers": [late]}
    await keyed(server, f"{path}/late-answers", brought, "two")
    key = (await server.call("GET", f"{path}/answer-file-key", server.service)).ok()["key"]
    content = brought | {"answers": [late | {"value": "canary-file"}], "server_now_ms": now_ms}
    file = sealed(key, attempt_id, content)
    (await server.call("POST", f"{path}/answer-file", server.service, raw=file)).ok()
    for one in (await server.call("GET", f"{path}/late-answers", server.service)).ok()["late"]:
        decision = {"accepted": ["word"], "reason": "canary-said"}
        (await server.call("POST", f"{path}/late-answers/{one['late_id']}/decision", server.service, decision)).ok()
    act = {"bulk_id": "b", "attempt_ids": [attempt_id], "order": {"t": "grant_attempt", "reason": "canary-said"}}
    (await server.call("POST", f"/tests/{TEST}/bulk", server.service, act)).ok()
    await server.node.bulk.look()
    await server.node.course_keeper.look()
    (await server.call("GET", f"/test-attempts?user_id={HER}", server.service)).ok()
    return attempt_id


async def left_in(server: RunningServer) -> set[str]:
    return await found_in(server.node.database, server.settings.database, WORDS)


async def test_nothing_of_newer_features_is_left(either_server: RunningServer) -> None:
    server = either_server
    attempt_id = await sat(server)
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    stale = live.committed
    await Events(server.node.database).take_over(server.clock.now_ms())
    assert await left_in(server) == WORDS
    assert (await server.call("DELETE", f"/users/{HER}", server.service)).ok() == {"attempts": 1}
    assert await left_in(server) == set()
    await Snapshots(server.node.database).save([stale], server.clock.now_ms())
    await server.node.course_keeper.look()
    await Events(server.node.database).take_over(server.clock.now_ms())
    assert await left_in(server) == set()
    events = (await server.call("GET", "/events", server.service)).ok()
    assert not [word for word in WORDS if word in str(events)]


async def test_who_has_read_whose_attempt_it_is_writes_it_down_nowhere_once_she_is_erased(
    either_server: RunningServer,
) -> None:
    server = either_server
    node, now_ms, by = server.node, server.clock.now_ms(), Actor(Role.INVIGILATOR, "staff")
    attempt_id = await sat(server)
    live = await node.registry.get(attempt_id)
    assert live is not None
    candidate, claim = Candidate(TEST, HER), Claim("grant", attempt_id)
    refused = device_refused(live.committed, "canary-device", "203.0.113.9", now_ms)
    file = AnswerFile(hash_of(b"canary-file"), "text/plain", 11, now_ms)
    (await server.call("DELETE", f"/users/{HER}", server.service)).ok()

    granted = await node.overrides.grant_attempt(ORG, candidate, claim, now_ms, by, "canary-said", lambda _: None)
    assert isinstance(granted, Refusal)
    assert granted.code is Code.ERASED
    for work in (
        node.overrides.set_extra_time(ORG, candidate, 60_000, now_ms, by, "canary-said", attempt_id),
        node.answer_files.put(ORG, attempt_id, file, b"canary-file"),
        node.audit.add(ORG, by, LogRead(TEST, attempt_id, HER), now_ms),
        node.audit.add(ORG, by, AnswersRead(TEST, attempt_id, HER, "files"), now_ms),
        node.audit.add(ORG, by, ResultsRead(TEST, attempt_id, HER), now_ms),
        node.audit.add(ORG, by, ResultsRead(TEST, None, HER), now_ms),
        node.audit.add(ORG, by, AlertsSeen(TEST, attempt_id, HER, now_ms), now_ms),
    ):
        with pytest.raises(Refused) as error:
            await work
        assert error.value.refusal.code is Code.ERASED
    await node.events.tell(ORG, [refused], now_ms)
    assert await left_in(server) == set()


async def test_who_is_known_by_a_key_or_by_whom_she_erased_is_known_and_gets_an_alias(server: RunningServer) -> None:
    database = server.node.database
    made = {"role": "marker", "user_id": "canary-marker"}
    (await server.call("POST", "/api-keys", server.service, made)).ok()
    await server.make_attempt("ada")
    (await server.call("DELETE", "/users/ada", server.token(Role.SERVICE, HER))).ok()
    for user in ("canary-marker", HER):
        assert await is_known(database, ORG, user)
        (await server.call("DELETE", f"/users/{user}", server.service)).ok()
        assert not await is_known(database, ORG, user)
    query = select(erasures.c.erased_by).where(erasures.c.org_id == ORG)
    by = await database.read(lambda connection: connection.execute(query).scalars().all())
    assert HER not in by
    assert [one for one in by if one.startswith("erased-")]


@pytest.mark.long
async def test_no_call_shows_her_any_more_although_it_did_before(server: RunningServer) -> None:
    attempt_id = await sat(server)
    ids = NOTHING._replace(attempt_id=attempt_id, test_id=TEST, question_id="word", bulk_id="b")
    asked = [
        *(f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS if endpoint.method == "GET"),
        "GET /test-attempts?sort=user_id",
        "GET /tests/{test_id}/gradebook.csv?layout=canvas",
    ]
    asked = [name for name in asked if "{user_id}" not in name and not name.startswith("GET /audit")]

    async def shown() -> set[str]:
        found = set()
        for name in asked:
            method, path = name.split(" ")
            query = "" if "?" in path else QUERIES.get(name, "")
            reply = await server.call(method, (path + query).format(**ids._asdict()), server.service)
            if any(word.encode() in unpacked(reply.raw) for word in WORDS - {HER}):
                found.add(name)
        return found

    async with await server.watch() as monitor:
        await monitor.until("roster")
        before = await shown()
        assert {"GET /tests/{test_id}/analytics", "GET /test-attempts", "GET /tests/{test_id}/gradebook.csv"} <= before
        (await server.call("DELETE", f"/users/{HER}", server.service)).ok()
        assert await shown() == set()
