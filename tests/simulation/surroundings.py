"""What is global to a process, and belongs to a simulated world for now: identifiers, the log, how often nodes work,
and how they look for what hardly ever is there."""

import contextlib
import gc
import logging
from collections.abc import Iterator
from typing import Final
from unittest.mock import patch

from protocol import limits
from protocol.attempt import digests
from server import housekeeping
from server.attempts import alarm
from server.monitor import room
from server.pacing import loop_lag
from server.pacing.turns import turns
from storage.bulk import BulkActs
from storage.regrades import Regrades
from tests.simulation.chance import Bits, Chance, Ids, Keys
from tests.simulation.database import claim_act, claim_regrade
from tests.simulation.loop import OfProcess
from tests.simulation.recorder import Recorder

_ID_SOURCE: Final = "server.ids.uuid7"
_KEY_SOURCE: Final = "server.ids.token_bytes"
_BIT_SOURCE: Final = "server.ids.randbits"


@contextlib.contextmanager
def surroundings(recorder: Recorder, chance: Chance, ease: int) -> Iterator[None]:
    """Takes it for this world, and gives it back. `ease` is that of the plan's rules."""
    logger = logging.getLogger()
    before = logger.level
    logger.addHandler(recorder)
    if before != logging.WARNING:
        logger.setLevel(logging.WARNING)
    # Of what a day leaves behind most is its history, and nothing of that is garbage.
    collects = gc.isenabled()
    gc.disable()
    try:
        with (
            patch(_ID_SOURCE, Ids(chance)),
            patch(_KEY_SOURCE, Keys(chance)),
            patch(_BIT_SOURCE, Bits(chance)),
            patch.object(BulkActs, "claim", claim_act),
            patch.object(Regrades, "claim", claim_regrade),
            patch.object(turns, "_kept", OfProcess()),
            patch("server.pacing.loop_lag._EVERY_S", min(1.0 * ease, loop_lag._WINDOW_S)),
            patch("server.housekeeping._TIDY_EVERY_S", housekeeping._TIDY_EVERY_S * ease),
            patch("server.housekeeping._CLOCK_EVERY_S", housekeeping._CLOCK_EVERY_S * min(ease, 10)),
            patch("server.housekeeping._POSITIONS_EVERY_S", housekeeping._POSITIONS_EVERY_S * min(ease, 2)),
            patch("server.housekeeping._REVOCATIONS_EVERY_S", housekeeping._REVOCATIONS_EVERY_S * ease),
            patch("server.monitor.room.FRESH_EVERY_MS", room.FRESH_EVERY_MS * ease),
            patch("server.attempts.alarm._LONGEST_SLEEP_S", alarm._LONGEST_SLEEP_S * ease),
            # Of two hundred who wait to be let in each tries again until the day is over.
            patch("protocol.limits.RECONNECT_CAP_MS", limits.RECONNECT_CAP_MS * min(ease, 8)),
            # So few that what is sent again often has to be looked for in the log.
            patch("protocol.attempt.digests._DROPPED", -2 * digests.SIZE * 3),
        ):
            yield
    finally:
        if collects:
            gc.enable()
        logger.removeHandler(recorder)
        if before != logging.WARNING:
            logger.setLevel(before)
