"""Exams of other systems: any bytes are taken or refused, and what is taken is a test."""

from io import BytesIO
from typing import Final
from zipfile import ZipFile

import msgspec

from protocol.codes import Code
from protocol.content_checks import check_test
from protocol.errors import Refused
from protocol.media import media_in
from server.importing.faults import ImportFault
from server.importing.files import bring
from server.writing.content import checked_content
from tests.server.importing.h5p.packing import asked, question_set
from tests.server.importing.workbook import PERCENT, number, text, workbook
from tests.server.media.files import png

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


_ITEM = b"""<assessmentItem identifier="one" title="One" adaptive="false" timeDependent="false" xml:lang="en">
<responseDeclaration identifier="R" cardinality="multiple" baseType="identifier"><correctResponse><value>A</value>
<value>B</value></correctResponse><mapping defaultValue="-0.5" lowerBound="0" upperBound="2"><mapEntry mapKey="A"
mappedValue="1"/><mapEntry mapKey="B" mappedValue="1.5"/></mapping></responseDeclaration>
<responseDeclaration identifier="S" cardinality="single" baseType="float"/>
<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>
<itemBody><p>Which? <math><mi>x</mi></math> <textEntryInteraction responseIdentifier="S"/></p>
<choiceInteraction responseIdentifier="R" maxChoices="0" shuffle="true"><prompt>Choose.</prompt>
<simpleChoice identifier="A">a</simpleChoice><simpleChoice identifier="B"><img src="a.png" alt="b"/></simpleChoice>
<simpleChoice identifier="C" fixed="true">c</simpleChoice></choiceInteraction></itemBody>
<responseProcessing><setOutcomeValue identifier="SCORE"><mapResponse identifier="R"/></setOutcomeValue>
<responseCondition><responseIf><and><gt><variable identifier="S"/><baseValue baseType="float">1</baseValue></gt>
<equalRounded figures="2"><variable identifier="S"/><baseValue baseType="float">2.5</baseValue></equalRounded></and>
<setOutcomeValue identifier="SCORE"><sum><variable identifier="SCORE"/><baseValue baseType="float">2</baseValue></sum>
</setOutcomeValue></responseIf></responseCondition></responseProcessing></assessmentItem>
"""
_QTI3 = b"""<qti-assessment-item identifier="two" title="Two" adaptive="false" time-dependent="false">
<qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="string"><qti-mapping>
<qti-map-entry map-key="York" mapped-value="1"/><qti-map-entry map-key="york" mapped-value="0.5"
case-sensitive="false"/></qti-mapping></qti-response-declaration>
<qti-item-body><p>Who? <qti-text-entry-interaction response-identifier="RESPONSE"/></p></qti-item-body>
<qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/map_response.xml"/>
</qti-assessment-item>"""
_PAIRS = b"""<assessmentItem identifier="pairs" title="P"><responseDeclaration identifier="R" cardinality="multiple"
baseType="directedPair"><correctResponse><value>a A</value></correctResponse><mapping defaultValue="-1" lowerBound="0">
<mapEntry mapKey="a A" mappedValue="1"/><mapEntry mapKey="b B" mappedValue="2"/></mapping></responseDeclaration>
<itemBody><gapMatchInteraction responseIdentifier="R"><gapText identifier="a" matchMax="1">x</gapText>
<gapText identifier="b" matchMax="0">y</gapText><p>The <gap identifier="A"/> and <gap identifier="B"/>.</p>
</gapMatchInteraction></itemBody></assessmentItem>"""
_POINTS = b"""<assessmentItem identifier="points" title="P"><responseDeclaration identifier="R" cardinality="multiple"
baseType="point"><areaMapping defaultValue="0"><areaMapEntry shape="circle" coords="9,9,5" mappedValue="1"/>
<areaMapEntry shape="poly" coords="20,20,30,20,25,30" mappedValue="2"/></areaMapping></responseDeclaration>
<responseDeclaration identifier="S" cardinality="multiple" baseType="identifier"><correctResponse><value>A</value>
</correctResponse></responseDeclaration><itemBody><selectPointInteraction responseIdentifier="R" maxChoices="2">
<object data="a.png" type="image/png" width="40" height="40"/></selectPointInteraction>
<hotspotInteraction responseIdentifier="S" maxChoices="2"><img src="a.png" width="40" height="40" alt="x"/>
<hotspotChoice identifier="A" shape="rect" coords="1,1,9,9"/><hotspotChoice identifier="B" shape="circle"
coords="20,20,5"/></hotspotInteraction></itemBody></assessmentItem>"""
_TEST = b"""<assessmentTest identifier="t" title="T"><testPart identifier="p" navigationMode="linear">
<assessmentSection identifier="s" title="S"><rubricBlock view="candidate"><p>Read.</p></rubricBlock>
<selection select="1"/><ordering shuffle="true"/><assessmentItemRef identifier="one" href="one.xml">
<timeLimits maxTime="60"/><weight identifier="SCORE" value="2"/></assessmentItemRef>
<assessmentItemRef identifier="two" href="x/two.xml"/>
<assessmentItemRef identifier="points" href="points.xml"/></assessmentSection></testPart></assessmentTest>"""
_CANVAS = b"""<questestinterop><assessment title="Q"><section ident="r"><item ident="a" title="A"><itemmetadata>
<qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel><fieldentry>matching_question</fieldentry>
</qtimetadatafield><qtimetadatafield><fieldlabel>points_possible</fieldlabel><fieldentry>2.0</fieldentry>
</qtimetadatafield></qtimetadata></itemmetadata><presentation><material><mattext texttype="text/html">
&lt;p&gt;Match [x] &lt;img src="a.png"&gt;&lt;/p&gt;</mattext></material>
<response_lid ident="response_x" rcardinality="Single"><material><mattext>one</mattext></material><render_choice>
<response_label ident="1"><material><mattext>a</mattext></material></response_label><response_label ident="2">
<material><mattext>b</mattext></material></response_label></render_choice></response_lid>
<response_lid ident="y" rcardinality="Multiple"><material><mattext>two</mattext></material><render_choice>
<response_label ident="1"><material><mattext>a</mattext></material></response_label><response_label ident="2">
<material><mattext>b</mattext></material></response_label></render_choice></response_lid></presentation>
<resprocessing><outcomes><decvar maxvalue="100" varname="SCORE"/></outcomes><respcondition><conditionvar>
<varequal respident="response_x">1</varequal></conditionvar><setvar action="Add" varname="SCORE">50</setvar>
<displayfeedback linkrefid="f"/></respcondition><respcondition><conditionvar><and><varequal respident="y">2</varequal>
</and></conditionvar><setvar action="Add" varname="SCORE">50</setvar></respcondition></resprocessing>
<itemfeedback ident="f"><material><mattext>Yes.</mattext></material></itemfeedback></item><item ident="b">
<presentation><response_str ident="R"><render_fib fibtype="Decimal"/></response_str></presentation><resprocessing>
<respcondition continue="No"><conditionvar><or><varequal respident="R">4</varequal><and><vargt respident="R">3</vargt>
<varlte respident="R">5</varlte></and></or></conditionvar><setvar>1</setvar></respcondition></resprocessing></item>
</section></assessment></questestinterop>"""
_BLACKBOARD = b"""<questestinterop><assessment title="P"><rubric><material><mattext>Read.</mattext></material>
</rubric><section><item><itemmetadata><bbmd_questiontype>Matching</bbmd_questiontype><bbmd_partialcredit>true
</bbmd_partialcredit><qmd_absolutescore_max>2</qmd_absolutescore_max></itemmetadata><presentation><flow>
<flow class="RESPONSE_BLOCK"><flow><material><mattext>one</mattext></material>
<response_lid ident="r" rcardinality="Single"><render_choice><response_label ident="a"/><response_label ident="b"/>
</render_choice></response_lid></flow></flow><flow class="RIGHT_MATCH_BLOCK"><flow><material><mattext>x</mattext>
</material></flow><flow><material><mattext>y</mattext></material></flow></flow></flow></presentation><resprocessing>
<outcomes><decvar maxvalue="2" varname="SCORE"/></outcomes><respcondition><conditionvar><varequal respident="r">a
</varequal></conditionvar><displayfeedback linkrefid="correct"/></respcondition><respcondition title="incorrect">
<conditionvar><other/></conditionvar><setvar>0</setvar></respcondition></resprocessing></item><item><itemmetadata>
<bbmd_questiontype>Fill in the Blank Plus</bbmd_questiontype><bbmd_partialcredit>true</bbmd_partialcredit>
</itemmetadata><presentation><material><mattext>[x] [y]</mattext></material><response_str ident="x"/>
<response_str ident="y"/></presentation><resprocessing><respcondition><conditionvar><and><or>
<varequal respident="x">1</varequal></or><or><varequal respident="y">2</varequal></or></and></conditionvar>
<setvar>SCORE.max</setvar></respcondition></resprocessing></item></section></assessment></questestinterop>"""
_POOL = b"""<POOL><TITLE value="P"/><QUESTIONLIST><QUESTION id="q" points="2"/></QUESTIONLIST>
<QUESTION_MATCH id="q"><BODY><TEXT>&lt;b&gt;Match&lt;/b&gt;</TEXT><FLAGS><ISHTML value="true"/></FLAGS>
<IMAGE value="a.png"/></BODY><ANSWER id="a" position="2"><TEXT>cat</TEXT></ANSWER><ANSWER id="b" position="1">
<TEXT>frog</TEXT></ANSWER><CHOICE id="c"><TEXT>mammal</TEXT></CHOICE><CHOICE id="d"><TEXT>amphibian</TEXT></CHOICE>
<GRADABLE><CORRECTANSWER answer_id="a" choice_id="c"/><CORRECTANSWER answer_id="b" choice_id="d"/></GRADABLE>
</QUESTION_MATCH><QUESTION_ORDER id="o"><BODY><TEXT>Order</TEXT></BODY><ANSWER id="x"><TEXT>1</TEXT></ANSWER>
<ANSWER id="y"><TEXT>2</TEXT></ANSWER><GRADABLE><CORRECTANSWER answer_id="y"/><CORRECTANSWER answer_id="x"/>
<FEEDBACK_WHEN_CORRECT>Yes</FEEDBACK_WHEN_CORRECT></GRADABLE></QUESTION_ORDER></POOL>"""
_MANIFEST = b"""<manifest><resources><resource identifier="t" type="imsqti_test_xmlv2p1" href="t.xml"/></resources>
</manifest>"""


