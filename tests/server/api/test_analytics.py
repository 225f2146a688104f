"""Analytics over REST: a small test by hand, and a whole exam day against its own record."""

import asyncio
import statistics
from collections.abc import Sequence
from typing import Any, Final

import pytest
from sqlalchemy import func, select, update

from loadtest.exam import POINT_MPT
from loadtest.trace import Candidate, Response, Trace, read_trace
from protocol.attempt.model import Role, Status
from protocol.codes import Code
from server.analysis import cohort
from storage.schema import attempt_log, courses, results
from storage.sittings import Place
from storage.statistics import Selection
from tests.server.api.test_statistics import sat
from tests.server.conftest import SELDOM_ON_POSTGRES
from tests.server.harness.exam import ANSWERS, ORG, SCORE_MPT, TEST
from tests.server.harness.recorded import START_MS, leaving_ms, write_day
from tests.server.harness.running import RunningServer
from tests.services.patience import PATIENCE_S
from tests.shared import SHARED

REAL: Final = SHARED / "data" / "credentialing_exam"
PATH: Final = f"/tests/{TEST}/analytics"


async def analytics(server: RunningServer, path: str = PATH) -> Any:
    return (await server.call("GET", path, server.instructor)).ok()


async def test_one_sits_and_one_has_ended(either_server: RunningServer) -> None:
    server = either_server
    ada = await sat(server, "ada", ANSWERS)
    bob = await server.started("bob")
    (await server.call("POST", f"/test-attempts/{bob}/answers", server.service, {"answers": [answer(1)]})).ok()
    eve = await server.started("eve")
    (await server.call("POST", f"/test-attempts/{eve}/cancel", server.instructor, {"reason": "ill"})).ok()
    (await server.call("POST", "/test-attempts", server.service, {"test_id": TEST, "user_id": "dora"})).ok()
    found = await analytics(server)
    assert (found["attempts"], found["open"]) == (2, 1)
    assert found["left_out"] == {"not_begun": 1, "cancelled": 1, "absent": 0, "erased": 0, "newer": 0, "archived": 0}
    by_user = {one["user_id"]: one for one in found["candidates"]}
    assert (by_user["ada"]["answered"], by_user["ada"]["score_mpt"]) == (len(ANSWERS), SCORE_MPT)
    assert (by_user["bob"]["answered"], by_user["bob"]["score_mpt"], by_user["bob"]["ended_ms"]) == (1, None, None)
    assert [(one["question_id"], one["answered"]) for one in found["questions"]] == [
        (name, 1 + (name == "single")) for name in ANSWERS
    ]
    assert [one["from_permille"] for one in found["scores"] if one["attempts"]] == [950]
    assert (found["room"][-1]["sitting"], found["room"][-1]["ended"], found["room"][-1]["answers"]) == (1, 1, 6)

    hers = await analytics(server, f"/test-attempts/{ada}/analytics")
    assert (hers["ended"], hers["answered"], hers["status"]) == (True, len(ANSWERS), "completed")
    assert hers["ran_ms"] == hers["unplaced_ms"] + sum(one["time_ms"] for one in hers["questions"])
    assert [one["share_ppm"] for one in hers["learning"]["tries"]] == [1_000_000]
    assert (await analytics(server, f"/test-attempts/{bob}/analytics"))["questions"][0]["saves"] == 1


def answer(n: int) -> dict[str, Any]:
    return {"n": n, "question_id": "single", "value": "b", "client_at_ms": 0}


async def test_nobody_has_begun(server: RunningServer) -> None:
    found = await analytics(server)
    assert (found["attempts"], found["questions"], found["room"], found["median_ms"]) == (0, [], [], None)


async def test_whoever_was_erased_is_in_no_figure(server: RunningServer) -> None:
    ada = await sat(server, "ada", ANSWERS)
    await sat(server, "bob", ANSWERS)
    admin = server.token(Role.ADMINISTRATOR, "root")
    (await server.call("DELETE", "/users/ada", admin)).ok()
    found = await analytics(server)
    assert ([one["user_id"] for one in found["candidates"]], found["left_out"]["erased"]) == (["bob"], 1)
    gone = await server.call("GET", f"/test-attempts/{ada}/analytics", server.instructor)
    assert gone.code == Code.ERASED


