"""Whether a node can serve."""

from protocol.rest.body import Body


class Readiness(Body, frozen=True, kw_only=True):
    """Whether this node can serve, and what is missing."""

    ready: bool
    missing: list[str]
    version: str
