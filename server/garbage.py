"""When Python looks for garbage: rarely, and never through what was there at the start.

Nearly everything is let go of at once, by its count of references; what is looked for are circles. Python stops
everything for it, and by default goes through all that there is whenever sockets come and go by the hundred: a tenth of
a second each time, in which nobody is served.
"""

import gc
from typing import Final

_THRESHOLDS: Final = (2_000, 5, 50)
"""How many more objects than before there must be until the young ones are looked through. Every fifth time the older
ones are looked through too, which takes some milliseconds; and every 50th time of these all of them, if they have
become a quarter more."""


def settle() -> None:
    """To be called once everything that stays is there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