async def test_who_may_read_analytics_and_of_whom(server: RunningServer) -> None:
    ada = await sat(server, "ada", ANSWERS)
    elsewhere = server.token(Role.INSTRUCTOR, "grace", org="elsewhere")
    for path in (PATH, f"/test-attempts/{ada}/analytics"):
        for token, code in (
            (server.token(Role.MARKER, "mia"), Code.FORBIDDEN),
            (server.token(user="ada"), Code.FORBIDDEN),
            (elsewhere, Code.NOT_FOUND),
        ):
            assert (await server.call("GET", path, token)).code == code
    south = server.token(Role.INSTRUCTOR, "grace", branches=["south"])
    assert (await server.call("GET", PATH, south)).ok()["attempts"] == 0


@SELDOM_ON_POSTGRES
async def test_what_is_kept_of_an_ended_attempt_is_what_its_log_says(either_server: RunningServer) -> None:
    server = either_server
    ada = await sat(server, "ada", ANSWERS)
    await sat(server, "bob", {"single": "a"})
    from_logs = await analytics(server)
    selection = Selection(ORG, TEST)
    assert len(await server.node.sittings.lacking(selection, 9)) == 2
    await server.node.course_keeper.look()
    assert server.node.course_keeper.waiting == 0
    assert await server.node.sittings.lacking(selection, 9) == []
    assert [one.lines for one in await server.node.sittings.page(selection, None, 9)] == [[], []]
    kept = await analytics(server)
    assert kept == from_logs | {"at_ms": kept["at_ms"]}
    # It goes on, and ends once more: what was kept is of another end.
    body = {"left_ms": 60_000, "reason": "a mistake"}
    (await server.call("POST", f"/test-attempts/{ada}/reopen", server.instructor, body)).ok()
    assert (await analytics(server))["open"] == 1
    (await server.call("POST", f"/test-attempts/{ada}/complete", server.service, {})).ok()
    assert await server.node.sittings.lacking(selection, 9) == [ada]
    await server.node.course_keeper.look()
    assert await server.node.sittings.lacking(selection, 9) == []


