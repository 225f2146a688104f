import pytest

from protocol.content import Draw, Passage, Rules, Section
from protocol.lint.time import limits_exceed_duration, reading_ms, too_long_to_read
from tests.protocol.lint.made import FACT, content, q

MINUTE = 60_000


def words(count: int) -> str:
    return "<p>" + "word " * count + "</p>"


@pytest.mark.parametrize(
    ("text", "ms"),
    [("", 0), ("word " * 240, MINUTE), ("漢" * 260, MINUTE), ("漢字" * 130 + " and" * 240, 2 * MINUTE)],
)
def test_how_long_a_text_takes(text: str, ms: int) -> None:
    assert reading_ms(text) == ms


def test_a_question_is_read_with_its_passage() -> None:
    long = [Passage(passage_id="p", body=words(230))]
    short, enough = (
        q(FACT, name=name, body=words(20), limit_ms=ms, passage_id="p") for name, ms in (("a", MINUTE), ("b", 70_000))
    )
    [found] = too_long_to_read(content(short, enough, passages=long, rules=Rules(duration_ms=None)))
    assert (found.question_id, found.says) == ("a", "To read it takes about 1 min 3 s, and the time is 1 min.")


def test_a_paper_has_a_passage_once_and_each_form_is_a_paper() -> None:
    passages = [Passage(passage_id="p", body=words(240))]
    questions = [q(FACT, name=name, body=words(120), passage_id="p") for name in "ab"]
    rules = Rules(duration_ms=2 * MINUTE - 1_000, warnings_ms=[])
    assert [one.where for one in too_long_to_read(content(*questions, passages=passages, rules=rules))] == ["the test"]
    forms = {"A": ["a"], "B": ["a", "b"]}
    made = content(*questions, passages=passages, rules=rules, forms=forms)
    assert [one.where for one in too_long_to_read(made)] == ["form 'B'"]


def test_of_a_pool_the_longest_questions_count() -> None:
    questions = [q(FACT, name=name, body=words(120 * n)) for n, name in enumerate("abc", 1)]
    drawn = Section(section_id="s", title="S", items=[Draw(2, list("abc"))], limit_ms=2 * MINUTE)
    rules = Rules(order="by_section", duration_ms=None)
    [found] = too_long_to_read(content(*questions, sections=[drawn], rules=rules))
    assert (found.where, found.says) == ("section 's'", "To read it takes about 2 min 30 s, and the time is 2 min.")


def test_sections_that_have_more_time_than_the_test_are_found() -> None:
    sections = [Section(section_id=name, title="S", items=[name], limit_ms=MINUTE) for name in "ab"]
    questions = [q(FACT, name=name) for name in "ab"]

    def found(duration_ms: int) -> list[str]:
        rules = Rules(order="by_section", duration_ms=duration_ms, warnings_ms=[])
        return [one.code for one in limits_exceed_duration(content(*questions, sections=sections, rules=rules))]

    assert found(2 * MINUTE) == []
    assert found(2 * MINUTE - 1_000) == ["limits_exceed_duration"]
