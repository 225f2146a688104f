import pytest

from protocol.content import Draw, TestContent
from protocol.content_checks import check_test
from protocol.media import hash_of
from server.importing.faults import ImportFault
from server.importing.files import Brought, bring
from server.media.looking import look
from server.writing.content import checked_content
from tests.server.importing.qti.writing import MATCH, as_qti3, choices, correct, item, packed, response
from tests.server.media.files import png
from tests.shared import SHARED

_KENNISNET = SHARED / "data" / "import" / "qti3_kennisnet" / "packages"


def _item(name: str, body: str = "<p>Which?</p>", more: str = "") -> str:
    written = item(response("R", "single", "identifier", correct("A")), body + choices("A", "B"), MATCH, more)
    return written.replace('identifier="one"', f'identifier="{name}"')


def _ref(name: str, inside: str = "") -> str:
    return f'<assessmentItemRef identifier="{name}" href="{name}.xml">{inside}</assessmentItemRef>'


def _test(*sections: str, part: str = "", more: str = "") -> str:
    inside = f'<testPart identifier="p" {part}>{"".join(sections)}</testPart>'
    return f'<assessmentTest identifier="t" title="The test" xml:lang="nl">{more}{inside}</assessmentTest>'


def _section(name: str, inside: str) -> str:
    return f'<assessmentSection identifier="{name}" title="Part {name}">{inside}</assessmentSection>'


def _manifest(*resources: tuple[str, str]) -> str:
    inside = "".join(f'<resource identifier="{href}" type="{kind}" href="{href}"/>' for kind, href in resources)
    return f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{inside}</resources></manifest>'


def _brought(test: str, *names: str, more: dict[str, bytes | str] | None = None) -> Brought:
    items = {f"{name}.xml": _item(name) for name in names}
    files = {
        "imsmanifest.xml": _manifest(("imsqti_test_xmlv2p1", "test.xml")),
        "test.xml": test,
        **items,
        **(more or {}),
    }
    return bring("exam.zip", packed(files))


def _content(test: str, *names: str, more: dict[str, bytes | str] | None = None) -> TestContent:
    brought = _brought(test, *names, more=more)
    assert brought.content is not None, brought.reports
    assert checked_content(check_test(brought.content)) == brought.content
    assert {report.outcome for report in brought.reports} == {"taken"}, brought.reports
    return brought.content


def test_a_test_of_one_section_is_its_questions_in_order() -> None:
    content = _content(_test(_section("s", _ref("b") + _ref("a")), part='navigationMode="linear"'), "a", "b")
    assert [question.question_id for question in content.questions] == ["b", "a"]
    assert (content.title, content.language, content.sections, content.rules.order) == ("The test", "nl", [], "forward")


@pytest.mark.parametrize("form", [str, as_qti3])
def test_sections_have_texts_limits_orders_and_draws(form: type[str]) -> None:
    draw = _section(
        "one", '<rubricBlock view="candidate"><p>Read.</p></rubricBlock><selection select="1"/>' + _ref("a") + _ref("b")
    )
    limited = _ref("c", '<timeLimits maxTime="60"/>')
    timed = _section("two", f'<timeLimits maxTime="90"/><ordering shuffle="true"/>{limited}')
    content = _content(form(_test(draw, timed, more='<timeLimits maxTime="600"/>')), "a", "b", "c")
    one, two = content.sections
    assert (one.title, one.instructions, one.items) == ("Part one", "<p>Read.</p>", [Draw(1, ["a", "b"])])
    assert (two.items, two.shuffle, two.limit_ms) == (["c"], True, 90_000)
    assert (content.rules.duration_ms, content.rules.order) == (600_000, "by_section")
    assert [question.limit_ms for question in content.questions] == [None, None, 60_000]


def test_sections_inside_of_others_stand_beside_them() -> None:
    inner = _section("inner", _ref("b"))
    content = _content(_test(_section("outer", _ref("a") + inner + _ref("c")), _section("empty", "")), "a", "b", "c")
    assert [(section.section_id, section.items) for section in content.sections] == [
        ("outer", ["a"]),
        ("inner", ["b"]),
        ("outer-2", ["c"]),
    ]


def test_an_item_that_stands_twice_is_two_questions_and_has_a_weight() -> None:
    weighted = (
        _ref("a")
        .replace('identifier="a"', 'identifier="again"')
        .replace("></", '><weight identifier="SCORE" value="2.5"/></')
    )
    content = _content(_test(_section("s", _ref("a") + weighted)), "a")
    assert [(question.question_id, question.points_mpt) for question in content.questions] == [
        ("a", 1_000),
        ("again", 2_500),
    ]


