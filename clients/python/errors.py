"""What can go wrong, as one tree:

ClientError
├── Refused            the server said no, by name; nothing was changed
├── ConnectionEnded    the connection is over for good; whether the last operations arrived is unknown
└── QueueFull          more operations are waiting than may wait
"""

from typing import Self

from protocol.codes import Retry
from protocol.rest.problems import Problem


class ClientError(Exception):
    """Base of every error of this package."""


class Refused(ClientError):
    """The server refused. `code` is a text and not the `Code` of this version: a newer server may know more names."""

    def __init__(self, code: str, detail: str, retry: str, after_s: float | None = None) -> None:
        """`after_s`: in how many seconds the server wants to be asked again, where it says so (`Retry-After`)."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retry = retry
        self.after_s = after_s

    @classmethod
    def of(cls, problem: Problem, after_s: float | None = None) -> Self:
        """The refusal in the body of a REST reply."""
        return cls(problem.code, problem.detail, problem.retry, after_s)

    @property
    def may_repeat(self) -> bool:
        """The same request may succeed later."""
        return self.retry == Retry.LATER


class ConnectionEnded(ClientError):
    """The client does not come back by itself. `code` is the close code, or nil where the client closed."""

    def __init__(self, code: int | None, detail: str) -> None:
        super().__init__(detail if code is None else f"{detail} ({code})")
        self.code = code
        self.detail = detail


class QueueFull(ClientError):
    """So many operations wait for an acknowledgement that no more are taken."""
