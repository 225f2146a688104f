"""A server moves old logs by itself, by the rules of their organisations."""

import asyncio
from pathlib import Path

import pytest

from protocol.codes import Code
from protocol.rules.retention import DAY_MS, Retention
from storage.archives import folder
from storage.archives.choosing import Choosing
from storage.archives.faults import BadArchive
from storage.audit import BY_RULE
from storage.retention import RetentionRules
from tests.server.conftest import StartServer
from tests.server.harness.exam import ORG
from tests.server.harness.running import RunningServer
from tests.server.test_archived import sat
from tests.services.patience import PATIENCE_S


@pytest.fixture
async def keeping(start_server: StartServer, tmp_path: Path) -> RunningServer:
    """A server with a folder for archives."""
    return await start_server(archives_folder=tmp_path / "archives")


async def over(server: RunningServer, days: int) -> str:
    """An attempt that has been over for so long, with nothing due."""
    attempt_id = await sat(server)
    server.pass_time(days * DAY_MS)
    before_ms = server.node.clock.now_ms()
    async with asyncio.timeout(PATIENCE_S):
        while not await Choosing(server.node.database).count(ORG, before_ms):
            await server.node.courier.take_over()
    return attempt_id


async def test_it_goes_by_the_rule_and_its_archive_is_deleted_by_the_rule(
    start_server: StartServer, tmp_path: Path
) -> None:
    keeping = await start_server(archives_folder=tmp_path / "archives", archive_form="parquet")
    node, rules = keeping.node, RetentionRules(keeping.node.database)
    attempt_id = await over(keeping, 2)
    await node.archivist.look()
    assert not (tmp_path / "archives").exists(), "nobody has said anything"
    await rules.put(ORG, Retention(3), BY_RULE, node.clock.now_ms())
    await node.archivist.look()
    assert folder.finished_names(tmp_path / "archives") == []
    await rules.put(ORG, Retention(1, 1), BY_RULE, node.clock.now_ms())
    await node.archivist.look()
    await node.archivist.look()
    (path,) = (tmp_path / "archives").glob("*.parquet")
    await node.housekeeping.let_go_of_archived()
    await node.registry.settle()
    gone = await keeping.call("GET", f"/test-attempts/{attempt_id}/status", keeping.instructor)
    assert (gone.code, path.name in gone.body["detail"]) == (Code.ARCHIVED, True)
    keeping.pass_time(2 * DAY_MS)
    await node.archivist.look()
    assert not path.exists()
    gone = await keeping.call("GET", f"/test-attempts/{attempt_id}/status", keeping.instructor)
    assert "which was deleted on" in gone.body["detail"]
    assert (await keeping.call("GET", f"/test-attempts/{attempt_id}/result", keeping.instructor)).ok()


@pytest.mark.parametrize("cut", [0, 40, -1])
async def test_an_archive_that_nobody_can_read_holds_up_nobody(
    keeping: RunningServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, cut: int
) -> None:
    node, where = keeping.node, tmp_path / "archives"
    await over(keeping, 2)
    where.mkdir()
    folder.write(where, "lines", "another-org", 0, lambda writer: setattr(writer.tally, "attempts", 1))
    (broken,) = where.glob("*.new")
    content = broken.read_bytes()[:cut]
    broken.write_bytes(content)
    await RetentionRules(node.database).put(ORG, Retention(1), BY_RULE, node.clock.now_ms())
    await node.archivist.look()
    assert len(list(where.glob("*.gz"))) == 1
    assert broken.read_bytes() == content
    assert f"The archive {broken.name} can't be finished" in caplog.text


async def test_what_a_bad_disk_gives_back_is_not_kept(
    keeping: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = keeping.node
    await over(keeping, 2)
    await RetentionRules(node.database).put(ORG, Retention(1), BY_RULE, node.clock.now_ms())

    def bad(path: Path) -> None:
        raise BadArchive(f"{path} is no archive")

    monkeypatch.setattr("storage.archives.moving.read_archive", bad)
    await node.archivist.look()
    assert list((tmp_path / "archives").glob("logs-*")) == []


async def test_one_node_at_a_time_does_it(keeping: RunningServer, tmp_path: Path) -> None:
    node = keeping.node
    await over(keeping, 2)
    await RetentionRules(node.database).put(ORG, Retention(1), BY_RULE, node.clock.now_ms())
    now_ms = await node.database.now_ms()
    other = f"INSERT INTO nodes (name, since_ms, seen_ms) VALUES ('!', {now_ms}, {now_ms + 3_600_000})"  # noqa: S608
    await node.database.write(lambda connection: connection.exec_driver_sql(other).close())
    await node.archivist.look()
    assert not (tmp_path / "archives").exists()
