"""What `doctor` and `check-config` say of a place to serve from, good and bad."""

import json
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loadtest.ports import free_port
from server.cli import app
from server.doctor import examine
from server.settings import Settings
from tests.server.conftest import SECRET
from tests.server.harness.oidc_provider import OidcProvider
from tests.server.harness.provider import Provider


async def states(settings: Settings) -> dict[str, str]:
    return {look.name: look.state for look in await examine(settings)}


@pytest.fixture
def data(tmp_path: Path, migrated_database: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    shutil.copy(migrated_database, folder / "pencilsdown.sqlite3")
    return folder


async def test_a_good_place_is_good(data: Path) -> None:
    looks = await examine(Settings(data=data, token_secret=SECRET))
    named = {look.name: look for look in looks}
    assert {name for name, look in named.items() if look.state == "bad"} == set()
    assert {"versions", "data", "limits", "address", "database", "clock"} <= set(named)
    assert named["database"].state == "good", named["database"]


async def test_what_is_not_there_yet_is_said_and_not_made(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path / "none", token_secret=SECRET, heads_folder=tmp_path / "heads", heads_key="x" * 32
    )
    found = await states(settings)
    assert (found["data"], found["database"], found["heads_folder"]) == ("look", "look", "bad")
    assert list(tmp_path.iterdir()) == []


async def test_what_is_wrong_is_named_with_what_to_do(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data.chmod(0o755)
    monkeypatch.setattr("server.limits.capacity.open_files", lambda: 1_024)
    password = "a-password-of-redis"
    settings = Settings(
        data=data,
        token_secret=SECRET,
        host="0.0.0.0",
        redis_url=f"redis://user:{password}@127.0.0.1:{free_port()}",
    )
    looks = {look.name: look for look in await examine(settings)}
    assert [looks[name].state for name in ("data", "limits", "address", "redis")] == ["look", "look", "look", "bad"]
    assert all(looks[name].do for name in ("data", "limits", "address", "redis"))
    assert password not in str(looks)


async def test_a_disk_that_is_full_is_bad(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(data)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type(usage)(usage.total, usage.total, 1_000))
    assert (await states(Settings(data=data, token_secret=SECRET)))["data"] == "bad"


async def test_a_file_that_is_no_database_is_bad(data: Path) -> None:
    (data / "pencilsdown.sqlite3").write_bytes(b"no database at all" * 1_000)
    assert (await states(Settings(data=data, token_secret=SECRET)))["database"] == "bad"


async def test_whose_tokens_are_believed_is_said_and_whether_the_providers_keys_are_there(data: Path) -> None:
    with Provider().running() as provider:
        settings = Settings(
            data=data, token_secret=SECRET, jwks_url=provider.url, claim_role="realm_access.roles", token_org="school"
        )
        looks = {look.name: look for look in await examine(settings)}
        assert "`realm_access.roles`" in looks["access"].says
        assert "`school`" in looks["access"].says
        assert looks["provider"].state == "good", looks["provider"]
        provider.status = 500
        assert (await states(settings))["provider"] == "bad"


async def test_where_staff_sign_in_is_said_and_whether_it_is_there(data: Path) -> None:
    with OidcProvider().running() as provider:
        settings = Settings(data=data, token_secret=SECRET, public_url="https://exam.example", **provider.settings)
        looks = {look.name: look for look in await examine(settings)}
        assert "https://exam.example/monitor" in looks["access"].says
        assert looks["sign_in"].state == "good"
        assert provider.settings["oidc_client_secret"] not in str(looks)
        provider.status = 503
        assert (await states(settings))["sign_in"] == "bad"


async def test_a_shared_database_and_its_redis(migrated_postgres_url: str, redis_url: str) -> None:
    settings = Settings(database_url=migrated_postgres_url, redis_url=redis_url, token_secret=SECRET)
    found = await states(settings)
    assert "data" not in found
    assert (found["clock"], found["redis"]) == ("good", "good")
    assert found["database"] in ("good", "look")
    assert found["durability"] == "bad", "the server of the tests does not wait for its disk"


def test_the_commands_say_it_by_their_exit_status(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("PENCILSDOWN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PENCILSDOWN_DATA", str(data))

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, words)
        return result.exit_code, result.output

    status, text = run("check-config")
    assert (status, text.splitlines()[0]) == (0, "The settings are fine.")
    assert "`pencilsdown`" in text, "and whose tokens are believed"
    status, text = run("doctor", "--json")
    assert status == 0
    assert {"name", "state", "says", "do"} == set(json.loads(text)[0])
    assert not (data / "token-secret").exists(), "looking makes nothing"
    monkeypatch.setenv("PENCILSDOWN_PORT", "99999999")
    monkeypatch.setenv("PENCILSDOWN_PROT", "1")
    status, text = run("check-config", "--json")
    told = json.loads(text)
    assert (status, told["good"], len(told["mistakes"])) == (2, False, 2)
    assert run("doctor")[0] == 2
    monkeypatch.delenv("PENCILSDOWN_PORT")
    monkeypatch.delenv("PENCILSDOWN_PROT")
    (data / "pencilsdown.sqlite3").write_bytes(b"no database at all" * 1_000)
    assert run("doctor")[0] == 1
