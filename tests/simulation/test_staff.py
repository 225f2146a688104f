"""The simulated instructor: what a person does with her page, and no more."""

from clients.python.watch import MAX_COMMANDS
from loadtest.checker.history import Invoke
from protocol.messages.staff import AdmitAttempt
from tests.simulation.drawing import make_plan
from tests.simulation.staff import Monitor
from tests.simulation.world import World


def test_where_too_many_commands_wait_for_an_answer_she_lets_the_next_be() -> None:
    """So it is while the server is away for a minute, and everybody waits to be let in."""
    world = World(make_plan(1, "python"))
    monitor = Monitor(world, "grace", "org-a", "a token", world.device_clock("grace"))
    for number in range(MAX_COMMANDS + 10):
        monitor.ask(AdmitAttempt(f"command-{number}", f"attempt-{number}", ""))
    asked = [event.op for event in world.recorder.history if isinstance(event, Invoke)]
    assert asked == [f"command-{number}" for number in range(MAX_COMMANDS)]
