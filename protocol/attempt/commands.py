"""What can be asked of an attempt: numbered operations, staff commands with an id, and what the system does itself."""

import msgspec

from protocol.attempt.late import LateAnswer
from protocol.attempt.model import Accommodation, Actor, Identity, Terms
from protocol.content import Criteria, Criterion
from protocol.integrity.safe_exam_browser import Proof
from protocol.messages.operations import Operation
from protocol.messages.staff import StaffCommand
from protocol.rules.admission import Candidacy


class Command(msgspec.Struct, frozen=True, gc=False):
    """Base of every command."""


class Create(Command, frozen=True):
    """Make the attempt. All other commands need one. `seed` is random, of 63 bits, and so is `key`, of
    `chain.KEY_BYTES`."""

    by: Actor
    identity: Identity
    seed: int
    accommodation: Accommodation
    key: bytes


class Begin(Command, frozen=True):
    """Start without a client number: REST, or a platform on the candidate's behalf (`connection_id` nil). `address` and
    `access_code` are what the candidate presents, and `proofs` what her browser does."""

    by: Actor
    client_at_ms: int
    connection_id: str | None = None
    address: str = ""
    access_code: str | None = None
    proofs: tuple[Proof, ...] = ()


class Logged(msgspec.Struct, frozen=True):
    """What the log has under a client number: the digest of that operation, or None where there is none."""

    digest: bytes | None


class Operate(Command, frozen=True):
    """A candidate's operation, by the connection it came over; nil for a service that acts on her behalf. `logged`:
    what the log has under its number, once `decide` has asked for that. `address` is where it came from, `proofs` what
    her browser has proved."""

    by: Actor
    connection_id: str | None
    operation: Operation
    logged: Logged | None = None
    address: str = ""
    proofs: tuple[Proof, ...] = ()


class HandIn(Command, frozen=True):
    """Submit without a client number; `connection_id` is nil for a service that acts on the candidate's behalf."""

    by: Actor
    client_at_ms: int
    connection_id: str | None = None


class Disconnect(Command, frozen=True):
    """A connection has ended; `last_contact_ms` is when its last byte was received."""

    by: Actor
    connection_id: str
    last_contact_ms: int


class Connect(Command, frozen=True):
    """A candidate's client said hello, or came back over REST. The fields are those of the fact `Connected`; `takeover`
    is the client's word that a person asked for it. `gone` is the end of the connection in force, where its node has
    died and nobody has recorded it. `restored`: the log is not the one that the device was told of."""

    by: Actor
    connection_id: str
    client: str
    device: str
    connect_n: int
    takeover: bool
    address: str = ""
    browser: str = ""
    node: str | None = None
    seen_seq: int | None = None
    gone: Disconnect | None = None
    restored: bool = False


class Steer(Command, frozen=True):
    """A staff command. With `apply_rules` come the `terms` that the rules of the test's newest version mean for
    anybody; with `accommodate` what the candidate has been granted as of now, her new extra time included; and
    with `reinstate` and `reopen` the `candidacy`, once `decide` has asked for it."""

    by: Actor
    order: StaffCommand
    terms: Terms | None = None
    accommodation: Accommodation | None = None
    candidacy: Candidacy | None = None


class Grant(Command, frozen=True):
    """What the candidate or her groups are granted has changed: it is `accommodation` now."""

    by: Actor
    accommodation: Accommodation
    reason: str


class Wake(Command, frozen=True):
    """The clock has moved on: do what is due. `gone` is the end of the connection in force, where its node has died and
    nobody has recorded it: it comes first."""

    by: Actor
    gone: Disconnect | None = None


class MarkByHand(Command, frozen=True):
    """A person marks one answer of an ended attempt. By the keys of version `key_version` (nil: that which was sat) its
    mark lies between `min_mpt` and `max_mpt`. `seen_mpt` is the most that it could be when she looked at the answer;
    nil: she does not say. Points in thousandths. `criteria` is what she gave by each criterion of the `rubric` that
    the question has by these keys; none: she marks as a whole. `rubric` is nil where they are the means of what two
    gave."""

    by: Actor
    command_id: str
    question_id: str
    score_mpt: int
    max_mpt: int
    remark: str
    reason: str = ""
    min_mpt: int = 0
    seen_mpt: int | None = None
    key_version: int | None = None
    criteria: Criteria = ()
    rubric: tuple[Criterion, ...] | None = ()


class Regrade(Command, frozen=True):
    """Mark the attempt by the keys of another version of its test."""

    by: Actor
    command_id: str
    key_version: int
    reason: str


class HandLate(Command, frozen=True):
    """Answers that were given before the end and come after it: from the device itself, or (`from_file`) in a file that
    staff bring. `client_now_ms` is the device's clock when it sent them, or wrote the file, and `server_now_ms` the
    server's at that instant, as the device believed that had a file to write; nil: it did not know."""

    by: Actor
    device: str
    answers: tuple[LateAnswer, ...]
    client_now_ms: int
    server_now_ms: int | None = None
    from_file: bool = False


class DecideLate(Command, frozen=True):
    """Staff decide about the late answers `late_id`: those to the `accepted` questions count."""

    by: Actor
    command_id: str
    late_id: str
    accepted: tuple[str, ...]
    reason: str


class Assess(Command, frozen=True):
    """The marks of the submission `reference`; `awaiting` answers wait for a person. Points in thousandths."""

    by: Actor
    reference: str
    score_mpt: int
    max_mpt: int
    awaiting: int


AnyCommand = (
    Begin
    | Operate
    | HandIn
    | Connect
    | Disconnect
    | Steer
    | Grant
    | Wake
    | MarkByHand
    | Regrade
    | HandLate
    | DecideLate
    | Assess
)
