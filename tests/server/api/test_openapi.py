"""The document is valid, complete and true: a tour through every endpoint, each response held against it."""

import re
from typing import Any, Final

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from clients.vectors import EXAMPLES
from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.events.delivering import DEAD, Next
from protocol.messages.operations import Enter
from protocol.operations import OPERATIONS
from protocol.scim.attributes import GROUP, USER
from protocol.scim.patching import PATCH_URN
from server.app import make_app
from storage.deliveries import Settled
from tests.protocol.rules.test_oneroster import SET, zipped
from tests.server.conftest import StartServer
from tests.server.harness.document import Document
from tests.server.harness.exam import ANSWERS, ORG, TEST, asked, exam
from tests.server.harness.running import HOUR_MS, Reply, RunningServer
from tests.server.harness.sealing import sealed
from tests.server.harness.waiting import eventually
from tests.server.media.files import SVG, jpeg

REASONED = [("end", {"reason": "x"}), ("warn", {"reason": "x"})]
UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
_NOT_IN_IT = {
    "/openapi.json",
    "/asyncapi.json",
    "/",
    "/sit",
    "/monitor",
    "/staff",
    "/assets/{name:path}",
    "/media/{sealed}/{name}",
    "/mail/stop",
    "/sign-in",
    "/sign-in/finish",
    "/sign-out",
    "/confirmations/check",
    "/.well-known/pencilsdown-keys.json",
} | {f"/{name}" for name in ("sit-worker.js", "sit.webmanifest", "sit-icon-192.png", "sit-icon-512.png")}
"""The document itself, what an operator scrapes, and what browsers load."""


NOTICED: Final = {
    "integrity": [{"signal": "focus_lost"}],
    "captures": [{"source": "screen", "asks": "offered", "every_ms": 30_000, "keep_days": 30}],
}


class Tour:
    """Calls, and holds every response against the document."""

    def __init__(self, server: RunningServer, document: dict[str, Any]) -> None:
        self.server = server
        self.document = document
        self.seen: set[tuple[str, str, int]] = set()
        self.undocumented: set[str] = set()
        self.told = Document(document)

    async def call(
        self, method: str, path: str, token: str | None = None, body: Any = None, raw: bytes | None = None
    ) -> Reply:
        if token is not None and token not in (self.server.service, self.server.instructor) and _acts(path, body):
            body = await self.server.with_connection(path, token, body)
        reply = await self.server.call(method, path, token, body, raw)
        template = self.told.template_of(path)
        operation = self.told.operation(method, template)
        if reply.status >= 400:
            self._note(f"{method} {template}", reply, operation["responses"])
            return reply
        response = operation["responses"][str(reply.status)]
        assert {name.lower() for name in response.get("headers", ())} <= reply.headers.keys()
        if reply.status == 204:
            assert "content" not in response
            assert reply.raw == b""
            self.seen.add((method, template, reply.status))
            return reply
        content = response["content"][reply.headers["content-type"]]
        is_json = "json" in reply.headers["content-type"]
        self.told.hold(reply.body if is_json else reply.raw.decode(errors="replace"), content["schema"])
        if "requestBody" in operation and body is not None:
            self.told.hold(body, operation["requestBody"]["content"]["application/json"]["schema"])
        self.seen.add((method, template, reply.status))
        return reply

    def _note(self, operation: str, reply: Reply, responses: dict[str, Any]) -> None:
        """A refusal must be documented by its status and its code."""
        response = responses.get(str(reply.status))
        if response is None or f"`{reply.code}`" not in response["description"]:
            self.undocumented.add(f"{operation}: {reply.code}")
            return
        assert ("Retry-After" in response.get("headers", ())) == (reply.status in (429, 503))
        assert ("retry-after" in reply.headers) or reply.status not in (429, 503)
        self.told.hold(reply.body, response["content"][reply.headers["content-type"]]["schema"])


@pytest.fixture
async def tour(start_server: StartServer) -> Tour:
    server = await start_server()
    return Tour(server, (await server.call("GET", "/openapi.json")).ok())


async def test_the_document_is_valid(tour: Tour) -> None:
    OpenAPIV31SpecValidator(tour.document).validate()


async def test_every_route_is_in_the_document_and_the_other_way_round(tour: Tour) -> None:
    async def no_node() -> Any:
        raise NotImplementedError

    routes = {
        (method, route.path.replace(":user}", "}"))
        for route in make_app(tour.server.settings, no_node).routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
        if route.path.partition("#")[0] not in _NOT_IN_IT
    }
    documented = {(method.upper(), path) for path, methods in tour.document["paths"].items() for method in methods}
    assert routes == documented


async def test_every_refusal_in_the_document_is_one_of_ours(tour: Tour) -> None:
    named = set(re.findall(r"`(\w+)`:", str(tour.document["paths"])))
    assert named <= {code.value for code in Code}


async def test_the_tour(tour: Tour) -> None:
    await _successes(tour)
    await _refusals(tour)
    await _states(tour)
    expected = {
        (method.upper(), path, int(min(operation["responses"])))
        for path, methods in tour.document["paths"].items()
        for method, operation in methods.items()
    }
    assert expected <= tour.seen, "every endpoint has been seen to succeed"
    assert not tour.undocumented, "\n".join(sorted(tour.undocumented))


def _acts(path: str, body: Any) -> bool:
    """Whether a candidate needs a connection for this call."""
    plain = (f"/{handling.path}" for handling in OPERATIONS.values() if handling.path is not None)
    acts = ("/start", "/answers", *plain, "/complete", "/heartbeat")
    return path.startswith("/test-attempts/") and path.endswith(acts) and isinstance(body, dict)


def _connection_of(server: RunningServer, path: str) -> str | None:
    live = server.node.registry.at_hand(path.rpartition("/")[2])
    assert live is not None
    return live.committed.connection_id


async def _attempt(tour: Tour, user: str, test_id: str = TEST, **wanted: Any) -> tuple[str, str]:
    body = {"test_id": test_id, "user_id": user, "display_name": user.title(), **wanted}
    made = (await tour.call("POST", "/test-attempts", tour.server.service, body)).ok()
    return f"/test-attempts/{made['attempt_id']}", made["token"]


async def _files(tour: Tour) -> None:
    """A file that is handed in, and read by who marks it."""
    uploads = {"title": "Files", "questions": [asked("upload", "Draw.", "upload", kinds=["text"])]}
    (await tour.call("PUT", "/tests/files", tour.server.service, uploads)).ok()
    path, candidate = await _attempt(tour, "fil", "files")
    (await tour.call("POST", f"{path}/start", candidate, {})).ok()
    name = (await tour.call("POST", f"{path}/files?question_id=upload", candidate, raw=b"A file")).ok()["hash"]
    assert (await tour.call("GET", f"{path}/files", tour.server.instructor)).ok()["files"][0]["hash"] == name
    assert (await tour.call("GET", f"{path}/files/{name}", tour.server.instructor)).raw == b"A file"


