"""One attempt, its log, and a clock that a test moves by hand."""

from typing import Any, Final

from msgspec.structs import replace

from protocol.answering import index_paper
from protocol.attempt.chain import Line
from protocol.attempt.commands import (
    AnyCommand,
    Assess,
    Begin,
    Connect,
    Create,
    Disconnect,
    HandIn,
    Logged,
    MarkByHand,
    Operate,
    Steer,
    Wake,
)
from protocol.attempt.decide import create, decide
from protocol.attempt.decisions.rules import AskCandidacy, AskLog, Decision
from protocol.attempt.digests import digest
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import AnyFact, Record
from protocol.attempt.invariants import check
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.laying import lay_out
from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.attempt.model import Accommodation, Actor, Attempt, Identity, Role, Status, Terms
from protocol.attempt.paper import make_paper
from protocol.attempt.sheet import Sheet, make_sheet
from protocol.codes import Code
from protocol.content import (
    AcceptedNumber,
    Essay,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
)
from protocol.errors import Refusal
from protocol.messages.base import Value
from protocol.messages.operations import Answer, Enter, Flag, Operation, Progress, Receipt, Start, Submit
from protocol.messages.staff import (
    AcceptAttempt,
    AdmitAttempt,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReinstateAttempt,
    ReopenAttempt,
    ResumeAttempt,
    StaffCommand,
    WarnAttempt,
)
from protocol.paper import Paper
from protocol.rules.admission import Candidacy, Earlier

T0: Final = 1_800_000_000_000
"""When the attempt was made."""
MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
KEY: Final = bytes(range(32))

CANDIDATE: Final = Actor(Role.CANDIDATE, "ada")
INSTRUCTOR: Final = Actor(Role.INSTRUCTOR, "grace")
SERVICE: Final = Actor(Role.SERVICE, "platform")
SYSTEM: Final = Actor(Role.SYSTEM, "timer")

_OPTIONS: Final = [Option("a", "A"), Option("b", "B"), Option("c", "C")]
CONTENT: Final = TestContent(
    title="A test",
    questions=[
        Question(question_id="single", body="?", interactions=[SingleChoice(options=_OPTIONS, correct="a")]),
        Question(question_id="multiple", body="?", interactions=[MultipleChoice(options=_OPTIONS, correct=["a", "b"])]),
        Question(question_id="text", body="?", interactions=[ShortText(accepted=["yes"], max_chars=20)]),
        Question(question_id="essay", body="?", interactions=[Essay(max_chars=1_000)]),
        Question(question_id="number", body="?", interactions=[Numeric(accepted=[AcceptedNumber(value="1")])]),
        Question(question_id="truth", body="?", interactions=[TrueFalse(correct=True)]),
    ],
)
PAPER: Final[Paper] = make_paper("test", 1, CONTENT, None)
INDEX: Final = index_paper(PAPER)
SEED: Final = 4_611_686_018_427_387_904
LAYOUT: Final[Layout] = lay_out(CONTENT, None, SEED)

IDENTITY: Final = Identity(
    attempt_id="attempt-1",
    org_id="org",
    branch_id="branch",
    test_id="test",
    form_id=None,
    user_id="ada",
    attempt_number=1,
)
TERMS: Final = Terms(
    duration_ms=HOUR,
    window_opens_at_ms=None,
    window_closes_at_ms=None,
    grace_ms=2_000,
    warnings_ms=(5 * MINUTE, MINUTE),
    pause_on_disconnect=False,
    pause_budget_ms=5 * MINUTE,
    newest_connection_wins=True,
    link_opens_once=False,
)
SHEET: Final[Sheet] = replace(make_sheet(PAPER, INDEX, CONTENT.rules, LAYOUT), terms=TERMS)
"""What an attempt is sat under that nobody says anything else of."""


SECTIONS: Final = Layout(
    (
        LaidSection("reading", (LaidQuestion("single"), LaidQuestion("multiple")), 10 * MINUTE),
        LaidSection("writing", (LaidQuestion("text"), LaidQuestion("essay")), 20 * MINUTE),
        LaidSection("sums", (LaidQuestion("number"), LaidQuestion("truth"))),
    ),
    by_section=True,
)
"""Three sections, one after the other; the last one has no limit of its own."""

TIMED: Final = Layout(
    (
        LaidSection(
            None,
            (
                LaidQuestion("single", (), MINUTE),
                LaidQuestion("multiple"),
                LaidQuestion("text", (), 2 * MINUTE),
                LaidQuestion("essay"),
                LaidQuestion("number"),
                LaidQuestion("truth"),
            ),
        ),
    )
)
"""The first question has a minute, the third has two."""


