"""The instructor's socket: rows out, commands in."""

import asyncio
from typing import Any

import pytest

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Close, Code
from storage.errors import StorageUnavailable
from storage.staff_commands import KEPT_MS
from tests.server.conftest import StartServer
from tests.server.harness.exam import CANDIDATE, TEST
from tests.server.harness.running import HOUR_MS, RunningServer
from tests.server.harness.socket import Socket
from tests.services.patience import PATIENCE_S

UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


async def row_of(socket: Socket, attempt_id: str, **fields: Any) -> dict[str, Any]:
    """The next row of this attempt with these fields (a set: any of its values), in a roster or in rows; what was
    skipped comes first."""
    while True:
        message = socket.skipped.pop(0) if socket.skipped else await socket.next()
        for row in message.get("rows", []) if message["t"] in ("roster", "rows") else []:
            if row["attempt_id"] == attempt_id and all(_fits(row[name], value) for name, value in fields.items()):
                assert isinstance(row, dict)
                return row


def _fits(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, set) else bool(value == wanted)


async def refused(socket: Socket, command_id: str) -> str:
    message = await socket.until("command_refused", command_id=command_id)
    return str(message["code"])


# Who


async def test_a_test_that_is_not_hers_is_answered_like_one_that_does_not_exist(server: RunningServer) -> None:
    await server.make_test("secret", org="college")
    attempt_id = await server.make_attempt()
    answers = set()
    for test_id, token in [
        ("nothing", server.instructor),
        ("secret", server.instructor),
        (TEST, server.token(Role.INSTRUCTOR, org="college")),
        (TEST + "?a", server.token(Role.INSTRUCTOR, tests=["other"])),
        (TEST + "?b", server.token(Role.INSTRUCTOR, attempt_id=attempt_id)),
        ("x" * 200, server.instructor),
    ]:
        async with await server.socket(f"/ws/monitor/{test_id}") as socket:
            await socket.hello(token)
            answers.add(str(await socket.end()))
    assert len(answers) == 1
    assert Code.NOT_FOUND in answers.pop()


async def test_a_candidate_does_not_watch(server: RunningServer) -> None:
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.hello(server.token())
        assert await socket.refusal() == (Code.FORBIDDEN, Close.FORBIDDEN)


async def test_the_connection_ends_with_the_token(server: RunningServer) -> None:
    attempt_id = await server.started()
    short = server.token(Role.INSTRUCTOR, lifetime_ms=60_000)
    async with await server.socket(f"/ws/monitor/{TEST}") as socket, await server.sit(attempt_id) as candidate:
        await socket.hello(short)
        await socket.until("roster")
        server.pass_time(61_000)
        assert (await socket.end())[1] == Close.TOKEN_EXPIRED
        await candidate.send("beat", t0_ms=1)
        await candidate.until("echo")


async def test_a_command_that_lay_here_while_the_server_stood_still_is_not_executed(server: RunningServer) -> None:
    """Its sender has asked again at another node since, and has been answered there."""
    attempt_id = await server.started()
    async with await server.watch() as socket:
        await socket.until("roster")
        server.clock.advance((limits.MISSED_BEATS - 1) * server.settings.heartbeat_ms + 1)
        await socket.send("pause", command_id="late", attempt_id=attempt_id, reason="")
        assert (await socket.end())[1] == Close.HEARTBEAT_LOST
    assert (await server.status(attempt_id))["status"] == "in_progress"


# Rows


async def test_the_roster_has_everybody_and_the_name(server: RunningServer) -> None:
    started = await server.started(display_name="Ada Lovelace")
    waiting = await server.make_attempt("bob")
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.hello(server.instructor)
        welcome = await socket.next()
        roster = await socket.next()
    assert (welcome["t"], welcome["title"], welcome["test_id"]) == ("monitor_welcome", "Algebra", TEST)
    assert (roster["t"], roster["part"], roster["parts"]) == ("roster", 0, 1)
    rows = {row["attempt_id"]: row for row in roster["rows"]}
    assert set(rows) == {started, waiting}
    assert rows[started]["name"] == "Ada Lovelace"
    assert (rows[started]["status"], rows[waiting]["status"]) == ("in_progress", "initiated")
    assert rows[started]["connection"] == "offline"


