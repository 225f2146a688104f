"""Rules that contradict one another are refused by name, and what has no effect is said."""

from typing import Any

import msgspec
import pytest

from protocol.codes import Code
from protocol.content import TestContent
from protocol.content_checks import check_test
from protocol.errors import Refused
from protocol.rules.consistency import oddities
from protocol.rules.schedule import ScheduleWarning, Trouble, check_schedule

T0 = 1_800_000_000_000
HOUR = 3_600_000
MINUTE = 60_000
TRUTH = {"type": "true_false", "correct": True}
ESSAY = {"question_id": "e", "body": "P", "interactions": [{"type": "essay"}]}


def content(*questions: dict[str, Any], rules: dict[str, Any] | None = None, **fields: Any) -> TestContent:
    asked = [{"question_id": "q", "body": "P", "interactions": [TRUTH]}, *questions]
    return msgspec.convert({"title": "T", "questions": asked, "rules": rules or {}, **fields}, TestContent)


def question(**fields: Any) -> dict[str, Any]:
    return {"question_id": "r", "body": "P", "interactions": [TRUTH], **fields}


def section(**fields: Any) -> dict[str, Any]:
    return {"section_id": "s", "title": "S", "items": ["q"], **fields}


WRONG: list[tuple[TestContent, str]] = [
    (content(rules={"limit": "soft", "duration_ms": None}), "rules: `limit: soft` is about the end of the duration"),
    (content(rules={"duration_ms": MINUTE, "grace_ms": MINUTE + 1}), "rules: the grace is longer than the duration"),
    (content(rules={"form_choice": "candidate"}), "rules: `form_choice: candidate` concerns forms"),
    (content(rules={"second_marking_permille": 1}), "rules: `second_marking` concerns answers that persons mark"),
    (content(question(limit="soft")), "question 'r': a limit that is soft needs a time"),
    (content(sections=[section(limit="soft")]), "section 's': a limit that is soft needs a time"),
    (
        content(sections=[section(min_ms=HOUR + 1)], rules={"order": "by_section"}),
        "section 's': its minimum time is longer than the test's duration",
    ),
]


@pytest.mark.parametrize(("test", "said"), WRONG)
def test_what_can_not_mean_anything_is_refused_by_name(test: TestContent, said: str) -> None:
    with pytest.raises(Refused) as refused:
        check_test(test)
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert said in refused.value.refusal.detail


RIGHT: list[TestContent] = [
    content(rules={"limit": "soft"}),
    content(rules={"duration_ms": MINUTE, "grace_ms": MINUTE}),
    content(rules={"duration_ms": None, "grace_ms": 2_000}),
    content(rules={"form_choice": "candidate"}, forms={"A": ["q"]}),
    content(ESSAY, rules={"second_marking_permille": 1_000, "blind_marking": True}),
    content(question(limit="soft", limit_ms=MINUTE)),
    content(sections=[section(limit="soft", limit_ms=MINUTE, min_ms=MINUTE)], rules={"order": "by_section"}),
    content(rules={"on_disconnect": "pause", "pause_budget_ms": MINUTE}),
    content(rules={"at_end": "hand_in", "hand_in_ms": MINUTE}),
    content(
        rules={"at_end": "abandon", "duration_ms": None, "order": "by_section"}, sections=[section(limit_ms=MINUTE)]
    ),
    content(rules={"max_attempts": 2, "delay_first_ms": HOUR, "counts": "latest"}),
    content(question(required=True), rules={"gaps": "warn"}),
]


@pytest.mark.parametrize("test", RIGHT)
def test_what_goes_together_is_taken_and_nothing_is_said(test: TestContent) -> None:
    assert list(oddities(check_test(test))) == []


WINDOW = {"opens_at_ms": T0, "closes_at_ms": T0 + HOUR}
ODD: list[tuple[TestContent, str]] = [
    (content(rules={"at_end": "abandon", "duration_ms": None}), "nothing ends this test"),
    (content(rules={"at_end": "hand_in", "limit": "soft"}), "nothing ends this test"),
    (content(rules={"hand_in_ms": MINUTE}), "`hand_in` counts with"),
    (content(rules={"pause_budget_ms": MINUTE}), "`pause_budget` counts with"),
    (content(rules={"on_disconnect": "pause", "pause_budget_ms": 0}), "stops no clock"),
    (content(rules={"pause_grace_ms": MINUTE}), "`pause_grace` begins when the window closes"),
    (content(rules={"warnings_ms": [HOUR, MINUTE]}), "The warning 60 min before the end is never given"),
    (content(rules={**WINDOW, "duration_ms": 3 * HOUR, "min_time_ms": 2 * HOUR}), "Nobody can hand in"),
    (content(rules={"delay_first_ms": 1}), "`delay_first` concerns a second attempt"),
    (content(rules={"delay_later_ms": 1, "max_attempts": 2}), "`delay_later` concerns a third attempt"),
    (content(rules={"counts": "average"}), "`counts: average` concerns several attempts"),
    (content(rules={**WINDOW, "max_attempts": 2, "delay_first_ms": HOUR}), "There is no second attempt"),
    (content(rules={"shows": "feedback"}), "`shows: feedback` shows none"),
    (content(rules={"blind_marking": True}), "`blind_marking` concerns"),
    (content(ESSAY, rules={"marking_tolerance_permille": 0}), "`marking_tolerance` counts with"),
    (content(question(limit_ms=HOUR + 1)), "The time limit of question r is longer"),
    (
        content(sections=[section(limit_ms=HOUR + 1)], rules={"order": "by_section"}),
        "The time limit of section s is longer",
    ),
    (content(question(), forms={"A": ["q"]}), "No paper has these questions: r."),
    (content(question(), sections=[section()]), "No paper has these questions: r."),
    (content(question(required=True)), "nobody is told"),
]


@pytest.mark.parametrize(("test", "said"), ODD)
def test_what_has_no_effect_is_taken_and_said(test: TestContent, said: str) -> None:
    found = list(oddities(check_test(test)))
    assert len(found) == 1
    assert said in found[0]
    assert found[0].endswith(".")
    assert ScheduleWarning(Trouble.NO_EFFECT, found[0]) in list(check_schedule(test, []))


def test_questions_that_a_draw_may_give_are_in_a_paper() -> None:
    drawn = content(question(tags=["t"]), sections=[section(items=["q", {"count": 1, "tag": "t"}])])
    assert list(oddities(check_test(drawn))) == []
