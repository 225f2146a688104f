"""The words of the report's page for the reports that the server writes: in every language, those that they need."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from clients.output import Output

_WORDS: Final = Path(__file__).parent / "web" / "src" / "words"
_NEEDED: Final = (
    "of", "asOf", "no", "attempts", "open", "median", "quartiles", "losses", "away", "scores", "items", "spent", "room",
    "away_over_time", "times", "candidates", "candidate", "lost",
)  # fmt: skip


def report_words() -> Iterator[Output]:
    """One file for all languages."""
    said = {
        file.parent.name: {name: words[name] for name in _NEEDED}
        for file in sorted(_WORDS.glob("*/report.json"))
        for words in (json.loads(file.read_text("utf-8")),)
    }
    yield Output("server/exporting/report_words.json", f"{json.dumps(said, indent=2, ensure_ascii=False)}\n")
