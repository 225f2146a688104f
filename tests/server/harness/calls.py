"""Every call of the REST API, with a body that the endpoint would accept. A new endpoint without a row here fails."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec

from clients.vectors import EXAMPLES
from protocol.messages.base import Message
from protocol.messages.operations import Operation
from protocol.operations import OPERATIONS
from protocol.scim.attributes import GROUP, USER
from protocol.scim.patching import PATCH_URN
from tests.protocol.rules.test_oneroster import SET, zipped
from tests.server.harness.exam import exam
from tests.server.harness.running import Reply, RunningServer


class Ids(NamedTuple):
    """What a call may name."""

    attempt_id: str
    test_id: str
    question_id: str
    message_id: str
    token_id: str
    token: str
    user_id: str = "nobody"
    group_id: str = "nowhere"
    regrade_id: str = "nothing"
    bulk_id: str = "nothing"
    hash: str = "0" * 64
    subscription_id: str = "nothing"
    event_id: str = "nothing"
    key_id: str = "nothing"
    late_id: str = "nothing"
    type_id: str = "User"
    schema_id: str = USER.urn


NOTHING: Final = Ids(
    attempt_id="01890a5d-ac96-774b-bcce-b302099a8057",
    test_id="nothing",
    question_id="nothing",
    message_id="nothing",
    token_id="nothing",
    token="e30.e30.e30",
)


def about(kind: type[Message], ids: Ids) -> dict[str, Any]:
    """The example of this message, about these ids."""
    example: dict[str, Any] = msgspec.to_builtins(EXAMPLES[kind])
    del example["t"]
    return example | {name: value for name, value in ids._asdict().items() if name in example}


def _plain(kind: type[Operation], ids: Ids) -> dict[str, Any]:
    return {**about(kind, ids), "connection_id": "c"}


def _answer(ids: Ids) -> dict[str, Any]:
    return numbered(question_id=ids.question_id, value="a")


def numbered(**fields: Any) -> dict[str, Any]:
    return {"n": 1, "client_at_ms": 0, **fields}


def _patch(**value: Any) -> dict[str, Any]:
    return {"schemas": [PATCH_URN], "Operations": [{"op": "replace", "value": value}]}


def _has_a_twin(name: str) -> bool:
    plain = {f"{handling.path}" for handling in OPERATIONS.values()}
    return name.startswith("PUT /test-attempts") and name.rpartition("/")[2] in plain | {"heartbeat"}


BODIES: Final[dict[str, Callable[[Ids], Any]]] = {
    "PUT /tests/{test_id}": lambda ids: exam(leaderboard="score"),
    "GET /tests/{test_id}": lambda ids: None,
    "GET /tests": lambda ids: None,
    "POST /imports": lambda ids: b"True?{T}",
    "POST /media": lambda ids: b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "GET /tests/{test_id}/admission": lambda ids: None,
    "GET /tests/{test_id}/attempts": lambda ids: None,
    "GET /tests/{test_id}/results": lambda ids: None,
    "GET /tests/{test_id}/leaderboard": lambda ids: None,
    "PUT /test-attempts/{attempt_id}/leaderboard": lambda ids: {"stands": False},
    "POST /test-attempts/{attempt_id}/leaderboard": lambda ids: {"stands": False},
    "POST /tests/{test_id}/regrades": lambda ids: {"key_version": 1, "reason": "a wrong key", "dry_run": True},
    "GET /tests/{test_id}/regrades/{regrade_id}": lambda ids: None,
    "POST /tests/{test_id}/bulk": lambda ids: {
        "bulk_id": ids.bulk_id,
        "order": {"t": "pause"},
        "attempt_ids": [ids.attempt_id],
    },
    "GET /tests/{test_id}/incidents": lambda ids: None,
    "GET /tests/{test_id}/bulk": lambda ids: None,
    "GET /bulk/{bulk_id}": lambda ids: None,
    "GET /bulk/{bulk_id}/left-out": lambda ids: None,
    "POST /test-attempts/{attempt_id}/grant-attempt": lambda ids: {},
    "GET /tests/{test_id}/gradebook.csv": lambda ids: None,
    "GET /tests/{test_id}/safe-exam-browser": lambda ids: None,
    "GET /tests/{test_id}/gradebook.xlsx": lambda ids: None,
    "GET /tests/{test_id}/gradebook.parquet": lambda ids: None,
    "GET /tests/{test_id}/report.pdf": lambda ids: None,
    "GET /test-attempts/{attempt_id}/report.pdf": lambda ids: None,
    "GET /tests/{test_id}/analytics": lambda ids: None,
    "GET /test-attempts/{attempt_id}/analytics": lambda ids: None,
    "GET /tests/{test_id}/statistics": lambda ids: None,
    "GET /tests/{test_id}/statistics.csv": lambda ids: None,
    "GET /tests/{test_id}/marking-queue": lambda ids: None,
    "POST /tests/{test_id}/marking-queue/claim": lambda ids: {},
    "POST /tests/{test_id}/marking-queue/release": lambda ids: {"attempt_id": ids.attempt_id, "question_id": "essay"},
    "POST /tests/{test_id}/release": lambda ids: {},
    "GET /test-attempts/{attempt_id}/result-versions": lambda ids: None,
    "POST /test-attempts": lambda ids: {"test_id": ids.test_id, "user_id": "ada"},
    "GET /test-attempts": lambda ids: None,
    "GET /test-attempts/{attempt_id}": lambda ids: None,
    "GET /results": lambda ids: None,
    "GET /tests/{test_id}/versions": lambda ids: None,
    "POST /test-attempts/{attempt_id}/start": lambda ids: {"connection_id": "c"},
    "GET /test-attempts/{attempt_id}/status": lambda ids: None,
    "PUT /test-attempts/{attempt_id}/heartbeat": lambda ids: {"connection_id": "c", "t0_ms": 1},
    "GET /test-attempts/{attempt_id}/paper": lambda ids: None,
    "GET /test-attempts/{attempt_id}/answers": lambda ids: None,
    "POST /test-attempts/{attempt_id}/files": lambda ids: b"a file",
    "GET /test-attempts/{attempt_id}/files": lambda ids: None,
    "GET /test-attempts/{attempt_id}/files/{hash}": lambda ids: None,
    "POST /test-attempts/{attempt_id}/captured-pictures": lambda ids: b"a picture",
    "GET /test-attempts/{attempt_id}/captured-pictures": lambda ids: None,
    "DELETE /test-attempts/{attempt_id}/captured-pictures": lambda ids: None,
    "POST /test-attempts/{attempt_id}/resume": lambda ids: {"device": "d", "connect_n": 1},
    "POST /test-attempts/{attempt_id}/answers": lambda ids: {"connection_id": "c", "answers": [_answer(ids)]},
    "POST /test-attempts/{attempt_id}/complete": lambda ids: {"connection_id": "c"},
    "POST /test-attempts/{attempt_id}/pause": lambda ids: {},
    "POST /test-attempts/{attempt_id}/warn": lambda ids: {"reason": "x"},
    "POST /test-attempts/{attempt_id}/extend": lambda ids: {"add_ms": 1_000},
    "POST /test-attempts/{attempt_id}/messages": lambda ids: {"text": "Hello"},
    "POST /test-attempts/{attempt_id}/end": lambda ids: {"reason": "x"},
    "POST /test-attempts/{attempt_id}/admit": lambda ids: {},
    "POST /test-attempts/{attempt_id}/reinstate": lambda ids: {"reason": "x"},
    "POST /test-attempts/{attempt_id}/cancel": lambda ids: {"reason": "x"},
    "POST /test-attempts/{attempt_id}/acknowledge-hand": lambda ids: {},
    "POST /test-attempts/{attempt_id}/accommodate": lambda ids: {"extra_time_ms": 1_000},
    "POST /test-attempts/{attempt_id}/apply-rules": lambda ids: {},
    "POST /test-attempts/{attempt_id}/allow-device": lambda ids: {"reason": "x"},
    "POST /test-attempts/{attempt_id}/accept": lambda ids: {"reason": "x"},
    "POST /test-attempts/{attempt_id}/reopen": lambda ids: {"left_ms": 1_000, "reason": "x", "on_return": True},
    "GET /test-attempts/{attempt_id}/result": lambda ids: None,
    "GET /test-attempts/{attempt_id}/confirmation": lambda ids: None,
    "POST /test-attempts/{attempt_id}/result-token": lambda ids: {},
    "GET /test-attempts/{attempt_id}/essays": lambda ids: None,
    "PUT /test-attempts/{attempt_id}/marks/{question_id}": lambda ids: {"score_mpt": 0},
    "GET /test-attempts/{attempt_id}/log": lambda ids: None,
    "GET /audit": lambda ids: None,
    "GET /retention": lambda ids: None,
    "PUT /retention": lambda ids: {"delivery_days": 3},
    "GET /retention/preview": lambda ids: None,
    "POST /tokens": lambda ids: {"role": "invigilator", "user_id": ids.user_id},
    "GET /users/{user_id}/skills": lambda ids: None,
    "GET /users/{user_id}/export": lambda ids: None,
    "DELETE /users/{user_id}": lambda ids: None,
    "GET /people/{user_id}": lambda ids: None,
    "DELETE /people/{user_id}": lambda ids: None,
    "GET /people": lambda ids: None,
    "GET /groups/{group_id}": lambda ids: None,
    "DELETE /groups/{group_id}": lambda ids: None,
    "GET /groups": lambda ids: None,
    "GET /groups/{group_id}/members": lambda ids: None,
    "GET /scim/v2/ServiceProviderConfig": lambda ids: None,
    "GET /scim/v2/ResourceTypes": lambda ids: None,
    "GET /scim/v2/ResourceTypes/{type_id}": lambda ids: None,
    "GET /scim/v2/Schemas": lambda ids: None,
    "GET /scim/v2/Schemas/{schema_id}": lambda ids: None,
    "GET /scim/v2/Users": lambda ids: None,
    "POST /scim/v2/Users": lambda ids: {"schemas": [USER.urn], "userName": "newcomer"},
    "GET /scim/v2/Users/{user_id}": lambda ids: None,
    "PUT /scim/v2/Users/{user_id}": lambda ids: {"schemas": [USER.urn], "userName": ids.user_id},
    "PATCH /scim/v2/Users/{user_id}": lambda ids: _patch(active=False),
    "DELETE /scim/v2/Users/{user_id}": lambda ids: None,
    "GET /scim/v2/Groups": lambda ids: None,
    "POST /scim/v2/Groups": lambda ids: {"schemas": [GROUP.urn], "displayName": "Newcomers"},
    "GET /scim/v2/Groups/{group_id}": lambda ids: None,
    "PUT /scim/v2/Groups/{group_id}": lambda ids: {"schemas": [GROUP.urn], "displayName": "Others"},
    "PATCH /scim/v2/Groups/{group_id}": lambda ids: _patch(displayName="Renamed"),
    "DELETE /scim/v2/Groups/{group_id}": lambda ids: None,
    "DELETE /groups/{group_id}/members/{user_id}": lambda ids: None,
    "GET /enrolments": lambda ids: None,
    "DELETE /enrolments": lambda ids: None,
    "GET /tests/{test_id}/overrides": lambda ids: None,
    "DELETE /tests/{test_id}/overrides/users/{user_id}": lambda ids: None,
    "DELETE /tests/{test_id}/overrides/groups/{group_id}": lambda ids: None,
    "GET /overrides": lambda ids: None,
    "GET /tests/{test_id}/overrides/users/{user_id}": lambda ids: None,
    "GET /tests/{test_id}/overrides/groups/{group_id}": lambda ids: None,
    "GET /overrides/users/{user_id}": lambda ids: None,
    "GET /overrides/groups/{group_id}": lambda ids: None,
    "DELETE /overrides/users/{user_id}": lambda ids: None,
    "DELETE /overrides/groups/{group_id}": lambda ids: None,
    "PUT /overrides/users/{user_id}": lambda ids: {"override": {"extra_attempts": 1}},
    "PUT /overrides/groups/{group_id}": lambda ids: {"override": {"extra_attempts": 1}},
    "PUT /people/{user_id}": lambda ids: {"name": "Somebody"},
    "PUT /groups/{group_id}": lambda ids: {"title": "Somewhere"},
    "PUT /groups/{group_id}/members/{user_id}": lambda ids: {},
    "PUT /enrolments": lambda ids: {"test_id": ids.test_id, "user_id": ids.user_id},
    "PUT /tests/{test_id}/overrides/users/{user_id}": lambda ids: {"override": {"extra_attempts": 1}},
    "PUT /tests/{test_id}/overrides/groups/{group_id}": lambda ids: {"override": {"extra_attempts": 1}},
    "GET /tests/{test_id}/expected": lambda ids: None,
    "GET /tests/{test_id}/schedule-warnings": lambda ids: None,
    "PUT /test-attempts/{attempt_id}/alerts-seen": lambda ids: {"until_ms": 1},
    "GET /tests/{test_id}/alerts-seen": lambda ids: None,
    "GET /rooms": lambda ids: None,
    "GET /server": lambda ids: None,
    "GET /tests/{test_id}/groups": lambda ids: None,
    "GET /tests/{test_id}/papers": lambda ids: None,
    "GET /tests/{test_id}/preview": lambda ids: None,
    "GET /tests/{test_id}/key": lambda ids: None,
    "GET /tests/{test_id}/lint": lambda ids: None,
    "POST /oneroster": lambda ids: zipped(SET),
    "POST /rosters": lambda ids: {"test_id": ids.test_id, "csv": f"id\n{ids.user_id}", "dry_run": True},
    "POST /subscriptions": lambda ids: {"kind": "webhook", "target": "https://hook.invalid/", "topics": ["*"]},
    "GET /subscriptions": lambda ids: None,
    "GET /subscriptions/{subscription_id}": lambda ids: None,
    "PUT /subscriptions/{subscription_id}": lambda ids: {"target": "https://hook.invalid/", "topics": ["*"]},
    "DELETE /subscriptions/{subscription_id}": lambda ids: None,
    "POST /subscriptions/{subscription_id}/secret": lambda ids: {},
    "POST /subscriptions/{subscription_id}/replay": lambda ids: {},
    "GET /subscriptions/{subscription_id}/deliveries/{event_id}": lambda ids: None,
    "GET /deliveries": lambda ids: None,
    "GET /events": lambda ids: None,
    "POST /test-attempts/{attempt_id}/late-answers": lambda ids: {
        "client_now_ms": 1,
        "answers": [{"question_id": ids.question_id, "value": "a", "client_at_ms": 0}],
    },
    "GET /test-attempts/{attempt_id}/late-answers": lambda ids: None,
    "GET /test-attempts/{attempt_id}/answer-file-key": lambda ids: None,
    "POST /test-attempts/{attempt_id}/answer-file": lambda ids: b"a file",
    "POST /test-attempts/{attempt_id}/late-answers/{late_id}/decision": lambda ids: {"reason": "x", "accepted": []},
    "POST /api-keys": lambda ids: {"role": "marker", "user_id": "gradebook"},
    "GET /api-keys": lambda ids: None,
    "GET /api-keys/{key_id}": lambda ids: None,
    "POST /api-keys/{key_id}/secret": lambda ids: {},
    "DELETE /api-keys/{key_id}": lambda ids: None,
    "POST /revocations": lambda ids: {"token_id": ids.token_id, "reason": "x"},
}  # fmt: skip
"""A body that the endpoint would accept, about these ids."""
BODIES.update(
    {
        f"PUT /test-attempts/{{attempt_id}}/{handling.path}": partial(_plain, kind)
        for kind, handling in OPERATIONS.items()
        if handling.path is not None
    }
)
BODIES.update({name.replace("PUT", "POST"): body for name, body in BODIES.items() if _has_a_twin(name)})
QUERIES: Final = {
    "GET /test-attempts": "?test_id={test_id}",
    "POST /test-attempts/{attempt_id}/files": "?question_id=upload",
    "POST /test-attempts/{attempt_id}/captured-pictures": "?source=screen",
    "GET /test-attempts/{attempt_id}/captured-pictures": "?source=screen",
    "DELETE /test-attempts/{attempt_id}/captured-pictures": "?source=screen",
    "GET /enrolments": "?test_id={test_id}",
    "GET /tests/{test_id}/papers": "?attempt={attempt_id}&other={attempt_id}",
    "DELETE /enrolments": "?test_id={test_id}&user_id={user_id}",
}


async def make(server: RunningServer, name: str, ids: Ids, token: str) -> Reply:
    """Makes the call of this name (method and path) about these ids."""
    method, path = name.split(" ")
    named = (path + QUERIES.get(name, "")).format(**ids._asdict())
    return await server.call(method, named, token, BODIES[name](ids))
