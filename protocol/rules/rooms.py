"""Which tests are sat in a span of time, by their windows."""


def runs_within(opens_at_ms: int | None, closes_at_ms: int | None, from_ms: int, until_ms: int) -> bool:
    """Whether a test's window says that it is sat between these instants. A window with one end says so by that end
    alone: a test that opened a year ago and never closes is not of today."""
    if opens_at_ms is None and closes_at_ms is None:
        return False
    if opens_at_ms is None or closes_at_ms is None:
        edge_ms = closes_at_ms if opens_at_ms is None else opens_at_ms
        return edge_ms is not None and from_ms <= edge_ms <= until_ms
    return opens_at_ms <= until_ms and closes_at_ms > from_ms