async def test_a_report_is_kept_until_something_of_it_changes(
    either_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = either_server
    ada = await sat(server, "ada", ANSWERS)
    await sat(server, "bob", {"single": "a"})
    await server.node.course_keeper.look()
    first = await analytics(server)
    asked = []
    ask = server.node.analyst.ask

    async def counted(*order: Any) -> bytes:
        asked.append(order)
        return await ask(*order)

    monkeypatch.setattr(server.node.analyst, "ask", counted)
    again = await analytics(server)
    assert (again, asked) == (first | {"at_ms": again["at_ms"]}, [])
    await _saved_again(server, ada)
    await analytics(server)
    assert len(asked) == 1, "marks were saved"
    await server.started("eve")
    for count in (2, 3):
        assert (await analytics(server))["open"] == 1
        assert len(asked) == count, "while somebody sits, time itself changes it"


async def _saved_again(server: RunningServer, attempt_id: str) -> None:
    """Marks as a regrade leaves them: of the same record, at a later instant."""
    newer = update(results).where(results.c.attempt_id == attempt_id).values(saved_at_ms=results.c.saved_at_ms + 1)
    await server.node.database.write(lambda connection: connection.execute(newer).close())


@SELDOM_ON_POSTGRES
async def test_nothing_is_kept_of_whoever_was_erased(either_server: RunningServer) -> None:
    server = either_server
    ada = await sat(server, "ada", ANSWERS)
    over = await server.node.course_keeper._courses.due([ada])
    await server.node.course_keeper.look()
    (await server.call("DELETE", "/users/ada", server.token(Role.ADMINISTRATOR, "root"))).ok()

    async def kept() -> int:
        query = select(func.count()).select_from(courses)
        return await server.node.database.read(lambda connection: connection.execute(query).scalar_one())

    assert await kept() == 0
    # Somebody who had read the log before comes late.
    await server.node.course_keeper._courses.save([(ada, over[0].ended_ms, over[0].lines[-1][0], b"late")])
    assert await kept() == 0
    assert await server.node.course_keeper._courses.due([ada]) == []


@pytest.mark.parametrize("where", ["in the log", "in the fold"])
async def test_one_log_that_cannot_be_read_stops_no_other(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    bad, good = await sat(server, "bad", ANSWERS), await sat(server, "good", ANSWERS)
    await server.node._loops.stop()
    await server.make_test(test_id="z")
    other = await server.make_attempt("other", test_id="z")
    (await server.call("POST", f"/test-attempts/{other}/start", server.service, {})).ok()
    if where == "in the log":
        this = (attempt_log.c.attempt_id == bad) & (attempt_log.c.kind == "answered")
        broken = update(attempt_log).where(this).values(body=b"\xc1")
        await server.node.database.write(lambda connection: connection.execute(broken).close())
    else:
        frame = cohort.frame

        def broken_frame(one: Any) -> bytes:
            return frame((bad, 1)) if one[0] == bad else frame(one)

        monkeypatch.setattr("server.analysis.cohort.frame", broken_frame)
    await server.node.course_keeper.look()
    query = select(courses.c.attempt_id)
    kept = await server.node.database.read(lambda connection: connection.execute(query).scalars().all())
    assert (kept, server.node.course_keeper.waiting) == ([good], 0)
    hers = await analytics(server, f"/test-attempts/{good}/analytics")
    if where == "in the log":
        found = await analytics(server)
        assert ([one["user_id"] for one in found["candidates"]], found["left_out"]["newer"]) == (["good"], 1)
        assert hers["among"]["attempts"] == 1
    else:
        assert (hers["answered"], hers["among"]) == (len(ANSWERS), None)
        assert await server.node.cohorts.recent(ORG, TEST) is None
    assert await server.node.cohorts.recent(ORG, "z") is not None


async def test_a_report_waits_for_many_that_are_not_folded_yet(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sat(server, "ada", ANSWERS)
    await sat(server, "bob", ANSWERS)
    monkeypatch.setattr("protocol.limits.MAX_FOLDED_AT_ONCE", 1)
    refused = await server.call("GET", PATH, server.instructor)
    assert (refused.code, refused.headers["retry-after"]) == (Code.NOT_READY, "10")
    await server.node.course_keeper.look()
    assert (await analytics(server))["attempts"] == 2


async def test_long_logs_are_read_in_several_looks(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for user in ("ada", "bob", "eve"):
        await server.started(user)
    monkeypatch.setattr("protocol.limits.MAX_ANALYTICS_RECORDS", 3)
    monkeypatch.setattr("server.analysis.cohorts._PAGE", 1)
    refused = await server.call("GET", PATH, server.instructor)
    assert (refused.code, refused.headers["retry-after"]) == (Code.NOT_READY, "10")
    assert (await analytics(server))["open"] == 3


@SELDOM_ON_POSTGRES
async def test_a_look_reads_no_more_than_what_is_new(either_server: RunningServer) -> None:
    server = either_server
    ada, bob = await server.started("ada"), await server.started("bob")
    server.pass_time(60_000)
    await answers(server, ada, answer(1))
    first = await analytics(server)
    known = server.node.cohorts.kept(ORG, TEST)
    page = await server.node.sittings.page(Selection(ORG, TEST), None, 9, {one: known[one].place for one in known})
    assert [one.lines for one in page] == [[], []]
    server.pass_time(60_000)
    await answers(server, ada, answer(2) | {"value": "a"})
    await answers(server, bob, answer(1))
    found = await analytics(server)
    assert [one["answered"] for one in first["candidates"]] == [1, 0]
    # As if nobody had looked before.
    server.node.cohorts._remembered.clear()
    anew = await analytics(server)
    assert [one["changes"] for one in anew["candidates"]] == [1, 0]
    for field in ("answered", "changes", "rapid", "losses"):
        assert [one[field] for one in found["candidates"]] == [one[field] for one in anew["candidates"]]
    # A log that is another one than what is known is read anew.
    wrong = {one: Place(known[one].place.seq, b"another") for one in known}
    page = await server.node.sittings.page(Selection(ORG, TEST), None, 9, wrong)
    assert [(one.after, len(one.lines)) for one in page] == [(0, 4), (0, 3)]


async def answers(server: RunningServer, attempt_id: str, *said: dict[str, Any]) -> None:
    path = f"/test-attempts/{attempt_id}/answers"
    assert (await server.call("POST", path, server.service, {"answers": list(said)})).ok()["refused"] == []


async def test_how_one_stands_among_the_others_while_they_sit(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.api.analytics._AMONG_S", PATIENCE_S)
    ada, bob = await server.started("ada"), await server.started("bob")
    server.pass_time(30_000)
    await answers(server, ada, answer(1))
    server.pass_time(30_000)
    await answers(server, bob, answer(1))
    hers, his = [(await analytics(server, f"/test-attempts/{one}/analytics"))["among"] for one in (ada, bob)]
    assert (hers["attempts"], hers["effort_ppm"]) == (2, 1_000_000)
    assert 600_000 < hers["pace_ppm"] < 700_000 < 1_300_000 < his["pace_ppm"] < 1_400_000
    assert (hers["rapid"], hers["stuck"]) == (0, [])
    assert hers["left_ms"] is not None
    # It is kept for a while.
    again = (await analytics(server, f"/test-attempts/{ada}/analytics"))["among"]
    assert again["at_ms"] == hers["at_ms"] == his["at_ms"]
    server.pass_time(30_000)
    later = (await analytics(server, f"/test-attempts/{ada}/analytics"))["among"]
    assert later["at_ms"] > hers["at_ms"]


async def test_one_attempt_does_not_wait_long_for_a_look_at_all(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await server.started("ada")
    path = f"/test-attempts/{ada}/analytics"
    monkeypatch.setattr("server.api.analytics._AMONG_S", PATIENCE_S)
    known = (await analytics(server, path))["among"]
    server.pass_time(30_000)
    goes_on = asyncio.Event()
    ask = server.node.cohorts._aside.ask

    async def slow(*args: Any) -> bytes:
        await goes_on.wait()
        return await ask(*args)

    monkeypatch.setattr(server.node.cohorts._aside, "ask", slow)
    monkeypatch.setattr("server.api.analytics._AMONG_S", 0.0)
    assert (await analytics(server, path))["among"] == known, "the look before"
    [look] = server.node.cohorts._looking.values()
    goes_on.set()
    await look
    monkeypatch.setattr("server.api.analytics._AMONG_S", PATIENCE_S)
    assert (await analytics(server, path))["among"]["at_ms"] > known["at_ms"]
    # A node that stops ends the look that nobody waits for.
    goes_on.clear()
    monkeypatch.setattr("server.api.analytics._AMONG_S", 0.0)
    server.pass_time(30_000)
    await analytics(server, path)
    await server.node.cohorts.stop()
    assert server.node.cohorts._looking == {}


async def test_a_cohort_is_a_group(server: RunningServer) -> None:
    for user in ("ada", "bob"):
        await server.started(user)
    for path, body in (("/people/ada", {"name": "Ada"}), ("/groups/late", {"title": "Late"})):
        (await server.call("PUT", path, server.service, body)).ok()
    (await server.call("PUT", "/groups/late/members/ada", server.service, {})).ok()
    found = await analytics(server, f"{PATH}?group_id=late")
    assert [one["user_id"] for one in found["candidates"]] == ["ada"]
    assert (await analytics(server))["attempts"] == 2


# The exam day


@pytest.mark.long
async def test_the_exam_day_has_the_times_of_its_record(server: RunningServer) -> None:
    if not REAL.is_dir():
        pytest.skip("the recorded exam day is not on this machine")
    trace = read_trace(REAL)
    made = await write_day(server.node, trace, trace.candidates)
    await _all_marked(server, len(trace.candidates))
    found = await analytics(server)
    assert (found["attempts"], found["open"]) == (len(trace.candidates), 0)
    _hold_questions(found["questions"], trace)
    _hold_candidates(found, trace)
    _hold_room(found["room"], trace)
    some = trace.candidates[0]
    hers = await analytics(server, f"/test-attempts/{made[some.candidate_id]}/analytics")
    assert [one["time_ms"] for one in hers["questions"]] == _times(some)
    of_form = [one for one in trace.candidates if one.form_id == "pilot-6"]
    assert (await analytics(server, f"{PATH}?form_id=pilot-6"))["attempts"] == len(of_form)


async def _all_marked(server: RunningServer, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            counts = (await server.node.statistics.counts(Selection(ORG, TEST))).by_status
            if counts.get(Status.COMPLETED) == count:
                return
            await asyncio.sleep(0.05)


def _times(one: Candidate) -> list[int]:
    """Milliseconds on each item, in the order of the items."""
    instants = leaving_ms(one)
    return [until - since for since, until in zip([0, *instants], instants, strict=False)]


def _columns(trace: Trace) -> dict[str, list[tuple[int, Response]]]:
    """Item → what everybody who had it did there, and for how long."""
    columns: dict[str, list[tuple[int, Response]]] = {}
    for one in trace.candidates:
        for time_ms, response in zip(_times(one), one.responses, strict=True):
            columns.setdefault(response.item.question_id, []).append((time_ms, response))
    return columns


def _hold_questions(found: Any, trace: Trace) -> None:
    columns = _columns(trace)
    assert [one["question_id"] for one in found] == [item.question_id for item in trace.items]
    for one in found:
        column = columns[one["question_id"]]
        times = [time_ms for time_ms, _ in column]
        assert (one["attempts"], one["seen"], one["visits"]) == (len(column),) * 3
        assert one["answered"] == sum(response.option is not None for _, response in column)
        assert one["changes"] == 0
        assert one["mean_ms"] == _nearest(statistics.fmean(times))
        quartiles = statistics.quantiles(times, n=4, method="inclusive")
        assert [one["lower_ms"], one["median_ms"], one["upper_ms"]] == [_nearest(value) for value in quartiles]
        answered = [time_ms for time_ms, response in column if response.option is not None]
        assert one["rapid"] == sum(0 < time_ms < one["rapid_under_ms"] for time_ms in answered)
        assert one["rapid_under_ms"] == min(10_000, _nearest(statistics.fmean(answered) / 10))
        if column[0][1].item.scored:
            right = sum(response.correct for _, response in column)
            assert one["share_ppm"] == _nearest(right * 1_000_000 / len(column))
        else:
            assert one["share_ppm"] is None


def _hold_candidates(found: Any, trace: Trace) -> None:
    by_user = {one["user_id"]: one for one in found["candidates"]}
    means = {one["question_id"]: one["mean_ms"] for one in found["questions"]}
    for one in trace.candidates:
        hers, times = by_user[one.candidate_id], _times(one)
        assert hers["ran_ms"] == sum(times) == leaving_ms(one)[-1]
        assert (hers["questions"], hers["answered"]) == (len(one.responses), len(one.answered))
        assert (hers["score_mpt"], hers["losses"], hers["away_ms"]) == (one.score() * POINT_MPT, 0, 0)
        answered = [place for place, response in enumerate(one.responses) if response.option is not None]
        own = sum(times[place] for place in answered)
        others = sum(means[one.responses[place].item.question_id] for place in answered)
        assert hers["pace_ppm"] == _nearest(own * 1_000_000 / others)
        # All time is at some item; a silence of five minutes or more lies between two of them.
        assert hers["idle_ms"] == sum(time_ms for time_ms in _between(one) if time_ms >= 300_000)
    scores = sorted(one.score() for one in trace.candidates)
    worth = sum(item.scored for item in trace.items)
    for place, counted in enumerate(found["scores"]):
        at_least, below = worth * place / 20, worth * (place + 1) / 20 + (place == 19)
        assert counted["attempts"] == sum(at_least <= score < below for score in scores)
    spans = sorted(sum(_times(one)) for one in trace.candidates)
    quartiles = statistics.quantiles(spans, n=4, method="inclusive")
    assert [found["lower_ms"], found["median_ms"], found["upper_ms"]] == [_nearest(value) for value in quartiles]


def _between(one: Candidate) -> list[int]:
    """How long nothing was heard of her, from sign to sign: an item that was left blank is left with one too."""
    return _times(one)


def _hold_room(found: Sequence[Any], trace: Trace) -> None:
    ends = [leaving_ms(one)[-1] for one in trace.candidates]
    answers = [
        at_ms
        for one in trace.candidates
        for at_ms, response in zip(leaving_ms(one), one.responses, strict=True)
        if response.option is not None
    ]
    assert (found[0]["at_ms"], found[-1]["at_ms"]) == (START_MS, START_MS + max(ends))
    for point in found:
        at_ms = point["at_ms"] - START_MS
        assert point["ended"] == sum(end <= at_ms for end in ends)
        assert point["sitting"] == len(ends) - point["ended"]
        assert point["answers"] == sum(one <= at_ms for one in answers)


def _nearest(value: float) -> int:
    return int(value + 0.5)
