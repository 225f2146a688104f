"""What a simulated day has led to, by name: that something is drawn does not say that it happens."""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from loadtest.checker.database import Attempt
from loadtest.checker.state import ENDS
from tests.simulation.papers import laid_out
from tests.simulation.world import Outcome

_RAISES: Final = ("extra_time_ms", "extra_time_permille", "pause_budget_ms", "closes_at_ms")


def reached(outcome: Outcome) -> set[str]:
    """The names of what happened."""
    return {name for name, happened in REACHED.items() if happened(outcome)}


def _attempts(outcome: Outcome, test: Callable[[Attempt], bool]) -> bool:
    return any(test(attempt) for attempt in outcome.database.attempts)


def _is_done(command: str) -> Callable[[Outcome], bool]:
    """An act of this kind was done for somebody."""

    def happened(outcome: Outcome) -> bool:
        return any(act.command == command and act.done for act in outcome.database.acts)

    return happened


def _was_refused(outcome: Outcome) -> bool:
    return any(act.done and act.refused for act in outcome.database.acts)


def _papers(outcome: Outcome) -> set[tuple[str, ...]]:
    return {tuple(laid_out(attempt.records)) for attempt in outcome.database.attempts} - {()}


def _draws(outcome: Outcome) -> bool:
    return len({frozenset(paper) for paper in _papers(outcome)}) > 1


def _shuffles(outcome: Outcome) -> bool:
    papers = _papers(outcome)
    return any(one != other and set(one) == set(other) for one in papers for other in papers)


def _has_a_second_attempt(outcome: Outcome) -> bool:
    users = [(one.org_id, one.records[0].fact["identity"]["user_id"]) for one in outcome.database.attempts]
    return len(users) > len(set(users))


def _keeps_somebody_out(outcome: Outcome) -> bool:
    made = {one.records[0].fact["identity"]["user_id"] for one in outcome.database.attempts}
    return outcome.plan.rules.enrolment and any(one.user not in made for one in outcome.plan.candidates)


def _enrols_somebody(outcome: Outcome) -> bool:
    return outcome.plan.rules.enrolment and bool(outcome.database.attempts)


def _is_granted_in_mid_exam(attempt: Attempt) -> bool:
    kinds = [record.kind for record in attempt.records]
    return "started" in kinds and "accommodated" in kinds[kinds.index("started") :]


def _is_taken_back(attempt: Attempt) -> bool:
    """What was granted is less than before."""
    granted = [one.fact["accommodation"] for one in attempt.records if one.kind in ("created", "accommodated")]
    pairs = pairwise(granted)
    return any(any(before.get(name) and not after.get(name) for name in _RAISES) for before, after in pairs)


def _has(kind: str) -> Callable[[Outcome], bool]:
    """Some log has a record of this kind."""
    return lambda outcome: _attempts(outcome, lambda one: any(record.kind == kind for record in one.records))


def _withdraws(attempt: Attempt) -> bool:
    return any(record.kind == "observed" and record.fact["signal"] == "screen_withdrawn" for record in attempt.records)


def _sat(rule: Callable[[Outcome], object]) -> Callable[[Outcome], bool]:
    """Somebody came to her end under this rule."""
    return lambda outcome: (
        bool(rule(outcome))
        and _attempts(
            outcome, lambda one: any(record.kind in ENDS and record.kind != "absent" for record in one.records)
        )
    )


REACHED: Final[dict[str, Callable[[Outcome], bool]]] = {
    "papers of different questions": _draws,
    "papers in different orders": _shuffles,
    "an act on many that some could not take": _was_refused,
    "all are paused": _is_done("pause"),
    "all go on": _is_done("resume"),
    "all have more time": _is_done("extend"),
    "all are written to": _is_done("message"),
    "all are warned": _is_done("warn"),
    "all have a further attempt": _is_done("grant_attempt"),
    "a second attempt": _has_a_second_attempt,
    "somebody is enrolled": _enrols_somebody,
    "somebody is not enrolled": _keeps_somebody_out,
    "granted in mid-exam": lambda outcome: _attempts(outcome, _is_granted_in_mid_exam),
    "a grant is taken back": lambda outcome: _attempts(outcome, _is_taken_back),
    "marked again": _has("regraded"),
    "marked by hand": _has("hand_marked"),
    "something is noticed": _has("observed"),
    "staff are alerted": _has("alerted"),
    "an agreement to pictures": _has("consent_given"),
    "an agreement to pictures is taken back": lambda outcome: _attempts(outcome, _withdraws),
    "a forgotten pause": _has("pause_forgotten"),
    "over time": _has("overran"),
    "abandoned": _has("abandoned"),
    "answers come after the end": _has("late_received"),
    "staff decide about late answers": _has("late_decided"),
    "accepted": _has("accepted"),
    "let in": _has("admitted"),
    "a section closes": _has("section_closed"),
    "a question closes": _has("question_closed"),
    "question by question": _sat(lambda outcome: outcome.plan.rules.forward),
    "one beginning for all": _sat(lambda outcome: outcome.plan.rules.synchronised),
    "a minimum time": _sat(lambda outcome: outcome.plan.rules.min_time_ms),
    "required questions": _sat(lambda outcome: outcome.plan.rules.required),
}
"""Name → whether it happened on a day."""
ON_PAGES: Final = frozenset({"answers come after the end", "staff decide about late answers"})
"""What only pages do by themselves."""
