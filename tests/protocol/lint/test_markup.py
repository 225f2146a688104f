from msgspec.structs import replace

from protocol.content import (
    Option,
    Passage,
    Picture,
    Point,
    ScoreFeedback,
    Section,
    SingleChoice,
    TestContent,
    TrueFalse,
    WorthArea,
)
from protocol.lint.markup import missing_alt, missing_file, no_table_headers
from tests.protocol.lint.made import FACT, content, q

HASH = "0a" * 32
PICTURE = f'<p><img src="media:{HASH}" alt="{{}}"></p>'
TABLE = "<table><tbody><tr><td>1</td></tr></tbody></table>"
NAMED = "<table><thead><tr><th>n</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"


def everywhere(body: str) -> TestContent:
    """A test that has this body in each place."""
    line = body.removeprefix("<p>").removesuffix("</p>")
    return content(
        q(FACT, name="one", body=body, feedback=body, score_feedback=[ScoreFeedback(0, body)]),
        q(
            SingleChoice(response_id="x", options=[Option("a", line), Option("b", "B")], correct="a"),
            TrueFalse(response_id="y", correct=True, option_feedback={"true": body}),
            name="two",
        ),
        instructions=body,
        passages=[Passage(passage_id="p", body=body)],
        sections=[Section(section_id="s", title="S", instructions=body, items=["one", "two"])],
    )


def test_each_picture_without_a_text_is_found_wherever_it_stands() -> None:
    found = list(missing_alt(everywhere(PICTURE.format(" "))))
    assert [(one.where, one.question_id, one.response_id) for one in found] == [
        ("instructions", None, None),
        ("section 's'", None, None),
        ("passage 'p'", None, None),
        ("question 'one'", "one", None),
        ("question 'one'", "one", None),
        ("question 'one'", "one", None),
        ("question 'two', part 'x'", "two", "x"),
        ("question 'two', part 'y'", "two", "y"),
    ]
    assert {one.code for one in found} == {"missing_alt"}
    assert not list(missing_alt(everywhere(PICTURE.format("The curve falls."))))


def test_the_picture_of_an_interaction_needs_a_text_and_a_file_too() -> None:
    picture = Picture(src=f"media:{HASH}", width=10, height=10)
    test = content(q(Point(picture=picture, areas=[WorthArea(shape="circle", coords=[5, 5, 2])])))
    assert [one.response_id for one in missing_alt(test)] == ["answer"]
    assert [one.response_id for one in missing_file(test, set())] == ["answer"]
    assert not list(missing_file(test, {HASH}))


def test_several_pictures_in_one_text_are_one_finding() -> None:
    [found] = missing_alt(content(q(FACT, body=PICTURE.format("") * 3)))
    assert found.says.startswith("3 pictures have no")


def test_a_table_needs_a_header_of_its_own() -> None:
    assert not list(no_table_headers(content(q(FACT, body=NAMED))))
    assert len(list(no_table_headers(content(q(FACT, body=TABLE))))) == 1
    assert len(list(no_table_headers(content(q(FACT, body=NAMED + TABLE))))) == 1


def test_files_that_are_not_there_are_named() -> None:
    test = content(q(FACT, body=PICTURE.format("A") * 2))
    assert not list(missing_file(test, {HASH}))
    [found] = missing_file(test, set())
    assert HASH[:12] in found.says
    assert not list(missing_file(replace(test, questions=[q(FACT, body=f"media:{HASH}")]), set()))
