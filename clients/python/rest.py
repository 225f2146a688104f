"""The REST API, typed: one method per address. For services and tools, and for a test-taker behind a proxy that
blocks WebSockets. Errors are those of `Calls`. Here are tests and single attempts; what is done to many, people, marks
and the organisation have modules of their own."""

from types import TracebackType
from typing import Final, Unpack

import aiohttp
from msgspec.structs import asdict

from clients.python.calls import TIMEOUT, given, part
from clients.python.finding import FindingCalls
from clients.python.many import ManyCalls
from clients.python.marking import MarkingCalls
from clients.python.narrowing import FoundExpected, FoundRooms, FoundTests, FoundVersions, OfTest
from clients.python.organisation import OrganisationCalls
from clients.python.people import PeopleCalls
from clients.python.telling import TellingCalls
from protocol.content import TestContent
from protocol.integrity.captures import Source
from protocol.messages.operations import Operation
from protocol.operations import OPERATIONS
from protocol.paper import Paper
from protocol.rest.admission import AdmissionReply
from protocol.rest.alerts import AlertsSeenBody, SeenAlerts, SeenAlertsList
from protocol.rest.attempts import AttemptList, AttemptMade, NewAttempt, OwnAttempts, StateReply
from protocol.rest.body import Body
from protocol.rest.bulk import GrantAttemptBody, GrantAttemptReply
from protocol.rest.captured_pictures import CapturedPictureKept, CapturedPictureList
from protocol.rest.commands import (
    AccommodateBody,
    ApplyRulesBody,
    CancelBody,
    CommandReply,
    EndBody,
    ExtendBody,
    MessageBody,
    ReasonBody,
    ReinstateBody,
    ReopenBody,
)
from protocol.rest.connection import HeartbeatBody, HeartbeatReply, ResumeBody, ResumeReply
from protocol.rest.expected import ExpectedList
from protocol.rest.files import FileHandedIn, FileList
from protocol.rest.groups import RoomGroups
from protocol.rest.imports import ImportReply
from protocol.rest.late import AnswerFileKey, LateBody, LateReply
from protocol.rest.lint import LintReply
from protocol.rest.logs import LogPage
from protocol.rest.media import MediaStored
from protocol.rest.operations import (
    OPERATION_BODIES,
    AnswersBody,
    CompleteBody,
    NumberedAnswer,
    OperationsReply,
    StartBody,
)
from protocol.rest.papers import PapersReply
from protocol.rest.preview import Preview, TestKey
from protocol.rest.removed import Removed
from protocol.rest.results import AnswersReply, Result
from protocol.rest.rooms import RoomList, ServerState
from protocol.rest.schedules import ScheduleWarnings
from protocol.rest.tests import TestList, TestStored, TestVersions
from protocol.rest.tokens import ResultTokenBody, ResultTokenReply

IDLE_S: Final = 3.0
"""A connection that was not used for so long is not used again: the server closes one after five seconds, and a call
that meets that moment fails without having been read."""


