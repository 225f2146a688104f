"""A file with answers in its text, which Moodle imports as "Embedded answers (Cloze)": all of it is one question."""

import re
from typing import Final

from protocol.content import Question
from server.importing.drafts import Drafts
from server.importing.moodle.cloze import BEGINS, read_cloze
from server.importing.texts import html_body

_PARAGRAPHS: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def is_cloze(text: str) -> bool:
    """Whether a text has answers in it as Cloze writes them."""
    return BEGINS.search(text) is not None


def draft_cloze(source: str, text: str) -> Drafts:
    """The question of a file. It may have HTML in it; ends of lines are kept."""
    drafts = Drafts(source)

    def make(question_id: str, losses: list[str]) -> Question:
        written, interactions = read_cloze(text.replace("\r\n", "\n").strip(), losses)
        paragraphs = [part.replace("\n", "<br>") for part in _PARAGRAPHS.split(written)]
        body = html_body("".join(f"<p>{part}</p>" for part in paragraphs), losses)
        return Question(question_id=question_id, body=body, interactions=interactions)

    drafts.take("line 1", None, make)
    return drafts
