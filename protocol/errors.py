"""Refusals: as a value, which the core returns, and as an exception, which the edges raise."""

import msgspec

from protocol.codes import PAPER_COLLECTED, REFUSALS, SERVERS_STATE, Code, Retry


class Refusal(msgspec.Struct, frozen=True):
    """Why something was not done. `detail` is a sentence for people: the one of the table, or a more exact one."""

    code: Code
    detail: str

    @property
    def retry(self) -> Retry:
        return REFUSALS[self.code].retry

    @property
    def http_status(self) -> int:
        return REFUSALS[self.code].http


class CommandRefusal(Refusal, frozen=True):
    """Why a command of staff was not done. It is sent again only where the server itself could not take it.

    A person gave it for that moment: it must not happen later because the attempt has come to another state.
    """

    @property
    def retry(self) -> Retry:
        return Retry.LATER if self.code in SERVERS_STATE else Retry.NEVER


def of_command(refusal: Refusal) -> CommandRefusal:
    """The same refusal, of a command of staff, in words for them."""
    return CommandRefusal(refusal.code, to_staff(refusal).detail)


def to_staff(refusal: Refusal) -> Refusal:
    """The same refusal in words for staff: some sentences speak to a candidate."""
    rule = REFUSALS[refusal.code]
    if rule.for_staff is None or refusal.detail not in (rule.sentence, PAPER_COLLECTED):
        return refusal
    return msgspec.structs.replace(refusal, detail=rule.for_staff)


def refuse(code: Code, detail: str | None = None) -> Refusal:
    """A refusal with the sentence of the table, or with `detail`."""
    return Refusal(code, detail if detail is not None else REFUSALS[code].sentence)


class Refused(Exception):
    """Carries a refusal through code that cannot return it. `after_ms`: when to ask again, where that is known."""

    def __init__(self, refusal: Refusal, after_ms: int | None = None) -> None:
        super().__init__(f"{refusal.code}: {refusal.detail}")
        self.refusal = refusal
        self.after_ms = after_ms


class WireError(Refused):
    """Bytes from outside that are no message of ours. Nothing was changed. `n` is the operation's number, if it could
    be read: its sender waits for an answer to it."""

    def __init__(self, refusal: Refusal, n: int | None = None) -> None:
        super().__init__(refusal)
        self.n = n
