"""The facts that a log can hold: one small immutable type for each, tagged by the field `t`.

Their bytes are kept for years, or until the candidate is erased. So a field is never renamed, removed or moved. A new
field goes last, with a default that says what its absence meant. Everything else about a kind of fact is its row in
`kinds.py`.
"""

from typing import TYPE_CHECKING, Final, TypeAlias, Union

import msgspec

from protocol.attempt.late import LateAnswer
from protocol.attempt.layout import Layout
from protocol.attempt.model import Accommodation, Identity, Role, Scope, Terms
from protocol.content import Criteria
from protocol.integrity.captures import Says, Source
from protocol.integrity.signals import Signal
from protocol.messages.base import Value


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="t"):
    """Base of every fact."""


class Created(Fact, frozen=True, tag="created"):
    """The attempt exists. Its first record, and the only one without a predecessor. `seed` is random, of 63 bits: by it
    the paper is drawn and shuffled at the start."""

    identity: Identity
    seed: int
    accommodation: Accommodation


class Started(Fact, frozen=True, tag="started"):
    """The clocks run. `n` is nil where the start came without a client number.

    From now on the attempt stands on this version of its test, on its terms (as they are for anybody) and on this
    paper.
    """

    n: int | None
    client_at_ms: int
    test_version: int
    terms: Terms
    layout: Layout


class Connected(Fact, frozen=True, tag="connected"):
    """A client is there; the connection before it, if any, is superseded.

    `client` names its program. `device`, `connect_n` and `seen_seq` are what it said of itself (see `hello`). `address`
    and `browser` are where it came from. `node` holds its socket; nil over REST, where every node takes its calls.
    `restored`: this log lacks the record that the device was told of at `seen_seq`, or has another one there.
    """

    connection_id: str
    client: str
    device: str
    connect_n: int
    address: str
    browser: str
    node: str | None
    seen_seq: int | None
    restored: bool = False


class Disconnected(Fact, frozen=True, tag="disconnected"):
    """The connection in force has gone. `last_contact_ms` is when its last byte was received."""

    connection_id: str
    last_contact_ms: int


class Answered(Fact, frozen=True, tag="answered"):
    """The answer to a question, as it stands from now on. `position`: the candidate went to that question; nil: she
    stayed where she was."""

    n: int
    question_id: str
    value: Value
    position: int | None
    client_at_ms: int


class Flagged(Fact, frozen=True, tag="flagged"):
    """A question was marked to come back to, or the mark taken away."""

    n: int
    question_id: str
    flagged: bool
    client_at_ms: int


class Moved(Fact, frozen=True, tag="moved"):
    """The candidate went to another question."""

    n: int
    question_index: int
    client_at_ms: int


class SectionEntered(Fact, frozen=True, tag="section_entered"):
    """The candidate entered the next section, and is at its first question. The one before is closed."""

    n: int
    section_id: str
    client_at_ms: int


class SectionClosed(Fact, frozen=True, tag="section_closed"):
    """The time for the open section was up at `at_ms`, its deadline. None is open until she enters the next."""

    section_id: str
    at_ms: int


class QuestionClosed(Fact, frozen=True, tag="question_closed"):
    """The time for a question was up at `at_ms`, its deadline."""

    question_id: str
    at_ms: int


class Receipted(Fact, frozen=True, tag="receipted"):
    """A message from staff reached the page, or was dismissed there."""

    n: int
    message_id: str
    seen: bool
    client_at_ms: int


class Warned(Fact, frozen=True, tag="warned"):
    """The candidate was warned that `left_ms` are left until `deadline_ms`, on the clock of the test, or of the section
    or question `of`. That clock gives no more warnings of longer times."""

    left_ms: int
    deadline_ms: int
    scope: Scope = Scope.TEST
    of: str | None = None


class Overran(Fact, frozen=True, tag="overran"):
    """The time of a soft limit was over at `at_ms`: that of the test, or of the section or question `of`. Nothing
    closes."""

    at_ms: int
    scope: Scope = Scope.TEST
    of: str | None = None


class Paused(Fact, frozen=True, tag="paused"):
    """All clocks stand from `at_ms` on. `signal` is what was noticed, where the test stops them for that; nil: it was
    for something else."""

    at_ms: int
    connection_lost: bool
    command_id: str | None
    reason: str
    signal: Signal | None = None


class PauseForgotten(Fact, frozen=True, tag="pause_forgotten"):
    """The window closed at `at_ms`, and nobody had ended the pause; or one that began later has gone on for the grace
    of a pause. A grace later the paper is collected."""

    at_ms: int