def _package() -> bytes:
    """Stored as it is: what is changed in it is seldom refused for its checksum alone if it stands in a name."""
    made = BytesIO()
    with ZipFile(made, "w") as file:
        items = (("one.xml", _ITEM), ("x/two.xml", _QTI3), ("points.xml", _POINTS))
        for name, data in (("imsmanifest.xml", _MANIFEST), ("t.xml", _TEST), *items):
            file.writestr(name, data)
        file.writestr("a.png", png())
    return made.getvalue()


_SHEET: Final = b"""type,prompt,a,b,correct,accepted,tolerance
single_choice,Which?,1,2,b,,
short_text,Who?,,,,Ada|A,
numeric,"How
many?",,,3,,1 %
"""


def _workbook() -> bytes:
    head = [text(name) for name in ("type", "prompt", "a", "b", "correct", "tolerance")]
    shared = ['<c r="C2" t="s"><v>0</v></c>', '<c r="D2" t="b"><v>1</v></c>', text("a")]
    typed = ['<c r="E3"><v>3.5</v></c>', number("0.01", PERCENT)]
    rows = [head, [text("single_choice"), text("Which?"), *shared], [text("numeric"), text("How *many*?"), *typed]]
    return workbook({"A": rows}, shared="<si><r><t>x</t></r></si>")