async def _captured(tour: Tour, path: str, candidate: str) -> None:
    """A picture to which the candidate has agreed, seen and deleted by staff."""
    pictures = f"{path}/captured-pictures?source=screen"
    (await tour.call("POST", pictures, candidate, raw=jpeg())).ok()
    assert (await tour.call("POST", pictures, candidate, raw=jpeg())).code == Code.CAPTURED_TOO_SOON
    assert (await tour.call("GET", pictures, tour.server.instructor)).ok()["total"] == 1
    assert (await tour.call("DELETE", pictures, tour.server.service)).ok() == {"removed": True}


async def _successes(tour: Tour) -> None:
    service, instructor = tour.server.service, tour.server.instructor
    (await tour.call("GET", "/healthz")).ok()
    (await tour.call("PUT", f"/tests/{TEST}", service, exam(essay=True, **NOTICED))).ok()
    (await tour.call("POST", "/media", service, raw=SVG)).ok()
    gift = b"Is it so?{T}"
    (await tour.call("POST", "/imports?test_id=brought&name=a.gift", service, raw=gift)).ok()
    assert (await tour.call("POST", "/imports", service, raw=gift)).code == Code.MISSING_FIELD
    assert (await tour.call("POST", "/imports?test_id=x", service, raw=b"nothing")).code == Code.INVALID_TEST
    (await tour.call("GET", f"/tests/{TEST}", instructor)).ok()
    for what in ("preview", "key", "lint"):
        (await tour.call("GET", f"/tests/{TEST}/{what}", instructor)).ok()
    assert (await tour.call("GET", f"/tests/{TEST}/preview?form=A", instructor)).code == Code.UNKNOWN_FORM
    (await tour.call("GET", "/tests", instructor)).ok()
    assert (await tour.call("GET", f"/tests/{TEST}/admission", tour.server.token(user="ada"))).ok()["may_start"]
    path, candidate = await _attempt(tour, "ada")
    own = (await tour.call("GET", f"/test-attempts?test_id={TEST}", tour.server.token(user="ada"))).ok()["attempts"]
    assert [(one["attempt_number"], one["status"]) for one in own] == [(1, "initiated")]
    (await tour.call("POST", f"{path}/start", candidate, {"client_at_ms": 1})).ok()
    own = (await tour.call("GET", f"/test-attempts?test_id={TEST}", candidate)).ok()["attempts"]
    assert [(one["attempt_number"], one["status"]) for one in own] == [(1, "in_progress")]
    assert (await tour.call("GET", "/test-attempts", candidate)).code == Code.MISSING_FIELD
    (await tour.call("GET", f"{path}/paper", candidate)).ok()
    answers = [
        {"n": n, "question_id": question_id, "value": value, "client_at_ms": 1}
        for n, (question_id, value) in enumerate((ANSWERS | {"essay": "Because."}).items(), 1)
    ]
    bad = {"n": 99, "question_id": "nowhere", "value": None, "client_at_ms": 1}
    reply = (await tour.call("POST", f"{path}/answers", candidate, {"answers": [*answers, bad]})).ok()
    assert (reply["acked"], [one["code"] for one in reply["refused"]]) == ([1, 2, 3, 4, 5, 6], ["unknown_question"])
    await _files(tour)
    (await tour.call("POST", f"{path}/messages", instructor, {"command_id": "m", "text": "Hello"})).ok()
    # Entering needs a test with an order: it comes below.
    plain = {kind: one.path for kind, one in OPERATIONS.items() if one.path is not None and kind is not Enter}
    for method in ("PUT", "POST"):
        beat = (await tour.call(method, f"{path}/heartbeat", candidate, {"t0_ms": 3})).ok()
        assert [one["message_id"] for one in beat["unseen"]] == (["m"] if method == "PUT" else [])
        for n, (kind, name) in enumerate(plain.items(), 7):
            known = {"n": n, "question_id": "fact", "question_index": 2, "message_id": "m"}
            example = msgspec.to_builtins(EXAMPLES[kind])
            asked = {field: known.get(field, example[field]) for field in kind.__struct_fields__}
            (await tour.call(method, f"{path}/{name}", candidate, asked)).ok()
    await _captured(tour, path, candidate)
    last_n = 6 + len(plain)
    seen = (await tour.call("POST", f"{path}/acknowledge-hand", instructor, {})).ok()
    assert seen["state"]["hand"] == "acknowledged"
    assert (await tour.call("POST", f"{path}/acknowledge-hand", instructor, {})).code == Code.NO_HAND
    (await tour.call("POST", f"{path}/warn", instructor, {"reason": "a phone"})).ok()
    (await tour.call("POST", f"{path}/pause", instructor, {"reason": "fire"})).ok()
    (await tour.call("POST", f"{path}/resume", instructor, {})).ok()
    back = (await tour.call("POST", f"{path}/resume", candidate, tour.server.arrival(client="page"))).ok()
    assert (back["last_n"], back["flagged"]) == (last_n, ["fact"])
    assert [(one["text"], one["formal"]) for one in back["unseen"]] == [("a phone", True)]
    (await tour.call("POST", f"{path}/extend", instructor, {"add_ms": 1_000})).ok()
    order = {"bulk_id": "tour", "order": {"t": "extend", "add_ms": 1_000}, "filter": {"statuses": ["in_progress"]}}
    (await tour.call("POST", f"/tests/{TEST}/bulk", instructor, order)).ok()
    assert (await tour.call("GET", f"/tests/{TEST}/bulk", instructor)).ok()["acts"][0]["total"] == 1
    for at in ("/bulk/tour", "/bulk/tour?refused=1", "/bulk/tour/left-out", f"/tests/{TEST}/incidents"):
        (await tour.call("GET", at, instructor)).ok()
    (await tour.call("POST", f"{path}/accommodate", instructor, {"extra_time_ms": 1_000})).ok()
    (await tour.call("POST", f"{path}/apply-rules", instructor, {})).ok()
    (await tour.call("GET", f"{path}/status", candidate)).ok()
    assert len((await tour.call("GET", f"{path}/answers", candidate)).ok()["answers"]) == 6
    (await tour.call("POST", f"{path}/complete", candidate, {"n": last_n + 1})).ok()
    (await tour.call("POST", f"{path}/complete", candidate, {})).ok()
    assert len((await tour.call("GET", f"{path}/log", instructor)).ok()["entries"]) > 1
    attempt_id = path.rpartition("/")[2]
    papers = f"/tests/{TEST}/papers?attempt={attempt_id}"
    assert (await tour.call("GET", f"{papers}&other={attempt_id}", instructor)).ok()["equal"] is True
    assert (await tour.call("GET", papers, instructor)).code == Code.MISSING_FIELD
    (await tour.call("POST", f"{path}/result-token", instructor, {})).ok()
    essays = (await tour.call("GET", f"{path}/essays", instructor)).ok()["essays"]
    assert [(one["question_id"], one["parts"][0]["value"]) for one in essays] == [("essay", "Because.")]
    queue = f"/tests/{TEST}/marking-queue"
    assert (await tour.call("GET", queue, instructor)).ok()["waiting"] == 1
    claimed = (await tour.call("POST", f"{queue}/claim", instructor, {})).ok()["task"]
    place = {name: claimed["answer"][name] for name in ("attempt_id", "question_id")}
    assert (await tour.call("POST", f"{queue}/release", instructor, place)).ok() == {"released": True}
    marked = await tour.call("PUT", f"{path}/marks/essay", instructor, {"score_mpt": 4_000, "remark": "Good"})
    assert marked.ok()["complete"] is True
    result = (await tour.call("GET", f"{path}/result", candidate)).ok()
    (await tour.call("GET", f"{path}/result-versions", instructor)).ok()
    (await tour.call("GET", f"{path}/confirmation", instructor)).ok()
    (await tour.call("GET", f"/tests/{TEST}/results", instructor)).ok()
    for address in ("/results", "/test-attempts", path, f"/tests/{TEST}/versions"):
        (await tour.call("GET", address, instructor)).ok()
    ranks = exam(essay=True, integrity=[{"signal": "focus_lost"}], leaderboard="score")
    (await tour.call("PUT", f"/tests/{TEST}", service, ranks)).ok()
    for method, pseudonym in (("POST", None), ("PUT", "Newton")):
        stands = {"stands": True, "pseudonym": pseudonym}
        assert (await tour.call(method, f"{path}/leaderboard", candidate, stands)).ok()["number"] == 1
        for token in (candidate, instructor):
            assert (await tour.call("GET", f"/tests/{TEST}/leaderboard", token)).ok()["lines"][0]["rank"] == 1
        (await tour.call(method, f"{path}/leaderboard", instructor, {"stands": False})).ok()
    (await tour.call("GET", f"/tests/{TEST}/statistics", instructor)).ok()
    (await tour.call("GET", "/users/ada/skills", instructor)).ok()
    (await tour.call("GET", f"/tests/{TEST}/analytics", instructor)).ok()
    (await tour.call("GET", f"/tests/{TEST}/gradebook.csv", instructor)).ok()
    (await tour.call("GET", f"/tests/{TEST}/gradebook.xlsx", instructor)).ok()
    (await tour.call("GET", f"/tests/{TEST}/gradebook.parquet", instructor)).ok()
    for of in (f"/tests/{TEST}", path):
        (await tour.call("GET", f"{of}/report.pdf", instructor)).ok()
    assert (await tour.call("GET", f"/tests/{TEST}/safe-exam-browser", instructor)).code == Code.NOT_FOUND
    seb = exam(safe_exam_browser={"start_url": "https://exams.example.org"})
    (await tour.call("PUT", "/tests/seb", service, seb)).ok()
    (await tour.call("GET", "/tests/seb/safe-exam-browser", instructor)).ok()
    (await tour.call("GET", f"{path}/analytics", instructor)).ok()
    (await tour.call("GET", f"/tests/{TEST}/statistics.csv", instructor)).ok()
    (await tour.call("POST", f"/tests/{TEST}/release", instructor, {})).ok()
    again = {"key_version": 1, "reason": "a wrong key"}
    (await tour.call("POST", f"/tests/{TEST}/regrades", instructor, {**again, "dry_run": True})).ok()
    made = (await tour.call("POST", f"/tests/{TEST}/regrades", instructor, again)).ok()
    (await tour.call("GET", f"/tests/{TEST}/regrades/{made['regrade_id']}", instructor)).ok()
    assert (result["score_mpt"], result["max_mpt"], result["status"]) == (11_000, 12_000, "completed")
    (await tour.call("POST", f"{path}/reopen", instructor, {"left_ms": 60_000, "reason": "again"})).ok()
    (await tour.call("POST", f"{path}/end", instructor, {"reason": "over"})).ok()
    for verb, body in (("pause", {}), ("extend", {"add_ms": 1}), ("end", {"reason": "x"})):
        assert (await tour.call("POST", f"{path}/{verb}", instructor, body)).code == Code.COLLECTED
    await tour.server.advance(2_001)
    # It expires, and its kept mark completes it.
    await tour.server.reaches(path.rsplit("/", 1)[1], "completed")
    (await tour.call("GET", f"/tests/{TEST}/attempts?limit=1", instructor)).ok()
    at_once = exam(at_end="abandon", duration_ms=1_000, grace_ms=0, late_answers="file")
    (await tour.call("PUT", "/tests/at-once", service, at_once)).ok()
    abandoned, candidate = await _attempt(tour, "abe", "at-once")
    (await tour.call("POST", f"{abandoned}/start", candidate, {"client_at_ms": 1})).ok()
    await tour.server.advance(1_001)
    await tour.server.reaches(abandoned.rsplit("/", 1)[1], "abandoned")
    answer = {"question_id": "fact", "value": "true", "client_at_ms": 0}
    late = {"client_now_ms": tour.server.clock.now_ms(), "answers": [answer]}
    (await tour.call("POST", f"{abandoned}/late-answers", candidate, late)).ok()
    key = (await tour.call("GET", f"{abandoned}/answer-file-key", candidate)).ok()["key"]
    content = {"device": "", "client_now_ms": 2, "server_now_ms": None, "answers": [answer | {"client_at_ms": 1}]}
    file = sealed(key, abandoned.rsplit("/", 1)[1], content)
    (await tour.call("POST", f"{abandoned}/answer-file", instructor, raw=file)).ok()
    (await tour.call("POST", f"{abandoned}/accept", instructor, {"reason": "her device failed"})).ok()
    came, _ = (await tour.call("GET", f"{abandoned}/late-answers", instructor)).ok()["late"]
    decision = {"accepted": ["fact"], "reason": "her device failed"}
    at = f"{abandoned}/late-answers/{came['late_id']}/decision"
    (await tour.call("POST", at, instructor, decision)).ok()
    names = list(ANSWERS)
    parts = [{"section_id": name, "title": name, "items": [name]} for name in names]
    (await tour.call("PUT", "/tests/parts", service, {**exam(order="by_section"), "sections": parts})).ok()
    ordered, candidate = await _attempt(tour, "carl", "parts")
    (await tour.call("POST", f"{ordered}/start", candidate, {"client_at_ms": 1})).ok()
    for method in ("PUT", "POST"):
        entered = await tour.call(
            method, f"{ordered}/section", candidate, {"n": 1, "section_id": names[1], "client_at_ms": 1}
        )
        assert entered.ok()["state"]["section_id"] == names[1]
    await _people(tour)
    await _by_scim(tour)
    await _keyed(tour)
    await _told(tour)
    other, _ = await _attempt(tour, "bob")
    (await tour.call("PUT", "/tests/hall", service, exam(waiting_room=True))).ok()
    waits, _ = await _attempt(tour, "bob", "hall")
    (await tour.call("POST", f"{waits}/admit", instructor, {})).ok()
    assert (await tour.call("POST", f"{waits}/admit", instructor, {})).code == Code.NOT_WAITING
    void = {"reason": "void", "counts": True}
    (await tour.call("POST", f"{other}/cancel", instructor, void)).ok()
    (await tour.call("POST", f"{other}/reinstate", instructor, {"reason": "a mistake"})).ok()
    assert (await tour.call("POST", f"{other}/reinstate", instructor, {"reason": "x"})).code == Code.NOT_CANCELLED
    (await tour.call("POST", f"{other}/cancel", instructor, void)).ok()
    (await tour.call("POST", "/revocations", service, {"user_id": "bob", "reason": "cheated"})).ok()
    await _attempt(tour, "zoe")
    assert len((await tour.call("GET", "/users/zoe/export", service)).ok()["attempts"]) == 1
    given = {"role": "invigilator", "user_id": "ida", "branches": ["north"]}
    assert (await tour.call("POST", "/tokens", instructor, given)).ok()["branches"] == ["north"]
    assert (await tour.call("POST", "/tokens", instructor, {**given, "role": "service"})).code == Code.FORBIDDEN
    assert (await tour.call("POST", "/tokens", instructor, {**given, "role": "system"})).code == Code.OUT_OF_RANGE
    assert (await tour.call("POST", "/tokens", instructor, {**given, "user_id": " a"})).code == Code.INVALID_ID
    hers = {"role": "candidate", "user_id": "ida", "attempt_id": UNKNOWN_ID}
    assert (await tour.call("POST", "/tokens", service, hers)).code == Code.NOT_FOUND
    assert len((await tour.call("GET", "/audit?limit=2", service)).ok()["entries"]) == 2
    rule = {"archive_after_days": 365, "drop_after_days": 2555, "audit_days": 730, "delivery_days": 7, "media_days": 90}
    assert (await tour.call("PUT", "/retention", service, rule)).ok()["in_force"] == rule
    assert (await tour.call("GET", "/retention", service)).ok()["rule"] == rule
    assert (await tour.call("GET", "/retention/preview?delivery_days=1", service)).ok()["logs"] == 0
    assert (await tour.call("PUT", "/retention", service, {"audit_days": 29})).code == Code.OUT_OF_RANGE
    assert (await tour.call("DELETE", "/users/zoe", service)).ok() == {"attempts": 1}


