from base64 import b64encode
from pathlib import Path

import pytest

from protocol.content import Essay, GapMatch, InlineChoice, Match, MultipleChoice, Question, Upload
from protocol.content.text import places, plain_text
from protocol.marking.best import right_answer
from protocol.marking.feedback import feedback_to
from protocol.marking.question import mark_question
from protocol.media import hash_of
from protocol.messages.base import PartValue, Value
from server.importing.drafts import Drafts
from server.importing.files import bring
from server.importing.moodle.questions import draft_moodle
from server.importing.xml import read_xml
from tests.server.media.files import png
from tests.shared import SHARED

_MOODLE = SHARED / "data" / "import" / "moodle"
_FILES = sorted([*_MOODLE.glob("format_xml/*.xml"), *_MOODLE.glob("format_multianswer/*.xml")])
_NO = "<feedback><text></text></feedback>"


def _drafts(*questions: str) -> Drafts:
    return draft_moodle("a.xml", read_xml(f"<quiz>{''.join(questions)}</quiz>".encode(), "a.xml"))


def _question(kind: str, fields: str, text: str = "What?", name: str = "") -> str:
    return (
        f'<question type="{kind}"><name><text>{name}</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{fields}</question>'
    )


def _answer(said: str, fraction: str, more: str = "") -> str:
    return f'<answer fraction="{fraction}" format="html"><text><![CDATA[{said}]]></text>{_NO}{more}</answer>'


def _one(kind: str, fields: str, text: str = "What?") -> Question:
    drafts = _drafts(_question(kind, fields, text))
    assert drafts.questions, drafts.reports
    return drafts.questions[0]


def test_one_or_several_are_chosen_as_the_question_says() -> None:
    answers = _answer("<p>two</p>", "50") + _answer("three", "50") + _answer("four", "-50")
    several = _one("multichoice", f"<single>false</single><defaultgrade>2</defaultgrade>{answers}")
    [asked] = several.interactions
    assert isinstance(asked, MultipleChoice)
    assert [option.body for option in asked.options] == ["two", "three", "four"]
    chosen: list[Value] = [["a", "b"], ["a"], ["a", "b", "c"]]
    assert [mark_question(several, said) for said in chosen] == [2_000, 1_000, 1_000]
    one = _one("multichoice", f"<single>true</single>{_answer('x', '0')}{_answer('y', '100')}{_answer('z', '-33.333')}")
    assert [mark_question(one, said) for said in ("a", "b", "c")] == [0, 1_000, 0]


def test_shares_that_are_rounded_make_a_whole() -> None:
    answers = "".join(_answer(str(prime), "33.33333") for prime in (2, 3, 5)) + _answer("4", "-50")
    question = _one("multichoice", f"<single>false</single>{answers}")
    assert mark_question(question, ["a", "b", "c"]) == 1_000


def test_texts_and_numbers_are_typed() -> None:
    text = _one("shortanswer", f"<usecase>1</usecase>{_answer('Ada*', '100')}{_answer('ada', '50')}")
    assert [mark_question(text, said) for said in ("Ada L.", "ada", "Bob")] == [1_000, 500, 0]
    near = _answer("3.14", "100", "<tolerance>0.01</tolerance>") + _answer("*", "0")
    number = _one("numerical", near)
    assert [mark_question(number, said) for said in ("3.15", "3.2")] == [1_000, 0]


def test_true_or_false_and_essays() -> None:
    question = _one("truefalse", _answer("true", "0") + _answer("false", "100"))
    assert [mark_question(question, said) for said in ("true", "false")] == [0, 1_000]
    guidance = "<graderinfo format='plain_text'><text>One point each.</text></graderinfo><attachments>0</attachments>"
    [asked] = _one("essay", guidance).interactions
    assert isinstance(asked, Essay)
    assert "One point each." in (asked.guidance or "")


