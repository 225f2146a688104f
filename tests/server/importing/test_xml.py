import pytest

from server.importing.faults import ImportFault
from server.importing.xml import local, read_xml

_BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
_OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'
_PARAMETER = '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:1/b"> %b;]><a/>'


def test_a_document_is_read_in_whatever_encoding_it_names() -> None:
    root = read_xml('<?xml version="1.0" encoding="windows-1252"?><a b="ü">é</a>'.encode("windows-1252"), "a.xml")
    assert (local(root), root.get("b"), root.text) == ("a", "ü", "é")


def test_a_document_type_is_no_harm_by_itself() -> None:
    root = read_xml(
        b'<!DOCTYPE questestinterop SYSTEM "ims_qtiasiv1p2p1.dtd"><questestinterop xmlns="urn:q"/>', "q.xml"
    )
    assert local(root) == "questestinterop"


def test_predefined_entities_are_characters() -> None:
    assert read_xml(b"<a>1 &lt; 2 &amp;&#233;</a>", "a.xml").text == "1 < 2 &é"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (_BOMB, "entities of its own"),
        (_OUTSIDE, "entities of its own"),
        (_PARAMETER, "entities of its own"),
        ("<a>&nbsp;</a>", "well-formed|entity"),
        ("<a><b></a>", "line 1: this is not well-formed"),
        ("", "well-formed"),
        ("<a" + " b='1'" * 2, "well-formed"),
        ("<a>" * 5_000, "well-formed"),
        ('<a b="' + "x" * 11_000_000 + '"/>', "well-formed"),
        ('<?xml version="1.0" encoding="no-such"?><a/>', "well-formed"),
    ],
    ids=["bomb", "file", "parameter", "unknown", "unclosed", "empty", "cut", "deep", "attribute", "encoding"],
)
def test_what_does_harm_or_makes_no_sense_is_refused(document: str, reason: str) -> None:
    with pytest.raises(ImportFault, match=reason):
        read_xml(document.encode(), "a.xml")
