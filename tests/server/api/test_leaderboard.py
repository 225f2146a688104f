"""The leaderboard of a test: who chose to stand there, under which name, with which rank, and who sees it when."""

import asyncio
from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.api.test_regrading import hand_in
from tests.server.harness.exam import ANSWERS, ORG, TEST, exam
from tests.server.harness.running import Reply, RunningServer

PATH = f"/tests/{TEST}/leaderboard"
WRONG: dict[str, Any] = ANSWERS | {"fact": "false"}


async def sat(server: RunningServer, user: str, answers: dict[str, Any], wait_ms: int = 0) -> str:
    attempt_id = await server.started(user)
    server.clock.advance(wait_ms)
    await hand_in(server, attempt_id, answers)
    return attempt_id


async def stand(server: RunningServer, user: str, attempt_id: str, pseudonym: str | None = None) -> Reply:
    path, token = f"/test-attempts/{attempt_id}/leaderboard", server.token(user=user)
    return await server.call("PUT", path, token, {"stands": True, "pseudonym": pseudonym})


async def board(server: RunningServer, token: str | None = None) -> list[tuple[int, str | int]]:
    """Rank, and pseudonym or number, of each line."""
    lines = (await server.call("GET", PATH, token or server.instructor)).ok()["lines"]
    return [(one["rank"], one["pseudonym"] or one["number"]) for one in lines]


async def test_who_chose_to_stand_there_has_a_rank_and_nobody_else(server: RunningServer) -> None:
    await server.make_test(leaderboard="score")
    attempts = {user: await sat(server, user, WRONG if user == "cleo" else ANSWERS) for user in ("ada", "bob", "cleo")}
    assert await board(server) == []
    assert (await stand(server, "ada", attempts["ada"], "  Noether ")).ok() == {
        "stands": True,
        "pseudonym": "Noether",
        "number": 1,
    }
    assert (await stand(server, "cleo", attempts["cleo"])).ok()["number"] == 2
    assert await board(server) == [(1, "Noether"), (2, 2)]
    for twin in ("NOETHER", "No\u200cether", "N\u043eether"):
        assert (await stand(server, "bob", attempts["bob"], twin)).code == Code.TAKEN
    assert (await stand(server, "bob", attempts["bob"], "\u200b")).code == Code.OUT_OF_RANGE
    assert (await stand(server, "bob", attempts["bob"], "Turing")).ok()["number"] == 3
    assert await board(server) == [(1, "Noether"), (1, "Turing"), (3, 2)]
    seen = (await server.call("GET", f"{PATH}?limit=1", server.token(user="cleo"))).ok()
    assert (seen["total"], len(seen["lines"]), seen["own"]["number"], seen["place"]["rank"]) == (3, 1, 2, 3)
    assert b"ada" not in (await server.call("GET", PATH, server.token(user="cleo"))).raw
    assert [one["yours"] for one in (await server.call("GET", PATH, server.token(user="bob"))).ok()["lines"]] == [
        False,
        True,
        False,
    ]
    staff = (await server.call("GET", PATH, server.instructor)).ok()
    assert [one["user_id"] for one in staff["lines"]] == ["ada", "bob", "cleo"]
    assert (staff["own"], staff["place"]) == (None, None)


async def test_she_leaves_when_she_likes_and_staff_take_somebody_off(server: RunningServer) -> None:
    await server.make_test(leaderboard="score")
    ada, bob = await sat(server, "ada", ANSWERS), await sat(server, "bob", ANSWERS)
    for user, attempt_id in (("ada", ada), ("bob", bob)):
        (await stand(server, user, attempt_id)).ok()
    away = {"stands": False}
    # Also where the test has none any more.
    await server.make_test()
    (await server.call("PUT", f"/test-attempts/{ada}/leaderboard", server.token(user="ada"), away)).ok()
    await server.make_test(leaderboard="score")
    assert await board(server) == [(1, 2)]
    path = f"/test-attempts/{bob}/leaderboard"
    refused = await server.call("PUT", path, server.instructor, {"stands": True})
    assert (refused.code, "Candidates alone choose" in refused.body["detail"]) == (Code.FORBIDDEN, True)
    for _ in range(2):
        (await server.call("PUT", path, server.instructor, away)).ok()
    assert await board(server) == []
    entries = (await server.call("GET", "/audit?kind=leaderboard_changed", server.service)).ok()["entries"]
    assert [(one["by"], one["entry"]["user_id"], one["entry"]["stands"]) for one in entries] == [
        ("grace", "bob", False)
    ]
    other = await server.call("PUT", path, server.token(user="ada"), {"stands": True})
    assert other.code == Code.NOT_FOUND


