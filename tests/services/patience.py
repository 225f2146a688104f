"""How long tests wait for events that must happen. These limits are for broken code on a busy machine, and are no
measurements."""

from typing import Final

PATIENCE_S: Final = 60.0
"""For one event: a message, a line of output, the end of a process."""

SCENARIO_S: Final = 150.0
"""For a test with many events. Below pytest's own limit, so that a test that hangs is cancelled and shows where."""
