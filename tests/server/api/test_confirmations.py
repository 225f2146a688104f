"""A confirmation: who gets one, what it says, and what anybody learns who checks it."""

from pathlib import Path
from typing import Any

import jwt
import msgspec
import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from server.access.confirming import Confirming
from tests.server.api.test_statistics import sat
from tests.server.conftest import Pair
from tests.server.harness.exam import ANSWERS, ORG, SCORE_MPT, TEST
from tests.server.harness.running import RunningServer
from tests.server.test_archived import archived

CHECK = "/confirmations/check"
KEYS = "/.well-known/pencilsdown-keys.json"


async def confirmation(server: RunningServer, attempt_id: str) -> dict[str, Any]:
    said: dict[str, Any] = (await server.call("GET", f"/test-attempts/{attempt_id}/confirmation", server.token())).ok()
    return said


async def checked(server: RunningServer, signed: str) -> dict[str, Any]:
    said: dict[str, Any] = (await server.call("POST", CHECK, body={"signed": signed})).ok()
    return said


async def test_anybody_checks_it_by_the_keys_and_by_asking(either_server: RunningServer) -> None:
    server = either_server
    attempt_id = await sat(server, "ada", ANSWERS)
    made = await confirmation(server, attempt_id)
    says = made["confirmed"]
    assert (says["test_id"], says["title"], says["org_id"]) == (TEST, "Algebra", ORG)
    assert says["result"] == {"score_mpt": SCORE_MPT, "max_mpt": SCORE_MPT, "grade": None, "version": 1}
    assert says["reference"] == (await server.status(attempt_id))["reference"]
    assert made["keys"].endswith(KEYS)

    # As a stranger's library does it, who knows the address of the keys alone.
    (key,) = (await server.call("GET", KEYS)).ok()["keys"]
    assert jwt.get_unverified_header(made["signed"])["kid"] == key["kid"]
    assert set(key) == {"crv", "kty", "x", "kid", "use", "alg"}, "the private part stays here"
    assert jwt.decode(made["signed"], jwt.PyJWK(key), ["EdDSA"], options={"verify_iat": False}) == says
    assert await checked(server, f" {made['signed']}\n") == {"genuine": True, "standing": "current", "confirmed": says}

    header, payload, signature = made["signed"].split(".")
    other = msgspec.json.encode(says | {"name": "Eve"})
    forged = jwt.utils.base64url_encode(other).decode()
    for signed in (f"{header}.{forged}.{signature}", f"{header}.{payload}.", payload, "", server.token()):
        assert await checked(server, signed) == {"genuine": False, "standing": None, "confirmed": None}
    assert (await server.call("POST", CHECK, body={"signed": "x" * 20_000})).status == 422
    # Nor does it open anything here.
    assert (await server.call("GET", f"/test-attempts/{attempt_id}/result", made["signed"])).status == 401


async def test_it_holds_until_the_marks_change_the_attempt_is_void_or_she_is_erased(server: RunningServer) -> None:
    await server.make_test(essay=True)
    attempt_id = await sat(server, "ada", ANSWERS | {"essay": "Because."})
    path = f"/test-attempts/{attempt_id}"
    before = await confirmation(server, attempt_id)
    assert before["confirmed"]["result"] is None, "nothing is marked yet, and she sat it all the same"
    (await server.call("PUT", f"{path}/marks/essay", server.instructor, {"score_mpt": 4_000})).ok()
    first = await confirmation(server, attempt_id)
    assert first["confirmed"]["result"]["score_mpt"] == SCORE_MPT + 4_000
    again = {"score_mpt": 5_000, "reason": "read again"}
    (await server.call("PUT", f"{path}/marks/essay", server.instructor, again)).ok()
    second = await confirmation(server, attempt_id)
    for made, standing in ((before, "current"), (first, "replaced"), (second, "current")):
        assert (await checked(server, made["signed"]))["standing"] == standing
    (await server.call("POST", f"{path}/reopen", server.instructor, {"left_ms": 60_000, "reason": "again"})).ok()
    assert (await checked(server, second["signed"]))["standing"] == "replaced"
    (await server.call("POST", f"{path}/cancel", server.instructor, {"reason": "void", "counts": True})).ok()
    found = await checked(server, second["signed"])
    assert (found["genuine"], found["standing"]) == (True, "withdrawn")
    assert (await server.call("GET", f"{path}/confirmation", server.token())).code == Code.CANCELLED
    (await server.call("DELETE", "/users/ada", server.service)).ok()
    assert await checked(server, second["signed"]) == {"genuine": True, "standing": "withdrawn", "confirmed": None}


