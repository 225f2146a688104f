"""Aiken, a text format of Moodle for questions with one right option: https://docs.moodle.org/en/Aiken_format."""

import re
from typing import Final

from protocol.content import Option, Question, SingleChoice
from server.importing.drafts import Drafts
from server.importing.faults import ImportFault
from server.importing.texts import plain_body

_OPTION: Final = re.compile(r"\s*([A-Z])[.)]\s(.*)")
_ANSWER: Final = re.compile(r"ANSWER:\s*(\S.*)")


def is_aiken(text: str) -> bool:
    """Whether a text looks like it: some line says which answer is right."""
    return any(_ANSWER.fullmatch(line.strip()) for line in text.splitlines())


def draft_aiken(source: str, text: str) -> Drafts:
    """The questions of a file. What is refused ends with the line `ANSWER:`, or with the file."""
    drafts = Drafts(source)
    asked: list[str] = []
    options: list[tuple[str, list[str]]] = []
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        option = _OPTION.fullmatch(line)
        answer = _ANSWER.fullmatch(said)
        if not asked and said:
            start = number
        if answer is not None:
            drafts.take(f"line {start}", None, _Maker(asked, options, answer[1]))
            asked, options = [], []
        elif option is not None and asked:
            options.append((option[1], [option[2]]))
        elif said and options:
            # A line that is no option goes on with the one before.
            options[-1][1].append(said)
        elif said:
            asked.append(said)
    if asked:
        drafts.refuse(f"line {start}", "A line that begins with `ANSWER:` is missing.")
    return drafts


class _Maker:
    def __init__(self, asked: list[str], options: list[tuple[str, list[str]]], answer: str) -> None:
        self._asked = asked
        self._options = options
        self._answer = answer

    def __call__(self, question_id: str, losses: list[str]) -> Question:
        if not self._asked:
            raise ImportFault("The question has no text.")
        names = [name for name, _ in self._options]
        if self._answer not in names:
            raise ImportFault(f"The answer is {self._answer[:40]!r}, and there is no such option.")
        if len(names) < 2:
            raise ImportFault("There is nothing to choose between.")
        options = [Option(name.lower(), plain_body(" ".join(lines), line=True)) for name, lines in self._options]
        asked = SingleChoice(options=options, correct=self._answer.lower())
        return Question(question_id=question_id, body=plain_body("\n".join(self._asked)), interactions=[asked])