def test_pictures_and_passages_come_with_the_package() -> None:
    picture = png(4, 3)
    inside = "<stimulusBody><p>Once.</p></stimulusBody>"
    stimulus = f"<assessmentStimulus identifier='s' title='A story'>{inside}</assessmentStimulus>"
    about = '<assessmentStimulusRef identifier="s" href="story.xml"/>'
    items = {
        f"{name}.xml": _item(name, '<p><img src="img/p%20q.png" alt="A map"/></p>').replace(
            "<itemBody>", f"{about}<itemBody>"
        )
        for name in "ab"
    }
    brought = _brought(
        _test(_section("s", _ref("a") + _ref("b"))), more={**items, "story.xml": stimulus, "img/p q.png": picture}
    )
    assert brought.content is not None, brought.reports
    name = hash_of(picture)
    assert dict(brought.files) == {name: look(picture)}
    assert brought.content.questions[0].body.startswith(f'<p><img src="media:{name}" alt="A map"></p>')
    assert [passage.body for passage in brought.content.passages] == ["<p>Once.</p>"]
    assert {question.passage_id for question in brought.content.questions} == {"p1"}


def test_a_text_without_an_answer_is_information() -> None:
    text = "<assessmentItem identifier='info' title='Info'><itemBody><p>Read first.</p></itemBody></assessmentItem>"
    asked = '<itemSessionControl allowSkipping="false"/>'
    content = _content(_test(_section("s", asked + _ref("info") + _ref("a"))), "a", more={"info.xml": text})
    assert [(question.body, question.kind, question.required) for question in content.questions] == [
        ("<p>Read first.</p>", "information", False),
        ('<p>Which?</p><pd-response id="answer"></pd-response>', "single_choice", True),
    ]


def test_what_a_test_loses_is_said() -> None:
    first = _ref("a", "<preCondition><isNull><null/></isNull></preCondition>")
    weighted = _ref("b", '<weight identifier="SCORE" value="3"/>')
    brought = _brought(_test(_section("s", f'<selection select="1"/>{first}{weighted}')), "a", "b")
    [told] = [report for report in brought.reports if report.item == "the test"]
    assert told.reasons == [
        "left out: the rules by which candidates skip a part",
        "all questions of 'Part s' are given: they are worth different points",
    ]
    assert brought.content is not None
    assert len(brought.content.questions) == 2


def test_an_item_that_is_not_there_is_refused_by_name() -> None:
    brought = _brought(_test(_section("s", _ref("a") + _ref("gone"))), "a")
    assert [(report.outcome, report.item) for report in brought.reports][1] == ("refused", "gone")
    alone = bring("test.xml", _test(_section("s", _ref("a"))).encode())
    assert (alone.content, alone.refused) == (None, 1)


def test_a_package_without_a_test_is_its_items() -> None:
    items = {"x/a.xml": _item("a"), "x/b.xml": _item("b")}
    named = _manifest(
        ("imsqti_item_xmlv2p2", "x/b.xml"), ("imsqti_item_xmlv2p2", "x/a.xml"), ("webcontent", "x/c.html")
    )
    for files, order in ((items, ["a", "b"]), ({**items, "imsmanifest.xml": named}, ["b", "a"])):
        brought = bring("items.zip", packed(dict(files)))
        assert brought.content is not None
        assert [question.question_id for question in brought.content.questions] == order


def test_in_a_package_of_items_a_text_is_information() -> None:
    text = "<assessmentItem identifier='info' title='Info'><itemBody><p>Read first.</p></itemBody></assessmentItem>"
    brought = bring("items.zip", packed({"1.xml": text, "2.xml": _item("a"), "3.xml": text}))
    assert brought.content is not None
    assert [question.kind for question in brought.content.questions] == ["information", "single_choice", "information"]
    assert [report.outcome for report in brought.reports] == ["taken", "taken", "taken"]


def test_what_a_test_says_of_its_items_is_taken_over() -> None:
    asked = '<itemSessionControl allowSkipping="false"/>'
    own = '<itemSessionControl allowSkipping="true"/><category>hard</category><category>a b</category>'
    text = '<rubricBlock view="candidate"><p>Be calm.</p></rubricBlock>'
    content = _content(_test(_section("s", asked + _ref("a") + _ref("b", own)), more=text), "a", "b")
    assert content.instructions == "<p>Be calm.</p>"
    assert [(question.required, question.tags) for question in content.questions] == [
        (True, []),
        (False, ["hard", "a b"]),
    ]
    assert content.rules.gaps == "refuse"
    assert _content(_test(_section("s", _ref("a"))), "a").rules.gaps == "allow"


