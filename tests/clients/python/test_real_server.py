"""The client, the monitor and the REST client against a real server, which serves all tests of this module."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from clients.python.client import Callbacks, Client
from clients.python.errors import ConnectionEnded, Refused
from clients.python.monitor import Monitor
from clients.python.rest import Rest
from loadtest.ports import LOOPBACK, free_port
from loadtest.tokens import mint
from protocol.codes import Close, Code
from protocol.content import Essay, Option, Question, Rules, SingleChoice, TestContent
from protocol.messages.candidate import StaffMessage
from protocol.messages.operations import Flag, Progress, Receipt
from protocol.rest.attempts import AttemptMade, NewAttempt
from protocol.rest.operations import NumberedAnswer
from protocol.rest.results import Result
from protocol.rest.tokens import TokenBody
from tests.services.patience import PATIENCE_S, SCENARIO_S
from tests.services.processes import Processes

SECRET = "a-secret-for-tests-that-protects-nothing"
"""For what a real server does by itself and soon; only a failing test waits for so long."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    settings = {"HOST": LOOPBACK, "PORT": str(port), "DATA": str(folder), "TOKEN_SECRET": SECRET, "DRAIN_MS": "100"}
    with Processes() as processes:
        env = {f"PENCILSDOWN_{name}": value for name, value in settings.items()}
        command = Path(sys.executable).with_name("pencilsdown")
        processes.start([command, "serve"], env=env, cwd=folder).wait_for_line("Serving at")
        yield f"http://{LOOPBACK}:{port}"


@pytest.fixture
async def rest(url: str) -> AsyncIterator[Rest]:
    async with Rest.open(url, mint(SECRET, "service", "platform", "school")) as rest:
        yield rest


@pytest.fixture
async def test_id(rest: Rest) -> str:
    questions: list[Question] = [
        Question(
            question_id=f"q{number}",
            body="Which?",
            interactions=[SingleChoice(options=[Option("a", "A"), Option("b", "B")], correct="a")],
        )
        for number in range(1, 4)
    ]
    name = f"test ä {uuid4().hex}"
    rules = Rules(max_attempts=None)
    stored = await rest.put_test(name, TestContent(title="Three questions", rules=rules, questions=questions))
    assert stored.version == 1
    return name


@pytest.fixture
async def attempt(rest: Rest, test_id: str) -> AttemptMade:
    return await rest.make_attempt(NewAttempt(test_id=test_id, user_id="ada", display_name="Ada"))


def sit(url: str, attempt: AttemptMade, callbacks: Callbacks | None = None) -> Client:
    assert attempt.token is not None
    return Client(url, attempt.attempt_id, attempt.token, callbacks=callbacks, chance=lambda: 0.0)


def watch(url: str, test_id: str) -> Monitor:
    return Monitor(url, test_id, mint(SECRET, "instructor", "grace", "school"), chance=lambda: 0.0)


