"""An event before it is numbered."""

import msgspec


class Happened(msgspec.Struct, frozen=True):
    """One event of an organisation. Those of one `lane` are delivered in their order: an attempt's, or the
    organisation's own (an empty text). `user_id` is the person whom it is about; `data` is JSON."""

    event_id: str
    topic: str
    at_ms: int
    lane: str
    user_id: str | None
    data: str
