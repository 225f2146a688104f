"""The version after this one is today's with something more: its edits must fit today's source."""

import subprocess
from pathlib import Path

from loadtest.drill.tomorrow import KIND, tomorrow

_LOOK = """
import server.node
from protocol.attempt.facts import Messaged
from protocol.attempt.kinds import KINDS
from protocol.messages.monitor import Row
from protocol.messages.state import AttemptState
from protocol.since import CAPABILITIES, SPEAKS
print(SPEAKS, *CAPABILITIES, *(kind.tag for kind in KINDS if kind.since == SPEAKS))
print(*("of_tomorrow" in kind.__struct_fields__ for kind in (Messaged, AttemptState, Row)))
"""


def test_it_knows_a_kind_fields_and_a_capability_more(tmp_path: Path) -> None:
    version = tomorrow(tmp_path / "tomorrow")
    python = list(version.command)[:-1]
    done = subprocess.run(
        [*python, _LOOK], env=dict(version.more), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["2", "of_tomorrow", KIND, "True", "True", "True"]
