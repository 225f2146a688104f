"""Questions of a test from what a GIFT file says."""

from decimal import Decimal
from typing import Final

from protocol.content import Essay, Interaction, Question, ScoreFeedback, TrueFalse
from protocol.content.text import place
from server.importing.drafts import Drafts
from server.importing.faults import ImportFault
from server.importing.gift import items
from server.importing.gift.reading import read_gift
from server.importing.pairing import matched
from server.importing.texts import html_body, markdown_body, plain_body
from server.importing.weighing import Weighed, a_number, a_text, one_of, ordered, rest_feedback, some_of

POINTS_MPT: Final = 1_000
"""GIFT gives shares of a question's points, and no points: each is worth one."""
_ANSWER: Final = "answer"


def draft_gift(source: str, text: str) -> Drafts:
    """The questions of a file. A category becomes a tag of the questions behind it; a text that asks nothing is
    information."""
    drafts = Drafts(source)
    tags: list[str] = []
    for item in read_gift(text):
        match item:
            case items.Category():
                name = item.path.rsplit("/", 1)[-1].strip()
                tags = [name] if name else []
            case items.Unread():
                drafts.refuse(f"line {item.line}", f"{item.reason[:1].upper()}{item.reason[1:]}.")
            case items.Question():
                drafts.take(_called(item), item.item_id or item.title, _Maker(item, tags))
    return drafts


def _called(item: items.Question) -> str:
    return f"line {item.line}" + (f", {item.title}" if item.title else "")


class _Maker:
    def __init__(self, item: items.Question, tags: list[str]) -> None:
        self._item = item
        self._tags = tags

    def __call__(self, question_id: str, losses: list[str]) -> Question:
        item = self._item
        return Question(
            question_id=question_id,
            body=_stem(item, losses),
            interactions=_interactions(item.asked, losses),
            feedback=_said(item.feedback, losses) or None,
            score_feedback=_score_feedback(item.asked, losses),
            tags=[*self._tags, *item.tags],
        )


def _stem(item: items.Question, losses: list[str]) -> str:
    """The text of the question, with the place of its answer where that stands in the line."""
    if item.after is None:
        return _body(item.before, losses)
    gap = place(_ANSWER)
    if item.before.format in ("html", "moodle"):
        return _body(items.Text(f"{item.before.text}{gap}{item.after.text}", item.before.format), losses)
    if item.before.format == "markdown":
        return markdown_body(f"{item.before.text}{{{{{_ANSWER}}}}}{item.after.text}")
    around = plain_body(f"{item.before.text}\x00{item.after.text}")
    return around.replace("\x00", gap)


def _body(text: items.Text, losses: list[str], *, line: bool = False) -> str:
    match text.format:
        case "html":
            return html_body(text.text, losses, line=line)
        case "moodle":
            # Plain text that may have tags in it.
            return html_body(text.text.replace("\n", "<br>"), losses, line=line)
        case "markdown":
            return markdown_body(text.text, line=line)
        case "plain":
            return plain_body(text.text, line=line)


def _interactions(asked: items.Asked, losses: list[str]) -> list[Interaction]:
    return [] if isinstance(asked, items.Description) else [_interaction(asked, losses)]


def _interaction(asked: items.Answered, losses: list[str]) -> Interaction:
    match asked:
        case items.Essay():
            return Essay()
        case items.TrueFalse():
            said = {
                "true": _said(asked.right if asked.is_true else asked.wrong, losses),
                "false": _said(asked.wrong if asked.is_true else asked.right, losses),
            }
            return TrueFalse(correct=asked.is_true, option_feedback={name: body for name, body in said.items() if body})
        case items.Choices():
            return _choice(asked.answers, losses)
        case items.ShortAnswers():
            return a_text([_typed(answer, losses) for answer in asked.answers], POINTS_MPT)
        case items.Numbers():
            return _numeric(asked.answers, losses)
        case items.Matching():
            pairs = [(_body(pair.left, losses, line=True), plain_body(pair.right, line=True)) for pair in asked.pairs]
            return matched(pairs, POINTS_MPT, shuffle=True)
        case items.Ordering():
            return _order(asked, losses)


def _choice(answers: list[items.Answer], losses: list[str]) -> Interaction:
    """One may be chosen where one is marked as right; several where only weights say what is right."""
    shown = [
        Weighed(_body(answer.text, losses, line=True), _share(answer), _said(answer.feedback, losses))
        for answer in answers
    ]
    return (one_of if any(answer.is_right for answer in answers) else some_of)(shown, POINTS_MPT)


def _order(asked: items.Ordering, losses: list[str]) -> Interaction:
    """The head line may begin with how many of the texts are shown, and names how they are marked."""
    texts = [_body(text, losses, line=True) for text in asked.texts]
    shown = int(asked.how[0][:9]) if asked.how and asked.how[0].isdigit() else 0
    if 0 < shown < len(texts):
        losses.append(f"left out: that only {shown} of the texts are shown; all are")
    return ordered(texts, POINTS_MPT, " ".join(asked.how))


def _numeric(answers: list[items.NumberAnswer], losses: list[str]) -> Interaction:
    numbers = [(_typed(answer, losses), answer.margin) for answer in answers if answer.value is not None]
    return a_number(numbers, POINTS_MPT)


def _typed(answer: items.Answer | items.NumberAnswer, losses: list[str]) -> Weighed:
    if isinstance(answer, items.Answer):
        return Weighed(answer.text.text, _share(answer), _said(answer.feedback, losses))
    return Weighed("*" if answer.value is None else answer.value, _share(answer), _said(answer.feedback, losses))


def _score_feedback(asked: items.Asked, losses: list[str]) -> list[ScoreFeedback]:
    if not isinstance(asked, items.ShortAnswers | items.Numbers):
        return []
    return rest_feedback([_typed(answer, losses) for answer in asked.answers], losses)


def _said(text: items.Text | None, losses: list[str]) -> str:
    return "" if text is None else _body(text, losses)


def _share(answer: items.Answer | items.NumberAnswer) -> Decimal:
    """Its share of the points, in per cent."""
    if answer.weight is None:
        return Decimal(100 if answer.is_right else 0)
    if abs(answer.weight) > 100:
        raise ImportFault(f"An answer is worth {str(answer.weight)[:20]} %: it can be worth from -100 % to 100 %.")
    return answer.weight