class Resumed(Fact, frozen=True, tag="resumed"):
    """The clocks run again from `at_ms` on. That may be before the record: the pause budget had ended then."""

    at_ms: int
    command_id: str | None
    reason: str


class Extended(Fact, frozen=True, tag="extended"):
    """The clocks at hand have `add_ms` more, running or standing: the test's, the open section's, and that of the
    question where the candidate is."""

    add_ms: int
    command_id: str
    reason: str


class Messaged(Fact, frozen=True, tag="messaged"):
    """Staff told the candidate something. The command's id is the message's."""

    command_id: str
    text: str


class FormallyWarned(Fact, frozen=True, tag="formally_warned"):
    """Staff gave the candidate a formal warning. She is shown the reason as a message, whose id is the command's."""

    command_id: str
    reason: str


class Submitted(Fact, frozen=True, tag="submitted"):
    """The candidate handed in. `n` is nil where it came without a client number."""

    n: int | None
    client_at_ms: int


class Collected(Fact, frozen=True, tag="collected"):
    """Staff collect the paper: `at_ms` is the test's deadline from now on, and nothing moves it any more. No other
    clock ends later. The candidate is told what is `said`."""

    at_ms: int
    command_id: str
    reason: str
    said: str | None = None


class Expired(Fact, frozen=True, tag="expired"):
    """Time was up at `at_ms`, the deadline, even if the server noticed later. What is `said` to the candidate is what
    staff said who have collected the paper, or that it was collected in a pause that was forgotten; else nothing."""

    at_ms: int
    said: str


class Abandoned(Fact, frozen=True, tag="abandoned"):
    """Time was up, and the candidate had not handed in by `at_ms`: the deadline, or the end of the time for that."""

    at_ms: int


class Accepted(Fact, frozen=True, tag="accepted"):
    """Staff have taken what was abandoned as it stands: it counts as handed in. The candidate is told what is
    `said`."""

    command_id: str
    reason: str
    said: str | None = None


class Cancelled(Fact, frozen=True, tag="cancelled"):
    """The attempt is void. `counts`: it still is one of those that the candidate may have. She is told what is
    `said`."""

    command_id: str
    reason: str
    counts: bool = False
    said: str | None = None


class Absent(Fact, frozen=True, tag="absent"):
    """The candidate did not sit: her window closed at `at_ms`, and she had not begun."""

    at_ms: int


class Reinstated(Fact, frozen=True, tag="reinstated"):
    """The attempt is valid again, and is what it was before it was cancelled, or before she was found absent. Its
    clocks have the time that was left then; with `on_return` they stand until the candidate is there."""

    on_return: bool
    command_id: str
    reason: str


class Admitted(Fact, frozen=True, tag="admitted"):
    """Staff let the candidate in, who waits before the start."""

    command_id: str
    reason: str


class HandMarked(Fact, frozen=True, tag="hand_marked"):
    """A person marked one answer with `score_mpt` of `max_mpt`, in thousandths of a point, or corrected its mark; after
    the marks were complete with a `reason`. `criteria` is of what she made the mark, where she judged by a rubric."""

    question_id: str
    score_mpt: int
    max_mpt: int
    remark: str
    command_id: str
    reason: str = ""
    criteria: Criteria = ()


class Regraded(Fact, frozen=True, tag="regraded"):
    """From now on the keys of this version of the test mark the attempt. Marks by a person stay."""

    key_version: int
    command_id: str
    reason: str


class LateReceived(Fact, frozen=True, tag="late_received"):
    """After the end came answers that `device` says were given in time. They are kept beside what was submitted, and
    count for nothing unless staff accept them. `contact_ms` is the last sign of the candidate that the log had; nil:
    none. The device's clock is ahead of the server's by `ahead_ms`, perhaps by less than nothing; nil: nobody can tell.
    `from_file`: staff have brought them in the file that the page had saved."""

    late_id: str
    device: str
    answers: tuple[LateAnswer, ...]
    contact_ms: int | None = None
    ahead_ms: int | None = None
    from_file: bool = False


class LateDecided(Fact, frozen=True, tag="late_decided"):
    """Of the answers `late_id`, those to the `accepted` questions count from now on in place of what had been
    submitted. All others are rejected."""

    late_id: str
    accepted: tuple[str, ...]
    command_id: str
    reason: str


class Assessed(Fact, frozen=True, tag="assessed"):
    """All that needs no person is marked; `awaiting` answers wait for a person. Points in thousandths. After the marks
    were complete: they have changed."""

    score_mpt: int
    max_mpt: int
    awaiting: int


class Completed(Fact, frozen=True, tag="completed"):
    """The results are in. Points in thousandths."""

    score_mpt: int
    max_mpt: int