def _h5p() -> bytes:
    answers = [{"text": "a", "correct": True}, {"text": "<b>b</b>", "correct": False}]
    picture = {"type": {"library": "H5P.Image 1.1", "params": {"file": {"path": "a.png"}, "alt": "a"}}}
    return question_set(
        asked("MultiChoice", question="Which?", answers=answers, media=picture, overallFeedback=[{"feedback": "x"}]),
        asked("Blanks", questions=["<p>*a/b:c* and *d*</p>"]),
        asked("DragText", textField="*a* \\n *b\\\\+x*", distractors="*c*"),
        asked("MarkTheWords", textField="<p>a, *b* c.</p>"),
        asked("SingleChoiceSet", choices=[{"question": "x", "answers": ["a", "b"]}]),
        asked("Column", content=[{"content": asked("AdvancedText", text="x")}]),
        asked("Essay", taskDescription="x", keywords=[{"keyword": "x", "options": {"points": 1}}]),
        files={"content/a.png": png()},
    )


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
        assert set(media_in(msgspec.json.encode(brought.content))) == set(brought.files)


def brought_files() -> list[bytes]:
    items = [_ITEM, _QTI3, _PAIRS, _TEST, _CANVAS, _BLACKBOARD, _POOL]
    return [_GIFT, _AIKEN, _MOODLE, *items, _SHEET, _workbook(), _h5p(), _package()]