async def result_of(rest: Rest, attempt: AttemptMade) -> Result:
    """Marking runs behind the submission."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await rest.result(attempt.attempt_id)
            except Refused as refused:
                if not refused.may_repeat:
                    raise
                await asyncio.sleep(0.02)


async def test_a_test_is_sat_and_marked(url: str, rest: Rest, attempt: AttemptMade) -> None:
    async with sit(url, attempt) as client:
        welcome = await client.welcomed()
        assert (welcome.attempt_id, welcome.question_total, welcome.last_n) == (attempt.attempt_id, 3, 0)
        await client.start()
        await asyncio.gather(
            client.answer("q1", "b"), client.answer("q1", "a"), client.flag("q2", True), client.progress(1)
        )
        await client.answer("q2", "b")
        state = await client.submit()
        assert state.status in ("submitted", "completed")
        assert state.reference
    saved = await rest.answers(attempt.attempt_id)
    assert {answer.question_id: answer.value for answer in saved.answers} == {"q1": "a", "q2": "b"}
    result = await result_of(rest, attempt)
    assert (result.score_mpt, result.max_mpt, result.complete) == (1_000, 3_000, True)


async def test_what_is_under_way_survives_cuts(url: str, rest: Rest, attempt: AttemptMade) -> None:
    async with sit(url, attempt) as client:
        await client.start()
        for _ in range(3):
            asked = [client.answer(f"q{number % 3 + 1}", "ab"[number // 3 % 2]) for number in range(30)]
            await asked[0]
            await client.drop()
            await asyncio.gather(*asked)
        # All may have had their acks before the last cut: this one needs the connection after it.
        await client.answer("q1", "b")
        assert client.connections == 4
    saved = await rest.answers(attempt.attempt_id)
    assert [answer.value for answer in saved.answers] == ["b", "b", "b"]


async def test_a_pause_holds_answers_until_the_clock_runs_again(url: str, test_id: str, attempt: AttemptMade) -> None:
    states: asyncio.Queue[str] = asyncio.Queue()
    callbacks = Callbacks(state=lambda push: states.put_nowait(push.state.status))
    async with sit(url, attempt, callbacks) as client, watch(url, test_id) as monitor:
        await client.start()
        await monitor.roster()
        await monitor.pause(attempt.attempt_id, reason="fire alarm")
        async with asyncio.timeout(PATIENCE_S):
            while await states.get() != "paused":
                pass
            submitted = client.submit()
            await monitor.resume(attempt.attempt_id)
            assert (await submitted).status in ("submitted", "completed")


async def test_staff_steer_and_the_test_taker_is_told(url: str, test_id: str, attempt: AttemptMade) -> None:
    messages: asyncio.Queue[StaffMessage] = asyncio.Queue()
    async with sit(url, attempt, Callbacks(message=messages.put_nowait)) as client, watch(url, test_id) as monitor:
        await client.start()
        before = (await monitor.until(lambda rows: rows[attempt.attempt_id].status == "in_progress"))[
            attempt.attempt_id
        ]
        assert before.deadline_ms is not None
        await monitor.extend(attempt.attempt_id, add_ms=300_000, reason="a late start")
        extended_ms = before.deadline_ms + 300_000
        async with asyncio.timeout(PATIENCE_S):
            await monitor.until(lambda rows: rows[attempt.attempt_id].deadline_ms == extended_ms)
            await monitor.message(attempt.attempt_id, "Please speak up.")
            message = await messages.get()
            await monitor.until(lambda rows: rows[attempt.attempt_id].message == "delivered")
            await client.receipt(message.message_id, seen=True)
            await monitor.until(lambda rows: rows[attempt.attempt_id].message == "seen")
        assert client.state is not None
        assert client.state.test_clock.deadline_ms == extended_ms
        await monitor.end(attempt.attempt_id, reason="collected")
        await monitor.until(lambda rows: rows[attempt.attempt_id].status in ("expired", "completed"))
        assert (await client.submit()).status in ("expired", "completed")
        with pytest.raises(Refused) as raised:
            await client.answer("q1", "a")
        assert raised.value.code == Code.DEADLINE_PASSED


async def test_a_refused_command_is_raised(url: str, test_id: str, attempt: AttemptMade) -> None:
    async with watch(url, test_id) as monitor:
        await monitor.roster()
        with pytest.raises(Refused) as raised:
            await monitor.resume(attempt.attempt_id)
        assert raised.value.code == Code.NOT_PAUSED


async def test_the_newest_connection_wins_and_the_old_one_stays_away(url: str, attempt: AttemptMade) -> None:
    over: asyncio.Future[ConnectionEnded] = asyncio.get_running_loop().create_future()
    async with sit(url, attempt, Callbacks(ended=over.set_result)) as old:
        await old.start()
        async with sit(url, attempt) as new:
            await new.answer("q1", "a")
            assert (await asyncio.wait_for(over, PATIENCE_S)).code == Close.SUPERSEDED
            await new.answer("q1", "b")


async def test_strangers_are_turned_away_for_good(url: str, test_id: str, attempt: AttemptMade) -> None:
    foreign = mint(SECRET, "instructor", "eve", "another school")
    async with Monitor(url, test_id, foreign) as monitor:
        with pytest.raises(ConnectionEnded) as raised:
            await monitor.roster()
        assert raised.value.code == Close.NOT_FOUND
    async with Client(url, attempt.attempt_id, "no token") as client:
        with pytest.raises(ConnectionEnded) as raised:
            await client.welcomed()
        assert raised.value.code == Close.TOKEN_INVALID


async def test_a_call_with_a_key_is_carried_out_once(rest: Rest) -> None:
    asked = TokenBody(role="marker", user_id="mary")
    first = await rest.with_key("order-17").give_token(asked)
    assert await rest.with_key("order-17").give_token(asked) == first
    assert await rest.give_token(asked) != first
    with pytest.raises(Refused) as raised:
        await rest.with_key("order-17").revoke("lost", user_id="mary")
    assert raised.value.code == Code.IDEMPOTENCY_KEY_REUSED


async def test_who_is_careful_replaces_nothing_unseen(rest: Rest, test_id: str) -> None:
    careful = rest.careful()
    seen = await careful.test(test_id)
    await rest.put_test(test_id, msgspec.structs.replace(seen, title="Hers"))
    with pytest.raises(Refused) as raised:
        await careful.put_test(test_id, msgspec.structs.replace(seen, title="Mine"))
    assert raised.value.code == Code.CHANGED_MEANWHILE
    await careful.put_test(test_id, msgspec.structs.replace(await careful.test(test_id), title="Mine"))
    await careful.put_test(test_id, msgspec.structs.replace(seen, title="Mine again"))


async def test_a_test_can_be_sat_by_rest_alone(url: str, rest: Rest, attempt: AttemptMade) -> None:
    assert attempt.token is not None
    me, attempt_id = rest.as_user(attempt.token), attempt.attempt_id
    assert (await me.status(attempt_id)).state.status == "initiated"
    came = await me.come_back(attempt_id, device="phone", connect_n=1, takeover=True)
    connection_id = came.connection_id
    assert (await me.start(attempt_id, connection_id=connection_id)).state.status == "in_progress"
    assert [question.question_id for question in (await me.paper(attempt_id)).questions] == ["q1", "q2", "q3"]
    answers = [
        NumberedAnswer(n=1, question_id="q1", value="a", client_at_ms=1),
        NumberedAnswer(n=2, question_id="nonsense", value="a", client_at_ms=1),
    ]
    reply = await me.answer(attempt_id, answers, connection_id=connection_id)
    assert reply.acked == [1]
    assert [(refused.n, refused.code) for refused in reply.refused] == [(2, Code.UNKNOWN_QUESTION)]
    for operation in (Progress(3, 1, 1), Flag(4, "q2", True, 1)):
        await me.operate(attempt_id, operation, connection_id=connection_id)
    await rest.message(attempt_id, "Please speak up.")
    told = await me.heartbeat(attempt_id, connection_id=connection_id, t0_ms=5)
    assert told.t0_ms == 5
    receipt = Receipt(5, told.unseen[0].message_id, True, 1)
    assert (await me.operate(attempt_id, receipt, connection_id=connection_id)).acked == [5]
    back = await me.come_back(attempt_id, device="phone", connect_n=2)
    assert (back.last_n, back.question_index, back.flagged, back.unseen) == (5, 1, ["q2"], [])
    assert (await me.complete(attempt_id, connection_id=back.connection_id)).state.status in ("submitted", "completed")
    with pytest.raises(Refused) as raised:
        await me.put_test(
            "mine", TestContent(title="T", questions=[Question(question_id="q", body="?", interactions=[Essay()])])
        )
    assert raised.value.code == Code.FORBIDDEN


async def test_staff_steer_by_rest(rest: Rest, attempt: AttemptMade) -> None:
    attempt_id = attempt.attempt_id
    await rest.start(attempt_id)
    paused = await rest.pause(attempt_id, reason="fire alarm", command_id="once")
    assert paused.state.status == "paused"
    assert (await rest.pause(attempt_id, reason="fire alarm", command_id="once")).seq == paused.seq
    assert (await rest.resume(attempt_id)).state.status == "in_progress"
    before = (await rest.status(attempt_id)).state.test_clock.deadline_ms
    extended = (await rest.extend(attempt_id, add_ms=60_000)).state.test_clock.deadline_ms
    assert before is not None
    assert extended == before + 60_000
    collected = (await rest.end(attempt_id, reason="collected", said="Time for all.")).state
    assert (collected.status, collected.said) == ("in_progress", "Time for all.")
    assert collected.test_clock.deadline_ms is not None
    async with asyncio.timeout(SCENARIO_S):
        while (await rest.status(attempt_id)).state.ended_as != "expired":  # noqa: ASYNC110 (it is over REST)
            await asyncio.sleep(0.05)
    assert (await rest.reopen(attempt_id, left_ms=60_000, reason="a mistake")).state.status == "in_progress"
    assert (await rest.cancel(attempt_id, reason="copied")).state.status == "cancelled"


async def test_attempts_are_listed_in_pages(rest: Rest, test_id: str) -> None:
    made = [
        (await rest.make_attempt(NewAttempt(test_id=test_id, user_id=f"user-{index}"))).attempt_id for index in range(5)
    ]
    seen: list[str] = []
    after: str | None = None
    while True:
        page = await rest.attempts(test_id, after=after, limit=2)
        seen.extend(row.attempt_id for row in page.attempts)
        after = page.next
        if after is None:
            break
    assert seen == sorted(made)
    assert test_id in [test.test_id for test in (await rest.tests()).tests]
    assert len((await rest.test(test_id)).questions) == 3


async def test_an_attempts_log_is_read_in_pages(rest: Rest, attempt: AttemptMade) -> None:
    attempt_id = attempt.attempt_id
    await rest.start(attempt_id)
    await rest.cancel(attempt_id, reason="a rehearsal")
    kinds: list[str] = []
    after: int | None = 0
    while after is not None:
        page = await rest.log(attempt_id, after=after, limit=1)
        kinds.extend(entry.kind for entry in page.entries)
        after = page.next
    assert kinds == ["created", "started", "cancelled"]


async def test_essays_are_marked_by_a_person(rest: Rest) -> None:
    name = f"essay-{uuid4().hex}"
    await rest.put_test(
        name,
        TestContent(title="An essay", questions=[Question(question_id="e 1", body="Why?", interactions=[Essay()])]),
    )
    made = await rest.make_attempt(NewAttempt(test_id=name, user_id="ada"))
    await rest.start(made.attempt_id)
    await rest.answer(made.attempt_id, [NumberedAnswer(n=1, question_id="e 1", value="Because.", client_at_ms=1)])
    await rest.complete(made.attempt_id)
    result = await result_of(rest, made)
    assert not result.complete
    assert [essay.parts[0].value for essay in (await rest.essays(made.attempt_id)).essays] == ["Because."]
    marked = await rest.mark(made.attempt_id, "e 1", score_mpt=500, remark="Short.")
    assert (marked.complete, marked.score_mpt) == (True, 500)


async def test_a_result_token_shows_the_result_and_nothing_else(url: str, rest: Rest, test_id: str) -> None:
    made = await rest.make_attempt(NewAttempt(test_id=test_id, user_id="ada"))
    await rest.start(made.attempt_id)
    await rest.complete(made.attempt_id)
    await result_of(rest, made)
    token = (await rest.result_token(made.attempt_id)).token
    async with Rest.open(url, token) as hers:
        assert (await result_of(hers, made)).attempt_id == made.attempt_id
        with pytest.raises(Refused, match="forbidden"):
            await hers.status(made.attempt_id)


async def test_a_node_says_whether_it_is_ready(rest: Rest) -> None:
    assert await rest.ready()


async def test_a_hall_of_320_is_steered_one_after_the_other(url: str, rest: Rest, test_id: str) -> None:
    """More commands than the server takes at once: the monitor waits, and is not thrown out."""
    attempts = [
        (await rest.make_attempt(NewAttempt(test_id=test_id, user_id=f"candidate {n}"))).attempt_id for n in range(320)
    ]
    async with watch(url, test_id) as monitor, asyncio.timeout(SCENARIO_S):
        await monitor.roster()
        for attempt_id in attempts:
            assert (await monitor.message(attempt_id, "Ten minutes more for everybody.")).attempt_id == attempt_id
        assert monitor.connections == 1


async def test_calls_above_the_rate_are_made_when_the_server_says(url: str, attempt: AttemptMade) -> None:
    """350 calls at once, of which the server refuses those above its rate: the client makes them again."""
    assert attempt.token is not None
    async with Rest.open(url, attempt.token) as own, asyncio.timeout(SCENARIO_S):
        replies = await asyncio.gather(*(own.status(attempt.attempt_id) for _ in range(350)))
    assert len(replies) == 350