@pytest.mark.parametrize(
    ("fields", "kinds"),
    [
        ("<responseformat>plain</responseformat><attachments>1</attachments>", ["essay", "upload"]),
        ("<responseformat>noinline</responseformat><attachments>1</attachments>", ["upload"]),
        ("<responseformat>plain</responseformat><attachments>0</attachments>", ["essay"]),
    ],
)
def test_files_are_handed_in_with_an_essay(fields: str, kinds: list[str]) -> None:
    types = "<filetypeslist>.pdf,image</filetypeslist><graderinfo><text>Look.</text></graderinfo>"
    drafts = _drafts(_question("essay", f"<defaultgrade>3</defaultgrade>{fields}{types}"))
    assert drafts.reports[0].outcome == "taken"
    [question] = drafts.questions
    assert (question.kinds, question.points_mpt) == (kinds, 3_000)
    assert [one.kinds for one in question.interactions if isinstance(one, Upload)] == [["picture", "pdf"]] * (
        "upload" in kinds
    )
    assert [getattr(one, "guidance", None) for one in question.interactions][:1] == ["<p>Look.</p>"]


def test_what_an_essay_asks_for_is_taken_over() -> None:
    words = "<minwordlimit>10</minwordlimit><maxwordlimit>50</maxwordlimit><responserequired>1</responserequired>"
    question = _one("essay", words)
    [asked] = question.interactions
    assert isinstance(asked, Essay)
    assert (asked.min_words, asked.max_words, question.required, asked.format) == (10, 50, True, "plain")
    assert not _one("essay", words + "<attachments>1</attachments>").required
    assert _one("essay", words + "<attachments>1</attachments><attachmentsrequired>1</attachmentsrequired>").required


@pytest.mark.parametrize(
    ("named", "format_"),
    [("editor", "rich"), ("editorfilepicker", "rich"), ("plain", "plain"), ("monospaced", "plain")],
)
def test_an_essay_is_written_with_formatting_or_without(named: str, format_: str) -> None:
    [asked] = _one("essay", f"<responseformat>{named}</responseformat>").interactions
    assert isinstance(asked, Essay)
    assert asked.format == format_


@pytest.mark.parametrize(
    ("kind", "fields", "text", "loss"),
    [
        ("essay", "<responsetemplate><text>Dear</text></responsetemplate>", "?", "with which an answer begins"),
        ("essay", "<attachments>3</attachments>", "?", "one file"),
        ("essay", "<attachments>1</attachments><filetypeslist>.zip</filetypeslist>", "?", "files of the type 'zip'"),
        ("cloze", "<hint/>", "{1:SA:=x}", "hints"),
        ("numerical", _answer("1", "100") + "<units><unit><unit_name>m</unit_name></unit></units>", "?", "units"),
        ("ordering", "<selecttype>RANDOM</selecttype>" + _answer("a", "100") + _answer("b", "100"), "?", "some of"),
    ],
)
def test_what_is_lost_is_told(kind: str, fields: str, text: str, loss: str) -> None:
    [report] = _drafts(_question(kind, fields, text)).reports
    assert report.outcome == "taken_with_loss"
    assert [loss in reason for reason in report.reasons] == [True]


