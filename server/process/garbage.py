"""Keeps Python's garbage collector from stopping everybody.

Reference counts free nearly everything at once; the collector only looks for cycles. It stops the process, and by
default it visits every object whenever hundreds of sockets come and go: four tenths of a second for ten thousand
candidates. So what has stayed for a second is set aside, where it is not visited again. Nothing of ours that is set
aside becomes a cycle that nobody holds (connections let go of what refers back to them); what others leave is looked
for when nobody is connected, and else some times a day.
"""

import asyncio
import gc
from collections.abc import Callable
from typing import Final

_THRESHOLDS: Final = (500, 4, 240)
"""Thresholds of the three generations. The youngest is collected after 500 new objects. Every fifth time the middle one
is collected too: 2,500 objects, which takes less than a millisecond. Every 240th of these times the oldest one is
collected, if it has grown by a quarter: between two times at which it is set aside it hardly ever comes to that."""
_SET_ASIDE_EVERY_S: Final = 1.0
_DESERTED_EVERY_S: Final = 60.0
_FULL_EVERY_S: Final = 6 * 3600.0
"""A look at everything while somebody is connected. A REST call that is under way when its objects are set aside may
leave some KB; at one in each second that is 100 MB in this time."""


def settle(connected: Callable[[], int]) -> "Keeper":
    """Call this once, after everything permanent has been loaded. `connected`: how many connections are open now. Goes
    on as long as the event loop runs."""
    gc.set_threshold(*_THRESHOLDS)
    keeper = Keeper(connected, asyncio.get_running_loop())
    keeper.collect()
    keeper.go_on()
    return keeper


class Keeper:
    """Sets aside what stays."""

    def __init__(self, connected: Callable[[], int], loop: asyncio.AbstractEventLoop) -> None:
        self._connected = connected
        self._loop = loop
        self._collected_s = -_FULL_EVERY_S
        self._came = False
        """Whether anybody was connected since everything was looked at."""

    def go_on(self) -> None:
        """Looks once a second from now on."""
        self.look()
        self._loop.call_later(_SET_ASIDE_EVERY_S, self.go_on)

    def look(self) -> None:
        """Sets aside what has stayed. Looks at everything where that is due."""
        connected = self._connected()
        self._came = self._came or connected > 0
        passed_s = self._loop.time() - self._collected_s
        if passed_s >= _FULL_EVERY_S or (self._came and not connected and passed_s >= _DESERTED_EVERY_S):
            self.collect()
        else:
            # What is young and nobody's would be kept with the rest.
            gc.collect(1)
            gc.freeze()

    def collect(self) -> None:
        """Looks at everything, and sets aside what is left."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._collected_s = self._loop.time()
        self._came = False
