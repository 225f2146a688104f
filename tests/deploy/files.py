"""The files an operator starts from."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
DEPLOY: Final = ROOT / "deploy"
OPERATIONS: Final = ROOT / "docs" / "operations.md"


def changed(name: str, *changes: tuple[str, str]) -> str:
    """The file with what an operator has to change changed; each thing must be in it."""
    text = (DEPLOY / name).read_text()
    for old, new in changes:
        assert old in text, f"{name} has no {old!r} any more"
        text = text.replace(old, new)
    return text
