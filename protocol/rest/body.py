"""What all bodies of the REST API have in common."""

from typing import Final

import msgspec

DEVICE_HEADER: Final = "Pencilsdown-Device"
"""The header by which a candidate's call over REST says which device it comes from, where her test binds its links."""

IDEMPOTENCY_HEADER: Final = "Idempotency-Key"
"""By the key in this header a POST is carried out once, however often it arrives
(draft-ietf-httpapi-idempotency-key-header)."""
REPLAYED_HEADER: Final = "Idempotency-Replayed"
"""`true`: this is the answer to an earlier call with the same key; nothing was done now."""


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every body.

    In what a candidate asks for, `connection_id` is the one that `resume` gave her. It is nil for a service that acts
    on her behalf; a candidate's call without it is refused.
    """
