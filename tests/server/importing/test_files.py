import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Refused
from server.importing.faults import ImportFault
from server.importing.files import bring


def test_a_format_is_known_by_its_text_and_not_by_its_name() -> None:
    for name, text in (
        ("a.txt", "True?{T}"),
        ("a", "Who?\nA) x\nB) y\nANSWER: A"),
        ("a.gift", "// no question\nTrue?{T}"),
    ):
        brought = bring(name, text.encode(), "A test")
        assert brought.content is not None
        assert (brought.content.title, len(brought.content.questions), brought.refused) == ("A test", 1, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_text_says_its_encoding_or_is_in_utf_8(encoding: str) -> None:
    data = ("\ufeff" if encoding == "utf-16-le" else "") + "Grün?{=ja ~nein}"
    brought = bring("a.gift", data.encode(encoding), "A test")
    assert brought.content is not None
    assert brought.content.questions[0].body == "<p>Grün?</p>"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("Schön?{T}\n\nGrün?{T}".encode("latin-1"), "line 1: this is not UTF-8"),
        (b"\x00\x01\x02", "is no text"),
        (b"Dear all,\nhow are you?", "no format that is known"),
        (b"", "no format that is known"),
        (b"// {\n", "has no question"),
        (b"x" * (9 * 1024**2), "is larger than"),
    ],
)
def test_what_is_no_exam_is_refused_with_a_sentence(data: bytes, reason: str) -> None:
    with pytest.raises(ImportFault, match=reason):
        bring("a.txt", data, "A test")


@pytest.mark.parametrize(("text", "is_taken"), [("Why?", True), ("Why? " + "x" * 4_500, False)])
def test_files_within_a_file_do_not_count_as_the_test(text: str, is_taken: bool) -> None:
    picture = f'<file name="a.png" encoding="base64">{"A" * 5_000}</file>'
    essay = f'<question type="essay"><questiontext><text>{text}</text>{picture}</questiontext></question>'
    data = f"<quiz>{essay * 1_000}</quiz>".encode()
    if is_taken:
        assert bring("a.xml", data, "A test").content is not None
        return
    with pytest.raises(ImportFault, match=r"The test of a\.xml is larger than 4 MiB"):
        bring("a.xml", data, "A test")


def test_of_refused_questions_no_test_is_made() -> None:
    brought = bring("a.gift", b"Which?{~a ~b}", "A test")
    assert (brought.content, brought.refused) == (None, 1)


@given(st.one_of(st.binary(max_size=300), st.text(alphabet="ab{}=~#%:\\/\n A)ANSWER", max_size=300).map(str.encode)))
def test_any_bytes_are_taken_or_refused(data: bytes) -> None:
    try:
        brought = bring("a.txt", data, "A test")
    except (ImportFault, Refused):
        return
    assert brought.content is not None or brought.refused
