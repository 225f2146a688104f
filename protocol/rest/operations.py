"""What a candidate asks for over REST, and what she is told of it."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.codec import tag_of
from protocol.messages.base import AccessCode, Id, Int, Number, Value
from protocol.messages.operations import Operation
from protocol.messages.state import AttemptState
from protocol.operations import OPERATIONS
from protocol.rest.body import Body


class StartBody(Body, frozen=True, kw_only=True):
    """Start the attempt; starting a started attempt again changes nothing. `access_code` is what the candidate typed,
    where the test asks for a code."""

    connection_id: Id | None = None
    access_code: AccessCode | None = None
    client_at_ms: Int = 0


class NumberedAnswer(Body, frozen=True, kw_only=True):
    """One answer, as the socket's `answer`."""

    n: Number
    question_id: Id
    value: Value
    position: Int | None = None
    client_at_ms: Int


class AnswersBody(Body, frozen=True, kw_only=True):
    """Up to 64 answers, in the order of their numbers. Each is read and judged by itself."""

    connection_id: Id | None = None
    answers: Annotated[list[NumberedAnswer], Meta(min_length=1, max_length=limits.MAX_REST_OPERATIONS)]


def _body_of(operation: type[Operation]) -> type[Body]:
    fields = [(field.name, field.type) for field in msgspec.structs.fields(operation)]
    body = msgspec.defstruct(
        f"{operation.__name__}Body",
        [("connection_id", Id | None, None), *fields],
        bases=(Body,),
        module=__name__,
        namespace={"__doc__": f"As the socket's `{tag_of(operation)}`."},
        frozen=True,
        kw_only=True,
    )
    assert issubclass(body, Body)
    return body


OPERATION_BODIES: Final[dict[type[Operation], type[Body]]] = {
    operation: _body_of(operation) for operation, handling in OPERATIONS.items() if handling.path is not None
}
"""Operation → the body of its call, for those that have an address of their own in `operations.py`: what the message
holds, and the connection."""


class CompleteBody(Body, frozen=True, kw_only=True):
    """Hand in. A repetition gets the same reply."""

    connection_id: Id | None = None
    n: Number | None = None
    client_at_ms: Int = 0


class OperationRefused(Body, frozen=True, kw_only=True):
    """Why one operation of a call was not accepted; it touches none of the others.

    `index` is its place in the call, from 0; `n` is nil where no number could be read in it.
    """

    index: Int
    n: Int | None
    code: str
    detail: str
    retry: str


class OperationsReply(Body, frozen=True, kw_only=True):
    """Each operation of the call is durable (`acked`) or refused. `state` is the attempt's after the call."""

    acked: list[Int]
    refused: list[OperationRefused]
    seq: Int
    committed_at_ms: Int
    state: AttemptState
