"""The keys of all interactions of an item, and the proof that marking by them gives the item's own scores."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import Final, Literal, NamedTuple

from protocol.content import Interaction, Question
from protocol.marking.question import mark_question
from protocol.messages.base import PartValue
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked, Worth, by_chance, is_near, mpt
from server.importing.qti.processing import Scores
from server.importing.qti.values import Value

_MAX_TOGETHER: Final = 1_500
Scoring = Literal["sum", "all"]


class Proved(NamedTuple):
    """The interactions with their keys, and how their points make the question's. `answers` are those that were tried,
    with their scores. Where none of them gives or takes anything the question is not scored, and has no keys.
    `unanswered_mpt` is what no answer is worth."""

    interactions: list[Interaction]
    scoring: Scoring
    answers: list[tuple[Mapping[str, PartValue], Fraction]]
    is_scored: bool = True
    unanswered_mpt: int = 0


def keyed(
    asked: list[Asked], scores: Scores, highest: Fraction | None, losses: list[str], *, gives_nothing: bool = False
) -> Proved:
    """Finds the keys. `highest` is what the item says that it is worth; `gives_nothing`: it has nothing by which an
    answer could be worth anything. Raises `ImportFault` where no keys give what `scores` gives."""
    item = _Item(asked, scores)
    nothing = scores({})
    marked = [one for one in asked if not one.needs_person]
    if nothing and len(asked) > 1:
        raise ImportFault(f"It {'gives points' if nothing > 0 else 'takes points away'} where nothing is answered.")
    if nothing > 0 and all(item.score({one.response_id: part}) < nothing for one in marked for part in one.tried()):
        raise ImportFault("It gives more points where nothing is answered than for any answer.")
    if marked and len(marked) == len(asked) and not any(map(item.score, [{}, *_together(marked)])):
        if not (gives_nothing or all(one.tries_all for one in marked)) or not all(one.tried() for one in marked):
            # An answer that was not tried may be worth something.
            raise ImportFault("No answer is right.")
        if highest is not None:
            losses.append(f"it says that it is worth {_spelt(highest)} points, and no answer gives any")
        return Proved([one.unkeyed() for one in asked], "sum", [({}, Fraction(0))], is_scored=False)
    essays = [one for one in asked if one.needs_person]
    if any(item.score({one.response_id: part}) != nothing for one in essays for part in one.tried()):
        losses.append("left out: what its response processing says of what a person marks")
    made, scoring = _made(item, marked, highest)
    attained = sum((Fraction(one.points_mpt, 1_000) for one in made.values()), Fraction(0))
    if marked and len(marked) == len(asked) and highest is not None and abs(highest - attained) > Fraction(1, 100):
        losses.append(f"it says that it is worth {_spelt(highest)} points, and its answers give {_spelt(attained)}")
    tried: list[dict[str, PartValue]] = [{}, *_together(marked)]
    answers: list[tuple[Mapping[str, PartValue], Fraction]] = [(parts, item.score(parts)) for parts in tried]
    return Proved([made[one.response_id] for one in asked], scoring, answers, unanswered_mpt=mpt(nothing))


def values_of(asked: Sequence[Asked], parts: Mapping[str, PartValue]) -> dict[str, Value]:
    """Answers of ours as the item's variables."""
    found: dict[str, Value] = {}
    for one in asked:
        if one.response_id in parts:
            found |= one.values(parts[one.response_id])
    return found


class _Item:
    """Scores answers of ours as the item does."""

    def __init__(self, asked: list[Asked], scores: Scores) -> None:
        self.asked = {one.response_id: one for one in asked}
        self._scores = scores

    def score(self, parts: Mapping[str, PartValue]) -> Fraction:
        return self._scores(values_of(list(self.asked.values()), parts))