async def _by_scim(tour: Tour) -> None:
    """People and groups as an identity provider keeps them."""
    token, base = tour.server.service, "/scim/v2"
    for name in ("ServiceProviderConfig", "ResourceTypes", "ResourceTypes/User", "Schemas", f"Schemas/{GROUP.urn}"):
        (await tour.call("GET", f"{base}/{name}", token)).ok()
    assert (await tour.call("GET", f"{base}/Schemas/Shoe", token)).code == Code.NOT_FOUND
    assert (await tour.call("GET", f"{base}/ResourceTypes/Shoe", token)).code == Code.NOT_FOUND
    wanted = {"schemas": [USER.urn], "userName": "scim@example.org", "displayName": "Scim"}
    made = (await tour.call("POST", f"{base}/Users", token, wanted)).ok()
    assert (await tour.call("POST", f"{base}/Users", token, wanted)).code == Code.TAKEN
    at = f"{base}/Users/{made['id']}"
    assert (await tour.call("GET", at, token)).ok() == made
    assert (await tour.call("GET", f"{base}/Users?count=1", token)).ok()["itemsPerPage"] == 1
    (await tour.call("PUT", at, token, wanted | {"displayName": "Scim A."})).ok()
    patch = {"schemas": [PATCH_URN], "Operations": [{"op": "replace", "value": {"displayName": "Scim B."}}]}
    assert (await tour.call("PATCH", at, token, patch)).ok()["displayName"] == "Scim B."
    room = {"schemas": [GROUP.urn], "displayName": "Room", "members": [{"value": made["id"]}]}
    group = (await tour.call("POST", f"{base}/Groups", token, room)).ok()
    place = f"{base}/Groups/{group['id']}"
    assert (await tour.call("GET", place, token)).ok() == group
    assert (await tour.call("GET", f"{base}/Groups?filter=displayName%20eq%20%22Room%22", token)).ok()["Resources"]
    (await tour.call("PUT", place, token, room | {"displayName": "Hall"})).ok()
    assert (await tour.call("PATCH", place, token, patch)).ok()["displayName"] == "Scim B."
    for wrong in ({}, {"schemas": [USER.urn], "Operations": []}, patch | {"Operations": [{"op": "move"}]}):
        for address in (at, place):
            assert (await tour.call("PATCH", address, token, wrong)).status == 400
    for address, whole in ((at, wanted), (place, room)):
        kind = address.rpartition("/")[0]
        for method, body in (("GET", None), ("PUT", whole), ("PATCH", patch), ("DELETE", None)):
            assert (await tour.call(method, f"{kind}/nobody", token, body)).code == Code.NOT_FOUND
            assert (await tour.call(method, f"{kind}/%20x", token, body)).code == Code.INVALID_ID
        assert (await tour.call("DELETE", address, token)).status == 204


