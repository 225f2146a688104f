"""The limits that docs/importing.md names are those of the code."""

import re
from pathlib import Path

from protocol import limits, markup
from server import bringing
from server.importing import carried, drafts, packages, xml
from server.media import looking

PAGE = (Path(__file__).parents[3] / "docs" / "importing.md").read_text("utf-8")
MIB = 1024**2


def test_each_limit_is_that_of_the_code() -> None:
    table = PAGE.partition("## Limits\n")[2].partition("## ")[0]
    rows = [row.split("|")[2] for row in table.splitlines() if row.startswith("| ")][1:]
    said = [[int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", row)] for row in rows]
    assert said == [
        [limits.MAX_IMPORT_BYTES // MIB, bringing.PATIENCE_S],
        [limits.MAX_TEST_BYTES // MIB],
        [xml.MAX_XML_BYTES // MIB],
        [packages.MAX_FILES, packages.MAX_PACKAGE_BYTES // MIB, packages.MAX_FILE_BYTES // MIB],
        [looking.MAX_BYTES // MIB, looking.MAX_PIXELS],
        [carried.MAX_CARRIED, carried.MAX_CARRIED_BYTES // MIB],
        [limits.MAX_TEST_BYTES // MIB, limits.MAX_QUESTIONS],
        [limits.MAX_INTERACTIONS, limits.MAX_ANSWER_OPTIONS, markup.MAX_BODY_CHARS],
        [drafts.MAX_REPORTS],
    ]