def test_what_everybody_gets_is_not_drawn() -> None:
    given = _ref("a").replace("href", 'required="true" href')
    names = ("a", "b", "c")
    drawn = _content(_test(_section("s", f'<selection select="2"/>{given}{_ref("b")}{_ref("c")}')), *names)
    assert drawn.sections[0].items == ["a", Draw(1, ["b", "c"])]
    late = _brought(_test(_section("s", f'<selection select="2"/>{_ref("b")}{given}{_ref("c")}')), *names)
    assert late.reports[-1].reasons == ["in 'Part s' stands first what everybody gets"]
    alone = _content(
        _test(_section("s", f'<selection select="1"/>{given}{_ref("b")}'), _section("t", _ref("c"))), *names
    )
    assert alone.sections[0].items == ["a"]


@pytest.mark.parametrize(
    ("inside", "loss"),
    [
        ('<itemSessionControl allowComment="true"/>', "comments by candidates"),
        ('<itemSessionControl maxAttempts="0"/>', "tried several times"),
        ('<itemSessionControl showSolution="true"/>', "right answers are shown"),
        ('<timeLimits maxTime="60" allowLateSubmission="true"/>', "come late"),
        ('<timeLimits maxTime="0.5"/>', "a time limit of 0.5 seconds"),
        ('<rubricBlock view="proctor">Look.</rubricBlock>', "a note for others"),
        ('<ordering shuffle="true"/>' + _ref("b").replace("href", 'fixed="true" href'), "should keep their place"),
    ],
)
def test_what_can_not_be_said_here_of_items_is_told(inside: str, loss: str) -> None:
    brought = _brought(_test(_section("s", inside + _ref("a"))), "a", "b")
    [told] = [report for report in brought.reports if report.item == "the test"]
    assert [loss in reason for reason in told.reasons] == [True]


def test_the_time_of_one_part_of_several_is_told() -> None:
    parts = "".join(
        f'<testPart identifier="{name}"><timeLimits maxTime="60"/>{_section(name, _ref(name))}</testPart>'
        for name in "ab"
    )
    brought = _brought(f'<assessmentTest identifier="t" title="T">{parts}</assessmentTest>', "a", "b")
    assert brought.reports[-1].reasons == ["left out: the time limit of a part"]


def test_a_sum_of_points_is_plain_and_what_is_made_of_it_is_told() -> None:
    total = (
        '<setOutcomeValue identifier="SCORE"><sum><testVariables variableIdentifier="SCORE"{}/></sum></setOutcomeValue>'
    )
    for processing, outcome in (
        (total.format(""), ["taken"]),
        (total.format(' includeCategory="x"'), ["taken", "taken_with_loss"]),
        (total.format("") + "<outcomeCondition/>", ["taken", "taken_with_loss"]),
    ):
        test = _test(_section("s", _ref("a"))).replace(
            "</assessmentTest>", f"<outcomeProcessing><!-- all -->{processing}</outcomeProcessing></assessmentTest>"
        )
        assert [report.outcome for report in _brought(test, "a").reports] == outcome


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.txt": "hello"}, "has no question"),
        ({"imsmanifest.xml": "<manifest"}, "not well-formed"),
        ({"../a.xml": _item("a")}, "lies outside"),
        ({"a.xml": '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>'}, "defines entities"),
    ],
)
def test_a_hostile_package_is_refused(files: dict[str, bytes | str], reason: str) -> None:
    with pytest.raises(ImportFault, match=reason):
        bring("exam.zip", packed(files))


def test_a_picture_with_a_script_is_left_out() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script>alert(1)</script></svg>'
    test = _test(_section("s", _ref("a")))
    brought = _brought(test, more={"a.xml": _item("a", '<p>Look: <img src="x.svg"/></p>'), "x.svg": svg})
    assert dict(brought.files) == {}
    assert "a picture of a test can't have" in brought.reports[0].reasons[0].lower()


def test_sections_without_end_are_refused() -> None:
    deep = _ref("a")
    for level in range(30):
        deep = _section(f"s{level}", deep)
    with pytest.raises(ImportFault, match="too many sections"):
        _brought(_test(deep), "a")


def test_a_whole_exam_of_others_comes_with_its_pictures() -> None:
    file = _KENNISNET / "valid-package.zip"
    if not file.exists():
        pytest.skip("the biology exam is not here")
    brought = bring(file.name, file.read_bytes())
    assert brought.content is not None
    assert (len(brought.reports), brought.refused, len(brought.content.questions)) == (48, 0, 47)
    # From which share of the points on it is passed.
    assert brought.reports[-1].reasons == ["left out: what the test makes of the sum of its points"]
    assert (brought.content.title, len(brought.files)) == ("Oefentoets biologie", 24)
    assert not [report for report in brought.reports if any("file" in reason for reason in report.reasons)]
