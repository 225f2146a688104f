"""A test as a package of QTI 3. It is read again before it is given out: what comes in as something else is named."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from lxml import etree
from msgspec.structs import replace

from protocol.content import Question, TestContent
from protocol.content.interactions import Marked
from protocol.errors import Refused
from protocol.media import Medium, media_in
from server.exam.fields import RULES
from server.exporting.faults import CannotSay
from server.exporting.items import placed, write_item
from server.exporting.tests import write_test
from server.importing.faults import ImportFault
from server.importing.files import bring

_MANIFEST: Final = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The same test is the same file, whenever it is packed."""
Files = Mapping[str, tuple[Medium, bytes]]


class Packed(NamedTuple):
    """The package. `refused` says which questions are not in it, and why; `left_out` what else it does not say."""

    data: bytes
    refused: list[str]
    left_out: list[str]


def pack_qti(content: TestContent, files: Files) -> Packed:
    """The package, with the files that its texts name, by their hashes. Raises `CannotSay` where there is no test to
    give out."""
    addresses = {name: f"media/{name}.{_suffix(medium)}" for name, (medium, _) in files.items()}

    def address(name: str) -> str:
        if name not in addresses:
            raise CannotSay("names a file that is not there")
        return addresses[name]

    items: dict[str, bytes] = {}
    refused: list[str] = []
    for question in content.questions:
        try:
            items[question.question_id] = _checked(question, content, files, address)
        except CannotSay as fault:
            refused.append(f"question {question.question_id!r} {fault}.")
    if not items:
        raise CannotSay("has no question that QTI can say")
    paths = {name: f"items/{name}.xml" for name in items}
    parts = {paths[name]: data for name, data in items.items()}
    with _in_xml():
        parts["test.xml"] = write_test(content, paths, address)
    parts |= {addresses[name]: data for name, (_, data) in files.items()}
    packed = _zip({"imsmanifest.xml": _manifest(parts, addresses), **parts})
    return Packed(packed, refused, _left_out(content, packed))


def _suffix(medium: Medium) -> str:
    return medium.type.partition("/")[2].partition("+")[0]


def _checked(question: Question, content: TestContent, files: Files, address: Callable[[str], str]) -> bytes:
    """The item, which is read as the same question again."""
    with _in_xml():
        item = write_item(question, lambda name: f"../{address(name)}", content.language)
    alone = _zip({"items/item.xml": item, **{address(name): files[name][1] for name in _named(question)}})
    try:
        read = bring("item.zip", alone)
    except (ImportFault, Refused) as fault:
        raise CannotSay(f"can't be read again: {fault}") from None
    if read.content is None:
        raise CannotSay(f"can't be read again: {' '.join(read.reports[0].reasons)}")
    [found] = read.content.questions
    expected = replace(
        placed(question), limit_ms=None, limit="hard", required=False, tags=[], passage_id=None, scored=True
    )
    if replace(found, required=False, scored=True) != _plain(expected) or read.reports[0].outcome != "taken":
        raise CannotSay("would be read as another one, since QTI has no exact words for it")
    return item


@contextmanager
def _in_xml() -> Iterator[None]:
    try:
        yield
    except CannotSay:
        raise
    except ValueError:
        raise CannotSay("has a control character, which XML can't say") from None


def _plain(question: Question) -> Question:
    """The same question without a floor of zero where nothing goes below zero anyway."""
    interactions = [
        replace(asked, min_mpt=None)
        if isinstance(asked, Marked) and asked.min_mpt == 0 and not asked.wrong_mpt
        else asked
        for asked in question.interactions
    ]
    return replace(question, interactions=interactions)


def _named(question: Question) -> list[str]:
    return media_in(msgspec.json.encode(question))


def _left_out(content: TestContent, packed: bytes) -> list[str]:
    """What of the test is something else when it is read again."""
    read = bring("test.zip", packed).content
    if read is None:
        raise CannotSay("can't be read again")
    by_rule = [
        f"the rule `{key}`"
        for key, (name, _) in RULES.items()
        if getattr(read.rules, name) != getattr(content.rules, name)
    ]
    fields = ("title", "instructions", "language", "shuffle", "course_id", "sections", "passages", "exhibits", "skills")
    of_test = [f"`{name}`" for name in fields if getattr(read, name) != getattr(content, name)]
    known = {question.question_id: question for question in content.questions}
    of_question = [
        f"`{name}` of question {question.question_id!r}"
        for question in read.questions
        for name in ("limit_ms", "limit", "required", "tags", "passage_id", "tools")
        if getattr(question, name) != getattr(known[question.question_id], name)
    ]
    return [*of_test, *by_rule, *of_question]


def _manifest(parts: Mapping[str, bytes], addresses: Mapping[str, str]) -> bytes:
    def element(tag: str, *inside: etree._Element, text: str | None = None, **said: str) -> etree._Element:
        made = etree.Element(f"{{{_MANIFEST}}}{tag}", said, nsmap={None: _MANIFEST})
        made.text = text
        made.extend(inside)
        return made

    resources = []
    for number, path in enumerate(parts, 1):
        kind = "webcontent" if path in addresses.values() else "imsqti_item_xmlv3p0"
        kind = "imsqti_test_xmlv3p0" if path == "test.xml" else kind
        resources.append(element("resource", element("file", href=path), identifier=f"r{number}", type=kind, href=path))
    schema = element("schema", text="QTI Package"), element("schemaversion", text="3.0.0")
    root = element(
        "manifest",
        element("metadata", *schema),
        element("organizations"),
        element("resources", *resources),
        identifier="manifest",
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _zip(parts: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as out:
        for path, data in parts.items():
            entry = ZipInfo(path, _LONG_AGO)
            entry.compress_type = ZIP_DEFLATED
            out.writestr(entry, data)
    return packed.getvalue()