@pytest.mark.parametrize(
    ("kind", "fields", "value", "said"),
    [
        ("multichoice", "<single>1</single>{a}{b}{bands}", "b", ["Not b.", "Wrong."]),
        ("multichoice", "<single>0</single>{a}{b}{bands}", ["a", "b"], ["Just a.", "Not b.", "In part."]),
        ("multichoice", "<single>1</single>{a}{b}{bands}", "a", ["Just a.", "Right."]),
        ("truefalse", "{true}{false}", "false", ["It is."]),
        ("shortanswer", "{a}{b}", "B", ["Not b."]),
        ("shortanswer", "{a}{rest}", "c", ["See page 3."]),
        ("numerical", "{one}{rest}", "1", ["One."]),
        ("numerical", "{one}{rest}", "2", ["See page 3."]),
    ],
)
def test_what_is_said_of_an_answer_is_said_of_it(kind: str, fields: str, value: Value, said: list[str]) -> None:
    filled = fields.format(
        a=_said("A", "100", "Just a."),
        b=_said("B", "-50" if "0</single>" in fields else "0", "Not b."),
        true=_said("true", "100", ""),
        false=_said("false", "0", "It is."),
        one=_said("1", "100", "One."),
        rest=_said("*", "0", "See page 3."),
        bands="".join(
            f"<{name}feedback><text>{text}</text></{name}feedback>"
            for name, text in (("correct", "Right."), ("partiallycorrect", "In part."), ("incorrect", "Wrong."))
        ),
    )
    drafts = _drafts(_question(kind, filled))
    [question] = drafts.questions
    found = feedback_to(question, value, mark_question(question, value), None)
    assert [plain_text(one.body) for one in found] == said
    assert drafts.reports[0].outcome == "taken"


def _said(answer: str, fraction: str, said: str) -> str:
    return f'<answer fraction="{fraction}"><text>{answer}</text><feedback><text>{said}</text></feedback></answer>'


def test_what_is_said_at_a_place_is_said_of_it() -> None:
    drafts = _drafts(
        _question("cloze", "", "{1:SHORTANSWER:=Paris#Yes.~%0%Lyon#<b>No.</b>~*#See page 3.} {1:MC:~north#No.~=south}")
    )
    [question] = drafts.questions
    found = feedback_to(question, {"1": "Lyon", "2": "a"}, 0, None)
    assert [(one.response_id, one.option, plain_text(one.body)) for one in found] == [
        ("1", None, "No."),
        ("2", "north", "No."),
    ]
    assert drafts.reports[0].reasons == ["left out: the feedback to any other answer at a place"]


def test_answers_stand_in_the_text_where_a_cloze_question_has_them() -> None:
    text = (
        "<p>{1:SHORTANSWER:=Paris~%50%Lyon#near} lies {:NM:=35:5~%20%100:70} m up, is "
        "{2:MULTICHOICE_S:=large~small}, and has {1:MULTIRESPONSE:=<b>bridges</b>~mines~=towers}.</p>"
    )
    question = _one("cloze", "", text)
    assert places(question.body) == ["1", "2", "3", "4"]
    assert plain_text(question.body) == "… lies … m up, is …, and has …."
    assert question.points_mpt == 5_000
    right: dict[str, PartValue] = {"1": "paris", "2": "36", "3": "a", "4": ["a", "c"]}
    assert mark_question(question, right) == 5_000
    assert mark_question(question, {**right, "1": "Lyon", "2": "150"}) == 3_700


PNG = png(4, 3)
FILE = f'<file name="a b.png" path="/" encoding="base64">{b64encode(PNG).decode()}</file>'


def _with_file(text: str, file: str = FILE) -> Drafts:
    answers = _answer("true", "100") + _answer("false", "0")
    stem = f'<questiontext format="html"><text><![CDATA[{text}]]></text>{file}</questiontext>'
    return _drafts(f'<question type="truefalse"><name><text></text></name>{stem}{answers}</question>')


@pytest.mark.parametrize("address", ["@@PLUGINFILE@@/a%20b.png", "@@PLUGINFILE@@/a b.png"])
def test_files_beside_a_text_are_brought(address: str) -> None:
    drafts = _with_file(f'<p>See <img src="{address}" alt="The curve">.</p>')
    [question] = drafts.questions
    name = hash_of(PNG)
    assert f'src="media:{name}"' in question.body
    assert 'width="4"' in question.body
    assert drafts.reports[0].outcome == "taken"
    assert set(drafts.carried.among([name])) == {name}


