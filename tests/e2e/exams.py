"""Exams for the tests, and candidates for them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from clients.python.rest import Rest
from protocol.content import Question, Rules, Section, ShortText, TestContent
from protocol.rest.attempts import NewAttempt


def short_texts(count: int, rules: Rules | None = None) -> TestContent:
    """An exam of `count` questions `q1`, `q2`…; whatever is typed is an answer, and "right" is the right one."""
    questions = [
        Question(question_id=f"q{number}", body=f"Question {number}?", interactions=[ShortText(accepted=["right"])])
        for number in range(1, count + 1)
    ]
    return TestContent(title="Short texts", rules=rules or Rules(), questions=[*questions])


def in_sections(limits_ms: Sequence[int | None], rules: Rules | None = None) -> TestContent:
    """An exam whose sections `s1`, `s2`… are sat one after the other, with these limits and two questions each."""
    content = short_texts(2 * len(limits_ms), rules or Rules(order="by_section"))
    sections = [
        Section(
            section_id=f"s{number}",
            title=f"Section {number}",
            limit_ms=limit_ms,
            items=[f"q{2 * number - 1}", f"q{2 * number}"],
        )
        for number, limit_ms in enumerate(limits_ms, 1)
    ]
    return msgspec.structs.replace(content, title="Sections", sections=sections)


@dataclass(frozen=True)
class Seat:
    """One candidate's attempt, and the token that opens it."""

    attempt_id: str
    token: str


async def seat(service: Rest, test_id: str, user_id: str) -> Seat:
    """An attempt that is not started yet."""
    made = await service.make_attempt(NewAttempt(test_id=test_id, user_id=user_id, display_name=user_id.title()))
    assert made.token is not None
    return Seat(made.attempt_id, made.token)


async def ends_in(service: Rest, test_id: str, one: Seat, left_ms: int, **rules: int) -> None:
    """Staff shorten a running attempt, so that its time is up so soon from now. What a page does before that has all
    the time that it takes on a busy machine. `rules` change too; theirs are instants from now as well."""
    state = (await service.status(one.attempt_id)).state
    assert state.started_at_ms is not None
    passed_ms = time.time_ns() // 1_000_000 - state.started_at_ms
    content = await service.test(test_id)
    instants = {name: passed_ms + ms for name, ms in (rules | {"duration_ms": left_ms}).items()}
    shorter = msgspec.structs.replace(content, rules=msgspec.structs.replace(content.rules, **instants))
    await service.put_test(test_id, shorter)
    await service.apply_rules(one.attempt_id, reason="It ends sooner", may_shorten=True)
