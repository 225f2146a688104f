"""What is written as a file is read as the same test again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Criterion,
    Draw,
    Essay,
    GapMatch,
    Grade,
    Hottext,
    InlineChoice,
    Interaction,
    Level,
    Match,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    PairOption,
    PairWorth,
    Passage,
    Picture,
    Point,
    Question,
    Rules,
    ScoreFeedback,
    Section,
    ShortText,
    SingleChoice,
    Slider,
    TestContent,
    Tool,
    TrueFalse,
    WorthArea,
)
from protocol.content.text import place
from protocol.content_checks import check_test
from server.exam.file import read_exam
from server.exam.writing import write_exam
from server.sample import read_sample
from server.writing.bodies import body_of, checked_body, checked_line

HASH = "0a" * 32

_words = st.text(st.sampled_from("ab é*_`$<&>{}[]#|\\\"'-:!1.\n\x85"), min_size=1, max_size=30).filter(str.strip)
_escaped = _words.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
bodies = st.one_of(
    _escaped.map(checked_body),
    _escaped.map(lambda text: checked_body(f"<p>{text}</p>")),
    st.lists(_escaped, min_size=1, max_size=3).map(
        lambda parts: checked_body("".join(f"<p>{one}</p>" for one in parts))
    ),
    _escaped.map(
        lambda text: checked_body(f"<p>An <em>{text}</em> and <code>{text}</code></p><pre>{text}\n\n{text}</pre>")
    ),
    st.just(body_of("See $\\frac12$ and $$x^2$$ here.")),
    st.just(checked_body(f'<p><img src="media:{HASH}" alt="a"></p>')),
).filter(bool)
lines = st.one_of(_escaped, _escaped.map(lambda text: f"<b>{text}</b>")).map(checked_line).filter(str.strip)
points = st.integers(1, 5_000)
ids = st.lists(
    st.sampled_from(["a", "b", "c", "d", "true", "1", "none", "~", "x y"]), min_size=2, max_size=4, unique=True
)


@st.composite
def choices(draw: st.DrawFn) -> Interaction:
    names = draw(ids)
    options = [Option(name, draw(lines)) for name in names]
    more: dict[str, Any] = {
        "options": options,
        "points_mpt": draw(points),
        "option_feedback": draw(st.dictionaries(st.sampled_from(names), bodies, max_size=2)),
    }
    if draw(st.booleans()):
        more |= {"shuffle": True, "pinned": names[1:2]}
    kind = draw(st.integers(0, 3))
    if kind == 3:
        return Order(options=options, correct=names[::-1], partial=draw(st.sampled_from(["none", "pairs"])))
    if kind == 2:
        bounds: dict[str, Any] = draw(st.sampled_from([{}, {"max_choices": 1}, {"min_choices": 1}]))
        return MultipleChoice(
            **bounds, correct=names[:1], partial=draw(st.booleans()), wrong_mpt=draw(st.integers(0, 99)), **more
        )
    if draw(st.booleans()):
        more["weights_mpt"] = {names[0]: more["points_mpt"], names[1]: draw(st.integers(-500, 1))}
    return (SingleChoice if kind else InlineChoice)(correct=names[0], **more)


numbers = st.builds(
    AcceptedNumber,
    value=st.sampled_from(["1", "9.81", "-3e5", "0.5"]),
    tolerance=st.sampled_from(["0", "1", "0.05", "5e-2", "3"]),
    within=st.sampled_from(["absolute", "relative"]),
    feedback=st.none() | bodies,
)
typed = st.one_of(
    st.builds(
        TrueFalse, correct=st.booleans(), option_feedback=st.dictionaries(st.sampled_from(["true", "false"]), bodies)
    ),
    st.builds(
        Numeric, accepted=st.lists(numbers, min_size=1, max_size=2), unit=st.none() | st.just("m/s"), points_mpt=points
    ),
    st.builds(
        ShortText,
        accepted=st.lists(
            st.sampled_from(["yes", " no ", "true", "a: b"])
            | st.builds(
                AcceptedText, text=st.sampled_from(["x*", "y"]), pattern=st.booleans(), feedback=st.none() | bodies
            ),
            min_size=1,
            max_size=2,
        ),
        case_sensitive=st.booleans(),
    ),
    st.builds(
        Essay,
        format=st.sampled_from(["plain", "rich"]),
        min_words=st.sampled_from([None, 5]),
        guidance=st.none() | st.sampled_from(["One point each.", " two \n\n"]),
        points_mpt=points,
    ),
)
TOOLS: list[list[Tool] | None] = [None, [], ["notes", "calculator"]]
_ROWS = [PairOption("r", "R", 1), PairOption("s", "<b>S</b>", None)]
OTHERS: list[Interaction] = [
    Match(rows=_ROWS, columns=_ROWS, correct=[("r", "s")], weights=[PairWorth(("r", "s"), 1_000)], shuffle_rows=True),
    GapMatch(text='<p><pd-gap id="g"></pd-gap></p>', choices=_ROWS, correct=[("r", "g")]),
    Hottext(text='<p><pd-hot id="z">x</pd-hot></p>', correct=["z"], max_choices=1),
    Point(picture=Picture(src=f"media:{HASH}", width=9, height=9), areas=[WorthArea(shape="circle", coords=[5, 5, 2])]),
    Slider(lower="0", upper="10", accepted=[AcceptedNumber(value="7")], unit="°C"),
]
interactions = choices() | typed | st.sampled_from(OTHERS)


@st.composite
def questions(draw: st.DrawFn, name: str) -> Question:
    asked = draw(interactions)
    body, scoring, parts = draw(bodies), "sum", [asked]
    if draw(st.booleans()):
        parts = [renamed(asked, "one"), renamed(draw(interactions), "two words")]
        body = checked_body(f"{body}<p>Here {place('two words')}.</p>")
        scoring = draw(st.sampled_from(["sum", "all"]))
    question = Question(
        question_id=name,
        body=body,
        interactions=parts,
        scoring=scoring,  # type: ignore[arg-type]
        feedback=draw(st.none() | bodies),
        score_feedback=draw(
            st.just([]) | st.builds(lambda one: [ScoreFeedback(500, one), ScoreFeedback(0, "")], bodies)
        ),
        limit_ms=draw(st.none() | st.sampled_from([1_000, 90_500])),
        required=draw(st.booleans()),
        tags=draw(st.sampled_from([[], ["easy", "none"]])),
        passage_id=draw(st.sampled_from([None, "p"])),
        scored=draw(st.booleans()),
        tools=draw(st.sampled_from(TOOLS)),
        unanswered_mpt=draw(st.sampled_from([0, -1, -500])),
    )
    return replace(question, rubric=rubric_of(question)) if draw(st.booleans()) else question


def rubric_of(question: Question) -> list[Criterion]:
    """One that fits, where a person marks the question."""
    whole = question.points_mpt
    if not question.needs_person or not whole:
        return []
    style = Criterion("none", [Level(whole - 1, "Clear:\nno doubt."), Level(0, "2")])
    return [style, Criterion("2: a name", [Level(0, " spaces "), Level(1, "true")])] if whole > 1 else []


def renamed(asked: Interaction, name: str) -> Interaction:
    return replace(asked, response_id=name)


rules = st.builds(
    Rules,
    duration_ms=st.sampled_from([None, 3_600_000, 5_400_000, 3_600_001]),
    opens_at_ms=st.sampled_from([None, 1_800_000_000_000]),
    closes_at_ms=st.sampled_from([None, 1_800_000_600_001]),
    warnings_ms=st.sampled_from([[], [300_000, 60_000], [1_000]]),
    max_attempts=st.sampled_from([None, 1, 3]),
    shows=st.sampled_from(["score", "feedback"]),
    grades=st.sampled_from([[], [Grade("pass", 500), Grade("good: 1", 755)]]),
    access_code=st.sampled_from([None, "sesame"]),
    marking_tolerance_permille=st.sampled_from([0, 100, 333]),
    waiting_room=st.booleans(),
)


@st.composite
def contents(draw: st.DrawFn) -> TestContent:
    asked = [draw(questions(name)) for name in ("one", "2")]
    more: dict[str, Any] = draw(
        st.sampled_from(
            [
                {},
                {"forms": {"A": ["one"], "1": ["2", "one"]}},
                {"sections": [Section(section_id="s", title="S: 1", items=["one", Draw(1, ["2"])], shuffle=True)]},
            ]
        )
    )
    return TestContent(
        title="T: a test",
        instructions=draw(st.just("") | bodies),
        rules=draw(rules),
        questions=asked,
        passages=[
            Passage(passage_id="p", title=draw(st.sampled_from(["", "P"])), body=draw(bodies)),
            Passage(passage_id="e", title="An exhibit", body=draw(bodies)),
        ],
        exhibits=draw(st.sampled_from([[], ["e"]])),
        language=draw(st.sampled_from([None, "de-CH"])),
        **more,
    )


@settings(max_examples=25)
@given(contents())
def test_what_goes_out_comes_in_again_unchanged(content: TestContent) -> None:
    text = write_exam("a test", content)
    assert read_exam(text.encode()) == ("a test", content)
    check_test(content)


def test_the_sample_comes_out_as_it_went_in() -> None:
    content = read_sample().content
    assert content is not None
    text = write_exam("sample", content)
    assert read_exam(text.encode()) == ("sample", content)


PLAIN = """test_id: first
title: First
rules:
  duration: 1 h 30 min
questions:
- id: north
  type: single_choice
  prompt: Which lies *north*?
  options:
  - a: Oslo
  - b: Rome & Bari
  correct: a
- id: signs
  type: short_text
  prompt: |-
    One.

    Two.
  accepted:
  - pale
  max_chars: 200
"""


def test_a_plain_test_is_written_as_an_author_writes_it() -> None:
    assert write_exam(*read_exam(PLAIN.encode())) == PLAIN


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("<p>An <em>old</em> one: $5.</p>", "prompt: 'An *old* one: $5.'"),
        ("<p>a</p><p>b</p>", "html: <p>a</p><p>b</p>"),
        (body_of("Is $\\frac12$ more?"), "prompt: Is $\\frac12$ more?"),
    ],
)
def test_a_body_is_markdown_where_that_says_the_same(body: str, written: str) -> None:
    content = TestContent(
        title="T", questions=[Question(question_id="q", body=body, interactions=[TrueFalse(correct=True)])]
    )
    assert written in write_exam("t", content)
