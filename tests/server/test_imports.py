"""What a command and a server import: the command line answers at once, and a worker that takes a dead one's place must
not lose seconds to modules that it never uses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadtest.ports import free_port
from tests.services.processes import Processes

_MAIN = "from server.cli import main; main()"
_TELL = (
    "import atexit, json, sys; atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr)); "
    + _MAIN
)
NEVER = ("aiohttp", "alembic", "opentelemetry", "pydantic_settings", "redis", "rich")
"""What neither a command nor an embedded server needs without a setting that asks for it."""
OF_A_SERVER = ("prometheus_client", "server.app", "server.node", "starlette", "uvicorn", "websockets")
OF_A_DATABASE = ("asyncpg", "sqlalchemy", "storage.database")
OF_POSTGRESQL = ("asyncpg", "sqlalchemy.dialects.postgresql", "sqlalchemy.orm", "storage.postgresql")


def _imported(data: Path, *words: str) -> set[str]:
    """The modules that a command has imported by its end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PENCILSDOWN_")}
    done = subprocess.run(
        [sys.executable, "-c", _TELL, *words],
        env=environment | {"PENCILSDOWN_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def _among(modules: set[str], *unwanted: tuple[str, ...]) -> set[str]:
    return modules & {name for names in unwanted for name in names}


@pytest.mark.parametrize(
    "words", [["--help"], ["serve", "--help"], ["verify-log", "--help"], ["version"]], ids=" ".join
)
def test_what_only_speaks_imports_nothing_of_a_server(tmp_path: Path, words: list[str]) -> None:
    modules = _imported(tmp_path, *words)
    assert _among(modules, NEVER, OF_A_SERVER, OF_A_DATABASE, ("jwt", "cryptography", "yaml")) == set()


def test_a_token_needs_settings_and_a_key_alone(tmp_path: Path) -> None:
    modules = _imported(tmp_path, "token", "--role", "candidate", "--user", "ada")
    assert _among(modules, NEVER, OF_A_SERVER, OF_A_DATABASE, ("yaml",)) == set()


def test_a_command_on_an_embedded_database_needs_the_database_alone(tmp_path: Path) -> None:
    _imported(tmp_path, "migrate")
    modules = _imported(tmp_path, "verify-log")
    assert "storage.database" in modules
    assert _among(modules, NEVER, OF_A_SERVER, OF_POSTGRESQL) == set()


@pytest.mark.parametrize(
    "module",
    [
        "analysis.cohort",
        "analysis.folding",
        "analysis.gradebook_file",
        "analysis.statistics",
        "importing.apart",
        "importing.rosters_apart",
        "marking.trial",
    ],
)
def test_a_process_for_one_question_imports_neither_a_database_nor_a_server(module: str) -> None:
    """It lives for a tenth of a second, and is hurt instead of the server by what others wrote."""
    told = f"import json, sys, server.{module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True)
    modules = set(json.loads(done.stdout))
    assert _among(modules, NEVER, OF_A_SERVER, OF_A_DATABASE, ("asyncio", "cryptography", "jwt")) == set()


_EACH = """
import json, sys
import typer
from typer.testing import CliRunner
from server.cli import app

done = []
for words in json.loads(sys.argv[1]):
    result = CliRunner().invoke(app, words)
    crashed = result.exception is not None and not isinstance(result.exception, SystemExit)
    done.append([-1 if crashed else result.exit_code, repr(result.exception) if crashed else result.output])

def names(commands, prefix=()):
    for name, command in commands.items():
        here = (*prefix, name)
        yield from names(command.commands, here) if hasattr(command, "commands") else [" ".join(here)]

print(json.dumps([done, sorted(names(typer.main.get_command(app).commands)), sorted(sys.modules)]))
"""
"""Runs commands in one process, and tells how each ended, which there are, and what was imported."""
_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
_SERVERS = {"serve", "demo"}
_AT_WORK: dict[str, tuple[str, ...]] = {
    "api-keys list": (),
    "api-keys make": ("--role", "service", "--user", "platform"),
    "api-keys renew": (_ID,),
    "api-keys revoke": (_ID,),
    "attempts end": (_ID, "--reason", "fire"),
    "attempts extend": (_ID, "--minutes", "5", "--reason", "fire"),
    "attempts list": (),
    "attempts show": (_ID,),
    "backup": ("{folder}/copy.sqlite3",),
    "check-config": (),
    "check-schedule": ("t", "--org", "school"),
    "deliveries list": (),
    "deliveries retry": ("--subscription", _ID),
    "deliveries show": ("an-event", "--subscription", _ID),
    "doctor": (),
    "erase": ("--org", "school", "--user", "ada"),
    "export": ("{folder}/ada.json", "--org", "school", "--user", "ada"),
    "export-test": ("t", "{folder}/t.yaml", "--org", "school"),
    "import": ("{folder}/exam.yaml",),
    "lint": ("t", "--org", "demo"),
    "mail add": ("--topic", "result.released", "--to", "office@example.org"),
    "mail dead": (_ID,),
    "mail list": (),
    "mail remove": (_ID,),
    "mail replay": (_ID,),
    "mail try": ("office@example.org",),
    "migrate": (),
    "oneroster": ("{folder}", "--org", "demo"),
    "papers": (_ID, _ID, "--org", "school"),
    "prune": ("--older-than", "30", "--to", "{folder}/archives"),
    "restore": ("{folder}/copy.sqlite3",),
    "retention set": ("--org", "school", "--archive-after", "365"),
    "retention show": ("--org", "school"),
    "restore-logs": ("{folder}/people.csv",),
    "roster": ("{folder}/people.csv", "--org", "demo", "--test", "geometry"),
    "subscriptions list": (),
    "subscriptions show": (_ID,),
    "tests list": (),
    "tests show": ("geometry",),
    "token": ("--role", "candidate", "--user", "ada"),
    "try": ("{folder}/exam.yaml", "--answers", "{folder}/answers.json"),
    "users list": (),
    "users show": ("ada",),
    "verify-log": (),
    "version": (),
}
"""How each command that starts no server is called once; it may find nothing, and says so."""


def test_no_command_imports_a_server(tmp_path: Path) -> None:
    (tmp_path / "exam.yaml").write_text(
        "id: geometry\ntitle: Geometry\nduration: 30 min\nquestions:\n"
        "  - {id: q1, type: true_false, prompt: 'A circle is round.', correct: true}\n"
    )
    (tmp_path / "people.csv").write_text("id\nada\n")
    (tmp_path / "answers.json").write_text('{"q1": "true"}')
    # The database comes first, and what is restored after its copy.
    names = sorted(_AT_WORK, key=lambda name: (name != "migrate", name))
    calls = [[*name.split(), *(word.replace("{folder}", str(tmp_path)) for word in _AT_WORK[name])] for name in names]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PENCILSDOWN_")}
    done = subprocess.run(
        [sys.executable, "-c", _EACH, json.dumps(calls)],
        env=environment | {"PENCILSDOWN_DATA": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ended, known, modules = json.loads(done.stdout.splitlines()[-1])
    assert set(known) == set(names) | _SERVERS, "a new command is called here too"
    wrong = {name: said for name, (status, said) in zip(names, ended, strict=True) if status not in (0, 1)}
    assert wrong == {}
    # Alembic, which migrates, knows all databases; letters and doctors ask servers.
    assert (
        _among(set(modules), OF_A_SERVER, ("asyncpg", "storage.postgresql", "opentelemetry", "redis", "rich")) == set()
    )


def test_an_embedded_server_imports_nothing_of_postgresql_redis_or_a_provider(
    processes: Processes, tmp_path: Path
) -> None:
    port = free_port()
    env = {"PENCILSDOWN_DATA": str(tmp_path), "PENCILSDOWN_PORT": str(port), "PENCILSDOWN_DRAIN_MS": "0"}
    _imported(tmp_path, "migrate")
    child = processes.start([sys.executable, "-c", _TELL, "serve"], env=env)
    child.wait_for_line(f"Serving at http://127.0.0.1:{port}")
    assert child.terminate() == 0
    modules = set(json.loads(child.output.splitlines()[-1]))
    assert "server.node" in modules
    assert _among(modules, NEVER, OF_POSTGRESQL) == set()
