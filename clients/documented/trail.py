"""What staff leave in the audit log, and which of their calls leave nothing."""

import inspect
from typing import get_args

from clients.documented.tables import table
from protocol.rules.audit import AnyEntry, kind_of_type
from server.api.trail import NOTHING, TRAIL, entries_of


def entries() -> str:
    """Each kind of entry: what it says, and the calls that leave it."""
    rows = [
        (
            f"`{kind_of_type(kind)}`",
            " ".join((inspect.getdoc(kind) or "").split()),
            ", ".join(f"`{name}`" for name, left in TRAIL.items() if kind in entries_of(left)),
        )
        for kind in get_args(AnyEntry)
    ]
    return table(("Kind", "What it says", "Calls"), rows)


def nothing() -> str:
    """The calls of staff that leave nothing, and why."""
    return table(("Call", "Why it leaves nothing"), [(f"`{name}`", why) for name, why in NOTHING.items()])
