"""Exams of other systems: any bytes are taken or refused, and what is taken is a test."""

from protocol.codes import Code
from protocol.content_checks import check_test
from protocol.errors import Refused
from server.importing.faults import ImportFault
from server.importing.files import bring
from server.writing.content import checked_content

_GIFT = b"""$CATEGORY: top/one
// [id:first] [tag:easy]
::First::[html]<b>Which</b>?{~%50%a#no =b#yes ~c ####That is why.}

Grant is {~buried =entombed} here.

Match.{=a -> 1 =b -> 2}

When?{#=1822:2 =%50%1820..1830}

True?{F#no#yes}

Put in order.{>1 VERT
one
two
}
"""
_AIKEN = b"Who?\nA) Ada\nB) Bob\nANSWER: B\n\nTrue?\nA. yes\nB. no\nANSWER: A\n"
_MOODLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<question type="category"><category><text>top/one</text></category></question>
<question type="multichoice"><name><text>First</text></name>
<questiontext format="html"><text><![CDATA[<p>Which?</p>]]></text></questiontext>
<defaultgrade>2</defaultgrade><single>false</single><shuffleanswers>true</shuffleanswers>
<answer fraction="50" format="html"><text>a</text></answer><answer fraction="50"><text>b</text></answer>
<answer fraction="-100"><text>c</text><feedback><text>no</text></feedback></answer></question>
<question type="numerical"><questiontext format="markdown"><text>How *many*?</text></questiontext>
<answer fraction="100"><text>3.5</text><tolerance>0.5</tolerance></answer></question>
<question type="cloze"><questiontext format="html"><text><![CDATA[{1:SHORTANSWER:=Paris~%50%Lyon#near} lies
{1:NUMERICAL:=35:5} m up and is {2:MULTICHOICE_S:=large~small}.]]></text></questiontext></question>
</quiz>
"""


def said(fault: ImportFault | Refused) -> None:
    """A sentence, and for a test its name."""
    assert 1 <= len(str(fault)) <= 1_000, fault
    assert not isinstance(fault, Refused) or fault.refusal.code == Code.INVALID_TEST, fault


def check_brought(data: bytes) -> None:
    try:
        brought = bring("a.txt", data, "A test")
    except ImportFault as fault:
        said(fault)
        return
    except Refused as refused:
        said(refused)
        return
    assert brought.reports
    if brought.content is not None:
        assert check_test(brought.content) == brought.content
        assert checked_content(brought.content) == brought.content


def brought_files() -> list[bytes]:
    return [_GIFT, _AIKEN, _MOODLE]