class Rest(ManyCalls, PeopleCalls, MarkingCalls, OrganisationCalls, FindingCalls, TellingCalls):
    """See above. One pool of connections for any number of calls and, with `as_user`, of tokens."""

    @classmethod
    def open(cls, base_url: str, token: str, *, connections: int = 16) -> "OwnedRest":
        """`async with Rest.open(url, token) as rest:` with a pool of its own, of at most so many connections."""
        return OwnedRest(base_url, token, connections)

    def as_user(self, token: str) -> "Rest":
        """The same server and pool, with another token."""
        return Rest(self._base_url, token, self._http)

    def with_key(self, key: str) -> "Rest":
        """The same server, pool and token. Each POST carries this idempotency key: a call that was carried out before
        is answered alike, and not carried out again. One key for one call."""
        keyed = Rest(self._base_url, self._token, self._http)
        keyed._key, keyed._devices = key, self._devices
        return keyed

    def careful(self) -> "Rest":
        """The same server, pool and token. What has an entity tag, and was read by it, is replaced or removed only if
        nobody has changed it since; otherwise `Refused` with `changed_meanwhile`."""
        careful = Rest(self._base_url, self._token, self._http)
        careful._tags, careful._devices = {}, self._devices
        return careful

    async def _command(self, attempt_id: str, name: str, body: Body) -> CommandReply:
        return await self._on(attempt_id, "POST", name, CommandReply, body)

    # ── the node and its tests ─────────────────────────────────────────────────────────────────────────────────

    async def ready(self) -> bool:
        """Whether the node can serve."""
        async with self._http.get(f"{self._base_url}/healthz", timeout=TIMEOUT) as response:
            return response.ok

    async def put_test(self, test_id: str, content: TestContent) -> TestStored:
        """Create a test or a new version of it."""
        return await self._call("PUT", f"/tests/{part(test_id)}", TestStored, content)

    async def store_media(self, data: bytes) -> MediaStored:
        """Store a file that texts of tests may name by `media:` and its hash."""
        return await self._upload("/media", MediaStored, data)

    async def import_exam(
        self,
        data: bytes,
        *,
        name: str | None = None,
        test_id: str | None = None,
        title: str | None = None,
        dry_run: bool = False,
        leave_out: bool = False,
    ) -> ImportReply:
        """Store a test from a file of any format; or only look at it. With `leave_out` the rest is stored where some of
        its items are refused."""
        said = {"dry_run": "yes" if dry_run else None, "leave_out": "yes" if leave_out else None}
        return await self._upload("/imports", ImportReply, data, given(name=name, test_id=test_id, title=title, **said))

    async def test(self, test_id: str, version: int | None = None) -> TestContent:
        """A test with its keys, for staff: its newest version, or an older one."""
        return await self._call("GET", f"/tests/{part(test_id)}", TestContent, query=given(version=version))

    async def test_versions(self, test_id: str, **narrowed: Unpack[FoundVersions]) -> TestVersions:
        """The versions of a test, the newest first."""
        return await self._call("GET", f"/tests/{part(test_id)}/versions", TestVersions, query=given(**narrowed))

    async def tests(self, **narrowed: Unpack[FoundTests]) -> TestList:
        """The tests of the organisation: all of them, those that a search finds, or a page."""
        return await self._call("GET", "/tests", TestList, query=given(**narrowed))

    async def rooms(self, **narrowed: Unpack[FoundRooms]) -> RoomList:
        """The tests that are sat between two instants, or now, and how many people are where."""
        return await self._call("GET", "/rooms", RoomList, query=given(**narrowed))

    async def mark_alerts_seen(self, attempt_id: str, until_ms: int | None) -> SeenAlerts:
        """Say that the alerts of an attempt until then have been seen; None: take that back."""
        path = f"/test-attempts/{attempt_id}/alerts-seen"
        return await self._call("PUT", path, SeenAlerts, AlertsSeenBody(until_ms=until_ms))

    async def alerts_seen(self, test_id: str) -> SeenAlertsList:
        """Which alerts of a test staff have seen."""
        return await self._call("GET", f"/tests/{part(test_id)}/alerts-seen", SeenAlertsList)

    async def server(self) -> ServerState:
        """How the server is."""
        return await self._call("GET", "/server", ServerState)

    async def attempts(self, test_id: str, **narrowed: Unpack[OfTest]) -> AttemptList:
        """Attempts of one test, in the order of their ids, from behind `after`."""
        return await self._call("GET", f"/tests/{part(test_id)}/attempts", AttemptList, query=given(**narrowed))

    async def admission(self, test_id: str, *, user_id: str | None = None) -> AdmissionReply:
        """Whether the test-taker may begin now, and every reason against it; staff name her."""
        query = given(user_id=user_id)
        return await self._call("GET", f"/tests/{part(test_id)}/admission", AdmissionReply, query=query)

    async def expected(self, test_id: str, **narrowed: Unpack[FoundExpected]) -> ExpectedList:
        """Who is enrolled and has no attempt yet; of a group or a branch alone where one is named."""
        return await self._call("GET", f"/tests/{part(test_id)}/expected", ExpectedList, query=given(**narrowed))

    async def schedule_warnings(self, test_id: str) -> ScheduleWarnings:
        """Who can't have the whole time, or the form, that she is to have."""
        return await self._call("GET", f"/tests/{part(test_id)}/schedule-warnings", ScheduleWarnings)

    async def preview(
        self, test_id: str, *, form: str | None = None, seed: int | None = None, version: int | None = None
    ) -> Preview:
        """The newest version of a test, or the one that is asked for, as a candidate would see it: one of its forms,
        drawn and shuffled by a seed."""
        query = given(form=form, seed=seed, version=version)
        return await self._call("GET", f"/tests/{part(test_id)}/preview", Preview, query=query)

    async def key(self, test_id: str, *, version: int | None = None) -> TestKey:
        """The keys of the newest version of a test, or of the one that is asked for, as people read them."""
        return await self._call("GET", f"/tests/{part(test_id)}/key", TestKey, query=given(version=version))

    async def lint(self, test_id: str, *, version: int | None = None) -> LintReply:
        """What the author of a test should look at before anybody sits it."""
        return await self._call("GET", f"/tests/{part(test_id)}/lint", LintReply, query=given(version=version))

    async def room_groups(self, test_id: str) -> RoomGroups:
        """The groups of those who have an attempt at a test: by them a monitor filters its rows."""
        return await self._call("GET", f"/tests/{part(test_id)}/groups", RoomGroups)

    async def papers(self, test_id: str, attempt_id: str, other_id: str) -> PapersReply:
        """Whether two attempts at a test had equal papers, and where they differ."""
        query = given(attempt=attempt_id, other=other_id)
        return await self._call("GET", f"/tests/{part(test_id)}/papers", PapersReply, query=query)

    # ── a test-taker's attempt ─────────────────────────────────────────────────────────────────────────────────

    async def make_attempt(self, attempt: NewAttempt) -> AttemptMade:
        """Make an attempt. A service is given the test-taker's token with it."""
        return await self._call("POST", "/test-attempts", AttemptMade, attempt)

    async def own_attempts(self, test_id: str) -> OwnAttempts:
        """A test-taker's own attempts at a test."""
        return await self._call("GET", "/test-attempts", OwnAttempts, query=given(test_id=test_id))

    async def start(
        self,
        attempt_id: str,
        *,
        connection_id: str | None = None,
        access_code: str | None = None,
        client_at_ms: int = 0,
    ) -> StateReply:
        """Start the attempt. A test-taker names her connection, here and below: see `come_back`."""
        body = StartBody(connection_id=connection_id, access_code=access_code, client_at_ms=client_at_ms)
        return await self._on(attempt_id, "POST", "start", StateReply, body)

    async def status(self, attempt_id: str) -> StateReply:
        """The attempt's state, and the server's clock."""
        return await self._on(attempt_id, "GET", "status", StateReply)

    async def paper(self, attempt_id: str) -> Paper:
        """The questions, as this test-taker sees them."""
        return await self._on(attempt_id, "GET", "paper", Paper)

    async def hand_in_file(
        self, attempt_id: str, question_id: str, data: bytes, *, response_id: str | None = None
    ) -> FileHandedIn:
        """Hand in a file; the answer to the question then names it by its hash."""
        query = given(question_id=question_id, response_id=response_id)
        path = f"/test-attempts/{part(attempt_id)}/files"
        return await self._upload(path, FileHandedIn, data, query, self._devices.get(attempt_id))

    async def files(self, attempt_id: str) -> FileList:
        """The files that were handed in with an attempt."""
        return await self._on(attempt_id, "GET", "files", FileList)

    async def file(self, attempt_id: str, name: str) -> bytes:
        """One of them, by its hash."""
        path = f"/test-attempts/{part(attempt_id)}/files/{part(name)}"
        return await self._file(path, self._devices.get(attempt_id))

    async def keep_captured_picture(self, attempt_id: str, source: Source, data: bytes) -> CapturedPictureKept:
        """Send a picture from there, while the test-taker agrees to that."""
        path = f"/test-attempts/{part(attempt_id)}/captured-pictures"
        return await self._upload(path, CapturedPictureKept, data, {"source": source}, self._devices.get(attempt_id))

    async def captured_pictures(
        self, attempt_id: str, source: Source, *, before: int | None = None
    ) -> CapturedPictureList:
        """The newest of them, or those before the interval `before`. Each look of staff is in the audit log."""
        path = f"/test-attempts/{part(attempt_id)}/captured-pictures"
        return await self._call("GET", path, CapturedPictureList, query=given(source=source, before=before))

    async def delete_captured_pictures(self, attempt_id: str, source: Source) -> Removed:
        """Delete all of them before their time."""
        path = f"/test-attempts/{part(attempt_id)}/captured-pictures"
        return await self._call("DELETE", path, Removed, query=given(source=source))

    async def hand_late(self, attempt_id: str, body: LateBody) -> LateReply:
        """Bring what the device still had when the attempt ended."""
        return await self._on(attempt_id, "POST", "late-answers", LateReply, body)

    async def answer_file_key(self, attempt_id: str) -> AnswerFileKey:
        """The key for which answers are sealed that are saved in a file."""
        return await self._on(attempt_id, "GET", "answer-file-key", AnswerFileKey)

    async def bring_answer_file(self, attempt_id: str, data: bytes) -> LateReply:
        """Bring such a file."""
        return await self._upload(f"/test-attempts/{part(attempt_id)}/answer-file", LateReply, data)

    async def heartbeat(self, attempt_id: str, *, connection_id: str | None = None, t0_ms: int) -> HeartbeatReply:
        """A sign of life; gives the clock, the state and messages not dismissed."""
        body = HeartbeatBody(connection_id=connection_id, t0_ms=t0_ms)
        return await self._on(attempt_id, "PUT", "heartbeat", HeartbeatReply, body)

    async def operate(
        self, attempt_id: str, operation: Operation, *, connection_id: str | None = None
    ) -> OperationsReply:
        """A numbered operation that has an address of its own (`protocol.operations`); for the others see `start`,
        `answer` and `complete`."""
        body = OPERATION_BODIES[type(operation)](connection_id=connection_id, **asdict(operation))
        return await self._on(attempt_id, "PUT", f"{OPERATIONS[type(operation)].path}", OperationsReply, body)

    async def answer(
        self, attempt_id: str, answers: list[NumberedAnswer], *, connection_id: str | None = None
    ) -> OperationsReply:
        """Up to 64 answers; each is acknowledged or refused by itself in the reply."""
        body = AnswersBody(connection_id=connection_id, answers=answers)
        return await self._on(attempt_id, "POST", "answers", OperationsReply, body)

    async def complete(
        self, attempt_id: str, *, connection_id: str | None = None, n: int | None = None, client_at_ms: int = 0
    ) -> OperationsReply:
        """Hand in."""
        body = CompleteBody(connection_id=connection_id, n=n, client_at_ms=client_at_ms)
        return await self._on(attempt_id, "POST", "complete", OperationsReply, body)

    async def come_back(
        self,
        attempt_id: str,
        *,
        device: str,
        connect_n: int,
        takeover: bool = False,
        seen_seq: int | None = None,
        seen_head: str | None = None,
        client: str = "rest",
    ) -> ResumeReply:
        """A test-taker comes, or comes back: all that is needed to go on where the log ends. `connection_id` of the
        reply goes with every call from here on. When one is refused as `superseded`, come back without `takeover`: the
        server then says whether another device has the attempt (`connection_exists`). Where the test binds its links,
        `device` is the key to the attempt: 16 random bytes or more, kept for later, told to nobody."""
        self._devices[attempt_id] = device
        body = ResumeBody(
            client=client,
            device=device,
            connect_n=connect_n,
            takeover=takeover,
            seen_seq=seen_seq,
            seen_head=seen_head,
        )
        return await self._on(attempt_id, "POST", "resume", ResumeReply, body)

    async def answers(self, attempt_id: str) -> AnswersReply:
        """Every answer that the log holds, the last one of each question."""
        return await self._on(attempt_id, "GET", "answers", AnswersReply)

    async def result(self, attempt_id: str) -> Result:
        """The marks. Raises `Refused(not_ready)` while they are being made."""
        return await self._on(attempt_id, "GET", "result", Result)

    # ── staff ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def pause(self, attempt_id: str, *, reason: str = "", command_id: str | None = None) -> CommandReply:
        """Stop the clock."""
        return await self._command(attempt_id, "pause", ReasonBody(command_id=command_id, reason=reason))

    async def resume(self, attempt_id: str, *, reason: str = "", command_id: str | None = None) -> ResumeReply:
        """Let the clock of a paused attempt run again."""
        body = ResumeBody(command_id=command_id, reason=reason)
        return await self._on(attempt_id, "POST", "resume", ResumeReply, body)

    async def extend(
        self, attempt_id: str, *, add_ms: int, reason: str = "", command_id: str | None = None
    ) -> CommandReply:
        """Move the deadline."""
        body = ExtendBody(command_id=command_id, add_ms=add_ms, reason=reason)
        return await self._command(attempt_id, "extend", body)

    async def message(self, attempt_id: str, text: str, *, command_id: str | None = None) -> CommandReply:
        """Send the test-taker a message."""
        return await self._command(attempt_id, "messages", MessageBody(command_id=command_id, text=text))

    async def warn(self, attempt_id: str, *, reason: str, command_id: str | None = None) -> CommandReply:
        """Give the test-taker a formal warning, who reads the reason."""
        return await self._command(attempt_id, "warn", ReasonBody(command_id=command_id, reason=reason))

    async def end(self, attempt_id: str, *, reason: str, said: str = "", command_id: str | None = None) -> CommandReply:
        """Collect the paper now. The test-taker is told what is `said`, and never the reason."""
        return await self._command(attempt_id, "end", EndBody(command_id=command_id, reason=reason, said=said))

    async def cancel(
        self, attempt_id: str, *, reason: str, counts: bool = False, said: str = "", command_id: str | None = None
    ) -> CommandReply:
        """Make the attempt void. `counts`: it still is one of those that the test-taker may have. She is told what is
        `said`, and never the reason."""
        body = CancelBody(command_id=command_id, counts=counts, reason=reason, said=said)
        return await self._command(attempt_id, "cancel", body)

    async def reinstate(
        self, attempt_id: str, *, reason: str, on_return: bool = False, command_id: str | None = None
    ) -> CommandReply:
        """Make a void attempt what it was before; `on_return`: its clocks stand until the test-taker is there."""
        body = ReinstateBody(command_id=command_id, on_return=on_return, reason=reason)
        return await self._command(attempt_id, "reinstate", body)

    async def admit(self, attempt_id: str, *, reason: str = "", command_id: str | None = None) -> CommandReply:
        """Let a test-taker in who waits before the start."""
        return await self._command(attempt_id, "admit", ReasonBody(command_id=command_id, reason=reason))

    async def reopen(
        self,
        attempt_id: str,
        *,
        left_ms: int | None,
        reason: str,
        on_return: bool = False,
        command_id: str | None = None,
    ) -> CommandReply:
        """Let the test-taker go on after the end; without `left_ms` there is no limit, as the attempt had none.
        `on_return`: the clock stands until the test-taker is there."""
        body = ReopenBody(command_id=command_id, left_ms=left_ms, reason=reason, on_return=on_return)
        return await self._command(attempt_id, "reopen", body)

    async def accept(
        self, attempt_id: str, *, reason: str, said: str = "", command_id: str | None = None
    ) -> CommandReply:
        """Take what a test-taker has abandoned as it stands: it is handed in. She is told what is `said`, and never the
        reason."""
        return await self._command(attempt_id, "accept", EndBody(command_id=command_id, reason=reason, said=said))

    async def allow_device(self, attempt_id: str, *, reason: str, command_id: str | None = None) -> CommandReply:
        """Let one new device have an attempt whose link another device has bound."""
        return await self._command(attempt_id, "allow-device", ReasonBody(command_id=command_id, reason=reason))

    async def acknowledge_hand(
        self, attempt_id: str, *, reason: str = "", command_id: str | None = None
    ) -> CommandReply:
        """Tell a test-taker whose hand is up that she was seen."""
        body = ReasonBody(command_id=command_id, reason=reason)
        return await self._command(attempt_id, "acknowledge-hand", body)

    async def accommodate(
        self,
        attempt_id: str,
        extra_time_ms: int | None,
        *,
        reason: str = "",
        may_shorten: bool = False,
        command_id: str | None = None,
    ) -> CommandReply:
        """Grant a test-taker extra time on top of the test's duration, instead of what she had."""
        body = AccommodateBody(
            command_id=command_id, extra_time_ms=extra_time_ms, reason=reason, may_shorten=may_shorten
        )
        return await self._command(attempt_id, "accommodate", body)

    async def apply_rules(
        self, attempt_id: str, *, reason: str = "", may_shorten: bool = False, command_id: str | None = None
    ) -> CommandReply:
        """Put the rules of the test's newest version in force for an attempt that has started."""
        body = ApplyRulesBody(command_id=command_id, reason=reason, may_shorten=may_shorten)
        return await self._command(attempt_id, "apply-rules", body)

    async def log(self, attempt_id: str, *, after: int = 0, limit: int | None = None) -> LogPage:
        """Records of the attempt's log, from behind number `after`; `next` of the page continues it."""
        return await self._on(attempt_id, "GET", "log", LogPage, query=given(after=after, limit=limit))

    async def result_token(self, attempt_id: str, *, lifetime_ms: int | None = None) -> ResultTokenReply:
        """A token that shows the candidate her result, when the test shows it, and nothing else."""
        body = ResultTokenBody(lifetime_ms=lifetime_ms)
        return await self._on(attempt_id, "POST", "result-token", ResultTokenReply, body)

    async def grant_attempt(
        self, attempt_id: str, *, reason: str = "", command_id: str | None = None, seen_ms: int | None = None
    ) -> GrantAttemptReply:
        """Grant the test-taker one more attempt at the test than she may have now. Refused where somebody else has
        acted at `seen_ms` or since."""
        body = GrantAttemptBody(command_id=command_id, reason=reason, seen_ms=seen_ms)
        return await self._on(attempt_id, "POST", "grant-attempt", GrantAttemptReply, body)


class OwnedRest:
    """Opens and closes the pool of connections around a `Rest`."""

    def __init__(self, base_url: str, token: str, connections: int) -> None:
        self._base_url = base_url
        self._token = token
        self._connections = connections
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Rest:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE_S)
        )
        return Rest(self._base_url, self._token, self._http)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._http is not None
        await self._http.close()
