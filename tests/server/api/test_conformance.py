"""The server does what its OpenAPI document says: schemathesis makes calls from it, right and wrong ones, and holds
every response against it. It also calls without a token, with a wrong one, and with methods that are not offered.
"""

import math
import shutil
from collections.abc import Iterator
from functools import cache
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import positive_data_acceptance

from loadtest.ports import free_port
from protocol.attempt.model import Role
from protocol.codes import REFUSALS, Code
from server.api.endpoint import Endpoint
from server.api.openapi import KEYED, document
from server.app import ENDPOINTS, VERSION
from server.settings import Settings
from tests.server.conftest import SECRET
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.threaded import Threaded, threaded
from tests.services.forking import forked_program
from tests.services.patience import PATIENCE_S

load_all_checks()

ROLES: Final = (Role.CANDIDATE, Role.INSTRUCTOR, Role.SERVICE)
REFUSED: Final = sorted({str(refusal.http) for refusal in REFUSALS.values() if refusal.http < 500})
STATES: Final = ("initiated", "in_progress", "paused", "submitted", "completed")


@cache
def schema(*, every_bound: bool = False) -> Any:
    """What the server publishes. `every_bound`: each bound of each value is tried too, from both sides."""
    told = {
        "generation": {"deterministic": True, "max-examples": 2},
        "phases": {"stateful": {"enabled": False}, "coverage": {"enabled": every_bound}},
        # All that the protocol refuses with: its own list lacks 413, for a body of more bytes than are read.
        "checks": {"negative_data_rejection": {"expected-statuses": REFUSED}},
    }
    return schemathesis.openapi.from_dict(document(ENDPOINTS, VERSION), config=SchemathesisConfig.from_dict(told))


class World:
    """A server, and attempts to call about."""

    def __init__(self, threaded: Threaded) -> None:
        self.server: RunningServer = threaded.server
        self._threaded = threaded
        self._users = count()
        self._states = cycle(STATES)
        self._roles: dict[tuple[str, str], Iterator[Role]] = {}
        self.session = requests.Session()

    def role(self, method: str, path: str) -> Role:
        """Who calls: each role that may, again and again, and in between one that may not."""
        turns = self._roles.get((method, path))
        if turns is None:
            may = [role for one in ENDPOINTS if (one.method, one.path) == (method, path) for role in one.roles]
            turns = self._roles[method, path] = cycle([*sorted(may), *sorted(may), *ROLES])
        return next(turns)

    def attempt(self) -> tuple[str, str]:
        """Whose it is, and its id: a new one, each in another state than the one before."""
        return self._threaded.do(self._make(f"user-{next(self._users)}", next(self._states)))

    async def _make(self, user: str, state: str) -> tuple[str, str]:
        server = self.server
        if state == "initiated":
            return user, await server.make_attempt(user)
        attempt_id = await server.started(user)
        path = f"/test-attempts/{attempt_id}"
        await server.call("POST", f"{path}/messages", server.instructor, {"command_id": "m", "text": "Hello"})
        essay = {"n": 1, "question_id": "essay", "value": "Because.", "client_at_ms": 0}
        if state != "completed":
            (await server.act("POST", f"{path}/answers", server.token(user=user), {"answers": [essay]})).ok()
        if state == "paused":
            (await server.call("POST", f"{path}/pause", server.instructor, {})).ok()
        if state in ("submitted", "completed"):
            (await server.act("POST", f"{path}/complete", server.token(user=user), {})).ok()
        return user, attempt_id


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, migrated_database: Path) -> Iterator[World]:
    data = tmp_path_factory.mktemp("conformance")
    shutil.copy(migrated_database, data / "pencilsdown.sqlite3")
    given_settings = Settings(
        data=data,
        token_secret=SECRET,
        port=free_port(),
        drain_ms=0,
        rate_per_second=10_000,
        rate_burst=100_000,
        bytes_per_second=1 << 30,
        connects_per_minute=100_000,
    )
    with pytest.MonkeyPatch.context() as patch:
        # Other work on the machine must put nobody off here.
        patch.setattr("server.pacing.loop_lag._WINDOW_S", math.inf)
        patch.setattr("server.programs.create_subprocess_exec", forked_program)
        with threaded(given_settings) as running:
            world = World(running)
            running.do(world.server.make_test(essay=True))
            yield world
            world.session.close()


