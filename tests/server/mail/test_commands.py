"""Letters on the command line."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from tests.server.conftest import SECRET
from tests.services.smtp import mail_server


async def test_an_operator_sets_letters_up_and_tries_them(
    tmp_path: Path, migrated_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mail_server() as box:
        monkeypatch.setenv("PENCILSDOWN_DATABASE_URL", f"sqlite:///{tmp_path / 'pencilsdown.sqlite3'}")
        monkeypatch.setenv("PENCILSDOWN_TOKEN_SECRET", SECRET)
        monkeypatch.setenv("PENCILSDOWN_DATA", str(tmp_path))
        (tmp_path / "pencilsdown.sqlite3").write_bytes(migrated_database.read_bytes())

        async def run(*words: str) -> Result:
            return await asyncio.to_thread(CliRunner().invoke, app, ["mail", *words])

        refused = await run("add", "--org", "school", "--topic", "attempt.started")
        assert refused.exit_code == 1
        assert "no mail server" in refused.output
        monkeypatch.setenv("PENCILSDOWN_SMTP_URL", f"smtp+unencrypted://127.0.0.1:{box.port}")
        monkeypatch.setenv("PENCILSDOWN_MAIL_FROM", "exams@example.org")
        assert (await run("try", "you@example.org")).exit_code == 0
        assert box.recipients == ["you@example.org"]
        box.on_recipient = "550 no"
        refused = await run("try", "you@example.org")
        assert (refused.exit_code, "550" in refused.output) == (1, True)
        made = await run("add", "--org", "school", "--topic", "attempt.started", "--language", "de")
        assert made.exit_code == 0, made.output
        one = made.stdout.strip()
        listed = await run("list", "--org", "school", "--json")
        (only,) = json.loads(listed.stdout)
        assert (only["subscription_id"], only["target"], only["enabled"]) == (one, "candidates", True)
        assert (await run("dead", one, "--org", "school")).stdout == ""
        assert "0 letters" in (await run("replay", one, "--org", "school")).stdout
        assert (await run("remove", one, "--org", "school")).exit_code == 0
        assert (await run("remove", one, "--org", "school")).exit_code == 1
