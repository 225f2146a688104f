"""The log over REST: every record with its bytes, for whoever verifies it; nothing of it for anybody else."""

from base64 import b64decode
from hashlib import blake2b, sha256

import msgpack  # type: ignore[import-untyped]
import pytest

from loadtest.checker.database import record_of, seed_hash
from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.harness.exam import ANSWERS
from tests.server.harness.running import RunningServer
from tests.server.marking.test_marker import submitted
from tests.storage.newer import append_new


async def test_the_chain_can_be_verified_by_a_stranger(server: RunningServer) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    answer = {"n": 1, "question_id": "single", "value": "b", "client_at_ms": 7}
    (await server.act("POST", f"{path}/answers", server.token(), {"answers": [answer]})).ok()
    page = (await server.call("GET", f"{path}/log", server.instructor)).ok()
    assert (page["attempt_id"], page["next"]) == (attempt_id, None)
    head = seed_hash(attempt_id)
    for seq, entry in enumerate(page["entries"], 1):
        header, body = b64decode(entry["header"]), b64decode(entry["body"])
        digest = blake2b(body, digest_size=32, key=bytes.fromhex(page["key"])).digest()
        assert entry["digest"] == digest.hex()
        head = sha256(head + header + digest).digest()
        assert entry["hash"] == head.hex()
        assert entry["seq"] == seq
        assert msgpack.unpackb(header) == [seq, entry["at_ms"], entry["kind"], entry["role"]]
        record = record_of(
            seq, entry["at_ms"], entry["written_at_ms"], entry["kind"], entry["role"], digest, body, head
        )
        assert (record.by, record.fact) == (entry["by"], entry["fact"])
        assert entry["fact"]["t"] == entry["kind"]
        assert entry["at_ms"] <= entry["written_at_ms"]
    last = page["entries"][-1]
    assert (last["kind"], last["role"], last["by"]) == ("answered", "candidate", "ada")
    assert (last["fact"]["question_id"], last["fact"]["value"], last["fact"]["client_at_ms"]) == ("single", "b", 7)


async def test_it_says_no_answer_and_no_mark_to_whoever_may_not_read_these(server: RunningServer) -> None:
    """A chief invigilator could read them in the log before anybody was to know them, and guess them with its key."""
    await server.make_test(essay=True, release="by_staff")
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    mark = {"score_mpt": 4_000, "remark": "Good."}
    (await server.call("PUT", f"/test-attempts/{attempt_id}/marks/essay", server.instructor, mark)).ok()
    path = f"/test-attempts/{attempt_id}/log"
    page = (await server.call("GET", path, server.token(Role.CHIEF_INVIGILATOR, "cleo"))).ok()
    hidden = {"answered", "hand_marked", "assessed", "completed"}
    assert hidden <= {entry["kind"] for entry in page["entries"]}
    assert page["key"] == ""
    head = seed_hash(attempt_id)
    for entry in page["entries"]:
        withheld = entry["kind"] in hidden
        assert entry["withheld"] == withheld
        assert (entry["by"] == "", entry["fact"] == {}, entry["body"] == "") == (withheld,) * 3
        head = sha256(head + b64decode(entry["header"]) + bytes.fromhex(entry["digest"])).digest()
        assert entry["hash"] == head.hex(), "the chain holds without them"
    whole = (await server.call("GET", path, server.instructor)).ok()
    assert whole["key"] != ""
    assert not any(entry["withheld"] for entry in whole["entries"])
    assert [entry["hash"] for entry in whole["entries"]] == [entry["hash"] for entry in page["entries"]]


async def test_a_record_of_a_newer_version_is_for_those_who_may_read_all(server: RunningServer) -> None:
    """Nobody knows here what such a record says."""
    attempt_id = await server.started()
    await append_new(server.node.database, attempt_id)
    path = f"/test-attempts/{attempt_id}/log"
    last = (await server.call("GET", path, server.token(Role.CHIEF_INVIGILATOR, "cleo"))).ok()["entries"][-1]
    assert (last["kind"], last["withheld"], last["body"]) == ("noted", True, "")


async def test_it_comes_in_pages(server: RunningServer) -> None:
    attempt_id = await server.started()
    token = server.service

    async def page(query: str) -> tuple[list[int], int | None]:
        reply = (await server.call("GET", f"/test-attempts/{attempt_id}/log{query}", token)).ok()
        return [entry["seq"] for entry in reply["entries"]], reply["next"]

    everything, _ = await page("")
    assert await page("?limit=1") == ([1], 1)
    assert await page(f"?after=1&limit={len(everything) - 1}") == (everything[1:], None)
    assert await page(f"?after={len(everything)}") == ([], None)


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=", "limit=0", "limit=1001", "limit=1e2", f"after={2**53}"]
)
async def test_numbers_out_of_range(server: RunningServer, query: str) -> None:
    path = f"/test-attempts/{await server.started()}/log?{query}"
    reply = await server.call("GET", path, server.instructor)
    assert (reply.status, reply.code) == (422, Code.OUT_OF_RANGE)


async def test_nobody_else_sees_it(server: RunningServer) -> None:
    path = f"/test-attempts/{await server.started()}/log"
    assert (await server.call("GET", path, server.token())).code == Code.FORBIDDEN
    other = await server.call("GET", path, server.token(Role.INSTRUCTOR, "grace", org="elsewhere"))
    nothing = await server.call(
        "GET",
        "/test-attempts/01890000-0000-7000-8000-000000000000/log",
        server.token(Role.INSTRUCTOR, "grace", org="elsewhere"),
    )
    assert (other.status, other.body) == (nothing.status, nothing.body) == (404, other.body)
