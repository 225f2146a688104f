"""What the simulation has found, each as the shortest day that shows it."""

import pytest
from msgspec.structs import replace

from tests.simulation.plan import Candidate, Fault, Instructor, Order, Plan, Rules, Step
from tests.simulation.verdict import held
from tests.simulation.world import simulate

RULES = Rules(
    nodes=1,
    duration_ms=60_000,
    grace_ms=1_000,
    warnings_ms=(),
    pause_on_disconnect=False,
    pause_budget_ms=0,
    newest_wins=True,
    essays=False,
    heartbeat_ms=5_000,
    window_ms=None,
    sweep_ms=500,
    snapshot_ms=30_000,
    flush_ms=500,
    link_opens_once=False,
)


def rules(nodes: int) -> Rules:
    return Rules(**{name: getattr(RULES, name) for name in Rules.__struct_fields__ if name != "nodes"}, nodes=nodes)


@pytest.mark.parametrize("nodes", [1, 2])
def test_i7_answers_committed_just_before_every_node_died_are_shown_although_nobody_comes_back(nodes: int) -> None:
    """The projection is behind the log, and nobody had the attempt in memory any more until it was closed."""
    steps = [Step(150, "answer", question=i % 7, value=i % 4) for i in range(100)]
    plan = Plan(
        seed=3,
        rules=rules(nodes),
        candidates=(Candidate("user-0", "org-a", 500, (*steps, Step(0, "walk_away"))),),
        instructors=(Instructor("staff-0", "org-a", 0, ()),),
        faults=tuple(Fault(15_700, "kill", 500, node) for node in range(nodes)),
    )
    held(simulate(plan))


@pytest.mark.parametrize(("nodes", "seed"), [(1, 38), (1, 58), (2, 57)])
def test_i7_nobody_is_told_that_an_attempt_has_gone_by_a_node_that_cannot_read_the_database(
    nodes: int, seed: int
) -> None:
    """Everybody comes back to nodes that know nothing, and the database comes and goes: what they know is no whole
    picture."""
    steps = (
        Step(3_000, "answer", question=1, value=1),
        Step(9_000, "answer", question=2, value=1),
        Step(500, "walk_away"),
    )
    kills = tuple(Fault(15_700, "kill", 500, node) for node in range(nodes))
    plan = Plan(
        seed=seed,
        rules=rules(nodes),
        candidates=(Candidate("user-0", "org-a", 500, steps),),
        instructors=(Instructor("staff-0", "org-a", 0, ()),),
        faults=(*kills, *(Fault(16_600 + 150 * i, "database_away", 80) for i in range(30))),
    )
    held(simulate(plan))


@pytest.mark.parametrize(
    "seed", [pytest.param(123, marks=pytest.mark.long), 215, pytest.param(285, marks=pytest.mark.long)]
)
def test_i4_nodes_that_start_while_the_database_is_slow_agree_about_the_time(seed: int) -> None:
    """The answers say what time it is at some instant of a second: nobody knows at which."""
    steps = tuple(Step(200, "answer", question=i % 7, value=i % 4) for i in range(100))
    orders = tuple(Order(14_000 + 400 * i, "message", f"user-{i % 2}") for i in range(30))
    plan = Plan(
        seed=seed,
        rules=rules(3),
        candidates=tuple(Candidate(f"user-{i}", "org-a", 500 + 200 * i, steps) for i in range(2)),
        instructors=tuple(Instructor(f"staff-{i}", "org-a", 100, orders) for i in range(2)),
        faults=(
            Fault(5_000, "database_slow", 6_000),
            *(Fault(5_200 + 100 * node, "kill", 300, node) for node in range(3)),
        ),
    )
    held(simulate(plan))


@pytest.mark.parametrize(("nodes", "seed"), [(1, 4), (2, 11)])
def test_i6_an_outage_lasts_as_long_as_a_transaction_that_has_lost_its_client(nodes: int, seed: int) -> None:
    """Until it is over, nobody can say what the log has, and so nobody closes anything."""
    steps = tuple(Step(700, "answer", question=i % 7, value=i % 4) for i in range(100))
    plan = Plan(
        seed=seed,
        rules=rules(nodes),
        candidates=tuple(Candidate(f"user-{i}", "org-a", 100 * i, steps) for i in range(6)),
        instructors=(),
        faults=(Fault(50_000, "database_unsure", 11_000),),
    )
    held(simulate(plan))


@pytest.mark.parametrize("nodes", [2, pytest.param(3, marks=pytest.mark.long)])
def test_i6_whoever_has_walked_away_is_closed_within_a_second_on_several_nodes(nodes: int) -> None:
    """Nobody has the attempt in memory, so a sweeper closes it: its patience and its interval have to fit in."""
    candidates = tuple(Candidate(f"user-{i}", "org-a", 97 * i, (Step(3_000, "walk_away"),)) for i in range(20))
    plan = Plan(seed=3, rules=rules(nodes), candidates=candidates, instructors=(), faults=())
    held(simulate(plan))


def test_i6_a_node_that_may_have_lost_its_candidates_is_waited_for_where_that_stops_their_clocks() -> None:
    """It can't reach the database over their end, and nobody else knows whether they were there at it."""
    steps = tuple(Step(700, "answer", question=i % 7, value=i % 4) for i in range(100))
    plan = Plan(
        seed=1,
        rules=replace(rules(2), pause_on_disconnect=True, pause_budget_ms=30_000),
        candidates=tuple(Candidate(f"user-{i}", "org-a", 100 * i, steps) for i in range(6)),
        instructors=(),
        faults=(Fault(58_500, "database_cut", 11_000, 1),),
    )
    held(simulate(plan))


def test_nobody_is_asked_what_she_sees_before_she_can_have_noticed_that_her_node_died() -> None:
    """A monitor is told nothing of its node's death, and beats once a minute."""
    plan = Plan(
        seed=12,
        rules=replace(rules(2), heartbeat_ms=60_000),
        candidates=tuple(
            Candidate(f"user-{i}", "org-a", 100 * i, (Step(700, "answer", question=1, value=1), Step(700, "submit")))
            for i in range(6)
        ),
        instructors=tuple(Instructor(f"staff-{i}", "org-a", 100, ()) for i in range(4)),
        faults=(Fault(40_000, "kill", 4_000, 0),),
    )
    held(simulate(plan))