def called(case: Any, world: World) -> None:
    user, role = "ada", world.role(case.method, case.path)
    if case.meta.generation.mode.is_positive and case.path_parameters:
        known = {
            "test_id": TEST,
            "question_id": "essay",
            "group_id": "a-group",
            "regrade_id": "a-regrade",
            "bulk_id": "an-act",
            "hash": "0" * 64,
            "subscription_id": "nothing",
            "event_id": "nothing",
            "key_id": "nothing",
            "late_id": "nothing",
            "type_id": "User",
            "schema_id": "User",
        }
        if "attempt_id" in case.path_parameters:
            user, known["attempt_id"] = world.attempt()
        if "user_id" in case.path_parameters:
            known["user_id"], _ = world.attempt()
        case.path_parameters |= {name: known[name] for name in case.path_parameters}
    elif not case.meta.generation.mode.is_positive and case.query:
        # An empty list leaves nothing in an address: a call whose mistake it was would be right when it arrives.
        empty = [name for name, value in case.query.items() if value == []]
        parameters = {one.name for one in case.operation.query}
        assume(parameters.isdisjoint(empty))
        case.query |= dict.fromkeys(empty, "x")
    token = world.server.token(role, user)
    response = case.call_and_validate(
        base_url=world.server.settings.url,
        session=world.session,
        headers={"Authorization": f"Bearer {token}"},
        additional_checks=[accepts_what_is_documented],
        excluded_checks=[positive_data_acceptance],
        timeout=2 * PATIENCE_S,  # what it asks for may wait for its turn on the server for that long
    )
    assert response.headers["cache-control"] == ["no-store"] or response.status_code < 400


def accepts_what_is_documented(context: Any, response: Any, case: Any) -> None:
    """What fits the document is refused for reasons of the endpoint's own, which it names, or of who asks."""
    if response.status_code < 400 or not case.meta.generation.mode.is_positive or case.method == "TRACE":
        return
    code = response.json()["code"]
    allowed = {Code.FORBIDDEN, Code.METHOD_NOT_ALLOWED, *(KEYED if case.method == "POST" else ())}
    allowed |= {Code.CHANGED_MEANWHILE} if "If-Match" in (case.headers or {}) else set()
    for endpoint in ENDPOINTS:
        if (endpoint.method, endpoint.path) == (case.method, case.path):
            allowed |= set(endpoint.refusals)
    assert code in allowed or _has_a_whole_float(case.body), f"{code}: {response.json()['detail']}"


def _has_a_whole_float(body: object) -> bool:
    """To JSON Schema `1.0` is an integer, to the protocol it is not."""
    match body:
        case float():
            return body.is_integer()
        case list():
            return any(map(_has_a_whole_float, body))
        case dict():
            return any(map(_has_a_whole_float, body.values()))
        case _:
            return False


def _name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=_name)
LARGEST: Final = "PUT /tests/{test_id}"
"""A whole exam is its body: its calls take by far the longest."""


@pytest.mark.parametrize(
    "endpoint",
    [pytest.param(one, marks=pytest.mark.long if _name(one) == LARGEST else ()) for one in ENDPOINTS],
    ids=_name,
)
def test_calls(endpoint: Endpoint, world: World) -> None:
    call(schema(), endpoint, world)


@pytest.mark.long
@each_endpoint
def test_calls_at_every_bound(endpoint: Endpoint, world: World) -> None:
    call(schema(every_bound=True), endpoint, world)


def call(published: Any, endpoint: Endpoint, world: World) -> None:
    # What `schema().parametrize()` does when tests are collected, where it takes seconds that every worker waits for.
    published = published.include(path=endpoint.path, method=endpoint.method)
    (operation,) = (found.ok() for found in published.get_all_operations())
    test = build_operation_test(
        config=published.config, operation=operation, test_func=called, given_kwargs={}, feedback=FeedbackSources()
    )
    test(world=world)


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_many_more_calls(mode: GenerationMode, world: World) -> None:
    # Made here, because making the cases takes seconds that every collection would have to wait.
    for operation in (found.ok() for found in schema().get_all_operations()):
        if mode.is_negative and not operation.body and not list(operation.iter_parameters()):
            continue  # nothing in it can be wrong

        @settings(max_examples=300, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode))
        def search(case: Any) -> None:
            called(case, world)

        search()


async def test_the_document_is_what_the_server_publishes(server: RunningServer) -> None:
    assert (await server.call("GET", "/openapi.json")).ok() == document(ENDPOINTS, VERSION)
