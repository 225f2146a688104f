"""Every endpoint of the server has a method of the Python client, which sends what the endpoint reads."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn
from urllib.parse import unquote

import msgspec
import pytest

from clients.python.rest import Rest
from clients.vectors import EXAMPLES
from protocol.operations import OPERATIONS
from protocol.orders import COMMANDS
from protocol.override import Override
from protocol.rest.api_keys import ApiKeyBody, RenewBody
from protocol.rest.attempts import NewAttempt, OwnAttempts
from protocol.rest.bulk import BulkBody
from protocol.rest.enrolments import EnrolmentBody
from protocol.rest.gradebook import RegradeBody
from protocol.rest.late import LateAnswerBody, LateBody
from protocol.rest.leaderboard import StandBody
from protocol.rest.marking import ClaimBody
from protocol.rest.operations import NumberedAnswer
from protocol.rest.people import PersonBody
from protocol.rest.retention import RetentionBody
from protocol.rest.subscriptions import SubscribeBody, SubscriptionBody
from protocol.rest.tokens import TokenBody
from server.api.endpoint import Endpoint
from server.app import ENDPOINTS
from tests.e2e.exams import short_texts

A, T, U, G, Q, B = "{attempt_id}", "{test_id}", "{user_id}", "{group_id}", "{question_id}", "{bulk_id}"
S, E, K = "{subscription_id}", "{event_id}", "{key_id}"
"""Ids that read like the addresses in which they stand."""
MORE = Override(extra_attempts=1)
PAUSE = next(order for order, command in COMMANDS.items() if command.__struct_config__.tag == "pause")

FILTERS: dict[str, Any] = {
    "test_id": T,
    "user_id": U,
    "branch_id": "b",
    "group_id": G,
    "updated_since_ms": 1,
    "after": "x",
    "limit": 1,
}

PAGE: dict[str, Any] = {"sort": "user_id", "after": "x", "limit": 1}
OF_TEST: dict[str, Any] = {"user_id": U, "branch_id": "b", "group_id": G, "status": "paused"}

CALLS: dict[str, list[Callable[[Rest], Awaitable[Any]]]] = {
    "put_test": [lambda rest: rest.put_test(T, short_texts(1))],
    "store_media": [lambda rest: rest.store_media(b"a file")],
    "import_exam": [lambda rest: rest.import_exam(b"a", name="a", test_id=T, title="A", dry_run=True, leave_out=True)],
    "test": [lambda rest: rest.test(T, version=1)],
    "test_versions": [lambda rest: rest.test_versions(T, created_since_ms=1, **PAGE)],
    "tests": [lambda rest: rest.tests(search="x", updated_since_ms=1, **PAGE)],
    "rooms": [lambda rest: rest.rooms(from_ms=1, until_ms=2, search="x", **PAGE)],
    "mark_alerts_seen": [lambda rest: rest.mark_alerts_seen(A, 5), lambda rest: rest.mark_alerts_seen(A, None)],
    "alerts_seen": [lambda rest: rest.alerts_seen(T)],
    "server": [lambda rest: rest.server()],
    "attempt": [lambda rest: rest.attempt(A)],
    "find_attempts": [
        lambda rest: rest.find_attempts(statuses=["paused"], fields=["status", "seq"], sort="-user_id", **FILTERS)
    ],
    "find_results": [lambda rest: rest.find_results(attempt_id=A, fields=["score_mpt"], sort="user_id", **FILTERS)],
    "attempts": [lambda rest: rest.attempts(T, **OF_TEST, **PAGE)],
    "admission": [lambda rest: rest.admission(T, user_id=U)],
    "expected": [lambda rest: rest.expected(T, group_id="room", branch_id="north", **PAGE)],
    "schedule_warnings": [lambda rest: rest.schedule_warnings(T)],
    "preview": [lambda rest: rest.preview(T, form="A", seed=7, version=1)],
    "key": [lambda rest: rest.key(T, version=1)],
    "lint": [lambda rest: rest.lint(T, version=1)],
    "subscribe": [lambda rest: rest.subscribe(SubscribeBody(kind="stream", target="exams", topics=["*"]))],
    "subscriptions": [lambda rest: rest.subscriptions(kind="mail", enabled=True, **PAGE)],
    "subscription": [lambda rest: rest.subscription(S)],
    "change_subscription": [lambda rest: rest.change_subscription(S, SubscriptionBody(target="exams", topics=["*"]))],
    "remove_subscription": [lambda rest: rest.remove_subscription(S)],
    "rotate_secret": [lambda rest: rest.rotate_secret(S), lambda rest: rest.rotate_secret(S, overlap_ms=0)],
    "replay": [lambda rest: rest.replay(S), lambda rest: rest.replay(S, ["an event"])],
    "deliveries": [lambda rest: rest.deliveries(subscription_id=S, state="dead", **PAGE)],
    "delivery": [lambda rest: rest.delivery(S, E)],
    "events": [lambda rest: rest.events(topic="*", after="x", limit=1)],
    "room_groups": [lambda rest: rest.room_groups(T)],
    "papers": [lambda rest: rest.papers(T, A, A)],
    "make_attempt": [lambda rest: rest.make_attempt(NewAttempt(test_id=T, user_id=U))],
    "own_attempts": [lambda rest: rest.own_attempts(T)],
    "start": [lambda rest: rest.start(A, access_code="x")],
    "status": [lambda rest: rest.status(A)],
    "paper": [lambda rest: rest.paper(A)],
    "hand_in_file": [lambda rest: rest.hand_in_file(A, Q, b"a file", response_id="x")],
    "hand_late": [
        lambda rest: rest.hand_late(
            A, LateBody(client_now_ms=1, answers=[LateAnswerBody(question_id=Q, value="a", client_at_ms=1)])
        )
    ],
    "answer_file_key": [lambda rest: rest.answer_file_key(A)],
    "bring_answer_file": [lambda rest: rest.bring_answer_file(A, b"a file")],
    "files": [lambda rest: rest.files(A)],
    "file": [lambda rest: rest.file(A, "{hash}")],
    "keep_captured_picture": [lambda rest: rest.keep_captured_picture(A, "screen", b"a picture")],
    "captured_pictures": [
        lambda rest: rest.captured_pictures(A, "camera"),
        lambda rest: rest.captured_pictures(A, "camera", before=1),
    ],
    "delete_captured_pictures": [lambda rest: rest.delete_captured_pictures(A, "screen")],
    "heartbeat": [lambda rest: rest.heartbeat(A, t0_ms=1)],
    "operate": [
        lambda rest, kind=kind: rest.operate(A, EXAMPLES[kind])  # type: ignore[misc]
        for kind, handling in OPERATIONS.items()
        if handling.path is not None
    ],
    "answer": [lambda rest: rest.answer(A, [NumberedAnswer(n=1, question_id=Q, value="x", client_at_ms=0)])],
    "complete": [lambda rest: rest.complete(A)],
    "come_back": [lambda rest: rest.come_back(A, device="d", connect_n=1)],
    "answers": [lambda rest: rest.answers(A)],
    "result": [lambda rest: rest.result(A)],
    "pause": [lambda rest: rest.pause(A)],
    "resume": [lambda rest: rest.resume(A)],
    "extend": [lambda rest: rest.extend(A, add_ms=1_000)],
    "message": [lambda rest: rest.message(A, "x")],
    "warn": [lambda rest: rest.warn(A, reason="x")],
    "end": [lambda rest: rest.end(A, reason="x")],
    "cancel": [lambda rest: rest.cancel(A, reason="x")],
    "reinstate": [lambda rest: rest.reinstate(A, reason="x")],
    "admit": [lambda rest: rest.admit(A)],
    "reopen": [lambda rest: rest.reopen(A, left_ms=1_000, reason="x")],
    "accept": [lambda rest: rest.accept(A, reason="x")],
    "allow_device": [lambda rest: rest.allow_device(A, reason="x")],
    "acknowledge_hand": [lambda rest: rest.acknowledge_hand(A)],
    "accommodate": [lambda rest: rest.accommodate(A, 1_000)],
    "apply_rules": [lambda rest: rest.apply_rules(A)],
    "log": [lambda rest: rest.log(A, limit=1)],
    "result_token": [lambda rest: rest.result_token(A)],
    "grant_attempt": [lambda rest: rest.grant_attempt(A)],
    "bulk": [lambda rest: rest.bulk(T, BulkBody(bulk_id=B, order=PAUSE(reason=""), attempt_ids=[A]))],
    "bulk_acts": [lambda rest: rest.bulk_acts(T)],
    "bulk_targets": [lambda rest: rest.bulk_targets(B, refused=True, **PAGE)],
    "bulk_left_out": [lambda rest: rest.bulk_left_out(B)],
    "incidents": [lambda rest: rest.incidents(T, since_ms=1, **OF_TEST, **PAGE)],
    "import_oneroster": [lambda rest: rest.import_oneroster(b"a", dry_run=True)],
    "import_roster": [lambda rest: rest.import_roster("id", test_id=T, dry_run=True)],
    "put_person": [lambda rest: rest.put_person(U, PersonBody(name="Ada"))],
    "person": [lambda rest: rest.person(U)],
    "remove_person": [lambda rest: rest.remove_person(U)],
    "people": [
        lambda rest: rest.people(search="x", group_id=G, branch_id="b", active=True, updated_since_ms=1, **PAGE)
    ],
    "put_group": [lambda rest: rest.put_group(G, "Room")],
    "group": [lambda rest: rest.group(G)],
    "remove_group": [lambda rest: rest.remove_group(G)],
    "groups": [lambda rest: rest.groups(search="x", user_id=U, **PAGE)],
    "members": [lambda rest: rest.members(G, branch_id="b", **PAGE)],
    "join": [lambda rest: rest.join(G, U)],
    "leave": [lambda rest: rest.leave(G, U)],
    "enrol": [lambda rest: rest.enrol(EnrolmentBody(test_id=T, user_id=U))],
    "unenrol": [lambda rest: rest.unenrol(test_id=T, course_id="c", user_id=U, group_id=G)],
    "enrolments": [lambda rest: rest.enrolments(test_id=T, course_id="c", kind="user", user_id=U, group_id=G, **PAGE)],
    "grant": [
        lambda rest: rest.grant(MORE, test_id=T, user_id=U),
        lambda rest: rest.grant(MORE, test_id=T, group_id=G),
        lambda rest: rest.grant(MORE, user_id=U),
        lambda rest: rest.grant(MORE, group_id=G),
    ],
    "take_back": [
        lambda rest: rest.take_back(test_id=T, user_id=U),
        lambda rest: rest.take_back(test_id=T, group_id=G),
        lambda rest: rest.take_back(user_id=U),
        lambda rest: rest.take_back(group_id=G),
    ],
    "granted": [
        lambda rest: rest.granted(test_id=T, user_id=U),
        lambda rest: rest.granted(test_id=T, group_id=G),
        lambda rest: rest.granted(user_id=U),
        lambda rest: rest.granted(group_id=G),
    ],
    "overrides": [
        lambda rest: rest.overrides(test_id=T, kind="user", user_id=U, group_id=G, updated_since_ms=1),
        lambda rest: rest.overrides(**PAGE),
    ],
    "marking_queue": [
        lambda rest: rest.marking_queue(
            T, by="question", question_id=Q, attempt_id=A, user_id=U, after=f"{A}/{Q}", limit=1
        )
    ],
    "claim": [lambda rest: rest.claim(T, ClaimBody())],
    "let_go": [lambda rest: rest.let_go(T, A, Q)],
    "essays": [lambda rest: rest.essays(A)],
    "late_answers": [lambda rest: rest.late_answers(A)],
    "decide_late": [lambda rest: rest.decide_late(A, "{late_id}", accepted=[Q], reason="x")],
    "mark": [lambda rest: rest.mark(A, Q, score_mpt=0)],
    "result_versions": [lambda rest: rest.result_versions(A)],
    "regrade": [lambda rest: rest.regrade(T, RegradeBody(key_version=1, reason="x"))],
    "regrade_progress": [lambda rest: rest.regrade_progress(T, "{regrade_id}")],
    "test_results": [lambda rest: rest.test_results(T, updated_since_ms=1, **OF_TEST, **PAGE)],
    "release_results": [lambda rest: rest.release_results(T)],
    "gradebook": [lambda rest: rest.gradebook(T, layout="canvas", mark="no")],
    "safe_exam_browser": [lambda rest: rest.safe_exam_browser(T)],
    "gradebook_workbook": [lambda rest: rest.gradebook_workbook(T)],
    "gradebook_parquet": [lambda rest: rest.gradebook_parquet(T)],
    "report": [lambda rest: rest.report(T, language="de")],
    "attempt_report": [lambda rest: rest.attempt_report(A, language="de")],
    "analytics": [lambda rest: rest.analytics(T, form_id="A", version=1, group_id="g")],
    "attempt_analytics": [lambda rest: rest.attempt_analytics(A)],
    "leaderboard": [lambda rest: rest.leaderboard(T, limit=9)],
    "stand": [lambda rest: rest.stand(A, StandBody(stands=True, pseudonym="Newton"))],
    "statistics": [lambda rest: rest.statistics(T, form_id="A", version=1, goal_permille=600)],
    "confirmation": [lambda rest: rest.confirmation(A)],
    "skills": [lambda rest: rest.skills(U, goal_permille=600)],
    "statistics_table": [lambda rest: rest.statistics_table(T, form_id="A", version=1)],
    "give_token": [lambda rest: rest.give_token(TokenBody(role="marker", user_id=U))],
    "revoke": [lambda rest: rest.revoke("x", user_id=U)],
    "make_api_key": [lambda rest: rest.make_api_key(ApiKeyBody(role="service", user_id=U))],
    "api_keys": [lambda rest: rest.api_keys(role="service", user_id=U, **PAGE)],
    "api_key": [lambda rest: rest.api_key(K)],
    "renew_api_key": [lambda rest: rest.renew_api_key(K), lambda rest: rest.renew_api_key(K, RenewBody(overlap_ms=0))],
    "revoke_api_key": [lambda rest: rest.revoke_api_key(K)],
    "audit": [
        lambda rest: rest.audit(after=1, before=9, limit=1, kind="k", subject=U, by=U, test_id=T, from_ms=1, until_ms=2)
    ],
    "retention": [lambda rest: rest.retention()],
    "put_retention": [lambda rest: rest.put_retention(RetentionBody(audit_days=400))],
    "preview_retention": [
        lambda rest: rest.preview_retention(
            archive_after_days=1, drop_after_days=2, audit_days=400, delivery_days=3, media_days=4
        )
    ],
    "export": [lambda rest: rest.export(U)],
    "erase": [lambda rest: rest.erase(U)],
}
BY_ADDRESS = {(one.method, one.path): one for one in ENDPOINTS}
_NO_CALL = {"ready", "as_user", "with_key", "careful", "open"}
"""Methods that stand for no endpoint of the API."""


class _Sent(Exception):
    def __init__(self, method: str, path: str, kind: type, body: msgspec.Struct | None, query: dict[str, str]) -> None:
        self.address = (method, unquote(path))
        self.kind = kind
        self.body = body
        self.query = query


class _Says(Rest):
    """Says what would be sent, instead of sending it."""

    def __init__(self) -> None:
        self._devices = {}

    async def _call(
        self,
        method: str,
        path: str,
        kind: type,
        body: msgspec.Struct | None = None,
        query: dict[str, str] | None = None,
        device: str | None = None,
    ) -> NoReturn:
        raise _Sent(method, path, kind, body, query or {})

    async def _upload(
        self,
        path: str,
        kind: type,
        data: bytes,
        query: dict[str, str] | None = None,
        device: str | None = None,
    ) -> NoReturn:
        raise _Sent("POST", path, kind, None, query or {})

    async def _file(self, path: str, device: str | None, query: dict[str, str] | None = None) -> NoReturn:
        raise _Sent("GET", path, str, None, query or {})

    async def _table(self, path: str, query: dict[str, str]) -> NoReturn:
        raise _Sent("GET", path, str, None, query)


async def _sent(call: Callable[[Rest], Awaitable[Any]]) -> _Sent:
    with pytest.raises(_Sent) as caught:
        await call(_Says())
    return caught.value


def test_the_table_has_every_method() -> None:
    methods = {name for name, _ in inspect.getmembers(Rest, inspect.isfunction) if not name.startswith("_")}
    assert methods - _NO_CALL == set(CALLS)


async def test_every_endpoint_has_a_method() -> None:
    reached = {(await _sent(call)).address for calls in CALLS.values() for call in calls}
    twins = {("POST", path) for method, path in BY_ADDRESS if method == "PUT"}
    # SCIM is for identity providers, which bring their own clients.
    ours = {(method, path) for method, path in BY_ADDRESS if not path.startswith("/scim/")}
    assert ours - twins == reached


@pytest.mark.parametrize("name", CALLS)
async def test_a_method_sends_what_its_endpoint_reads(name: str) -> None:
    for call in CALLS[name]:
        sent = await _sent(call)
        endpoint: Endpoint = BY_ADDRESS[sent.address]
        assert sent.kind is (OwnAttempts if name == "own_attempts" else endpoint.reply), "a candidate gets less"
        reads = endpoint.reads or endpoint.body
        assert (sent.body is None) == (reads is None)
        if reads is not None:
            msgspec.json.decode(msgspec.json.encode(sent.body), type=reads)
        assert sent.query.keys() <= {query.name for query in endpoint.query}
        # What the endpoint can be asked for can be said, and is said in the table.
        said = set().union(*[(await _sent(one)).query for one in CALLS[name]])
        assert name == "own_attempts" or said == {query.name for query in endpoint.query} - _left_out(endpoint)


def _left_out(endpoint: Endpoint) -> set[str]:
    """A method whose reply has typed lines gets them whole."""
    if endpoint.lines is None or any(field.required for field in msgspec.structs.fields(endpoint.lines.line)[1:]):
        return {"fields"}
    return set()