def requiring(layout: Layout, *names: str) -> Layout:
    """The layout, with these questions required."""
    return replace(
        layout,
        sections=tuple(
            replace(
                section,
                questions=tuple(replace(laid, required=laid.question_id in names) for laid in section.questions),
            )
            for section in layout.sections
        ),
    )


def line_of(record: Record) -> Line:
    """The record as it is stored."""
    entry = record.entry
    kind = KIND_OF[type(entry.fact)].tag
    return Line(entry.seq, entry.at_ms, kind, entry.role, record.digest, record.body, record.hash)


class Scene:
    """Offers commands at `now_ms` and keeps what comes of them. Instants in tests count from `T0`."""

    def __init__(self, extra_time_ms: int = 0, *, layout: Layout = LAYOUT, **terms: Any) -> None:
        self.now_ms = T0
        self.sheet = replace(SHEET, terms=replace(TERMS, **terms), layout=layout)
        self.records: list[Record] = list(
            create(Create(SERVICE, IDENTITY, SEED, Accommodation(extra_time_ms), KEY), T0)
        )
        self.attempt: Attempt = evolve(None, self.records[0])
        self.others: tuple[Earlier, ...] = ()
        """The candidate's other attempts at the test."""
        self.granted: Accommodation | None = None
        """What she is granted by now; None: what the attempt has followed."""
        self._commands = 0

    # Time

    def at(self, ms: int) -> "Scene":
        """The clock shows `T0 + ms`."""
        self.now_ms = T0 + ms
        return self

    def wake_at(self, ms: int) -> list[AnyFact]:
        """Wakes at `T0 + ms`: what came of it."""
        return self.at(ms).facts(Wake(SYSTEM))

    def status(self) -> Status:
        """A call, so that a type checker does not take the status before a command for the one after it."""
        return self.attempt.status

    # Commands

    def offer(self, command: AnyCommand) -> Decision:
        """What is decided; what is accepted is true from now on."""
        decision = decide(self.attempt, command, self.now_ms, self.sheet)
        if isinstance(decision, AskLog):
            assert isinstance(command, Operate)
            logged = [one.entry.fact for one in self.records if getattr(one.entry.fact, "n", None) == decision.n]
            command = replace(command, logged=Logged(digest(logged[0]) if logged else None))
            decision = decide(self.attempt, command, self.now_ms, self.sheet)
        elif isinstance(decision, AskCandidacy):
            assert isinstance(command, Steer)
            granted = self.attempt.accommodation if self.granted is None else self.granted
            command = replace(command, candidacy=Candidacy(self.sheet.admission.rules, self.others, granted))
            decision = decide(self.attempt, command, self.now_ms, self.sheet)
        assert not isinstance(decision, AskLog | AskCandidacy)
        if not isinstance(decision, Refusal):
            for record in decision:
                before, self.attempt = self.attempt, evolve(self.attempt, record)
                check(before, record, self.attempt)
                self.records.append(record)
        return decision

    def facts(self, command: AnyCommand) -> list[AnyFact]:
        """The facts of a command that must be accepted."""
        decision = self.offer(command)
        assert not isinstance(decision, Refusal), decision
        return [record.entry.fact for record in decision]

    def refusal(self, command: AnyCommand) -> Code:
        """The name of the refusal of a command that must be refused."""
        before = self.attempt
        decision = self.offer(command)
        assert isinstance(decision, Refusal), decision
        assert self.attempt is before
        return decision.code

    # The candidate

    def connected(self, connection_id: str = "c1") -> "Scene":
        self.facts(self.connect(connection_id))
        return self

    def started(self) -> "Scene":
        self.facts(Begin(CANDIDATE, 0))
        return self

    def submitted(self) -> "Scene":
        self.facts(HandIn(CANDIDATE, 0))
        return self

    def connect(
        self,
        connection_id: str = "c1",
        device: str | None = None,
        connect_n: int | None = None,
        *,
        takeover: bool = True,
        gone: str | None = None,
        gone_contact_ms: int | None = None,
    ) -> Connect:
        """By default a person opens the attempt on one more device, whose name is the connection's."""
        device = device or connection_id
        n = connect_n or self.attempt.devices.get(device, 0) + 1
        loss = None if gone is None else self.disconnect(gone, gone_contact_ms)
        return Connect(CANDIDATE, connection_id, "tests/1", device, n, takeover, gone=loss)

    def disconnect(self, connection_id: str = "c1", last_contact_ms: int | None = None) -> Disconnect:
        contact_ms = self.now_ms if last_contact_ms is None else T0 + last_contact_ms
        return Disconnect(CANDIDATE, connection_id, contact_ms)

    def operate(self, operation: Operation, connection_id: str | None = None) -> Operate:
        return Operate(CANDIDATE, connection_id, operation)

    def enter(self, n: int, section_id: str) -> Operate:
        return self.operate(Enter(n, section_id, 0))

    def go(self, n: int, position: int) -> Operate:
        return self.operate(Progress(n, position, 0))

    def answer(self, n: int, value: Value = "a", question_id: str = "single", client_at_ms: int = 0) -> Operate:
        return self.operate(Answer(n, question_id, value, None, client_at_ms))

    def operations(self, n: int) -> list[Operate]:
        """One operation of every kind, with this number."""
        return [
            self.operate(Start(n, None, 0)),
            self.answer(n),
            self.operate(Flag(n, "text", True, 0)),
            self.operate(Progress(n, 2, 0)),
            self.operate(Receipt(n, "m", True, 0)),
            self.operate(Submit(n, 0)),
        ]

    # Staff

    def steer(self, order: StaffCommand) -> Steer:
        return Steer(INSTRUCTOR, order)

    def _id(self) -> str:
        self._commands += 1
        return f"command-{self._commands}"

    def pause(self, reason: str = "fire alarm") -> Steer:
        return self.steer(PauseAttempt(self._id(), IDENTITY.attempt_id, reason))

    def resume(self, reason: str = "all clear") -> Steer:
        return self.steer(ResumeAttempt(self._id(), IDENTITY.attempt_id, reason))

    def extend(self, add_ms: int = 5 * MINUTE) -> Steer:
        return self.steer(ExtendAttempt(self._id(), IDENTITY.attempt_id, add_ms, "noise"))

    def message(self, text: str = "Please look at the board.") -> Steer:
        return self.steer(MessageAttempt(self._id(), IDENTITY.attempt_id, text))

    def end(self, reason: str = "the room is needed", said: str | None = None) -> Steer:
        return self.steer(EndAttempt(self._id(), IDENTITY.attempt_id, reason, said=said))

    def cancel(self, reason: str = "wrong candidate", *, counts: bool = False, said: str | None = None) -> Steer:
        return self.steer(CancelAttempt(self._id(), IDENTITY.attempt_id, counts, reason, said=said))

    def warn(self, reason: str = "a phone on the table") -> Steer:
        return self.steer(WarnAttempt(self._id(), IDENTITY.attempt_id, reason))

    def reopen(
        self, left_ms: int | None = 10 * MINUTE, reason: str = "submitted by mistake", *, on_return: bool = False
    ) -> Steer:
        return self.steer(ReopenAttempt(self._id(), IDENTITY.attempt_id, left_ms, reason, on_return))

    def reopen_on_return(self) -> Steer:
        return self.reopen(on_return=True)

    def accept(self, reason: str = "her device failed", said: str | None = None) -> Steer:
        return self.steer(AcceptAttempt(self._id(), IDENTITY.attempt_id, reason, said=said))

    def reinstate(self, on_return: bool = False, reason: str = "the wrong one was cancelled") -> Steer:
        return self.steer(ReinstateAttempt(self._id(), IDENTITY.attempt_id, on_return, reason))

    def admit(self) -> Steer:
        return self.steer(AdmitAttempt(self._id(), IDENTITY.attempt_id, "her papers were checked"))

    def mark(self, score_mpt: int = 500, question_id: str = "essay", max_mpt: int = 1_000) -> MarkByHand:
        return MarkByHand(INSTRUCTOR, self._id(), question_id, score_mpt, max_mpt, "well")

    def assess(self, awaiting: int = 0, score_mpt: int = 3_000) -> Assess:
        return Assess(SYSTEM, self.attempt.reference or "", score_mpt, 6_000, awaiting)


def scene_in(status: Status) -> Scene:
    """A fresh attempt that has come to `status` one minute after the start."""
    scene = Scene(window_closes_at_ms=T0 + HOUR) if status is Status.ABSENT else Scene()
    if status is Status.INITIATED:
        return scene
    if status is Status.ABSENT:
        scene.wake_at(HOUR)
        return scene
    if status is Status.ABANDONED:
        scene = Scene(at_end="abandon", duration_ms=MINUTE)
    scene.started().at(MINUTE)
    match status:
        case Status.PAUSED:
            scene.facts(scene.pause())
        case Status.SUBMITTED:
            scene.submitted()
        case Status.EXPIRED:
            scene.facts(scene.end())
            scene.wake_at(MINUTE + 2_000)
        case Status.ABANDONED:
            scene.wake_at(MINUTE + 2_000)
        case Status.CANCELLED:
            scene.facts(scene.cancel())
        case Status.COMPLETED:
            scene.submitted().facts(scene.assess())
        case _:
            pass
    assert scene.attempt.status is status
    return scene