@pytest.mark.parametrize(
    ("text", "file", "reasons"),
    [
        # Nobody sees it.
        ("<p>See.</p>", FILE, []),
        (
            '<p>See <img src="@@PLUGINFILE@@/a%20b.png" alt="x">.</p>',
            FILE.replace(">", ">!", 1),
            [
                "left out: the file 'a b.png': It is not written in base64.",
                "left out: a file that is not named by `media:` and its hash",
            ],
        ),
        (
            '<p>See <img src="@@PLUGINFILE@@/other.png" alt="x">.</p>',
            FILE,
            ["left out: a file that is not named by `media:` and its hash"],
        ),
    ],
)
def test_files_that_can_not_be_brought_are_told(text: str, file: str, reasons: list[str]) -> None:
    drafts = _with_file(text, file)
    assert drafts.reports[0].reasons == reasons
    assert "PLUGINFILE" not in drafts.questions[0].body


def test_a_category_is_a_tag_and_a_description_is_information() -> None:
    category = '<question type="category"><category><text>$course$/top/Logic</text></category></question>'
    description = _question("description", "<generalfeedback><text>So.</text></generalfeedback>", "Read this.")
    asked = _question("truefalse", _answer("true", "100") + _answer("false", "0"), "Is it so?", "First")
    drafts = _drafts(category, description, asked)
    assert [(one.kind, one.tags, plain_text(one.body)) for one in drafts.questions] == [
        ("information", ["Logic"], "Read this."),
        ("true_false", ["Logic"], "Is it so?"),
    ]
    assert drafts.reports[0].reasons == ["left out: the feedback to a text that asks nothing"]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (_question("multichoice", _answer("a", "0") + _answer("b", "0")), "No answer is right"),
        (_question("multichoice", _answer("a", "100")), "nothing to choose between"),
        (_question("multichoice", _answer("a", "100") + _answer("", "0")), "has no text"),
        (_question("multichoice", _answer("a", "many") + _answer("b", "0")), "should be a number"),
        (_question("numerical", _answer("one", "100")), "should be a number"),
        (_question("numerical", _answer("1e99999", "100")), "should be a number"),
        (_question("shortanswer", _answer("x", "1000")), "from -100 % to 100 %"),
        (_question("truefalse", _answer("true", "100") + _answer("false", "100")), "not said whether"),
        (_question("essay", "<defaultgrade>-1</defaultgrade>"), "is worth -1 points"),
        (_question("essay", "", ""), "has no text"),
        (_question("calculated", ""), "of the kind 'calculated'"),
        (_question("cloze", "", "Nothing."), "no place for an answer"),
        (_question("cloze", "", "{1:SHORTANSWER:=x"), "opened and not closed"),
        (_question("cloze", "", "{1:RIDDLE:=x}"), "RIDDLE"),
    ],
)
def test_what_makes_no_question_is_refused_with_a_sentence(question: str, reason: str) -> None:
    [report] = _drafts(question).reports
    assert report.outcome == "refused"
    assert reason in report.reasons[0]


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_files_of_moodle_are_read(path: Path) -> None:
    brought = bring(path.name, path.read_bytes(), "A test")
    assert brought.content is not None
    assert not brought.refused


def test_the_files_of_moodle_are_there() -> None:
    if not _FILES:
        pytest.skip("files that Moodle exported are not here")


def _sub(left: str, right: str) -> str:
    return (
        f'<subquestion format="html"><text><![CDATA[{left}]]></text><answer><text>{right}</text></answer></subquestion>'
    )


def test_rows_are_matched_and_each_counts() -> None:
    subs = _sub("<p>frog</p>", "amphibian") + _sub("newt", "amphibian") + _sub("cat", "mammal") + _sub("", "insect")
    question = _one("matching", f"<defaultgrade>3</defaultgrade><shuffleanswers>true</shuffleanswers>{subs}")
    [asked] = question.interactions
    assert isinstance(asked, Match)
    assert [row.body for row in asked.rows] == ["frog", "newt", "cat"]
    assert [column.body for column in asked.columns] == ["amphibian", "mammal", "insect"]
    a, b, c = (column.option_id for column in asked.columns)
    assert asked.shuffle_columns
    answers: list[Value] = [[("1", a), ("2", a), ("3", b)], [("1", a), ("2", c)], [("1", b)]]
    assert [mark_question(question, said) for said in answers] == [3_000, 1_000, 0]
    assert "two pairs" in _drafts(_question("matching", _sub("a", "b"))).reports[0].reasons[0]


