"""What a person reads, and what is named in it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "protocol/PROTOCOL.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]

_FENCED: Final = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_MADE: Final = {"node_modules", "dist", "__pycache__"}
_FOLDERS: Final = ("clients", "deploy", "docs", "loadtest", "protocol", "server", "storage", "tests")


@cache
def files() -> list[str]:
    """Every file and folder of the project, from its root, folders with a slash at the end; without what is made."""
    found: list[str] = []
    waiting = [ROOT / name for name in _FOLDERS]
    while waiting:
        for path in waiting.pop().iterdir():
            if path.name in _MADE:
                continue
            found.append(f"{path.relative_to(ROOT)}{'/' * path.is_dir()}")
            if path.is_dir():
                waiting.append(path)
    return [*found, *(f"{name}/" for name in _FOLDERS), *(path.name for path in ROOT.iterdir() if path.is_file())]


@cache
def words() -> frozenset[str]:
    """Every word of the sources: of what is no page and no data of a test."""
    sources = (path for path in files() if path.endswith((".py", ".ts", ".svelte", ".yaml", ".toml", "file", ".sql")))
    return frozenset(word for path in sources for word in re.findall(r"\w+", (ROOT / path).read_text("utf-8")))


def quoted(page: Path) -> Iterator[str]:
    """What stands between backticks in a line, without spaces at its ends."""
    return (found.strip() for found in re.findall(r"`([^`\n]+)`", _FENCED.sub("", page.read_text("utf-8"))))


def commands(page: Path) -> Iterator[str]:
    """What may be a command: quoted ones, and lines of code, each without its comment and its prompt."""
    text = page.read_text("utf-8")
    fenced = re.findall(r"^```(?:sh|bash|)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    indented = re.findall(
        r"^ {4}(\S.*)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )
    lines = [*(line for block in fenced for line in block.replace("\\\n", " ").splitlines()), *indented]
    return (re.sub(r"(^|\s)#.*", "", line).strip() for line in [*quoted(page), *lines])


def anchors(page: Path) -> set[str]:
    """The fragments that lead to a heading."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings}
