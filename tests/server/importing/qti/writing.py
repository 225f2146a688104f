"""Small items of QTI, written here."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

from protocol.content import Interaction, Question
from server.importing.drafts import ItemReport
from server.importing.qti.sources import QtiDrafts, draft_qti
from server.importing.xml import read_xml

MATCH = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>'
MAP = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"/>'
FLOAT = 'cardinality="single" baseType="float"'


def response(name: str, cardinality: str, base: str, inside: str = "") -> str:
    how = f'identifier="{name}" cardinality="{cardinality}" baseType="{base}"'
    return f"<responseDeclaration {how}>{inside}</responseDeclaration>"


def correct(*values: str) -> str:
    return f"<correctResponse>{''.join(f'<value>{value}</value>' for value in values)}</correctResponse>"


def mapping(worths: dict[str, float], more: str = "") -> str:
    entries = "".join(f'<mapEntry mapKey="{key}" mappedValue="{worth}"/>' for key, worth in worths.items())
    return f"<mapping {more}>{entries}</mapping>"


def choices(*names: str, more: str = "", kind: str = "choice") -> str:
    inside = "".join(f'<simpleChoice identifier="{name}">{name.lower()}</simpleChoice>' for name in names)
    return f'<{kind}Interaction responseIdentifier="R" {more}>{inside}</{kind}Interaction>'


def item(declared: str, body: str, processing: str = "", more: str = "") -> str:
    """An item whose responses are called `R`, `S` …; the templates ask for `RESPONSE`."""
    outcome = f'<outcomeDeclaration identifier="SCORE" {FLOAT}/>'
    written = f"{declared}{outcome}<itemBody>{body}</itemBody>{processing}"
    if "template=" in processing:
        written = written.replace('"R"', '"RESPONSE"')
    return f'<assessmentItem identifier="one" title="One" {more}>{written}</assessmentItem>'


def processed(*rules: str) -> str:
    return f"<responseProcessing>{''.join(rules)}</responseProcessing>"


def set_score(expression: str) -> str:
    return f'<setOutcomeValue identifier="SCORE">{expression}</setOutcomeValue>'


def points(number: float) -> str:
    return f'<baseValue baseType="float">{number}</baseValue>'


def when(condition: str, worth: float, otherwise: str = "") -> str:
    inside = f"<responseIf>{condition}{set_score(points(worth))}</responseIf>{otherwise}"
    return f"<responseCondition>{inside}</responseCondition>"


def adding(condition: str, worth: float) -> str:
    total = f'<sum><variable identifier="SCORE"/>{points(worth)}</sum>'
    return f"<responseCondition><responseIf>{condition}{set_score(total)}</responseIf></responseCondition>"


def variable(name: str = "R") -> str:
    return f'<variable identifier="{name}"/>'


def is_right(name: str = "R") -> str:
    return f'<match>{variable(name)}<correct identifier="{name}"/></match>'


def drafted(written: str) -> QtiDrafts:
    return draft_qti("item.xml", read_xml(written.encode(), "item.xml"))


def taken(written: str) -> Question:
    drafts = drafted(written)
    assert drafts.questions, drafts.reports
    assert drafts.reports[0].outcome == "taken", drafts.reports
    return drafts.questions[0]


def asked(written: str) -> Interaction:
    [interaction] = taken(written).interactions
    return interaction


def report(written: str) -> ItemReport:
    [told] = drafted(written).reports
    return told


def as_qti3(written: str) -> str:
    """The same item in the names of QTI 3."""
    html = ("p", "div", "b", "img", "math", "mi", "table", "tr", "td")
    root = etree.fromstring(written)
    for element in root.iter(etree.Element):
        if element.tag not in html:
            element.tag = "qti-" + _kebab(str(element.tag))
            for key, value in list(element.attrib.items()):
                del element.attrib[key]
                element.set(_kebab(str(key)) if not str(key).startswith("{") else str(key), value)
    return etree.tostring(root, encoding="unicode")


def _kebab(name: str) -> str:
    return "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in name)


def packed(files: dict[str, bytes | str]) -> bytes:
    """A zip."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return made.getvalue()
