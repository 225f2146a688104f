"""Of an attempt whose log is in an archive the result can still be had; whatever needs the log says where it is."""

import asyncio
from pathlib import Path

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.media import hash_of
from storage.answer_files import AnswerFile
from storage.archives.choosing import Choosing
from storage.archives.moving import Moved, Mover, prune_logs
from storage.archives.restoring import restore_logs
from storage.audit import BY_OPERATOR
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import RunningServer
from tests.services.patience import PATIENCE_S

_DAY_MS = 24 * 3600 * 1000


async def archived(server: RunningServer, folder: Path) -> Moved:
    """All that has ended is moved, two days later."""
    node = server.node
    server.pass_time(2 * _DAY_MS)
    now_ms = node.clock.now_ms()
    async with asyncio.timeout(PATIENCE_S):
        # Events are taken over when nobody waits for an answer.
        while not await Choosing(node.database).count(ORG, now_ms - _DAY_MS):
            await node.courier.take_over()
    (moved,) = await prune_logs(
        Mover(node.database, folder, BY_OPERATOR, "lines"),
        Choosing(node.database),
        node.course_keeper.fold,
        org_id=ORG,
        before_ms=now_ms - _DAY_MS,
        now_ms=now_ms,
    )
    await node.housekeeping.let_go_of_archived()
    await node.registry.settle()
    return moved


async def sat(server: RunningServer) -> str:
    """An attempt with a result."""
    await server.make_test()
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()
    await server.reaches(attempt_id, "completed")
    return attempt_id


async def test_the_result_stays_and_the_rest_says_where_the_log_is(server: RunningServer, tmp_path: Path) -> None:
    attempt_id = await sat(server)
    path = f"/test-attempts/{attempt_id}"
    before = (await server.call("GET", f"{path}/result", server.instructor)).ok()
    hers = (await server.call("GET", f"{path}/result", server.token())).ok()
    versions = (await server.call("GET", f"{path}/result-versions", server.instructor)).ok()
    file = AnswerFile(hash_of(b"an essay"), "text/plain", 8, 0)
    await server.node.answer_files.put(ORG, attempt_id, file, b"an essay")
    figures = (await server.call("GET", f"/tests/{TEST}/statistics", server.instructor)).ok()
    analytics = (await server.call("GET", f"/tests/{TEST}/analytics", server.instructor)).ok()
    moved = await archived(server, tmp_path)
    assert (moved.attempts, moved.left) == (1, {})

    for what in ("status", "log", "answers", "late-answers"):
        reply = await server.call("GET", f"{path}/{what}", server.instructor)
        assert (reply.status, reply.code) == (410, Code.ARCHIVED), what
        assert str(moved.archive) in reply.body["detail"]
        assert "result can still be read" in reply.body["detail"]
        assert "pencilsdown restore-logs" in reply.body["detail"]
    assert (await server.call("GET", f"{path}/result-versions", server.instructor)).ok() == versions
    (kept,) = (await server.call("GET", f"{path}/files", server.instructor)).ok()["files"]
    assert kept["hash"] == file.hash
    assert (await server.call("GET", f"{path}/files/{file.hash}", server.instructor)).status == 200
    elsewhere = server.token(Role.INSTRUCTOR, "grace", org="elsewhere")
    assert (await server.call("GET", f"{path}/files", elsewhere)).code == Code.NOT_FOUND
    assert (await server.call("GET", f"{path}/files", server.token())).code == Code.ARCHIVED
    refused = await server.call("POST", f"{path}/reopen", server.instructor, {"left_ms": 1000, "reason": "r"})
    assert refused.code == Code.ARCHIVED
    other = await server.call("GET", f"{path}/status", server.token(user="somebody-else"))
    assert other.code == Code.NOT_FOUND

    after = (await server.call("GET", f"{path}/result", server.instructor)).ok()
    assert {**before, "warnings": None} == {**after, "warnings": None}
    assert (await server.call("GET", f"{path}/result", server.token())).ok() == hers
    still = (await server.call("GET", f"/tests/{TEST}/statistics", server.instructor)).ok()
    assert {**still, "at_ms": 0} == {**figures, "at_ms": 0}
    again = (await server.call("GET", f"/tests/{TEST}/analytics", server.instructor)).ok()
    assert again["attempts"] == analytics["attempts"] == 1
    rows = (await server.call("GET", f"/tests/{TEST}/attempts", server.instructor)).ok()["attempts"]
    assert [row["attempt_id"] for row in rows] == [attempt_id]

    restored = await restore_logs(
        server.node.database, tmp_path / str(moved.archive), BY_OPERATOR, server.node.clock.now_ms()
    )
    assert restored.attempts == 1
    log = (await server.call("GET", f"{path}/log", server.instructor)).ok()["entries"]
    assert log[-1]["kind"] == "archived"
    assert (await server.call("GET", f"{path}/status", server.instructor)).ok()["state"]["status"] == "completed"


async def test_her_page_is_told_too(server: RunningServer, tmp_path: Path) -> None:
    attempt_id = await sat(server)
    await archived(server, tmp_path)
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        assert await socket.refusal() == ("archived", 4502)


async def test_a_copy_in_memory_is_let_go_of(server: RunningServer, tmp_path: Path) -> None:
    attempt_id = await sat(server)
    async with await server.sit(attempt_id) as socket:
        live = server.node.registry.at_hand(attempt_id)
        assert live is not None
        await archived(server, tmp_path)
        await socket.until("goodbye")
        assert live.closed
        assert await server.node.registry.get(attempt_id) is None
