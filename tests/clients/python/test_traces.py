"""The queue does what the traces say, as the queue of every other client does."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

import clients.python.queue
from protocol.codec import tag_of
from protocol.messages.operations import Start
from protocol.operations import OPERATIONS
from tests.clients.python.replay import Replay
from tests.simulation.traces import played

TRACES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "protocol" / "vectors" / "traces.json").read_text("utf-8")
)


@pytest.mark.parametrize("trace", TRACES, ids=range(len(TRACES)))
def test_the_queue_does_what_the_trace_says(trace: dict[str, Any]) -> None:
    replay = Replay()
    for number, step in enumerate(trace["steps"]):
        wanted = {name: step[name] for name in ("sent", "saved", "kept")}
        assert (number, replay.step(step["came"])) == (number, wanted)


def test_the_traces_reach_what_they_name() -> None:
    for trace in TRACES:
        _, reached = played([step["came"] for step in trace["steps"]])
        assert set(trace["reaches"]) == set().union(*reached)


def test_every_rare_branch_of_the_queue_has_a_trace() -> None:
    """Where one is missing: `python -m tests.simulation.traces` writes them."""
    branches = set(re.findall(r'mark\("(queue: [^"]+)"\)', inspect.getsource(clients.python.queue)))
    assert branches <= {name for trace in TRACES for name in trace["reaches"]}
    assert len(branches) > 10


def test_every_operation_but_the_start_is_asked_for_in_some_trace_and_what_closes_others_waits_in_one() -> None:
    """Where one is missing: `python -m tests.simulation.traces` writes them."""
    asked = [tag_of(kind) for kind in OPERATIONS if kind is not Start]
    closing = [tag_of(kind) for kind, handling in OPERATIONS.items() if handling.closes]
    reached = {name for trace in TRACES for name in trace["reaches"]}
    assert {f"{name} is asked for" for name in asked} <= reached
    assert {f"{name} {does}" for name in closing for does in ("waits", "leaves", "is saved")} <= reached
