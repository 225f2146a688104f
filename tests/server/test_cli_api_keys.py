"""Keys by which services call, on the command line."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.exam import TEST


async def test_an_operator_makes_renews_and_withdraws_a_key(
    start_server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start_server()
    await server.make_test()
    monkeypatch.setenv("PENCILSDOWN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PENCILSDOWN_TOKEN_SECRET", SECRET)
    await server.stop()

    async def run(*words: str) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, app, ["api-keys", *words, "--org", "school"])
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    made = await run("make", "--role", "instructor", "--user", "gradebook", "--test", TEST)
    [listed] = json.loads(await run("list", "--json"))
    assert listed["user_id"] == "gradebook"
    assert listed["reach"] == {"tests": [TEST]}
    assert "secrets" not in listed
    assert made.startswith(f"pdk_{listed['key_id']}_")
    renewed = await run("renew", listed["key_id"], "--overlap-hours", "0")
    assert "gradebook" in await run("list")
    await server.start()
    assert (await server.call("GET", f"/tests/{TEST}", made)).status == 401
    assert (await server.call("GET", f"/tests/{TEST}", renewed)).status == 200
    await server.stop()
    await run("revoke", listed["key_id"])
    words = ["api-keys", "revoke", listed["key_id"], "--org", "school"]
    again = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert again.exit_code == 1
    assert "no key" in again.output
