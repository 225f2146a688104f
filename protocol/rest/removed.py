"""That something is gone."""

from protocol.rest.body import Body


class Removed(Body, frozen=True, kw_only=True):
    """It is gone; `removed` is false where it was not there."""

    removed: bool
