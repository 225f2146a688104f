"""What staff write, with characters in it that a database or a decoder might choke on: kept as it is, or refused by
name."""

from typing import Any

import pytest

from protocol.attempt.facts import Cancelled, FormallyWarned, Messaged
from protocol.codes import Code
from server.ids import new_id
from tests.server.conftest import StartServer
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import Reply, RunningServer

ODD = "a\u202e\ufeff👩‍🚀\x1b[31m"
WITH_NUL = f"{ODD}\0b"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings for each kind of database."""
    return {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("migrated_postgres_url")}


async def order(server: RunningServer, bulk_id: str, said: dict[str, Any], attempt_id: str) -> Reply:
    body = {"bulk_id": bulk_id, "order": said, "attempt_ids": [attempt_id]}
    return await server.call("POST", f"/tests/{TEST}/bulk", server.instructor, body)


async def test_odd_characters_are_kept_as_they_are(start_server: StartServer, database: dict[str, str]) -> None:
    server = await start_server(**database)
    await server.make_test()
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    async with await server.watch() as watch:
        who = {"attempt_id": attempt_id}
        await watch.send("message", command_id=new_id(), text=ODD, **who)
        await watch.until("done")
        await watch.send("warn", command_id=new_id(), reason=ODD, seen_seq=None, **who)
        await watch.until("done")
    (await server.call("POST", f"{path}/messages", server.instructor, {"text": ODD})).ok()
    (await order(server, "bulk", {"t": "warn", "reason": ODD}, attempt_id)).ok()
    while (await server.call("GET", "/bulk/bulk", server.instructor)).ok()["act"]["status"] != "ended":
        pass
    assert (await server.call("GET", f"/tests/{TEST}/bulk", server.instructor)).ok()["acts"][0]["reason"] == ODD
    (await server.call("POST", f"{path}/cancel", server.instructor, {"reason": ODD, "said": ODD})).ok()
    assert (await server.status(attempt_id))["said"] == ODD
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    assert [message.text for message in (await live.newest()).messages] == [ODD] * 4
    log = (await server.call("GET", f"{path}/log", server.instructor)).ok()
    said = [record["kind"] for record in log["entries"]]
    assert said.count(Messaged.__struct_config__.tag) == said.count(FormallyWarned.__struct_config__.tag) == 2
    assert said[-1] == Cancelled.__struct_config__.tag


async def test_nothing_that_staff_or_authors_write_has_a_nul(server: RunningServer) -> None:
    """Told to one or to many, over REST or a socket: the same is refused. What a candidate typed is kept."""
    await server.make_test()
    attempt_id = await server.started()
    path, why = f"/test-attempts/{attempt_id}", {"reason": WITH_NUL}
    for said in ({"t": "warn", **why}, {"t": "message", "text": WITH_NUL}):
        assert (await order(server, "nul", said, attempt_id)).code == Code.OUT_OF_RANGE
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"{path}/messages", {"text": WITH_NUL}),
        ("POST", f"{path}/warn", why),
        ("POST", f"{path}/pause", why),
        ("POST", f"{path}/extend", {"add_ms": 1, **why}),
        ("POST", f"{path}/cancel", why),
        ("POST", f"{path}/grant-attempt", why),
        ("PUT", f"{path}/marks/single", {"score_mpt": 0, "remark": WITH_NUL}),
        ("PUT", f"{path}/marks/single", {"score_mpt": 0, "remark": "", **why}),
        ("PUT", f"/tests/{TEST}/overrides/users/ada", {"override": {"extra_attempts": 1}, **why}),
        ("PUT", "/enrolments", {"test_id": TEST, "user_id": "ada", "access_code": WITH_NUL}),
        ("PUT", "/people/ada", {"name": WITH_NUL}),
        ("PUT", "/groups/hall", {"title": WITH_NUL}),
        ("POST", "/rosters", {"test_id": TEST, "csv": f"id,access_code\nada,{WITH_NUL}\n"}),
        ("PUT", f"/tests/{TEST}", exam() | {"instructions": WITH_NUL}),
        ("PUT", f"/tests/{TEST}", exam(access_code=WITH_NUL)),
    ]
    for method, where, body in calls:
        reply = await server.call(method, where, server.service, body)
        assert reply.code in (Code.OUT_OF_RANGE, Code.INVALID_TEST, Code.INVALID_ROSTER), (where, reply.raw)
    async with await server.watch() as watch:
        await watch.send("message", command_id=new_id(), attempt_id=attempt_id, text=WITH_NUL)
        assert (await watch.until("command_refused"))["code"] == Code.OUT_OF_RANGE
    answer = {"n": 1, "question_id": "word", "value": WITH_NUL, "client_at_ms": 0}
    (await server.call("POST", f"{path}/answers", server.service, {"answers": [answer]})).ok()
    saved = (await server.call("GET", f"{path}/answers", server.instructor)).ok()["answers"]
    assert [one["value"] for one in saved] == [WITH_NUL]


@pytest.mark.parametrize("half", [b"\\ud800", b"\\udc00x", b"\xed\xa0\x80", b"\xff"])
async def test_what_is_no_text_is_refused_by_name(server: RunningServer, half: bytes) -> None:
    attempt_id = await server.started()
    raw = b'{"text":"a' + half + b'"}'
    reply = await server.call(
        "POST",
        f"/test-attempts/{attempt_id}/messages",
        server.instructor,
        raw=raw,
        **{"content-type": "application/json"},
    )
    assert reply.code == Code.MALFORMED
    assert (await server.status(attempt_id))["status"] == "in_progress"