async def _keyed(tour: Tour) -> None:
    """Keys by which services call."""
    token = tour.server.service
    made = (await tour.call("POST", "/api-keys", token, {"role": "marker", "user_id": "gradebook"})).ok()
    path = f"/api-keys/{made['key']['key_id']}"
    assert (await tour.call("GET", "/api-keys", token)).ok()["keys"] == [made["key"]]
    assert (await tour.call("GET", path, token)).ok() == made["key"]
    assert (await tour.call("POST", f"{path}/secret", token, {})).ok()["secret"] != made["secret"]
    assert (await tour.call("DELETE", path, token)).ok() == {"removed": True}
    assert (await tour.call("GET", "/api-keys/nothing", token)).code == Code.NOT_FOUND


async def _told(tour: Tour) -> None:
    """Who is told of events, and what became of that."""
    token = tour.server.service
    target = {"target": "https://hook.invalid/", "topics": ["attempt.*"]}
    made = (await tour.call("POST", "/subscriptions", token, {"kind": "webhook", **target})).ok()
    path = f"/subscriptions/{made['subscription']['subscription_id']}"
    assert (await tour.call("GET", "/subscriptions", token)).ok()["subscriptions"] == [made["subscription"]]
    assert (await tour.call("GET", path, token)).ok() == made["subscription"]
    new = (await tour.call("POST", f"{path}/secret", token, {"overlap_ms": 0})).ok()
    assert new["secret"] != made["secret"]
    await _attempt(tour, "una")
    # Nobody but the test delivers.
    await tour.server.node.courier.stop()
    await tour.server.node.events.take_over(tour.server.clock.now_ms())
    [event, *_] = (await tour.call("GET", "/deliveries", token)).ok()["deliveries"]
    shown = (await tour.call("GET", f"{path}/deliveries/{event['event_id']}", token)).ok()
    assert shown["event"]["type"] == event["topic"]
    assert (await tour.call("POST", f"{path}/replay", token, {})).ok() == {"replayed": 0}
    node, subscription_id = tour.server.node, path.rpartition("/")[2]
    now_ms = node.clock.now_ms()
    given_up = await node.deliveries.claim(ORG, subscription_id, now_ms + HOUR_MS, 1)
    settled = [Settled(one, Next(DEAD, None, "given up"), None) for one in given_up]
    await node.deliveries.settle(ORG, subscription_id, settled, now_ms)
    assert (await tour.call("POST", f"{path}/replay", token, {})).ok() == {"replayed": 1}
    changed = (await tour.call("PUT", path, token, {**target, "enabled": False})).ok()
    assert changed["enabled"] is False
    page = (await tour.call("GET", "/events?topic=attempt.created", token)).ok()
    assert {one["type"] for one in page["events"]} == {"attempt.created"}
    assert (await tour.call("DELETE", path, token)).ok() == {"removed": True}
    for kind, wrong in (("webhook", "https://127.0.0.1/"), ("stream", "exams")):
        body = {"kind": kind, "target": wrong, "topics": ["*"]}
        assert (await tour.call("POST", "/subscriptions", token, body)).code == Code.INVALID_SUBSCRIPTION


