"""A file that was written elsewhere, in whatever format it is."""

from collections.abc import Mapping
from typing import Final

import msgspec

from protocol import limits
from protocol.content import TestContent
from protocol.content_checks import check_test
from protocol.media import media_in
from server.importing.aiken import draft_aiken, is_aiken
from server.importing.blackboard.pools import is_pool
from server.importing.drafts import Drafts, ItemReport
from server.importing.faults import ImportFault
from server.importing.gift.questions import draft_gift
from server.importing.h5p.sets import draft_h5p, is_h5p
from server.importing.moodle.clozes import draft_cloze, is_cloze
from server.importing.moodle.questions import draft_moodle
from server.importing.packages import Package
from server.importing.qti.sources import MANIFEST, draft_package, draft_qti, is_qti
from server.importing.qti1.sources import draft_package1, draft_qti1, files_of, is_qti1
from server.importing.sheets import draft_sheet, draft_workbook, is_sheet
from server.importing.workbooks import Workbook, is_workbook
from server.importing.xml import Element, local, read_xml
from server.media.looking import Looked

_MAX_MIB: Final = limits.MAX_TEST_BYTES // 1024**2
_ZIP: Final = b"PK"
_KNOWN: Final = "YAML, QTI, Blackboard, H5P, Moodle XML, GIFT, Aiken, Cloze, CSV or XLSX"
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Brought(msgspec.Struct, frozen=True):
    """What a file has brought: a test of all that could be taken, and what became of each item. `content` None: of no
    item a question could be made. `files` are those that its texts name, by their hashes."""

    content: TestContent | None
    reports: list[ItemReport]
    files: Mapping[str, Looked]

    @property
    def refused(self) -> int:
        """How many items were refused."""
        return sum(report.outcome == "refused" for report in self.reports)


def bring(name: str, data: bytes, title: str | None = None) -> Brought:
    """Reads a file of this name. `title` is that of the test; without it the file's own, or its name. Raises
    `ImportFault` for a file of which nothing can be read, and `Refused(invalid_test)` where its questions make no test
    together."""
    drafts = _draft(name, data)
    if not drafts.reports:
        raise ImportFault(f"{name} has no question.")
    if not drafts.questions:
        return Brought(None, drafts.reports, {})
    content = check_test(drafts.content(title or drafts.title or name.split(".", maxsplit=1)[0] or name))
    encoded = msgspec.json.encode(content)
    # XML may be larger: the files in it are no part of the test.
    if len(encoded) > limits.MAX_TEST_BYTES:
        raise ImportFault(f"The test of {name} is larger than {_MAX_MIB} MiB.")
    return Brought(content, drafts.reports, drafts.carried.among(media_in(encoded)))


def _draft(name: str, data: bytes) -> Drafts:
    if data.startswith(_ZIP):
        return _of_package(name, Package(data))
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _of_xml(name, read_xml(data, name))
    if len(data) > limits.MAX_TEST_BYTES:
        raise ImportFault(f"{name} is larger than {_MAX_MIB} MiB.")
    text = _decoded(name, data)
    if is_sheet(text):
        return draft_sheet(name, text)
    if is_cloze(text):
        return draft_cloze(name, text)
    if is_aiken(text):
        return draft_aiken(name, text)
    if "{" in text or name.lower().endswith((".gift", ".gift.txt")):
        return draft_gift(name, text)
    raise ImportFault(f"{name} is in no format that is known here: {_KNOWN}.")


def _of_package(name: str, package: Package) -> Drafts:
    if is_workbook(package):
        return draft_workbook(name, Workbook(package))
    if is_h5p(package):
        return draft_h5p(name, package)
    found = package.find(MANIFEST)
    manifest = None if found is None else read_xml(package.read(found), found)
    if manifest is not None and files_of(package, manifest):
        return draft_package1(name, package, manifest)
    return draft_package(name, package)


def _of_xml(name: str, root: Element) -> Drafts:
    if local(root) == "quiz":
        return draft_moodle(name, root)
    if is_qti(root):
        return draft_qti(name, root)
    if is_qti1(root) or is_pool(root):
        return draft_qti1(name, root)
    raise ImportFault(f"{name} is XML of a kind that is not known here: its first element is `<{local(root)[:40]}>`.")


def _decoded(name: str, data: bytes) -> str:
    """The text of a file that says how it is encoded, or is in UTF-8. Another one is not guessed at: a wrong guess
    shows only in some words."""
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ImportFault(f"{name}, line {line}: this is not UTF-8. Save the file as UTF-8.") from None
    if "\x00" in text:
        raise ImportFault(f"{name} is no text.")
    return text