def _made(item: _Item, marked: list[Asked], highest: Fraction | None) -> tuple[dict[str, Interaction], Scoring]:
    essays = [one for one in item.asked.values() if one.needs_person]
    ways: list[Scoring] = ["sum"] if len(item.asked) == 1 or essays else ["sum", "all"]
    reason = ImportFault("No answer is right.")
    for scoring in ways:
        try:
            made = {one.response_id: one.keyed(_worth(item, one, marked, scoring)) for one in marked}
            if scoring == "sum":
                made |= _made_whole(item, marked, made)
            _prove(item, marked, made, scoring)
        except ImportFault as fault:
            reason = fault
            continue
        best = sum((Fraction(one.points_mpt, 1_000) for one in made.values()), Fraction(0))
        left = max(Fraction(0), highest - best) if highest is not None else Fraction(0)
        for essay in essays:
            share = left / len(essays) if left else Fraction(1)
            made[essay.response_id] = essay.keyed(lambda part, share=share: share)  # type: ignore[misc]
        return made, scoring
    raise reason


def _made_whole(item: _Item, marked: list[Asked], made: Mapping[str, Interaction]) -> dict[str, Interaction]:
    """The last part once more, where the points of several parts, each rounded, do not make those of all."""
    best = {
        one.response_id: max((item.score({one.response_id: part}) for part in one.tried()), default=Fraction(0))
        for one in marked
    }
    whole = mpt(sum(best.values(), Fraction(0)))
    lacking = whole - sum(one.points_mpt for one in made.values())
    if not lacking or abs(lacking) > len(marked):
        return {}
    last = marked[-1]
    share = Fraction(made[last.response_id].points_mpt + lacking, 1_000) / best[last.response_id]
    return {last.response_id: last.keyed(lambda part: item.score({last.response_id: part}) * share)}


def _worth(item: _Item, one: Asked, marked: list[Asked], scoring: Scoring) -> Worth:
    """What an answer to one interaction is worth: beside nothing, or, where all must be right, beside what is right."""
    if scoring == "sum":
        return lambda part: item.score({one.response_id: part})
    beside = {other.response_id: right[0] for other in marked if other is not one and (right := other.right())}
    own = one.right()
    if len(beside) < len(marked) - 1 or not own:
        raise ImportFault("It gives points for all parts together, and does not declare which answers are right.")
    best = item.score({**beside, one.response_id: own[0]})
    if best <= 0:
        raise ImportFault("No answer is right.")
    # The parts' points, which are whole thousandths, must make the question's.
    whole, rest = divmod(mpt(best), len(marked))
    share = Fraction(whole + (marked.index(one) < rest), 1_000) / best
    return lambda part: item.score({**beside, one.response_id: part}) * share


def _prove(item: _Item, marked: list[Asked], made: Mapping[str, Interaction], scoring: Scoring) -> None:
    if not marked:
        return
    question = Question(question_id="q", body="q", interactions=list(made.values()), scoring=scoring)
    for parts in _together(marked):
        value = next(iter(parts.values())) if len(marked) == 1 else dict(parts)
        mark = mark_question(question, value)
        if not _agrees(mark, item.score(parts), parts):
            raise ImportFault(
                "Its response processing gives points for several answers together in a way that no key here does."
                if len(marked) > 1
                else "Its response processing gives other points than any key here."
            )


def _agrees(mark: int | None, score: Fraction, parts: Mapping[str, PartValue]) -> bool:
    pieces = [piece for part in parts.values() for piece in (part if isinstance(part, list) else [part])]
    return is_near(mark, score, pieces)


def _together(marked: list[Asked]) -> list[dict[str, PartValue]]:
    """Answers to several interactions, some left out: all of them where they are few, and else some of each."""
    chance = by_chance(len(marked))
    choices: list[list[PartValue | None]] = [[None, *one.tried()] for one in marked]
    count = 1
    for found in choices:
        count *= len(found)
    if count > _MAX_TOGETHER:
        rows = [tuple(chance.choice(found) for found in choices) for _ in range(_MAX_TOGETHER)]
        right = [next(iter(one.right()), None) for one in marked]
        rows += [
            tuple(part if place == other else right[other] for other in range(len(marked)))
            for place, found in enumerate(choices)
            for part in islice(found, 50)
        ]
    else:
        rows = list(product(*choices))
    names = [one.response_id for one in marked]
    made = [{name: part for name, part in zip(names, row, strict=True) if part is not None} for row in rows]
    return [parts for parts in made if parts]


def _spelt(points: Fraction) -> str:
    return f"{float(points):g}"