class Reopened(Fact, frozen=True, tag="reopened"):
    """The candidate may go on, with `left_ms` on the test's clock from this record on, or (nil) without one; with
    `on_return` it stands until she is there. The section that was open last is open again, without a clock of its own;
    what else has closed stays closed. `accommodation` is what she is granted by now, where that has changed since: it
    is in the time that staff have given, and adds nothing to it."""

    left_ms: int | None
    command_id: str
    reason: str
    on_return: bool = False
    accommodation: Accommodation | None = None


class DeviceAllowed(Fact, frozen=True, tag="device_allowed"):
    """The next new device may have the attempt, although another one has bound its link."""

    command_id: str
    reason: str


class Erased(Fact, frozen=True, tag="erased"):
    """All bodies before this record were erased, and the key of their digests with them. Lists call the candidate
    `alias` from now on. Nothing follows."""

    alias: str


class Archived(Fact, frozen=True, tag="archived"):
    """The records before this one were moved into the archive of this name, from which they can be brought back. While
    they are away nothing follows but `erased`."""

    archive: str


class HandRaised(Fact, frozen=True, tag="hand_raised"):
    """The candidate asks for an invigilator, or (`raised` false) no longer does."""

    n: int
    raised: bool
    client_at_ms: int


class HandAcknowledged(Fact, frozen=True, tag="hand_acknowledged"):
    """Staff have seen that her hand is up."""

    command_id: str
    reason: str


class ConsentGiven(Fact, frozen=True, tag="consent_given"):
    """`says` agreed: the candidate agrees to a picture from `source` every `every_ms`, kept for `keep_days`. Declined:
    she does not, or no longer does. Unable: her page found that her device can't give them."""

    n: int
    source: Source
    says: Says
    every_ms: int
    keep_days: int
    client_at_ms: int


class Observed(Fact, frozen=True, tag="observed"):
    """`signal` was noticed `count` times more, and the sizes of these times add up to `size`. `n` and `client_at_ms`
    are nil where the server noticed it and no page said so. `warned`: the candidate was warned because of it."""

    n: int | None
    signal: Signal
    count: int
    size: int
    client_at_ms: int | None
    warned: bool = False


class Alerted(Fact, frozen=True, tag="alerted"):
    """Staff were alerted: `signal` was noticed `times` times by then, and the sizes of these times add up to
    `size`."""

    signal: Signal
    times: int
    size: int


class Accommodated(Fact, frozen=True, tag="accommodated"):
    """The candidate is granted this, instead of what she had. `command_id` is nil where the system follows a change of
    what she or her groups are granted; `extra_time_ms` is what staff have asked for. `may_shorten`: they have accepted
    that a running clock loses time."""

    accommodation: Accommodation
    command_id: str | None
    reason: str
    extra_time_ms: int | None = None
    may_shorten: bool = False


class Retermed(Fact, frozen=True, tag="retermed"):
    """Staff have put these terms in force: what the rules of the test's newest version mean for anybody. `may_shorten`
    as in `Accommodated`."""

    terms: Terms
    command_id: str
    reason: str
    may_shorten: bool = False


if TYPE_CHECKING:
    AnyFact: TypeAlias = Fact
else:
    AnyFact = Union[tuple(Fact.__subclasses__())]  # noqa: UP007
"""Every fact of this module, so that an entry decodes into the one that its tag names."""


_TAGS: Final = {kind: str(kind.__struct_config__.tag) for kind in Fact.__subclasses__()}
KNOWN: Final = frozenset(_TAGS.values())
"""The tags of all kinds that this version knows."""


def tag_of(fact: AnyFact) -> str:
    """The value of `t` for this fact."""
    return _TAGS[type(fact)]


class Header(msgspec.Struct, frozen=True, array_like=True):
    """The part of a record that is kept for good: nothing in it is personal.

    Number `seq` (from 1, without a gap), received at `at_ms` on the server's clock; `kind` is the tag of its
    fact, `role` that of whoever acted. Its bytes are a MessagePack array of the four."""

    seq: int
    at_ms: int
    kind: str
    role: str


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rest of a record, which can be erased: who acted, and what happened."""

    by: str
    fact: AnyFact


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What a record says, header and body together."""

    seq: int
    at_ms: int
    role: Role
    by: str
    fact: AnyFact


class Record(msgspec.Struct, frozen=True, gc=False):
    """An entry, the bytes of its header and its body, and what chains them to all before.

    `digest` is that of the body under `key`, the attempt's own; `hash` covers `before`, which is the hash of the record
    before it, header and digest.
    """

    entry: Entry
    before: bytes
    header: bytes
    digest: bytes
    body: bytes
    hash: bytes
    key: bytes
