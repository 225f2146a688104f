"""What an item says of answers: to everybody, by score, or of an option."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from msgspec.structs import replace

from protocol.content import Choice, Interaction, MultipleChoice, Question, ScoreFeedback, TrueFalse
from protocol.messages.base import PartValue
from server.importing.qti.asked import mpt
from server.importing.qti.bodies import Texts, says_something
from server.importing.qti.values import Value, singles
from server.importing.xml import Element

Outcomes = Callable[[Mapping[str, PartValue]], Mapping[str, Value]]
"""Gives the outcome variables for answers of ours by response id."""


class Told(NamedTuple):
    """One feedback: for which outcomes it is seen, and what it says; blank: nothing. `of_option`: it stands in one."""

    is_seen: Callable[[Mapping[str, Value]], bool]
    body: Callable[[], str]
    of_option: bool = False


LOST = "left out: feedback that depends on more than an option or the score"


_OPTIONS: Final = ("simpleChoice", "inlineChoice")


class _Answer(NamedTuple):
    parts: Mapping[str, PartValue]
    score_mpt: int
    outcomes: Mapping[str, Value]


def with_feedback(
    question: Question,
    told: Sequence[Told],
    answers: Sequence[tuple[Mapping[str, PartValue], Fraction]],
    outcomes: Outcomes,
    losses: list[str],
) -> Question:
    """The question with its feedback. `answers` are all that were tried, with their scores, and the empty
    one. What nobody would ever see is left out in silence."""
    known = [_Answer(parts, max(0, mpt(score)), outcomes(parts)) for parts, score in answers]
    to_all: list[str] = []
    by_score: dict[int, list[str]] = {answer.score_mpt: [] for answer in known}
    by_option: dict[str, list[str]] = {}
    for one in told:
        seen = [one.is_seen(answer.outcomes) for answer in known]
        body = one.body() if any(seen) else ""
        if not body:
            continue
        scores = {answer.score_mpt for answer, is_seen in zip(known, seen, strict=True) if is_seen}
        others = {answer.score_mpt for answer, is_seen in zip(known, seen, strict=True) if not is_seen}
        options = _options(question.interactions, known, seen)
        if one.of_option and options:
            for option in options:
                by_option.setdefault(option, []).append(body)
        elif all(is_seen or not answer.parts for answer, is_seen in zip(known, seen, strict=True)):
            to_all.append(body)
        elif scores.isdisjoint(others) and not question.needs_person:
            for score in scores:
                by_score[score].append(body)
        elif options:
            for option in options:
                by_option.setdefault(option, []).append(body)
        else:
            losses.append(LOST)
    return replace(
        question,
        feedback="".join(to_all) or None,
        score_feedback=_by_score(by_score, question.shown_mpt),
        interactions=[_with_options(asked, by_option) for asked in question.interactions],
    )


def told_by(element: Element, texts: Texts) -> Told:
    """What a `modalFeedback`, `feedbackBlock` or `feedbackInline` says, and when it is shown."""
    name, identifier = element.get("outcomeIdentifier", ""), element.get("identifier", "")
    is_shown = element.get("showHide", "show") != "hide"
    return Told(
        lambda outcomes: (identifier in map(str, singles(outcomes.get(name)))) == is_shown,
        lambda: texts.titled(element) if says_something(element) else "",
        any(parent.tag in _OPTIONS for parent in element.iterancestors()),
    )


def _options(asked: Sequence[Interaction], known: Sequence[_Answer], seen: Sequence[bool]) -> list[str]:
    """The options of the only interaction that all who see it have chosen, and nobody else; none: it is not so."""
    [one, *others] = asked
    if others or not isinstance(one, Choice | TrueFalse):
        return []
    chosen = [answer.parts.get(one.response_id, []) for answer in known]
    if not isinstance(one, MultipleChoice):
        options = [str(part) for part, is_seen in zip(chosen, seen, strict=True) if is_seen and part]
        return options if len(options) == sum(seen) else []
    ids = [option.option_id for option in one.options]
    return [name for name in ids if [name in part for part in chosen] == list(seen)][:1]


def _by_score(told: Mapping[int, Sequence[str]], points_mpt: int) -> list[ScoreFeedback]:
    found: list[ScoreFeedback] = []
    for score in sorted(told):
        body = "".join(told[score])
        if body != (found[-1].body if found else ""):
            found.append(ScoreFeedback(min(1_000, score * 1_000 // max(1, points_mpt)), body))
    return found


def _with_options(asked: Interaction, told: Mapping[str, Sequence[str]]) -> Interaction:
    if not told or not isinstance(asked, Choice | TrueFalse):
        return asked
    return replace(asked, option_feedback={name: "".join(bodies) for name, bodies in told.items()})