async def test_a_row_follows_the_candidate(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    async with await server.watch() as watcher:
        async with await server.sit(attempt_id) as socket:
            await row_of(watcher, attempt_id, status="initiated", connection="online")
            await socket.send("start", n=1, client_at_ms=0)
            row = await row_of(watcher, attempt_id, status="in_progress")
            assert row["deadline_ms"] == row["started_at_ms"] + 600_000
            await socket.send("answer", n=2, question_id="word", value="Euler", position=4, client_at_ms=0)
            await socket.send("flag", n=3, question_id="fact", flagged=True, client_at_ms=0)
            await row_of(watcher, attempt_id, answered=1, total=5, flagged=1, question_index=4)
        await row_of(watcher, attempt_id, connection="offline")


async def test_who_looks_at_an_attempt_after_its_end_and_leaves_is_shown_as_offline(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        await socket.send("submit", n=1, client_at_ms=0)
        await server.reaches(attempt_id, "completed")
    async with await server.watch() as watcher:
        await row_of(watcher, attempt_id, connection="offline")
        # The log says nothing of a connection after the end.
        for _ in range(2):
            async with await server.sit(attempt_id):
                await row_of(watcher, attempt_id, connection="online")
            await row_of(watcher, attempt_id, connection="offline")


async def test_rows_are_conflated(start_server: StartServer) -> None:
    server = await start_server(monitor_flush_ms=300)
    await server.make_test()
    attempt_id = await server.started()
    async with await server.watch() as watcher, await server.sit(attempt_id) as socket:
        await row_of(watcher, attempt_id, connection="online")
        for n in range(1, 51):
            await socket.send("progress", n=n, question_index=n % 5, client_at_ms=0)
        await socket.send("progress", n=51, question_index=3, client_at_ms=0)
        await socket.until("ack", n=51)
        seen = 0
        while True:
            message = await watcher.until("rows")
            seen += len(message["rows"])
            assert len({row["attempt_id"] for row in message["rows"]}) == len(message["rows"])
            if message["rows"][-1]["question_index"] == 3 and message["rows"][-1]["seq"] >= 53:
                break
        assert seen < 51


async def test_who_joins_while_others_change_misses_nothing(server: RunningServer) -> None:
    attempts = [await server.started(f"user-{i}") for i in range(5)]

    async def busy(attempt_id: str, user: str) -> None:
        async with await server.sit(attempt_id, user) as socket:
            for n in range(1, 21):
                await socket.send("progress", n=n, question_index=n % 5, client_at_ms=0)
            await socket.send("answer", n=21, question_id="word", value="Euler", client_at_ms=0)
            await socket.until("ack", n=21)

    async def join() -> None:
        async with await server.watch() as watcher:
            left = set(attempts)
            while left:
                message = await watcher.next()
                left -= {row["attempt_id"] for row in message.get("rows", []) if row["answered"] == 1}

    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        for index, attempt_id in enumerate(attempts):
            group.create_task(busy(attempt_id, f"user-{index}"))
            group.create_task(join())


# Commands


async def test_every_command(server: RunningServer) -> None:
    attempt_id = await server.started()

    async def do(command_id: str, tag: str, **fields: Any) -> None:
        await watcher.send(tag, command_id=command_id, attempt_id=attempt_id, **fields)
        done = await watcher.until("done", command_id=command_id)
        assert done["attempt_id"] == attempt_id

    async with await server.watch() as watcher:
        await do("1", "pause", reason="")
        await do("2", "extend", add_ms=60_000, reason="")
        await do("3", "resume", reason="")
        await do("4", "message", text="Hello")
        await row_of(watcher, attempt_id, message="queued", status="in_progress")
        await do("5", "end", reason="over")
        await server.advance(2_000)
        # The marker may be done before the next batch of rows: then the first row after the end says `completed`.
        await row_of(watcher, attempt_id, status={"expired", "completed"})
        await do("6", "reopen", left_ms=60_000, reason="not over", on_return=False)
        await do("7", "cancel", counts=False, reason="void")
        await row_of(watcher, attempt_id, status="cancelled")


async def test_the_way_of_a_message_is_seen(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.watch() as watcher, await server.sit(attempt_id) as socket:
        await watcher.send("message", command_id="m", attempt_id=attempt_id, text="Hello")
        await socket.until("staff_message", message_id="m")
        await row_of(watcher, attempt_id, message="queued")
        await socket.send("receipt", n=1, message_id="m", seen=False, client_at_ms=0)
        await row_of(watcher, attempt_id, message="delivered")
        await socket.send("receipt", n=2, message_id="m", seen=True, client_at_ms=0)
        await row_of(watcher, attempt_id, message="seen")


async def test_messages_reach_whoever_was_away_in_the_order_in_which_they_were_written(server: RunningServer) -> None:
    """Over the socket and over REST, however long she was away; what she has dismissed does not come again."""
    attempt_id = await server.started()
    texts = [f"Message {number}" for number in range(5)]
    async with await server.watch() as watcher:
        for text in texts:
            await watcher.send("message", command_id=text, attempt_id=attempt_id, text=text)
            await watcher.until("done")
        await row_of(watcher, attempt_id, message="queued")
        server.pass_time(10 * 60_000)
        resumed = (
            await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.token(), server.arrival())
        ).ok()
        assert [one["text"] for one in resumed["unseen"]] == texts
        socket = await server.socket(f"/ws/attempts/{attempt_id}")
        async with socket:
            await socket.hello(server.token())
            welcome = await socket.until("welcome")
            assert [one["text"] for one in welcome["unseen"]] == texts
            await socket.send("receipt", n=1, message_id=texts[0], seen=True, client_at_ms=0)
            await socket.until("ack", n=1)
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        assert [one["text"] for one in (await socket.until("welcome"))["unseen"]] == texts[1:]


async def test_a_formal_warning_reaches_her_and_is_counted(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.watch() as watcher:
        warned = {"attempt_id": attempt_id, "seen_seq": None}
        await watcher.send("warn", command_id="blank", reason=" ", **warned)
        assert (await watcher.until("command_refused", command_id="blank"))["code"] == Code.REASON_REQUIRED
        await watcher.send("message", command_id="m", attempt_id=attempt_id, text="Hello")
        await watcher.send("warn", command_id="w", reason="A phone.", **warned)
        await watcher.until("done", command_id="w")
        # She was away: both are in the welcome, in their order.
        async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
            await socket.hello(server.token())
            unseen = (await socket.until("welcome"))["unseen"]
            assert [(one["message_id"], one["formal"]) for one in unseen] == [("m", None), ("w", True)]
            await watcher.send("warn", command_id="again", reason="Once more.", **warned)
            told = await socket.until("staff_message", message_id="again")
            assert (told["text"], told["formal"]) == ("Once more.", True)
            await socket.send("receipt", n=1, message_id="w", seen=True, client_at_ms=0)
            await socket.until("ack", n=1)
        warnings: list[tuple[str, bool]] = []
        while warnings != [("A phone.", True), ("Once more.", False)]:
            row = await row_of(watcher, attempt_id)
            warnings = [(one["reason"], one["seen"]) for one in row["warnings"] or []]


async def test_a_raised_hand_is_seen_by_staff_and_she_hears_of_it(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.watch() as watcher, await server.sit(attempt_id) as socket:
        await socket.send("raise_hand", n=1, raised=True, client_at_ms=0)
        assert (await socket.until("state"))["state"]["hand"] == "raised"
        await row_of(watcher, attempt_id, hand="raised")
        await watcher.send("acknowledge_hand", command_id="h", attempt_id=attempt_id, reason="")
        await watcher.until("done", command_id="h")
        await row_of(watcher, attempt_id, hand="acknowledged")
        assert (await socket.until("state"))["state"]["hand"] == "acknowledged"
        await socket.send("raise_hand", n=2, raised=False, client_at_ms=0)
        await row_of(watcher, attempt_id, hand=None)


async def test_a_repeated_command_is_executed_once(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.watch() as watcher:
        for _ in range(3):
            await watcher.send("extend", command_id="e", attempt_id=attempt_id, add_ms=60_000, reason="")
        for _ in range(3):
            await watcher.until("done", command_id="e")
    state = await server.status(attempt_id)
    assert state["clocks"][0]["deadline_ms"] == state["started_at_ms"] + 660_000


async def test_commands_that_are_refused(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    async with await server.watch() as watcher:
        cases: list[tuple[str, dict[str, Any], Code]] = [
            ("pause", {"reason": ""}, Code.NOT_STARTED),
            ("resume", {"reason": ""}, Code.NOT_PAUSED),
            ("extend", {"add_ms": 1, "reason": ""}, Code.NOT_STARTED),
            ("end", {"reason": " "}, Code.REASON_REQUIRED),
            ("cancel", {"counts": False, "reason": ""}, Code.REASON_REQUIRED),
            ("reopen", {"left_ms": 1_000, "reason": "why not", "on_return": True}, Code.NOT_ENDED),
        ]
        for index, (tag, fields, code) in enumerate(cases):
            await watcher.send(tag, command_id=f"c{index}", attempt_id=attempt_id, **fields)
            assert await refused(watcher, f"c{index}") == code, tag
        await watcher.send("extend", command_id="x", attempt_id=attempt_id, add_ms=24 * HOUR_MS + 1, reason="")
        assert await refused(watcher, "x") == Code.OUT_OF_RANGE


async def test_anothers_attempt_is_refused_like_one_that_does_not_exist(server: RunningServer) -> None:
    await server.make_test("other")
    await server.make_test("secret", org="college")
    answers = set()
    async with await server.watch() as watcher:
        for attempt_id in (
            UNKNOWN_ID,
            await server.make_attempt(test_id="other"),
            await server.make_attempt(org="college", test_id="secret"),
            "nonsense",
        ):
            await watcher.send("cancel", command_id="c", attempt_id=attempt_id, counts=False, reason="void")
            message = await watcher.until("command_refused")
            assert message.pop("attempt_id") == attempt_id
            answers.add(str(message))
    assert len(answers) == 1
    assert f"'code': '{Code.NOT_FOUND}'" in answers.pop()


@pytest.mark.parametrize(
    ("error", "code"),
    [(StorageUnavailable("gone"), Code.STORAGE_UNAVAILABLE), (RuntimeError("a bug"), Code.INTERNAL)],
)
async def test_a_command_that_fails_is_answered(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, error: Exception, code: Code
) -> None:
    async def fail(attempt_id: str) -> None:
        raise error

    async with await server.watch() as watcher:
        monkeypatch.setattr(server.node.registry, "get", fail)
        await watcher.send("cancel", command_id="c", attempt_id=UNKNOWN_ID, counts=False, reason="void")
        assert await refused(watcher, "c") == code


async def test_an_instructor_of_one_test_commands_its_attempts(server: RunningServer) -> None:
    attempt_id = await server.started(CANDIDATE)
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.hello(server.token(Role.INSTRUCTOR, tests=[TEST]))
        await socket.until("roster")
        await socket.send("pause", command_id="p", attempt_id=attempt_id, reason="")
        await socket.until("done", command_id="p")


async def test_a_command_that_cannot_be_read_is_refused_by_its_id(server: RunningServer) -> None:
    attempt_id = await server.started()
    named = {"command_id": "c", "attempt_id": attempt_id}
    async with await server.watch() as watcher:
        for tag, fields, code in (
            ("extend", {**named, "add_ms": 0, "reason": ""}, Code.OUT_OF_RANGE),
            ("extend", {**named, "add_ms": "60000", "reason": ""}, Code.WRONG_TYPE),
            ("pause", named, Code.MISSING_FIELD),
            ("message", {**named, "text": "x" * 2_001}, Code.OUT_OF_RANGE),
            ("wave", named, Code.UNKNOWN_MESSAGE),
        ):
            await watcher.send(tag, **fields)
            refused = await watcher.until("command_refused", command_id="c")
            assert (refused["code"], refused["attempt_id"], refused["retry"]) == (code, attempt_id, "never")
        await watcher.send("pause", command_id="d", attempt_id=7, reason="")
        assert (await watcher.until("command_refused", command_id="d"))["attempt_id"] == ""
        for command_id in (7, "", "x" * 129, None, "a\0b"):
            await watcher.send("pause", **(named | {"command_id": command_id}), reason="")
            assert (await watcher.until("refused"))["n"] is None


async def test_a_refused_command_is_sent_again_only_for_the_servers_sake(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/pause", server.instructor, {})).ok()
    reopen = {"left_ms": 60_000, "reason": "x", "on_return": False}
    async with await server.watch() as watcher:
        for tag, fields, code in (("pause", {"reason": ""}, Code.PAUSED), ("reopen", reopen, Code.NOT_ENDED)):
            await watcher.send(tag, command_id=tag, attempt_id=attempt_id, **fields)
            refused = await watcher.until("command_refused", command_id=tag)
            assert (refused["code"], refused["retry"]) == (code, "never")
            problem = await server.call("POST", f"{path}/{tag}", server.instructor, fields)
            assert (problem.code, problem.body["retry"]) == (code, "never")

        async def claim(*_: object) -> str:
            raise StorageUnavailable("planted")

        monkeypatch.setattr(server.node.staff_commands, "claim", claim)
        await watcher.send("resume", command_id="r", attempt_id=attempt_id, reason="")
        refused = await watcher.until("command_refused", command_id="r")
        assert (refused["code"], refused["retry"]) == (Code.STORAGE_UNAVAILABLE, "later")
    assert (await server.status(attempt_id))["status"] == "paused"


async def test_a_command_is_known_for_good_and_its_id_is_free_for_other_attempts_after_a_month(
    server: RunningServer,
) -> None:
    first, second = await server.started("ada"), await server.started("bob")
    async with await server.watch() as watcher:
        await watcher.send("message", command_id="c", attempt_id=first, text="x")
        seq = (await watcher.until("done", command_id="c"))["seq"]
        await server.node.staff_commands.prune(server.clock.now_ms() + KEPT_MS + 1)
        await watcher.send("message", command_id="c", attempt_id=first, text="x")
        assert (await watcher.until("done", command_id="c"))["seq"] == seq, "done once, and told again"
        await watcher.send("message", command_id="c", attempt_id=first, text="another text")
        assert (await watcher.until("command_refused", command_id="c"))["code"] == Code.COMMAND_REUSED
        await watcher.send("message", command_id="c", attempt_id=second, text="x")
        await watcher.until("done", command_id="c")


async def test_one_command_id_belongs_to_one_attempt(server: RunningServer) -> None:
    first, second = await server.started("ada"), await server.started("bob")
    async with await server.watch() as watcher:
        await watcher.send("pause", command_id="c", attempt_id=first, reason="")
        await watcher.until("done", command_id="c")
        await watcher.send("pause", command_id="c", attempt_id=second, reason="")
        assert (await watcher.until("command_refused", command_id="c"))["code"] == Code.COMMAND_REUSED
    for verb, body in (
        ("pause", {}), ("resume", {}), ("end", {"reason": "x"}), ("cancel", {"reason": "x"}), ("extend", {"add_ms": 1}),
        ("messages", {"text": "x"}), ("reopen", {"left_ms": 1_000, "reason": "x"}),
    ):  # fmt: skip
        path = f"/test-attempts/{second}/{verb}"
        assert (
            await server.call("POST", path, server.instructor, body | {"command_id": "c"})
        ).code == Code.COMMAND_REUSED
    path = f"/test-attempts/{second}/marks/single"
    body = {"score_mpt": 1, "command_id": "c"}
    assert (await server.call("PUT", path, server.instructor, body)).code == Code.COMMAND_REUSED
    # A refused command keeps its id, and another organisation knows nothing of it.
    body = {"command_id": "d"}
    assert (
        await server.call("POST", f"/test-attempts/{second}/resume", server.instructor, body)
    ).code == Code.NOT_PAUSED
    assert (
        await server.call("POST", f"/test-attempts/{first}/resume", server.instructor, body)
    ).code == Code.COMMAND_REUSED
    await server.make_test(org="other")
    elsewhere = await server.make_attempt(org="other")
    staff = server.token(Role.INSTRUCTOR, "grace", "other")
    body = {"command_id": "c", "text": "x"}
    (await server.call("POST", f"/test-attempts/{elsewhere}/messages", staff, body)).ok()
    (await server.call("POST", f"/test-attempts/{elsewhere}/messages", staff, body)).ok()
