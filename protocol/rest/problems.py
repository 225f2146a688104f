"""How a call is refused."""

from protocol.rest.body import Body


class Problem(Body, frozen=True, kw_only=True):
    """A refusal as problem details (RFC 9457). `type` is `urn:pencilsdown:refusal:<code>`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retry: str
