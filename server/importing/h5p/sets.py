"""A test from a package of H5P: a question set, a column or book of questions, or one question."""

from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec

from protocol.content import Question, ScoreFeedback, TestContent
from server.importing.drafts import Drafts
from server.importing.faults import ImportFault
from server.importing.h5p import questions
from server.importing.h5p.params import Params, read_params
from server.importing.packages import Package
from server.importing.texts import html_body

_ABOUT: Final = "h5p.json"
_CONTENT: Final = "content/content.json"
_MAX_DEPTH: Final = 4
_TEXTS: Final = ("H5P.AdvancedText", "H5P.Text")
_Read = tuple[questions.Asked, list[ScoreFeedback]]
_TYPES: Final[dict[str, Callable[[Params, list[str]], questions.Asked]]] = {
    "H5P.MultiChoice": questions.multi_choice,
    "H5P.TrueFalse": questions.true_false,
    "H5P.Blanks": questions.blanks,
    "H5P.DragText": questions.drag_text,
    "H5P.MarkTheWords": questions.mark_the_words,
    "H5P.Essay": questions.essay,
}


def is_h5p(package: Package) -> bool:
    """Whether a zip is a package of H5P."""
    return package.find(_ABOUT) is not None and package.find(_CONTENT) is not None


def draft_h5p(source: str, package: Package) -> Drafts:
    """The questions of a package. Raises `ImportFault` where its JSON can't be read."""
    about, content = (
        read_params(package.read(found), path) for path in (_ABOUT, _CONTENT) if (found := package.find(path))
    )
    drafts = _H5pDrafts(source, package)
    drafts.title = about.text("title").strip()[:300] or None
    drafts.take_content(about.text("mainLibrary"), content, about.text("title"), 0)
    drafts.finish()
    return drafts


class _H5pDrafts(Drafts):
    def __init__(self, source: str, package: Package) -> None:
        super().__init__(source)
        self._package = package
        self._waiting: list[str] = []
        self._instructions = ""
        self._shuffle = False
        self._count = 0

    def content(self, title: str) -> TestContent:
        return msgspec.structs.replace(super().content(title), instructions=self._instructions, shuffle=self._shuffle)

    def take_content(self, library: str, params: Params, title: str, depth: int) -> None:
        """Takes in content of this type, and what is in it."""
        kind = library.partition(" ")[0]
        if depth > _MAX_DEPTH:
            raise ImportFault("Content stands inside of other content too often.")
        match kind:
            case "H5P.QuestionSet":
                self._set(params)
                for one in params.items("questions"):
                    self._inside(one, depth)
            case "H5P.Column":
                for one in params.items("content"):
                    self._inside(one.inside("content"), depth)
            case "H5P.InteractiveBook":
                for one in params.items("chapters"):
                    self._inside(one, depth)
            case "H5P.SingleChoiceSet":
                self._choices(params, title)
            case _ if kind in _TEXTS:
                self._text(params.text("text"))
            case _:
                self._take(title, partial(self._question, kind, params))

    def finish(self) -> None:
        """Takes in texts behind which nothing is asked."""
        if self._waiting:
            self.take("the texts at the end", None, self._information)

    def _information(self, question_id: str, losses: list[str]) -> Question:
        return Question(question_id=question_id, body="".join(self._waiting), interactions=[])

    def _inside(self, one: Params, depth: int) -> None:
        title = one.inside("metadata").text("title")
        self.take_content(one.text("library"), one.inside("params"), title, depth + 1)

    def _set(self, params: Params) -> None:
        losses: list[str] = []
        intro = params.inside("introPage")
        if intro.flag("showIntroPage", usual=False):
            self._instructions += html_body(intro.text("introduction"), losses)
        self._shuffle = self._shuffle or params.flag("randomQuestions", usual=False)
        drawn = params.count("poolSize") or 0
        if 0 < drawn < len(params.items("questions")):
            losses.append(f"all questions are asked, and not {drawn} of them")
        if params.count("passPercentage"):
            losses.append(f"left out: that {params.count('passPercentage')} % are a pass")
        if params.flag("disableBackwardsNavigation", usual=False):
            losses.append("one may go back to earlier questions")
        if losses:
            self.lose("the set", losses)

    def _choices(self, params: Params, title: str) -> None:
        for one in params.items("choices"):
            self._take(title, partial(_first, one.text("question"), one.texts("answers")))

    def _text(self, html: str) -> None:
        losses: list[str] = []
        self._waiting.append(html_body(html, losses))
        if losses:
            self.lose("a text", losses)

    def _take(self, title: str, read: Callable[[list[str]], _Read]) -> None:
        waiting, self._waiting = self._waiting, []
        self._count += 1
        named = " ".join(title.split())[:100]

        def make(question_id: str, losses: list[str]) -> Question:
            (body, asked), said = read(losses)
            if not body:
                raise ImportFault("The question has no text.")
            return Question(
                question_id=question_id, body="".join([*waiting, body]), interactions=asked, score_feedback=said
            )

        self.take(f"question {self._count}" + (f", {named}" if named else ""), None, make)

    def _question(self, kind: str, params: Params, losses: list[str]) -> _Read:
        make = _TYPES.get(kind)
        if make is None:
            raise ImportFault(f"A question of the kind {kind[:40]!r} is none that a test can have.")
        body, asked = make(params, losses)
        above = questions.picture_above(params, self._package, self.carried, losses)
        return (above + body, asked), _by_score(params, losses)


def _first(question: str, answers: list[str], losses: list[str]) -> _Read:
    return questions.one_of_first(question, answers, losses), []


def _by_score(params: Params, losses: list[str]) -> list[ScoreFeedback]:
    """What is said by score, in per cent."""
    told: dict[int, str] = {}
    given = params.items("overallFeedback") or params.inside("overallFeedback").items("overallFeedback")
    for one in given:
        said = one.text("feedback")
        if "@score" in said or "@total" in said:
            losses.append("left out: feedback that names the points")
            said = ""
        told[min((one.count("from") or 0) * 10, 1_000)] = html_body(said, losses)
    if not any(told.values()):
        return []
    return [ScoreFeedback(share, told[share]) for share in sorted(told)]
