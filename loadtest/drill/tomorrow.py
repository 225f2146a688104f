"""The version after this one: the installed one with a migration, a kind of fact, fields and a capability more than it
has today."""

import shutil
import sys
from pathlib import Path
from typing import Final

from loadtest.drill.process import Impossible
from loadtest.drill.version import Version

KIND: Final = "noted"
"""The kind of fact that today's version lacks. It follows each message of staff."""
_ROOT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("protocol", "storage", "server")
_MAIN: Final = "from server.cli import main; main()"

_FACTS: Final = '''
class Noted(Fact, frozen=True, tag="noted"):
    """What only tomorrow's version writes."""

    text: str


if TYPE_CHECKING:
    AnyFact'''
_ROW: Final = """KINDS: Final = (
    Kind(fact=Noted, act=Act.MESSAGE, origins=OPEN, fold=lambda *_: {}, traits=Trait.NONE, since=2),
"""
_DECIDE: Final = """    if fleet >= 2 and isinstance(decision, tuple) and len(decision) == 1:
        fact = decision[0].entry.fact
        if isinstance(fact, Messaged):
            more = replace(fact, of_tomorrow=7)
            decision = next_records(attempt, command.by, now_ms, more, Noted(fact.text))
    if fleet < SPEAKS and"""
_TYPING: Final = "from protocol.since import since\nfrom typing import Annotated, "
_IMPORTS: Final = """from msgspec.structs import replace
from protocol.attempt.decisions.rules import next_records
from protocol.attempt.facts import Messaged, Noted, """
_HAND: Final = "    hand: str | None = None\n"
_MIGRATION: Final = """import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("nodes", sa.Column("of_tomorrow", sa.Integer))
"""
_EDITS: Final = (
    ("protocol/limits.py", "\nPROTOCOL_VERSION: Final = 1\n", "\nPROTOCOL_VERSION: Final = 2\n"),
    ("protocol/since.py", "CAPABILITIES: Final[Mapping[str, int]] = {}", 'CAPABILITIES = {"of_tomorrow": 2}'),
    ("protocol/attempt/facts.py", "\nif TYPE_CHECKING:\n    AnyFact", _FACTS),
    (
        "protocol/attempt/facts.py",
        "from typing import ",
        "from protocol.since import since\nfrom typing import Annotated, ",
    ),
    (
        "protocol/attempt/facts.py",
        "    command_id: str\n    text: str\n",
        "    command_id: str\n    text: str\n    of_tomorrow: Annotated[int | None, since(2)] = None\n",
    ),
    ("protocol/attempt/kinds.py", "KINDS: Final = (\n", _ROW),
    ("protocol/attempt/kinds.py", "    Moved,\n", "    Moved,\n    Noted,\n"),
    ("protocol/attempt/decide.py", "    if fleet < SPEAKS and", _DECIDE),
    ("protocol/attempt/decide.py", "from protocol.attempt.facts import ", _IMPORTS),
    # What servers say: in the state of a candidate and in the rows of a monitor.
    ("protocol/messages/state.py", _HAND, f"{_HAND}    of_tomorrow: int = 7\n"),
    ("protocol/messages/monitor.py", _HAND, f"{_HAND}    of_tomorrow: int = 7\n"),
)


def tomorrow(folder: Path) -> Version:
    """Makes it in `folder`. Raises `Impossible` where its source is not what the edits are made for."""
    for package in _PACKAGES:
        shutil.copytree(_ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in _EDITS:
        file = folder / name
        text = file.read_text("utf-8")
        if old not in text:
            raise Impossible(f"{name} lacks {old.strip()!r}: loadtest/drill/tomorrow.py must follow it")
        file.write_text(text.replace(old, new), "utf-8")
    migrations = folder / "storage/migrations/versions"
    before = max(file.name[1:].partition("_")[0] for file in migrations.glob("v*.py"))
    (migrations / "v9999_tomorrow.py").write_text(_MIGRATION.format(before=before), "utf-8")
    command = (sys.executable, "-P", "-c", _MAIN)
    return Version(name="tomorrow", command=command, more={"PYTHONPATH": str(folder)})
