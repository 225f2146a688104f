"""THE table of a candidate's operations: how clients queue each, and how it comes over REST.

The queues of both clients, the server's endpoints, the documents and the pages' `generated/operations.ts` are made from
it. What an operation may do to an attempt is the row of its fact in `attempt/kinds.py`.
"""

from dataclasses import dataclass
from typing import Final

from protocol.codec import tag_of
from protocol.codes import Code
from protocol.messages.operations import (
    Answer,
    Enter,
    Flag,
    GiveConsent,
    Observe,
    Operation,
    Progress,
    RaiseHand,
    Receipt,
    Start,
    Submit,
)


@dataclass(frozen=True, kw_only=True)
class Handling:
    """`about` names the fields that say what the operation is about: of two of the same kind that agree in them, the
    later one counts.

    `waits`: it stays on the device while the clock stands. `kept`: the device keeps it; what it does not keep the
    candidate is asked for again after a crash, and it ends with the attempt. `aside`: where it alone does not get
    through, what comes after it need not wait. `told`: a page shows why it was refused; what is not told costs the
    candidate nothing, and answers, the start and handing in are told in places of their own. `closes`: answers given
    before it are refused after it, so it leaves only when everything before it is settled.

    `path` is the last part of its address over REST; nil: an endpoint of its own takes it. `misfits` are the refusals
    that say that it does not fit this attempt, beside those of its kind.
    """

    about: tuple[str, ...] = ()
    waits: bool = False
    kept: bool = True
    aside: bool = True
    told: bool = False
    closes: bool = False
    path: str | None = None
    misfits: tuple[Code, ...] = ()


_PLACES: Final = (Code.UNKNOWN_QUESTION, Code.SECTION_CLOSED, Code.SECTION_NOT_OPEN)
"""Refusals of what is about a question, or about where she is."""

OPERATIONS: Final[dict[type[Operation], Handling]] = {
    Start: Handling(kept=False, aside=False),
    Answer: Handling(about=("question_id",), waits=True, aside=False),
    Flag: Handling(about=("question_id",), waits=True, told=True, path="flags", misfits=_PLACES),
    Progress: Handling(waits=True, path="progress", misfits=_PLACES),
    Enter: Handling(
        about=("section_id",),
        waits=True,
        kept=False,
        aside=False,
        told=True,
        closes=True,
        path="section",
        misfits=(Code.UNKNOWN_SECTION, Code.SECTION_CLOSED, Code.SECTION_ORDER, Code.TOO_EARLY, Code.GAPS),
    ),
    Receipt: Handling(about=("message_id", "seen"), path="receipts", misfits=(Code.UNKNOWN_MESSAGE_ID,)),
    RaiseHand: Handling(told=True, path="hand"),
    GiveConsent: Handling(about=("source",), told=True, path="consents", misfits=(Code.CONSENT_NOT_ASKED,)),
    Observe: Handling(about=("signal",), kept=False, path="observations", misfits=(Code.NOT_WATCHED,)),
    Submit: Handling(waits=True, kept=False, aside=False, closes=True),
}
"""One row for each operation."""

_TAGS: Final = {kind: tag_of(kind) for kind in OPERATIONS}


def subject(operation: Operation) -> tuple[str, ...]:
    """What an operation is about. Of two operations with the same subject the later one alone counts."""
    kind = type(operation)
    return (_TAGS[kind], *(str(getattr(operation, name)) for name in OPERATIONS[kind].about))
