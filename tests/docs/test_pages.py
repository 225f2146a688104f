"""What the pages name is there: files, tests, commands and their options, settings, names of the code.

The list of changes is history, so it may name what is gone.
"""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
import typer

from loadtest.__main__ import app as loadtest
from server.cli import app as pencilsdown
from server.settings import PREFIX, Settings
from tests.docs.pages import PAGES, ROOT, anchors, commands, files, quoted, words
from tests.named import is_there

_OTHERS: Final = {"LimitNOFILE", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_RESOURCE_ATTRIBUTES", "pg_restore"}
"""Names of other programs."""

_ENDINGS: Final = "py|md|ts|svelte|yaml|sql|conf|json|sh|lock|service|example"
PATH: Final = re.compile(rf"(?!build/|/|tests/golden/vN/)[\w.@-]*[\w@-]+(?:/[\w.@-]+)*(?:/|\.(?:{_ENDINGS}))")
TEST: Final = re.compile(r"tests/[\w/]+\.py::\S+|test_\w+")
_CONSTANT: Final = r"[A-Z]+(?:_[A-Z]+)+"
NAME: Final = re.compile(
    rf"(?!pencilsdown_)[A-Za-z][a-z]+(?:_[a-z0-9]+)+|[A-Z][a-z]\w*(?:\.\w+)+|[A-Z][a-z]+[A-Z]\w+|{_CONSTANT}"
)


def on(*but: str) -> pytest.MarkDecorator:
    """For every page but these."""
    return pytest.mark.parametrize("page", [page for page in PAGES if page.name not in but], ids=lambda page: page.name)


@on()
def test_every_link_leads_somewhere(page: Path) -> None:
    # What stands in code shows how to write one.
    text = re.sub(r"`[^`\n]+`", "", page.read_text("utf-8"))
    links = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", text)
    for link in (one or other for one, other in links):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


@on("CHANGELOG.md")
def test_every_file_is_there(page: Path) -> None:
    named = {said for said in quoted(page) if PATH.fullmatch(said)}
    assert [said for said in sorted(named) if not any(f"/{path}".endswith(f"/{said}") for path in files())] == []


@on("CHANGELOG.md")
def test_every_test_is_there(page: Path) -> None:
    named = {said for said in quoted(page) if TEST.fullmatch(said) and not said.endswith(".py")}
    assert [said for said in sorted(named) if not (is_there(said) if "::" in said else said in words())] == []


# The protocol's page is made from the code and has tests of its own.
@on("CHANGELOG.md", "PROTOCOL.md")
def test_every_name_is_one_of_the_code(page: Path) -> None:
    named = {said for said in quoted(page) if NAME.fullmatch(said) and not said.startswith(PREFIX)}
    assert [said for said in sorted(named) if not set(said.split(".")) <= words() | _OTHERS] == []


@on("CHANGELOG.md")
def test_every_setting_is_there(page: Path) -> None:
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]\b", page.read_text("utf-8"))) <= settings


@on("CHANGELOG.md")
def test_every_target_of_make_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {said.split()[1] for said in commands(page) if re.match(r"make [a-z]", said)}
    assert named <= targets


def lacking(said: str) -> str | None:
    """What a command line names that is not there: a program's command, an option, a module; None: all is there."""
    try:
        parts = shlex.split(said)
    except ValueError:
        return None
    while parts and re.fullmatch(r"[A-Z_]+=.*|sudo|-u|\w+=\w+", parts[0]):
        parts = parts[1:]
    app: typer.Typer | None = None
    match parts:
        case [program, *rest] if Path(program).name == "pencilsdown":
            app = pencilsdown
        case [program, "-m", "loadtest", *rest] if Path(program).name.startswith("python"):
            app = loadtest
        case [program, "-m", module, *rest] if Path(program).name.startswith("python"):
            return None if find_spec(module) is not None else module
        case _:
            return None
    command: Any = typer.main.get_command(app)
    for part in rest:
        commands_of_it = getattr(command, "commands", None)
        if commands_of_it is not None and not part.startswith("-"):
            if part not in commands_of_it:
                return part
            command = commands_of_it[part]
        elif part.startswith("--") and len(part) > 2:
            option = part.split("=")[0]
            if option != "--help" and not any(option in (*one.opts, *one.secondary_opts) for one in command.params):
                return option
    return None


@on("CHANGELOG.md", "PROTOCOL.md")
def test_every_command_and_option_is_there(page: Path) -> None:
    assert [(said, missing) for said in commands(page) if (missing := lacking(said)) is not None] == []


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("pencilsdown erase --no-such PERSON", "--no-such"),
        (".venv/bin/pencilsdown evade", "evade"),
        ("pencilsdown serve --workers 4", None),
        ("python -m loadtest drill --faults all", None),
        ("python -m loadtest drill --fault all", "--fault"),
        ("python -m tests.nowhere", "tests.nowhere"),
        ("ls --no-such", None),
    ],
)
def test_what_a_command_line_lacks(said: str, missing: str | None) -> None:
    assert lacking(said) == missing
