"""A nice value holds for processes in sessions of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_GROUP = Path("/proc/self/autogroup")
_SLEEPER = "import sys; print(flush=True); sys.stdin.read()"
_KEEP = """
import os, sys
from loadtest.bench.priority import keep_priority
os.nice(5)
keep_priority([int(sys.argv[1])])
"""


@pytest.mark.skipif(not _GROUP.exists(), reason="this kernel has no groups of sessions")
def test_the_group_of_another_session_gets_our_nice_value() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SLEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as sleeper:
        assert sleeper.stdout is not None
        sleeper.stdout.readline()
        root = str(Path(__file__).parents[3])
        subprocess.run(
            [sys.executable, "-c", _KEEP, str(sleeper.pid)], check=True, env=os.environ | {"PYTHONPATH": root}
        )
        group = Path(f"/proc/{sleeper.pid}/autogroup").read_text()
        assert sleeper.stdin is not None
        sleeper.stdin.close()
    # Whoever runs the tests may have a nice value already; the greatest is 19.
    assert group.endswith(f"nice {min(os.nice(0) + 5, 19)}\n")
