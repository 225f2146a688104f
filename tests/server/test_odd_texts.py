"""What staff write, with characters in it that a database or a decoder might choke on: kept as it is, or refused by
name."""

from typing import Any

import pytest

from protocol.attempt.facts import Cancelled, FormallyWarned, Messaged
from protocol.codes import Code
from server.ids import new_id
from tests.server.conftest import StartServer
from tests.server.harness.exam import TEST
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
        await watch.send("message", command_id=new_id(), text=WITH_NUL, **who)
        await watch.until("done")
        await watch.send("warn", command_id=new_id(), reason=WITH_NUL, seen_seq=None, **who)
        await watch.until("done")
    (await server.call("POST", f"{path}/messages", server.instructor, {"text": WITH_NUL})).ok()
    # What many are told stands in a column of its own, which takes no NUL.
    assert (await order(server, "nul", {"t": "warn", "reason": WITH_NUL}, attempt_id)).code == Code.OUT_OF_RANGE
    (await order(server, "bulk", {"t": "warn", "reason": ODD}, attempt_id)).ok()
    while (await server.call("GET", "/bulk/bulk", server.instructor)).ok()["act"]["status"] != "ended":
        pass
    assert (await server.call("GET", f"/tests/{TEST}/bulk", server.instructor)).ok()["acts"][0]["reason"] == ODD
    (await server.call("POST", f"{path}/cancel", server.instructor, {"reason": WITH_NUL})).ok()
    assert (await server.status(attempt_id))["reason"] == WITH_NUL
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    assert [message.text for message in (await live.newest()).messages] == [*[WITH_NUL] * 3, ODD]
    log = (await server.call("GET", f"{path}/log", server.instructor)).ok()
    said = [record["kind"] for record in log["entries"]]
    assert said.count(Messaged.__struct_config__.tag) == said.count(FormallyWarned.__struct_config__.tag) == 2
    assert said[-1] == Cancelled.__struct_config__.tag


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