async def _people(tour: Tour) -> None:
    """Who there is, groups, enrolments, and what is granted."""
    token, override = tour.server.instructor, {"override": {"extra_time_ms": 60_000}, "reason": "agreed"}
    (await tour.call("PUT", "/people/ada", token, {"name": "Ada", "email": "ada@example.org"})).ok()
    (await tour.call("PUT", "/groups/room", token, {"title": "Room 1"})).ok()
    (await tour.call("PUT", "/groups/room/members/ada", token, {})).ok()
    assert (await tour.call("GET", "/people/ada", token)).ok()["groups"] == ["room"]
    assert len((await tour.call("GET", "/people?limit=1", token)).ok()["people"]) == 1
    assert (await tour.call("GET", "/groups/room", token)).ok()["member_total"] == 1
    assert len((await tour.call("GET", "/groups", token)).ok()["groups"]) == 1
    assert isinstance((await tour.call("GET", f"/tests/{TEST}/groups", token)).ok()["groups"], list)
    assert (await tour.call("GET", "/groups/room/members", token)).ok()["user_ids"] == ["ada"]
    enrolled = {"test_id": TEST, "group_id": "room", "access_code": "x y"}
    assert (await tour.call("PUT", "/enrolments", token, enrolled)).ok()["has_access_code"]
    assert len((await tour.call("GET", f"/enrolments?test_id={TEST}", token)).ok()["enrolments"]) == 1
    for body, code in (
        ({"test_id": TEST}, Code.MISSING_FIELD),
        ({"test_id": TEST, "course_id": "c", "user_id": "ada"}, Code.MISSING_FIELD),
        ({"test_id": TEST, "user_id": " a"}, Code.INVALID_ID),
        ({"course_id": "a/b", "user_id": "ada"}, Code.INVALID_ID),
        ({"test_id": TEST, "group_id": "nowhere"}, Code.NOT_FOUND),
        ({"test_id": TEST, "user_id": "ada", "access_code": " "}, Code.OUT_OF_RANGE),
    ):
        assert (await tour.call("PUT", "/enrolments", token, body)).code == code, body
    for base in (f"/tests/{TEST}/overrides", "/overrides"):
        for who in ("users/ada", "groups/room"):
            granted = (await tour.call("PUT", f"{base}/{who}", token, override)).ok()
            assert (await tour.call("GET", f"{base}/{who}", token)).ok() == granted
            assert (await tour.call("PUT", f"{base}/{who}", token, {"override": {}})).code == Code.INVALID_OVERRIDE
        assert len((await tour.call("GET", base, token)).ok()["overrides"]) == 2
        for who in ("users/nobody", "groups/nowhere"):
            assert (await tour.call("PUT", f"{base}/{who}", token, override)).code == Code.NOT_FOUND
        for who in ("users/ada", "groups/room"):
            assert (await tour.call("DELETE", f"{base}/{who}", token)).ok() == {"removed": True}
    late = {"override": {"extra_time_ms": 60_000, "closes_at_ms": 1_900_000_001_000, "opens_at_ms": 1_900_000_000_900}}
    (await tour.call("PUT", f"/tests/{TEST}/overrides/users/ada", token, late)).ok()
    awaited = (await tour.call("GET", f"/tests/{TEST}/expected?group_id=room", token)).ok()
    assert awaited["next"] is None
    assert (await tour.call("GET", "/rooms?from_ms=2", token)).code == Code.MISSING_FIELD
    assert (await tour.call("GET", "/rooms?from_ms=2&until_ms=1", token)).code == Code.OUT_OF_RANGE
    assert (await tour.call("GET", "/rooms?from_ms=1&until_ms=2", token)).ok()["at_ms"] > 0
    assert (await tour.call("GET", "/server", token)).ok()["missing"] == []
    assert (await tour.call("GET", f"/tests/{TEST}/alerts-seen", token)).ok() == {"seen": []}
    sia, _ = await _attempt(tour, "sia")
    assert (await tour.call("PUT", f"{sia}/alerts-seen", token, {"until_ms": 1})).ok()["until_ms"] == 1
    warned = (await tour.call("GET", f"/tests/{TEST}/schedule-warnings", token)).ok()
    assert [(one["trouble"], one["user_id"]) for one in warned["warnings"]] == [("window_too_short", "ada")]
    (await tour.call("DELETE", f"/tests/{TEST}/overrides/users/ada", token)).ok()
    assert "entries" in (await tour.call("GET", "/audit", tour.server.service)).ok()
    roster = {"test_id": TEST, "csv": "id,group\nada,room\nbob,"}
    checked = (await tour.call("POST", "/rosters", token, {**roster, "dry_run": True})).ok()
    assert checked == {"made": 1, "changed": 1, "unchanged": 0, "mistakes": [], "instants": []}
    assert (await tour.call("POST", "/rosters", token, roster)).ok() == checked
    bad = {"test_id": TEST, "csv": "id,extra_minutes\nada,-1\nada,5\n"}
    refused = await tour.call("POST", "/rosters", token, bad)
    assert refused.code == Code.INVALID_ROSTER
    assert "line 2, extra_minutes: write minutes" in refused.body["detail"]
    found = (await tour.call("POST", "/rosters", token, {**bad, "dry_run": True})).ok()["mistakes"]
    assert [(one["line"], one["column"]) for one in found] == [(2, "extra_minutes"), (3, "id")]
    for body, code in (
        ({"csv": "id\nada"}, Code.MISSING_FIELD),
        ({"csv": "id\nada", "test_id": "nothing"}, Code.NOT_FOUND),
        ({"csv": "id\nada", "course_id": "a/b"}, Code.INVALID_ID),
    ):
        assert (await tour.call("POST", "/rosters", token, body)).code == code
    brought = zipped(SET)
    would = (await tour.call("POST", "/oneroster?dry_run=yes", token, raw=brought)).ok()
    assert (await tour.call("POST", "/oneroster", token, raw=brought)).ok() == would
    assert (would["joined"], would["mistakes"]) == (2, [])
    without_names = zipped({**SET, "users.csv": "sourcedId"})
    for data, says in ((b"nothing", "not a zip file"), (without_names, "givenName is missing")):
        refused = await tour.call("POST", "/oneroster", token, raw=data)
        assert refused.code == Code.INVALID_ROSTER
        assert says in refused.body["detail"]
    [mistake] = (await tour.call("POST", "/oneroster?dry_run=yes", token, raw=without_names)).ok()["mistakes"]
    assert (mistake["file"], mistake["line"]) == ("users.csv", 1)
    for path in (
        f"/enrolments?test_id={TEST}&group_id=room",
        "/groups/room/members/ada",
        "/groups/room",
        "/people/ada",
    ):
        assert (await tour.call("DELETE", path, token)).ok() == {"removed": True}
        assert (await tour.call("DELETE", path, token)).ok() == {"removed": False}
    narrow = tour.server.token(Role.INSTRUCTOR, tests=[TEST])
    assert (await tour.call("GET", "/people", narrow)).code == Code.FORBIDDEN