async def test_nothing_is_shown_before_the_results_are_or_without_the_rule(server: RunningServer) -> None:
    await server.make_test(leaderboard="score", release="by_staff")
    attempt_id = await sat(server, "ada", ANSWERS)
    for token in (server.token(user="ada"), server.instructor):
        assert (await server.call("GET", PATH, token)).code == Code.NOT_RELEASED
    assert (await stand(server, "ada", attempt_id)).code == Code.NOT_RELEASED
    (await server.call("POST", f"/tests/{TEST}/release", server.instructor, {})).ok()
    (await stand(server, "ada", attempt_id)).ok()
    assert await board(server, server.token(user="ada")) == [(1, 1)]
    assert (await server.call("GET", PATH, server.token(user="bob"))).code == Code.NOT_FOUND, "who has not sat it"
    assert (await server.call("GET", PATH, server.token(Role.MARKER, "mel"))).code == Code.FORBIDDEN
    await server.make_test()
    refused = await server.call("GET", PATH, server.instructor)
    assert (refused.code, refused.body["detail"]) == (Code.NOT_FOUND, "This test has no leaderboard.")
    contradictions: list[dict[str, Any]] = [
        {"shows": "reference"},
        {"leaderboard": "score_and_time", "counts": "average"},
    ]
    for wrong in contradictions:
        body = exam(**{"leaderboard": "score"} | wrong)
        assert (await server.call("PUT", "/tests/x", server.service, body)).code == Code.INVALID_TEST


async def test_what_counts_is_the_attempt_that_the_test_says_and_of_equal_ones_the_shorter(
    server: RunningServer,
) -> None:
    rules: dict[str, Any] = {"max_attempts": None, "leaderboard": "score_and_time"}
    await server.make_test(**rules)
    first = await sat(server, "ada", WRONG, 10_000)
    await sat(server, "ada", ANSWERS, 90_000)
    bob = await sat(server, "bob", ANSWERS, 60_000)
    for user, attempt_id in (("ada", first), ("bob", bob)):
        (await stand(server, user, attempt_id, user.upper())).ok()
    lines = (await server.call("GET", PATH, server.instructor)).ok()["lines"]
    assert [(one["rank"], one["pseudonym"]) for one in lines] == [(1, "BOB"), (2, "ADA")]
    assert (lines[0]["time_ms"] >= 60_000, lines[1]["time_ms"] >= 90_000) == (True, True)
    # A link to one result marks no line by another attempt.
    made = await server.call("POST", f"/test-attempts/{first}/result-token", server.instructor, {})
    by_link = (await server.call("GET", PATH, made.ok()["token"])).ok()
    assert (by_link["place"], by_link["own"]["stands"]) == (None, True)
    await server.make_test(**rules | {"counts": "first"})
    lines = (await server.call("GET", PATH, server.instructor)).ok()["lines"]
    assert [(one["rank"], one["pseudonym"]) for one in lines] == [(1, "BOB"), (2, "ADA")]
    assert (lines[0]["time_ms"] >= 60_000, 10_000 <= lines[1]["time_ms"] < 60_000) == (True, True)
    by_link = (await server.call("GET", PATH, made.ok()["token"])).ok()
    assert by_link["place"]["rank"] == 2


async def test_an_erasure_takes_her_off_and_an_export_says_it(server: RunningServer) -> None:
    await server.make_test(leaderboard="score")
    attempt_id = await sat(server, "ada", ANSWERS)
    (await stand(server, "ada", attempt_id, "Noether")).ok()
    exported = (await server.call("GET", "/users/ada/export", server.service)).ok()["person"]["leaderboards"]
    assert [(one["test_id"], one["number"], one["pseudonym"]) for one in exported] == [(TEST, 1, "Noether")]
    (await server.call("DELETE", "/users/ada", server.service)).ok()
    server.clock.advance(5_000)
    assert await board(server) == []
    assert await server.node.leaderboards.of_test(ORG, TEST) == []


async def test_who_leaves_while_somebody_looks_is_gone_at_the_next_look(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.make_test(leaderboard="score")
    attempt_id = await sat(server, "ada", ANSWERS)
    (await stand(server, "ada", attempt_id)).ok()
    results, read, go_on = server.node.results, asyncio.Event(), asyncio.Event()
    of_candidates = results.of_candidates

    async def slow(*asked: Any) -> Any:
        found = await of_candidates(*asked)
        read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(results, "of_candidates", slow)
    looking = asyncio.create_task(board(server))
    await read.wait()
    away = {"stands": False}
    (await server.call("PUT", f"/test-attempts/{attempt_id}/leaderboard", server.token(user="ada"), away)).ok()
    go_on.set()
    await looking
    assert await board(server) == []
