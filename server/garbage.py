"""Makes Python's garbage collector run rarely, and never over the objects that exist at the start.

Reference counts free nearly everything at once; the collector only looks for cycles. It stops the process, and by
default it visits every object whenever hundreds of sockets come and go. Each such pause takes a tenth of a second.
"""

import gc
from typing import Final

_THRESHOLDS: Final = (500, 4, 240)
"""Thresholds of the three generations. The youngest is collected after 500 new objects. Every fifth time the middle one
is collected too: 2,500 objects, which takes less than a millisecond. Every 240th of these times the oldest one is
collected, if it has grown by a quarter."""


def settle() -> None:
    """Call this once, after everything permanent has been loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
