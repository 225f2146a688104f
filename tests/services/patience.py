"""How long tests wait for what must happen: limits for broken code on a busy machine, never measurements."""

from typing import Final

PATIENCE_S: Final = 60.0
"""For one event: a message, a line of output, the end of a process."""

SCENARIO_S: Final = 150.0
"""For a test with many of them. Below pytest's own limit, so that what hangs is cancelled and says where."""