async def _refusals(tour: Tour) -> None:
    """What every endpoint refuses: no token, a foreign one, a wrong role, a wrong body, what is not there."""
    server = tour.server
    tokens = {role: server.token(role) for role in (Role.CANDIDATE, Role.INSTRUCTOR, Role.SERVICE)}
    for template, methods in tour.document["paths"].items():
        if template == "/healthz":
            continue
        path = (
            template.format(
                attempt_id=UNKNOWN_ID,
                test_id="nothing",
                question_id="q",
                user_id="nobody",
                group_id="nowhere",
                regrade_id="none",
                bulk_id="none",
                hash="none",
                late_id="none",
                subscription_id="none",
                event_id="none",
                key_id="none",
                type_id="none",
                schema_id="none",
            )
            if "{" in template
            else template
        )
        for verb, operation in methods.items():
            method = verb.upper()
            assert (await tour.call(method, path, None)).code == Code.TOKEN_MISSING
            assert (await tour.call(method, f"{path}?token={tokens[Role.SERVICE]}")).code == Code.TOKEN_MISSING
            assert (await tour.call(method, path, "nonsense")).code == Code.TOKEN_INVALID
            assert (await tour.call(method, path, server.token(lifetime_ms=0) + "x")).code == Code.TOKEN_INVALID
            roles = re.findall(r"\w+", operation["description"].removeprefix("Roles:"))
            for role, token in tokens.items():
                if role.value not in roles:
                    assert (await tour.call(method, path, token, {})).code == Code.FORBIDDEN
            token = tokens[Role(roles[-1])]
            if not template.startswith("/scim/"):
                assert (await tour.call(method, f"{path}?x=1", token, {})).code == Code.UNKNOWN_FIELD
            asks = any(one["in"] == "query" and one["required"] for one in operation["parameters"])
            if "application/octet-stream" in operation.get("requestBody", {}).get("content", ()):
                unread = {Code.INVALID_MEDIA, Code.INVALID_TEST, Code.INVALID_ROSTER, Code.NOT_FOUND}
                codes = {Code.MISSING_FIELD} if asks else unread
                assert (await tour.call(method, path, token, raw=b"{")).code in codes
            elif "requestBody" in operation:
                await _bad_bodies(tour, method, path, token)
            elif "{" in template and method != "DELETE" and not template.startswith("/users/"):
                expected = Code.MISSING_FIELD if asks else Code.NOT_FOUND
                assert (await tour.call(method, path, token)).code == expected


async def _bad_bodies(tour: Tour, method: str, path: str, token: str) -> None:
    for raw, codes in {
        b"{": {Code.MALFORMED},
        b'{"a": "\xff"}': {Code.MALFORMED, Code.WRONG_TYPE, Code.UNKNOWN_FIELD},
        b"{} {}": {Code.TRAILING_BYTES, Code.MISSING_FIELD},
        b"[]": {Code.WRONG_TYPE},
        b'{"extra": 1}': {Code.UNKNOWN_FIELD, Code.MISSING_FIELD},
        b'{"a":' * 5_000: {Code.TOO_DEEP, Code.MALFORMED, Code.UNKNOWN_FIELD},
        b" " * (4 * 1024 * 1024 + 1): {Code.TOO_LARGE},
    }.items():
        reply = await tour.call(method, path, token, raw=raw)
        assert reply.code in codes, (method, path, raw[:20], reply.code)


