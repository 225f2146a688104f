"""An exam file of ours in a zip, beside its pictures, sounds and films. Its texts name them by their paths
(`![The curve](pictures/curve.png)`), or by `media:` and their hash, which is then the name of the file."""

from pathlib import PurePosixPath
from typing import Final

import msgspec

from protocol.content import TestContent
from protocol.media import media_in
from server.exam.file import read_exam
from server.exam.media import files_beside
from server.importing.carried import Carried
from server.importing.faults import ImportFault
from server.importing.packages import Package
from server.media.looking import Looked
from server.writing.faults import WritingFault
from server.writing.markdown import Medium

_YAML: Final = (".yaml", ".yml")


def exam_in(package: Package) -> str | None:
    """The path of the exam file; None: the package has none. Raises `ImportFault` where it has several."""
    found = [path for path in package if path.lower().endswith(_YAML)]
    if len(found) > 1:
        raise ImportFault(f"The package has several exam files: {', '.join(sorted(found)[:5])}.")
    return found[0] if found else None


def read_exam_in(package: Package, path: str) -> tuple[str, TestContent, bytes, dict[str, Looked]]:
    """The test's id and content, the exam file itself, and the files that the test names, by their hashes. Raises
    `ImportFault`, and `Refused(invalid_test)`."""
    carried = Carried()

    def find(name: str) -> Medium | None:
        there = None if name.startswith("media:") else package.find(name, path)
        if there is None:
            return None
        try:
            hashed, looked = carried.add(package.read(there))
        except ImportFault as fault:
            raise WritingFault(f"The file `{name[:100]}` can't be used. {fault}") from None
        if looked.element == "exhibit":
            raise WritingFault(f"The file `{name[:100]}` is no picture, sound or film.")
        return Medium(hashed, looked.element, looked.width, looked.height)

    data = package.read(path)
    with files_beside(find):
        test_id, content = read_exam(data)
    named = media_in(msgspec.json.encode(content))
    by_stem = {PurePosixPath(one).stem: one for one in package if one != path}
    for name in named:
        if name in by_stem and not carried.among([name]):
            carried.add(package.read(by_stem[name]))
    return test_id, content, data, dict(carried.among(named))
