"""What a candidate asks for, numbered."""

from protocol.messages.base import AccessCode, AnsweredId, FromClient, Id, Int, Number, Value


class Start(FromClient, frozen=True, tag="start"):
    """Start the attempt: the clock runs from the moment the server records it. `access_code` is what the candidate
    typed, where the test asks for a code; nil elsewhere. It is kept nowhere."""

    n: Number
    access_code: AccessCode | None
    client_at_ms: Int


class Answer(FromClient, frozen=True, tag="answer"):
    """The answer to one question, as it stands now; a later one replaces it.

    `position` is where the candidate is now, counted from 0; nil: unchanged. An answer by itself moves her nowhere,
    but to a question with a limit whose clock has not begun.
    """

    n: Number
    question_id: AnsweredId
    value: Value
    position: Int | None
    client_at_ms: Int


class Flag(FromClient, frozen=True, tag="flag"):
    """Mark a question to come back to, or take the mark away."""

    n: Number
    question_id: Id
    flagged: bool
    client_at_ms: Int


class Progress(FromClient, frozen=True, tag="progress"):
    """The candidate has moved to the question at this position, counted from 0."""

    n: Number
    question_index: Int
    client_at_ms: Int


class Enter(FromClient, frozen=True, tag="enter"):
    """Enter the next section, in a test whose sections are sat one after the other. The one before closes for good, and
    the candidate is at the first question of the new one, whose clock runs from the moment the server records it."""

    n: Number
    section_id: Id
    client_at_ms: Int


class Receipt(FromClient, frozen=True, tag="receipt"):
    """A message from staff has reached the page (`seen` false), or the candidate has dismissed it (`seen` true)."""

    n: Number
    message_id: Id
    seen: bool
    client_at_ms: Int


class RaiseHand(FromClient, frozen=True, tag="raise_hand"):
    """Ask for an invigilator (`raised` true), or take that back: until the attempt has ended, also while the clock
    stands."""

    n: Number
    raised: bool
    client_at_ms: Int


class GiveConsent(FromClient, frozen=True, tag="give_consent"):
    """`says` agreed: the candidate agrees that her page takes a picture from `source` (camera or screen) every
    `every_ms` while the test is sat, kept for `keep_days` (`welcome.watching.captures`). Declined: she does not, or no
    longer does. Unable: her device can't give them. Until the attempt has ended, also while the clock stands."""

    n: Number
    source: Id
    says: Id
    every_ms: Int
    keep_days: Int
    client_at_ms: Int


class Observe(FromClient, frozen=True, tag="observe"):
    """The page has noticed something that the test watches for (`welcome.watching`): `signal`, `count` times since it
    last said so. `size` is what the sizes of these times add up to: milliseconds, characters, or keystrokes that were
    too fast. How long something lasted is known when it is over: `count` is 0 then. Of one signal the next is sent when
    the one before is settled."""

    n: Number
    signal: Id
    count: Int
    size: Int
    client_at_ms: Int


class Submit(FromClient, frozen=True, tag="submit"):
    """Hand in. Answered by `ack` and `state`, or, where the attempt has already ended, by `state` alone."""

    n: Number
    client_at_ms: Int


Operation = Start | Answer | Flag | Progress | Enter | Receipt | RaiseHand | GiveConsent | Observe | Submit
"""What a candidate asks for, numbered."""
