"""`python -m loadtest figures`."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console

from loadtest.measured import peers
from loadtest.peers.report import read

console = Console()

_DOCS: Final = Path(__file__).parents[2] / "docs"
_PAGE: Final = "performance.md"


def figures_command(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; end with 1 if something is stale.")] = False,
) -> None:
    """Draw the plots and tables of docs/performance.md anew, from the reports in docs/measured."""
    stale = [path for path, text in _made().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        console.print(f"{path.relative_to(_DOCS.parent)} is stale" if check else f"{path.relative_to(_DOCS.parent)}")
    if check:
        raise typer.Exit(1 if stale else 0)
    for path, text in _made().items():
        path.write_text(text, "utf-8")


def _made() -> dict[Path, str]:
    """All that is made, as it should be."""
    measured = _DOCS / "measured"
    beside = read(measured / "peers.json")
    plots = peers.plots(beside)
    page = (_DOCS / _PAGE).read_text("utf-8")
    made = {_DOCS / "images" / name: text for name, text in plots.items()}
    return made | {_DOCS / _PAGE: between(page, "peers", peers.table(beside))}


def between(page: str, name: str, text: str) -> str:
    """The page with this text between its two marks."""
    begin, end = f"<!-- {name}: made by `python -m loadtest figures` -->\n", f"\n<!-- {name}: end -->"
    before, found, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise msgspec.ValidationError(f"the page has no marks for {name}")
    return f"{before}{begin}\n{text}\n{end}{after}"
