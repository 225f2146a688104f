"""Exam files of all formats: our own YAML, and what other systems write."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from protocol.content import TestContent
from server.exam.file import read_exam, read_window
from server.exam.summary import seasons
from server.importing.drafts import ItemReport
from server.importing.exam_packages import exam_in, read_exam_in
from server.importing.files import bring
from server.importing.packages import Package
from server.media.looking import Looked

_ZIP: Final = b"PK"
_YAML: Final = (".yaml", ".yml")
_SAYS_ITS_ID: Final = re.compile(rb"^test_id:", re.MULTILINE)


class ReadExam(msgspec.Struct, frozen=True):
    """What a file says. `test_id` only where it says its own; `seasons` are oddities of its window. `content` None: no
    question could be taken."""

    test_id: str | None
    content: TestContent | None
    reports: list[ItemReport]
    files: Mapping[str, Looked]
    seasons: list[str]

    @property
    def refused(self) -> list[ItemReport]:
        """What of it was refused."""
        return [report for report in self.reports if report.outcome == "refused"]


def read_file(name: str, data: bytes, title: str | None) -> ReadExam:
    """Reads our YAML by its suffix or its first field, and anything else by what it is. `title` is for a test that has
    none of its own. Raises `ImportFault`, and `Refused(invalid_test)`."""
    if data.startswith(_ZIP):
        package = Package(data)
        path = exam_in(package)
        if path is not None:
            test_id, content, written, files = read_exam_in(package, path)
            return _read(path, test_id, content, written, files)
    if not name.lower().endswith(_YAML) and not _SAYS_ITS_ID.search(data[:100_000]):
        brought = bring(name, data, title)
        return ReadExam(None, brought.content, brought.reports, brought.files, [])
    test_id, content = read_exam(data)
    return _read(name, test_id, content, data, {})


def _read(name: str, test_id: str, content: TestContent, data: bytes, files: Mapping[str, Looked]) -> ReadExam:
    reports = [ItemReport(name, one.question_id, "taken", [], one.kinds) for one in content.questions]
    return ReadExam(test_id, content, reports, files, seasons(read_window(data)))
