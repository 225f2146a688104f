"""Heads that were signed and put elsewhere find what the chains of hashes alone can't."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from protocol.attempt.chain import digest_of, header_of, link, seed
from server.cli import app
from server.heads import BadHeads, read_heads
from server.settings import Settings
from storage.columns import unpack_id
from tests.server.conftest import SECRET, StartServer

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
        await server.node._keep_heads()
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
        "COLUMNS": "300",
    }
    result = await asyncio.to_thread(CliRunner().invoke, app, ["verify-log", "--heads", str(folder)], env=env)
    return result.exit_code, result.output


async def test_a_log_as_it_was_written_agrees(kept: Settings, tmp_path: Path) -> None:
    status, said = await verify(kept, tmp_path / "heads")
    assert (status, "0 broken" in said) == (0, True), said


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


async def test_lines_can_be_neither_changed_nor_taken_out(kept: Settings, tmp_path: Path) -> None:
    (file,) = (tmp_path / "heads").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    lines = file.read_bytes().splitlines(keepends=True)
    assert len(lines) >= 2
    for forged in (lines[1:], [lines[0].replace(b'"at_ms":1', b'"at_ms":2'), *lines[1:]], [b"{}\n"]):
        file.write_bytes(b"".join(forged))
        with pytest.raises(BadHeads, match="line 1"):
            list(read_heads(tmp_path / "heads", _KEY.encode()))
        status, said = await verify(kept, tmp_path / "heads")
        assert (status, "Traceback" in said) == (1, False)
    file.write_bytes(b"".join(lines))
    with pytest.raises(BadHeads):
        list(read_heads(tmp_path / "heads", b"a wrong key"))


async def test_a_folder_that_is_full_or_gone_is_told_and_nothing_is_forgotten(
    start_server: StartServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    server = await start_server(heads_folder=tmp_path / "file" / "heads", heads_key=_KEY)
    await server.make_test()
    await server.started()
    await server.node._keep_heads()
    assert "cannot be kept in" in caplog.text
    (tmp_path / "file").unlink()
    await server.node._keep_heads()
    assert len(list(read_heads(tmp_path / "file" / "heads", _KEY.encode()))) == 1
