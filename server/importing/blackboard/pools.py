"""Pools in Blackboard's own format, which ExamView and other makers of questions still write: `<POOL>`."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from protocol.content import Essay, Interaction, MultipleChoice, Question, ScoreFeedback, TrueFalse
from protocol.content.text import place
from server.importing.faults import ImportFault
from server.importing.pairing import matched
from server.importing.qti.bodies import Find
from server.importing.qti.names import children, text_of
from server.importing.qti1.materials import Materials
from server.importing.texts import plain_body
from server.importing.weighing import Weighed, a_text, one_of, ordered, some_of
from server.importing.xml import Element, local

_ROOT: Final = "POOL"
_PREFIX: Final = "QUESTION_"
_WHOLE: Final = Decimal(100)
_NOTHING: Final = Decimal(0)
_MAX_POINTS: Final = 10_000
_BY_SCORE: Final = (("FEEDBACK_WHEN_INCORRECT", 0), ("FEEDBACK_WHEN_CORRECT", 1_000))
"""Where the texts stand that depend on the mark, and from how many thousandths of the points each is shown."""


class PoolItem(NamedTuple):
    """A question of a pool: its element, its id there, and how many points it is worth."""

    element: Element
    name: str
    points: str


def is_pool(root: Element) -> bool:
    """Whether a document is such a pool."""
    return local(root) == _ROOT


def title_of(pool: Element) -> str | None:
    """What a pool is called."""
    return next((one.get("value") or None for one in children(pool, "TITLE")), None)


def items_of(pool: Element) -> list[PoolItem]:
    """Its questions."""
    points = {one.get("id", ""): one.get("points", "") for one in pool.iterfind("QUESTIONLIST/QUESTION")}
    found = [one for one in children(pool) if local(one).startswith(_PREFIX)]
    return [PoolItem(one, one.get("id", ""), points.get(one.get("id", ""), "")) for one in found]


class PoolMaker:
    """Makes a question of a pool for `Drafts.take`. `find` takes in a file of the package."""

    def __init__(self, item: PoolItem, find: Find) -> None:
        self._element = item.element
        self._points = item.points
        self._find = find

    def __call__(self, question_id: str, losses: list[str]) -> Question:
        self._materials = Materials(self._find, losses)
        body = self._body()
        if not body:
            raise ImportFault("The question has no text.")
        gradable = next(iter(children(self._element, "GRADABLE")), None)
        said = [(share, self._feedback(gradable, name)) for name, share in _BY_SCORE]
        feedback = [ScoreFeedback(share, text) for share, text in said] if any(text for _, text in said) else []
        interaction = self._interaction(gradable)
        return Question(
            question_id=question_id,
            body=body + place(interaction.response_id),
            interactions=[interaction],
            score_feedback=feedback,
        )

    def _interaction(self, gradable: Element | None) -> Interaction:
        answers, points_mpt = self._answers(), _points_mpt(self._points)
        right = [one.get("answer_id", "") for one in children(gradable, "CORRECTANSWER")]
        match local(self._element).removeprefix(_PREFIX):
            case "TRUEFALSE":
                return TrueFalse(correct=_truth(answers, right), points_mpt=points_mpt)
            case "MULTIPLECHOICE":
                return one_of([Weighed(self._line(one), _share(name, right)) for name, one in answers], points_mpt)
            case "MULTIPLEANSWER":
                return self._all_of(answers, right, points_mpt)
            case "MATCH":
                return self._matched(answers, gradable, points_mpt)
            case "ORDER":
                by_id = dict(answers)
                if sorted(right) != sorted(by_id):
                    raise ImportFault("It is not said in which order all of its answers are.")
                return ordered([self._line(by_id[name]) for name in right], points_mpt, "ALL_OR_NOTHING")
            case "FILLINBLANK":
                return a_text([Weighed(_said(one), _WHOLE) for _, one in answers if _said(one)], points_mpt)
            case "ESSAY":
                guidance = "".join(self._written(one) for _, one in answers)
                return Essay(points_mpt=points_mpt, guidance=guidance or None, format="rich")
            case kind:
                raise ImportFault(f"A question of the kind {kind[:40]!r} is none that a test can have.")

    def _answers(self) -> list[tuple[str, Element]]:
        """Ids and answers, in the order in which they are shown."""
        found = [(one.get("id", ""), one) for one in children(self._element, "ANSWER")]
        return sorted(found, key=lambda pair: _place(pair[1]))

    def _all_of(self, answers: list[tuple[str, Element]], right: list[str], points_mpt: int) -> Interaction:
        """All that are right, and no other."""
        shown = some_of([Weighed(self._line(one), _share(name, right)) for name, one in answers], points_mpt)
        return MultipleChoice(points_mpt=points_mpt, options=shown.options, correct=shown.correct)

    def _matched(self, answers: list[tuple[str, Element]], gradable: Element | None, points_mpt: int) -> Interaction:
        choices = {one.get("id", ""): self._line(one) for one in children(self._element, "CHOICE")}
        of = {one.get("answer_id", ""): one.get("choice_id", "") for one in children(gradable, "CORRECTANSWER")}
        if any(of.get(name) not in choices for name, _ in answers):
            raise ImportFault("It is not said to which choice one of its answers belongs.")
        pairs = [(self._line(one), choices[of[name]]) for name, one in answers]
        used = set(of.values())
        return matched([*pairs, *(("", text) for name, text in choices.items() if name not in used)], points_mpt)

    def _body(self) -> str:
        body = next(iter(children(self._element, "BODY")), None)
        return "" if body is None else self._written(body) + "".join(map(self._attached, body.iter("IMAGE")))

    def _attached(self, image: Element) -> str:
        return self._materials.body(self._materials.picture({"src": image.get("value") or image.get("src") or ""}))

    def _written(self, element: Element) -> str:
        """The text of a body or an answer as a body."""
        return self._text(element, self._materials.body, plain_body)

    def _line(self, element: Element) -> str:
        return self._text(element, self._materials.inline, lambda said: plain_body(said, line=True))

    def _text(self, element: Element, html: Callable[[str], str], plain: Callable[[str], str]) -> str:
        said = _said(element)
        flag = element.find("FLAGS/ISHTML")
        is_html = ("<" in said or "&" in said) if flag is None else flag.get("value", "").lower() == "true"
        return html(self._materials.with_pictures(said)) if is_html else plain(said)

    def _feedback(self, gradable: Element | None, name: str) -> str:
        said = text_of(next(iter(children(gradable, name)), None))
        return self._materials.body(self._materials.with_pictures(said)) if said else ""


def _said(element: Element) -> str:
    return text_of(next(iter(children(element, "TEXT")), None))


def _place(element: Element) -> int:
    written = element.get("position", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 9 else 0


def _share(name: str, right: list[str]) -> Decimal:
    return _WHOLE / len(right) if name in right else _NOTHING


def _truth(answers: list[tuple[str, Element]], right: list[str]) -> bool:
    said = [_said(one).lower() for name, one in answers if name in right]
    if len(said) != 1 or said[0] not in ("true", "false"):
        raise ImportFault("It is not said whether true or false is right.")
    return said[0] == "true"


def _points_mpt(written: str) -> int:
    """One point where nothing is said."""
    try:
        points = Decimal(written or "1")
    except InvalidOperation:
        points = _NOTHING
    if not points.is_finite() or not 0 < points <= _MAX_POINTS:
        raise ImportFault(f"It is worth {written[:20]!r} points.")
    return int((points * 1_000).to_integral_value())