async def _states(tour: Tour) -> None:
    """What hangs on the attempt's state, its numbers and its test."""
    server = tour.server
    service, instructor = server.service, server.instructor
    now_ms = server.clock.now_ms()

    async def refuse(code: Code, method: str, path: str, token: str, body: Any = None) -> None:
        assert (await tour.call(method, path, token, body)).code == code, (method, path, body)

    # Tests
    await refuse(Code.INVALID_TEST, "PUT", "/tests/x", service, exam(opens_at_ms=2, closes_at_ms=1))
    await refuse(Code.OUT_OF_RANGE, "PUT", "/tests/x", service, exam(duration_ms=0))
    await refuse(Code.INVALID_ID, "PUT", f"/tests/{'x' * 129}", service, exam())
    await refuse(Code.NOT_FOUND, "PUT", "/tests/x", server.token(Role.SERVICE, tests=["y"]), exam())
    for limit in ("0", "501", "x", "", "\u0663", "9" * 30):
        await refuse(Code.OUT_OF_RANGE, "GET", f"/tests/{TEST}/attempts?limit={limit}", service)
    last = "ffffffff-ffff-ffff-ffff-ffffffffffff"
    for address in (f"/tests/{TEST}/attempts", "/test-attempts", "/results", "/tests", "/people", "/bulk/tour"):
        await refuse(Code.WRONG_CURSOR, "GET", f"{address}?after={last}", service)
    for path in ("/tests/a%00b", "/tests/a%00b/attempts"):
        await refuse(Code.NOT_FOUND, "GET", path, service)
    # Making
    await refuse(Code.NOT_FOUND, "POST", "/test-attempts", service, {"test_id": "nothing", "user_id": "x"})
    await refuse(Code.MISSING_FIELD, "POST", "/test-attempts", service, {"test_id": TEST})
    await refuse(
        Code.UNKNOWN_FORM, "POST", "/test-attempts", service, {"test_id": TEST, "user_id": "x", "form_id": "f"}
    )
    await refuse(Code.FORBIDDEN, "POST", "/test-attempts", server.token(), {"test_id": TEST, "user_id": "bob"})
    await refuse(Code.FORBIDDEN, "POST", "/test-attempts", server.token(), {"test_id": TEST, "extra_time_ms": 1})
    await refuse(Code.OUT_OF_RANGE, "POST", "/test-attempts", service, {"test_id": TEST, "user_id": "a\0b"})
    await refuse(Code.INVALID_ID, "POST", "/test-attempts", service, {"test_id": TEST, "user_id": " a"})
    await refuse(Code.INVALID_ID, "POST", "/revocations", service, {"user_id": " a", "reason": "x"})
    (await tour.call("PUT", "/tests/over", service, exam(closes_at_ms=now_ms))).ok()
    await refuse(Code.WINDOW_CLOSED, "POST", "/test-attempts", service, {"test_id": "over", "user_id": "x"})
    await refuse(Code.ATTEMPT_LIMIT, "POST", "/test-attempts", service, {"test_id": TEST, "user_id": "ada"})
    (await tour.call("PUT", "/tests/off", service, exam(active=False))).ok()
    await refuse(Code.NOT_ACTIVE, "POST", "/test-attempts", service, {"test_id": "off", "user_id": "x"})
    await refuse(
        Code.FORM_CHOICE, "POST", "/test-attempts", server.token(user="nora"), {"test_id": TEST, "form_id": "f"}
    )
    await refuse(Code.MISSING_FIELD, "GET", f"/tests/{TEST}/admission", service)
    await refuse(Code.INVALID_ID, "GET", f"/tests/{TEST}/admission?user_id=%20a", service)
    await refuse(Code.MISSING_FIELD, "GET", "/test-attempts", server.token())
    # Before the start
    (await tour.call("PUT", "/tests/later", service, exam(opens_at_ms=now_ms + 1_000_000, shows="reference"))).ok()
    path, token = await _attempt(tour, "eve", "later")
    await refuse(Code.NOT_OPEN_YET, "POST", f"{path}/start", token, {})
    await refuse(Code.NOT_STARTED, "GET", f"{path}/paper", token)
    await refuse(Code.RESULT_HIDDEN, "GET", f"{path}/result", token)
    for method, what in (("GET", "results"), ("POST", "release")):
        await refuse(Code.NOT_FOUND, method, f"/tests/nowhere/{what}", service, None if method == "GET" else {})
    await refuse(Code.NOT_ENDED, "GET", f"{path}/result", instructor)
    await _operations(tour, path, token, Code.NOT_STARTED)
    await refuse(Code.NOT_STARTED, "POST", f"{path}/pause", instructor, {})
    await refuse(Code.NOT_STARTED, "POST", f"{path}/extend", instructor, {"add_ms": 1})
    await refuse(Code.NOT_STARTED, "POST", f"{path}/end", instructor, {"reason": "x"})
    await refuse(Code.REASON_REQUIRED, "POST", f"{path}/end", instructor, {})
    await refuse(Code.REASON_REQUIRED, "POST", f"{path}/cancel", instructor, {})
    await refuse(Code.REASON_REQUIRED, "POST", f"{path}/warn", instructor, {})
    await refuse(Code.REASON_REQUIRED, "POST", f"/tests/{TEST}/regrades", instructor, {"key_version": 1, "reason": " "})
    await refuse(Code.REASON_REQUIRED, "POST", f"{path}/reopen", instructor, {"left_ms": 1_000, "reason": ""})
    await refuse(Code.NOT_ENDED, "POST", f"{path}/reopen", instructor, {"left_ms": 1_000, "reason": "x"})
    await refuse(Code.NOT_PAUSED, "POST", f"{path}/resume", instructor, {})
    await refuse(Code.NOT_ENDED, "PUT", f"{path}/marks/single", instructor, {"score_mpt": 1})
    # A link that opens once
    (await tour.call("PUT", "/tests/once", service, exam(links="once"))).ok()
    once, its_token = await _attempt(tour, "eve", "once")
    guessable = server.arrival(device="laptop")
    await refuse(Code.OUT_OF_RANGE, "POST", f"{once}/resume", its_token, guessable)
    (await tour.call("POST", f"{once}/resume", its_token, server.arrival(device="laptop" * 8))).ok()
    await refuse(Code.LINK_USED, "POST", f"{once}/resume", its_token, server.arrival(device="tablet" * 8))
    for name in ("status", "paper", "answers", "result"):
        await refuse(Code.LINK_USED, "GET", f"{once}/{name}", its_token)
    answered = {"answers": [{"n": 1, "question_id": "fact", "value": "true", "client_at_ms": 0}]}
    await refuse(Code.LINK_USED, "POST", f"{once}/answers", its_token, answered)
    for verb in ("start", "complete"):
        await refuse(Code.LINK_USED, "POST", f"{once}/{verb}", its_token, {})
    for method in ("PUT", "POST"):
        for act, sent in (
            ("heartbeat", {"t0_ms": 1}),
            ("progress", {"n": 1, "question_index": 0, "client_at_ms": 0}),
            ("flags", {"n": 1, "question_id": "fact", "flagged": True, "client_at_ms": 0}),
            ("receipts", {"n": 1, "message_id": "m", "seen": True, "client_at_ms": 0}),
        ):
            await refuse(Code.LINK_USED, method, f"{once}/{act}", its_token, sent)
    await refuse(Code.REASON_REQUIRED, "POST", f"{once}/allow-device", instructor, {"reason": " "})
    (await tour.call("POST", f"{once}/allow-device", instructor, {"reason": "her laptop has broken"})).ok()
    (await tour.call("POST", f"{once}/cancel", instructor, {"reason": "void"})).ok()
    # Cancelled
    (await tour.call("POST", f"{path}/cancel", instructor, {"reason": "void"})).ok()
    await refuse(Code.CANCELLED, "POST", f"{path}/start", token, {})
    await refuse(Code.CANCELLED, "GET", f"{path}/paper", token)
    await refuse(Code.CANCELLED, "GET", f"{path}/result", instructor)
    await _operations(tour, path, token, Code.CANCELLED, completes=True)
    for verb, body in (("pause", {}), ("extend", {"add_ms": 1}), ("messages", {"text": "x"}), *REASONED):
        await refuse(Code.CANCELLED, "POST", f"{path}/{verb}", instructor, body)
    await refuse(Code.CANCELLED, "POST", f"{path}/cancel", instructor, {"reason": "x"})
    await refuse(Code.CANCELLED, "POST", f"{path}/reopen", instructor, {"left_ms": 1_000, "reason": "x"})
    await refuse(Code.CANCELLED, "PUT", f"{path}/marks/single", instructor, {"score_mpt": 1})
    await refuse(Code.CANCELLED, "POST", f"{once}/allow-device", instructor, {"reason": "x"})
    # Without a time limit, and one connection only
    (await tour.call("PUT", "/tests/free", service, exam(duration_ms=None, connections="first"))).ok()
    path, token = await _attempt(tour, "eve", "free")
    (await tour.call("POST", f"{path}/start", service, {})).ok()
    await refuse(Code.NO_DEADLINE, "POST", f"{path}/extend", instructor, {"add_ms": 1})
    async with await server.socket(f"/ws{path.replace('test-', '')}") as socket:
        await socket.hello(token)
        await socket.until("welcome")
        await refuse(Code.CONNECTION_EXISTS, "POST", f"{path}/resume", token, server.arrival())
    await eventually(lambda: _connection_of(server, path) is None)
    await refuse(Code.MISSING_FIELD, "POST", f"{path}/resume", token, {})
    late = server.arrival(connect_n=1, device="late")
    came = (await tour.call("POST", f"{path}/resume", token, late)).ok()
    await refuse(Code.SUPERSEDED, "POST", f"{path}/resume", token, late)
    await refuse(Code.CONNECTION_EXISTS, "POST", f"{path}/resume", token, server.arrival(takeover=False))
    server._connections[path] = came["connection_id"]
    await refuse(Code.LINK_OPEN, "POST", f"{path}/allow-device", instructor, {"reason": "x"})
    # Numbers and questions
    progress = {"n": 5, "question_index": 1, "client_at_ms": 0}
    (await tour.call("PUT", f"{path}/progress", token, progress)).ok()
    await refuse(Code.NUMBER_REUSED, "PUT", f"{path}/progress", token, progress | {"question_index": 2})
    await refuse(Code.NUMBER_SKIPPED, "PUT", f"{path}/progress", token, progress | {"n": 4})
    await refuse(Code.UNKNOWN_QUESTION, "PUT", f"{path}/progress", token, progress | {"n": 6, "question_index": 5})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(limits, "MAX_OPERATIONS", 1)
        await refuse(Code.TOO_MANY_OPERATIONS, "PUT", f"{path}/progress", token, progress | {"n": 6})
    flag = {"n": 6, "question_id": "nowhere", "flagged": True, "client_at_ms": 0}
    await refuse(Code.UNKNOWN_QUESTION, "PUT", f"{path}/flags", token, flag)
    await refuse(Code.NUMBER_REUSED, "PUT", f"{path}/flags", token, flag | {"n": 5})
    await refuse(Code.NUMBER_SKIPPED, "PUT", f"{path}/flags", token, flag | {"n": 4})
    receipt = {"n": 6, "message_id": "nothing", "seen": True, "client_at_ms": 0}
    await refuse(Code.UNKNOWN_MESSAGE_ID, "PUT", f"{path}/receipts", token, receipt)
    await refuse(Code.NUMBER_REUSED, "PUT", f"{path}/receipts", token, receipt | {"n": 5})
    await refuse(Code.NUMBER_SKIPPED, "PUT", f"{path}/receipts", token, receipt | {"n": 4})
    await refuse(Code.NUMBER_REUSED, "POST", f"{path}/complete", token, {"n": 5})
    await refuse(Code.NUMBER_SKIPPED, "POST", f"{path}/complete", token, {"n": 4})
    # Paused
    (await tour.call("POST", f"{path}/pause", instructor, {})).ok()
    await refuse(Code.PAUSED, "POST", f"{path}/pause", instructor, {})
    server.clock.advance(2_001)
    await _operations(tour, path, token, Code.PAUSED)
    (await tour.call("POST", f"{path}/resume", instructor, {})).ok()
    # Submitted
    (await tour.call("POST", f"{path}/complete", token, {})).ok()
    await refuse(Code.ALREADY_SUBMITTED, "POST", f"{path}/start", token, {})
    await _operations(tour, path, token, Code.ALREADY_SUBMITTED, completes=True)
    for verb, body in (("pause", {}), ("extend", {"add_ms": 1}), ("messages", {"text": "x"}), *REASONED):
        await refuse(Code.ALREADY_SUBMITTED, "POST", f"{path}/{verb}", instructor, body)
    await refuse(Code.ALREADY_SUBMITTED, "POST", f"{path}/cancel", instructor, {"reason": "x"})
    await server.reaches(path.rsplit("/", 1)[1], "completed")
    await refuse(Code.MARKS_FINAL, "PUT", f"{path}/marks/single", instructor, {"score_mpt": 1})
    # Erased
    path, token = await _attempt(tour, "zoe")
    (await tour.call("POST", f"{path}/start", token, {})).ok()
    await refuse(Code.UNDER_WAY, "DELETE", "/users/zoe", service)
    await refuse(Code.INVALID_ID, "DELETE", "/users/%20zoe", service)
    await refuse(Code.INVALID_ID, "GET", "/users/%20zoe/export", service)
    (await tour.call("POST", f"{path}/cancel", instructor, {"reason": "x"})).ok()
    assert (await tour.call("DELETE", "/users/zoe", service)).ok() == {"attempts": 1}
    for what in ("status", "answers", "paper", "result", "essays"):
        await refuse(Code.ERASED, "GET", f"{path}/{what}", instructor)
    await refuse(Code.ERASED, "POST", f"{path}/reopen", instructor, {"left_ms": 1_000, "reason": "x"})
    assert (await tour.call("GET", f"{path}/log", instructor)).ok()["entries"][0]["body"] == ""
    # Expired, and waiting for a person
    path, token = await _attempt(tour, "kim")
    (await tour.call("POST", f"{path}/start", token, {})).ok()
    essay = {"n": 1, "question_id": "essay", "value": "Because.", "client_at_ms": 0}
    (await tour.call("POST", f"{path}/answers", token, {"answers": [essay]})).ok()
    await server.advance(700_000)
    await refuse(Code.DEADLINE_PASSED, "POST", f"{path}/start", token, {})
    await _operations(tour, path, token, Code.DEADLINE_PASSED, completes=True)
    for verb, body in (("pause", {}), ("extend", {"add_ms": 1}), ("messages", {"text": "x"}), *REASONED):
        await refuse(Code.DEADLINE_PASSED, "POST", f"{path}/{verb}", instructor, body)
    await refuse(Code.DEADLINE_PASSED, "POST", f"{path}/cancel", instructor, {"reason": "x"})
    assert (await tour.call("POST", f"{path}/grant-attempt", instructor, {})).ok()["extra_attempts"] == 1
    await refuse(Code.UNKNOWN_QUESTION, "PUT", f"{path}/marks/nowhere", instructor, {"score_mpt": 1})
    await refuse(Code.WRONG_MARK, "PUT", f"{path}/marks/essay", instructor, {"score_mpt": 5_001})
    await refuse(Code.OUT_OF_RANGE, "PUT", f"{path}/marks/essay", instructor, {"score_mpt": -1_000_000_001})


async def _operations(tour: Tour, path: str, token: str, code: Code, *, completes: bool = False) -> None:
    """Every operation is refused with `code`, except that an ended attempt can be handed in again."""
    for verb, body in (
        ("progress", {"n": 30, "question_index": 0, "client_at_ms": 0}),
        ("flags", {"n": 30, "question_id": "fact", "flagged": True, "client_at_ms": 0}),
    ):
        assert (await tour.call("PUT", f"{path}/{verb}", token, body)).code == code
    answer = {"n": 30, "question_id": "fact", "value": "true", "client_at_ms": 0}
    reply = (await tour.call("POST", f"{path}/answers", token, {"answers": [answer]})).ok()
    assert ([one["code"] for one in reply["refused"]], reply["acked"]) == ([code], [])
    for body in ({}, {"n": 30}):
        handed_in = await tour.call("POST", f"{path}/complete", token, body)
        if completes:
            assert handed_in.ok()["state"]["status"] not in ("initiated", "in_progress", "paused")
        else:
            assert handed_in.code == code