def test_menus_and_gaps_stand_in_a_text() -> None:
    options = "".join(
        f"<selectoption><text>{text}</text><group>{group}</group></selectoption>"
        for text, group in (("cat", 1), ("dog", 1), ("mat", 2), ("hat", 2))
    )
    text = "<p>The [[1]] sat on the [[3]].</p>"
    menus = _drafts(_question("gapselect", options, text)).questions[0]
    assert places(menus.body) == ["1", "2"]
    assert [[option.body for option in one.options] for one in menus.interactions if isinstance(one, InlineChoice)] == [
        ["cat", "dog"],
        ["mat", "hat"],
    ]
    ids = {one.body: one.option_id for menu in menus.interactions for one in menu.options}  # type: ignore[union-attr]
    cat, dog, mat, hat = (ids[text] for text in ("cat", "dog", "mat", "hat"))
    said: list[Value] = [{"1": cat, "2": mat}, {"1": cat}, {"1": dog, "2": hat}]
    assert [mark_question(menus, one) for one in said] == [1_000, 500, 0]
    boxes = options.replace("selectoption", "dragbox").replace("<group>2</group>", "<group>1</group>")
    gaps = _drafts(_question("ddwtos", boxes, text)).questions[0]
    [asked] = gaps.interactions
    assert isinstance(asked, GapMatch)
    pairs: list[Value] = [[(cat, "g1"), (mat, "g2")], [(cat, "g1"), (dog, "g2")]]
    assert [mark_question(gaps, one) for one in pairs] == [1_000, 500]
    grouped = _drafts(_question("ddwtos", options.replace("selectoption", "dragbox"), text)).reports[0]
    assert grouped.reasons == ["every text can be put into every gap: there are no groups here"]
    for wrong, reason in (("No gap.", "no place"), ("[[9]]", "not there")):
        assert reason in _drafts(_question("gapselect", options, wrong)).reports[0].reasons[0]


def test_texts_are_put_in_order() -> None:
    answers = "".join(_answer(text, "100") for text in ("one", "two", "three"))
    whole = _one("ordering", f"<gradingtype>ALL_OR_NOTHING</gradingtype>{answers}")
    places_ = _one("ordering", f"<gradingtype>ABSOLUTE_POSITION</gradingtype>{answers}")
    a, b, c = map(str, right_answer(whole) or [])
    said: list[Value] = [[a, b, c], [a, c, b]]
    assert [mark_question(whole, one) for one in said] == [1_000, 0]
    assert [mark_question(places_, one) for one in said] == [1_000, 333]


def test_a_text_file_with_answers_in_it_is_one_question() -> None:
    menu, blank = "{1:MULTICHOICE:=France~Spain}", "{2:SHORTANSWER:=Paris#Yes\nit is~%50%Marseille}"
    text = f"The capital of {menu}\nis {blank}.\n\nWell & good."
    brought = bring("capitals.txt", text.encode())
    assert [report.outcome for report in brought.reports] == ["taken"]
    assert brought.content is not None
    [question] = brought.content.questions
    assert places(question.body) == ["1", "2"]
    assert question.body.endswith(".</p><p>Well &amp; good.</p>")
    assert "<br>is" in question.body
    assert mark_question(question, {"1": "a", "2": "Marseille"}) == 2_000
    [told] = bring("none.txt", b"What? {3:NUMERICAL:=zero}").reports
    assert told.outcome == "refused"