async def test_a_grade_that_changes_and_a_result_that_is_held_back_are_said(server: RunningServer) -> None:
    rules: dict[str, Any] = {"release": "by_staff", "grades": [{"label": "Pass", "from_permille": 500}]}
    await server.make_test(**rules)
    attempt_id = await sat(server, "ada", ANSWERS)
    participation = await confirmation(server, attempt_id)
    (await server.call("POST", f"/tests/{TEST}/release", server.instructor, {})).ok()
    made = await confirmation(server, attempt_id)
    assert made["confirmed"]["result"]["grade"] == "Pass"
    assert (await checked(server, made["signed"]))["standing"] == "current"
    await server.make_test(**rules | {"grades": [{"label": "Good", "from_permille": 500}]})
    assert (await checked(server, made["signed"]))["standing"] == "replaced"
    (await server.call("POST", f"/tests/{TEST}/release", server.instructor, {"released": False})).ok()
    assert (await checked(server, made["signed"]))["standing"] == "withdrawn"
    assert (await checked(server, participation["signed"]))["standing"] == "current"


@pytest.mark.parametrize("rules", [{"release": "by_staff"}, {"shows": "reference"}])
async def test_it_says_no_more_than_she_may_see_whoever_asks(server: RunningServer, rules: dict[str, str]) -> None:
    await server.make_test(**rules)
    attempt_id = await sat(server, "ada", ANSWERS)
    path = f"/test-attempts/{attempt_id}/confirmation"
    for token in (server.token(), server.instructor, server.service):
        assert (await server.call("GET", path, token)).ok()["confirmed"]["result"] is None
    sits = await server.started("bob")
    assert (
        await server.call("GET", f"/test-attempts/{sits}/confirmation", server.token(user="bob"))
    ).code == Code.NOT_ENDED
    for token, code in (
        (server.token(user="bob"), Code.NOT_FOUND),
        (server.token(Role.INVIGILATOR, "ida"), Code.FORBIDDEN),
        (server.token(Role.INSTRUCTOR, "grace", org="elsewhere"), Code.NOT_FOUND),
    ):
        assert (await server.call("GET", path, token)).code == code


async def test_what_another_node_has_archived_or_erased_is_known_at_once(deaf_pair: Pair, tmp_path: Path) -> None:
    one, two = deaf_pair
    ada, bob = await sat(one, "ada", ANSWERS), await sat(one, "bob", ANSWERS)
    hers = (await two.call("GET", f"/test-attempts/{ada}/confirmation", two.token())).ok()["signed"]
    his = (await two.call("GET", f"/test-attempts/{bob}/confirmation", two.token(user="bob"))).ok()["signed"]
    (await one.call("DELETE", "/users/ada", one.service)).ok()
    assert await checked(two, hers) == {"genuine": True, "standing": "withdrawn", "confirmed": None}
    assert (await archived(one, tmp_path)).attempts == 1
    assert (await checked(two, his))["standing"] == "current"


async def test_where_the_log_is_in_an_archive_the_rest_is_told_as_before(server: RunningServer, tmp_path: Path) -> None:
    attempt_id = await sat(server, "ada", ANSWERS)
    path = f"/test-attempts/{attempt_id}"
    before = await confirmation(server, attempt_id)
    assert (await archived(server, tmp_path)).attempts == 1
    after = await confirmation(server, attempt_id)
    assert {**after["confirmed"], "iat": 0} == {**before["confirmed"], "iat": 0}
    for made in (before, after):
        assert (await checked(server, made["signed"]))["standing"] == "current"
    token = (await server.call("POST", f"{path}/result-token", server.service, {})).ok()["token"]
    for what in ("result", "confirmation"):
        assert (await server.call("GET", f"{path}/{what}", token)).status == 200
    assert (await server.call("GET", f"{path}/confirmation", server.token(user="bob"))).code == Code.NOT_FOUND
    assert (await server.call("PUT", f"{path}/leaderboard", server.token(), {"stands": False})).status == 200
    await server.make_test(shows="reference")
    assert (await confirmation(server, attempt_id))["confirmed"]["result"] is None


def test_another_secret_knows_nothing_of_it_and_the_same_one_signs_the_same() -> None:
    one, same, other = Confirming("a" * 32), Confirming("a" * 32), Confirming("b" * 32)
    assert one.public_key == same.public_key != other.public_key
