"""Heads that were signed and put elsewhere find what the chains of hashes alone can't."""

import asyncio
import re
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from protocol.attempt.chain import digest_of, header_of, link, seed
from protocol.attempt.model import Actor, Role
from protocol.rules.audit import TestStored, seal
from protocol.rules.audit import seed as audit_seed
from server.cli import app
from server.heads.check import find_missing
from server.heads.keeper import HeadKeeper
from server.heads.signed import BadHeads, Line, read_heads
from server.settings import Settings
from storage.columns import unpack_id
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.log.head_files import HeadFiles, LastLine
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.exam import ORG, TEST

_KEY = "another secret, which signs heads and nothing else"


@pytest.fixture
async def kept(start_server: StartServer, tmp_path: Path) -> Settings:
    """The settings of a server that has served two sittings, and has stopped."""
    server = await start_server(heads_folder=tmp_path / "heads", heads_key=_KEY)
    await server.make_test()
    for user in ("ada", "bob"):
        attempt_id = await server.started(user)
        async with await server.sit(attempt_id, user) as socket:
            await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
            await socket.until("ack", n=1)
        await server.node.housekeeping.keep_heads()
    await server.stop()
    return server.settings


def rows(settings: Settings, sql: str, *values: object) -> list[Any]:
    with sqlite3.connect(settings.data / "pencilsdown.sqlite3") as connection:
        found = connection.execute(sql, values).fetchall()
    connection.close()
    return found


async def verify(settings: Settings, folder: Path) -> tuple[int, str]:
    env = {
        "PENCILSDOWN_DATA": str(settings.data),
        "PENCILSDOWN_HEADS_KEY": settings.heads_key,
        "PENCILSDOWN_TOKEN_SECRET": SECRET,
    }
    result = await asyncio.to_thread(CliRunner().invoke, app, ["verify-log", "--heads", str(folder)], env=env)
    return result.exit_code, result.output


async def test_a_log_as_it_was_written_agrees(kept: Settings, tmp_path: Path) -> None:
    status, said = await verify(kept, tmp_path / "heads")
    assert (status, "0 broken" in said) == (0, True), said
    assert re.search(r"[1-9]\d* signed heads in 1 files", said), said


async def test_without_the_key_nothing_is_compared(kept: Settings, tmp_path: Path) -> None:
    status, said = await verify(kept.model_copy(update={"heads_key": ""}), tmp_path / "heads")
    assert (status, said.splitlines()) == (2, [said.strip()]), said
    assert said.startswith("PENCILSDOWN_HEADS_KEY must be set")


async def test_a_log_that_was_cut_is_found(kept: Settings, tmp_path: Path) -> None:
    """The rest of it is a whole chain."""
    ((packed, last),) = rows(kept, "SELECT attempt_id, max(seq) FROM attempt_log GROUP BY attempt_id LIMIT 1")
    rows(kept, "DELETE FROM snapshots")
    rows(kept, "DELETE FROM attempt_log WHERE attempt_id = ? AND seq = ?", packed, last)
    status, said = await verify(kept, tmp_path / "heads")
    assert status == 1
    assert f"attempt {unpack_id(packed)}, record {last}: the record is gone" in said


async def test_a_log_that_was_written_anew_is_found(kept: Settings, tmp_path: Path) -> None:
    """An answer changed, and every hash after it computed again: the chain is whole."""
    log = rows(kept, "SELECT attempt_id, seq, at_ms, kind, role, body FROM attempt_log ORDER BY attempt_id, seq")
    keys = dict(rows(kept, "SELECT attempt_id, key FROM attempt_keys"))
    rows(kept, "DELETE FROM snapshots")
    packed = log[0][0]
    head = seed(unpack_id(packed))
    change = "UPDATE attempt_log SET body = ?, digest = ?, hash = ? WHERE attempt_id = ? AND seq = ?"
    for _, seq, at_ms, kind, role, body in (row for row in log if row[0] == packed):
        body = body.replace(b"Euler", b"Gauss")
        digest = digest_of(keys[packed], body)
        head = link(head, header_of(seq, at_ms, kind, role), digest)
        rows(kept, change, body, digest, head, packed, seq)
    status, said = await verify(kept, tmp_path / "heads")
    assert status == 1
    assert "another one than was signed" in said
    assert "1 broken" in said, "the chain itself is whole"


async def test_an_audit_log_that_was_written_anew_is_found(kept: Settings, tmp_path: Path) -> None:
    """With keys and hashes that fit one another, and without its last entry: only the signed head knows better."""
    assert (await verify(kept, tmp_path / "heads"))[0] == 0
    by = Actor(Role.SERVICE, "somebody else")
    line, key = seal(audit_seed(ORG), bytes(32), 1, 0, by, TestStored(TEST, 1, True))
    sql = "UPDATE audit_log SET at_ms = 0, role = ?, digest = ?, key = ?, body = ?, hash = ? WHERE seq = 1"
    rows(kept, sql, line.role, line.digest, key, line.body, line.hash)
    code, output = await verify(kept, tmp_path / "heads")
    assert code == 1
    assert f"audit log of {ORG}, entry 1: the record is another one than was signed" in output
    rows(kept, "DELETE FROM audit_log")
    assert f"audit log of {ORG}, entry 1: the record is gone" in (await verify(kept, tmp_path / "heads"))[1]


async def test_an_audit_log_with_a_changed_byte_is_found_without_heads(kept: Settings, tmp_path: Path) -> None:
    rows(kept, "UPDATE audit_log SET role = 'marker'")
    code, output = await verify(kept, tmp_path / "heads")
    assert code == 1
    assert f"audit log of {ORG}, entry 1: the hash does not match" in output


async def test_lines_can_be_neither_changed_nor_taken_out(kept: Settings, tmp_path: Path) -> None:
    (file,) = (tmp_path / "heads").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    lines = file.read_bytes().splitlines(keepends=True)
    assert len(lines) >= 2
    for forged in (lines[1:], [lines[0].replace(b'"at_ms":1', b'"at_ms":2'), *lines[1:]], [b"{}\n"]):
        file.write_bytes(b"".join(forged))
        with pytest.raises(BadHeads, match="line 1"):
            read_heads(tmp_path / "heads", _KEY.encode())
        status, said = await verify(kept, tmp_path / "heads")
        assert (status, "Traceback" in said) == (1, False)
    file.write_bytes(b"".join(lines))
    with pytest.raises(BadHeads):
        read_heads(tmp_path / "heads", b"a wrong key")


async def test_the_end_of_a_file_is_missed(kept: Settings, tmp_path: Path) -> None:
    """What is left of it is a whole chain."""
    (file,) = (tmp_path / "heads").iterdir()
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))
    status, said = await verify(kept, tmp_path / "heads")
    there = len(lines) - 1
    assert (status, f"{file.name}: it has {there} lines and had {there + 1} or more" in said) == (1, True), said


async def test_a_whole_file_is_missed(kept: Settings, tmp_path: Path) -> None:
    (file,) = (tmp_path / "heads").iterdir()
    count = len(file.read_bytes().splitlines())
    file.unlink()
    status, said = await verify(kept, tmp_path / "heads")
    assert (status, f"{file.name}: the file is missing; it had {count} lines" in said) == (1, True), said


async def test_another_file_in_its_place_is_noticed(kept: Settings, tmp_path: Path) -> None:
    """Signed with the right key, perhaps by a node whose file is not needed for this attempt."""
    (file,) = (tmp_path / "heads").iterdir()
    other = Line(1, "0" * 64, ()).signed(_KEY.encode())
    lines = len(file.read_bytes().splitlines())
    forged = [other]
    for _ in range(lines - 1):
        forged.append(Line(1, forged[-1].mac, ()).signed(_KEY.encode()))
    file.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in forged))
    status, said = await verify(kept, tmp_path / "heads")
    assert (status, f"{file.name}, line {lines}: it is not the line" in said) == (1, True), said


async def test_a_row_that_was_deleted_is_noticed(kept: Settings, tmp_path: Path) -> None:
    (file,) = (tmp_path / "heads").iterdir()
    rows(kept, "DELETE FROM head_files")
    status, said = await verify(kept, tmp_path / "heads")
    assert (status, f"{file.name}: the database does not know this file" in said) == (1, True), said


async def test_a_folder_without_any_file_is_told(kept: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    rows(kept, "DELETE FROM head_files")
    status, said = await verify(kept, tmp_path / "empty")
    assert (status, "has no file of heads" in said, "Traceback" in said) == (1, True, False), said


async def test_a_line_that_the_database_could_not_note_is_noted_later(migrated_url: str, tmp_path: Path) -> None:
    """Also where no further head has changed by then; and a file with more lines than are noted is right."""
    database = await Database.open(migrated_url)
    folder = tmp_path / "heads"
    folder.mkdir()
    failing = Failing(database)
    keeper = HeadKeeper(folder, _KEY.encode(), "node", failing)
    keeper.note("a", 1, b"\1" * 32)
    failing.fails = True
    with pytest.raises(StorageUnavailable):
        await keeper.keep(1)
    assert not list(folder.iterdir()), "there is no file that the database does not know of"
    failing.fails = False
    await keeper.keep(1)
    keeper.note("a", 2, b"\2" * 32)
    failing.fails = True
    with pytest.raises(StorageUnavailable):
        await keeper.keep(2)
    files = read_heads(folder, _KEY.encode())
    assert [len(file.macs) for file in files.values()] == [2]
    assert find_missing(files, await failing.all()) == []
    failing.fails = False
    await keeper.keep(3)
    assert (await failing.all())["node"] == LastLine(2, files["node"].macs[-1])
    await database.close()


class Failing(HeadFiles):
    """A database that is away at times."""

    fails = False

    async def keep(self, node: str, last: LastLine) -> None:
        if self.fails:
            raise StorageUnavailable("away")
        await super().keep(node, last)


async def test_a_folder_that_is_full_or_gone_is_told_and_nothing_is_forgotten(
    start_server: StartServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    server = await start_server(heads_folder=tmp_path / "file" / "heads", heads_key=_KEY)
    await server.make_test()
    await server.started()
    await server.node.housekeeping.keep_heads()
    assert "cannot be kept in" in caplog.text
    (tmp_path / "file").unlink()
    await server.node.housekeeping.keep_heads()
    await server.node.housekeeping.keep_heads()
    (file,) = read_heads(tmp_path / "file" / "heads", _KEY.encode()).values()
    # One of the attempt, and one of the audit log; what has not changed is not signed again.
    assert len(file.heads) == 2
