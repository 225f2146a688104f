import pytest

from clients.python import watch as watch_module
from clients.python.errors import QueueFull
from clients.python.link import ABNORMAL_CLOSE, Link
from clients.python.watch import Changed, Watch
from protocol import limits
from protocol.codes import Code, Retry
from protocol.messages.base import Message
from protocol.messages.monitor import CommandDone, CommandRefused, MonitorHello, Rows
from protocol.messages.monitor import Roster as RosterPart
from protocol.messages.staff import PauseAttempt
from tests.clients.python.scene import NOW, monitor_welcome, row


def make_watch() -> Watch:
    return Watch(Link("token", "test/1", lambda: 0.5, renewable=False))


def online(watch: Watch) -> Watch:
    watch.link.connecting()
    watch.opened(NOW)
    watch.received(monitor_welcome(), NOW)
    return watch


def sent(watch: Watch) -> list[Message]:
    messages = [message for message in watch.link.outgoing if not isinstance(message, MonitorHello)]
    watch.link.outgoing.clear()
    return messages


def pause(command_id: str = "c1") -> PauseAttempt:
    return PauseAttempt(command_id, "attempt-1", "fire alarm")


def test_a_command_before_the_welcome_waits_for_it() -> None:
    watch = make_watch()
    watch.ask(pause())
    assert sent(watch) == []
    online(watch)
    assert sent(watch) == [pause()]


def test_a_command_without_an_answer_is_sent_again_under_its_id() -> None:
    watch = online(make_watch())
    watch.ask(pause("c1"))
    watch.ask(pause("c2"))
    watch.received(CommandDone("c1", "attempt-1", 7), NOW)
    sent(watch)
    watch.closed(ABNORMAL_CLOSE, "", NOW)
    online(watch)
    assert sent(watch) == [pause("c2")]


def test_an_id_is_under_way_until_it_is_answered() -> None:
    watch = online(make_watch())
    watch.ask(pause())
    with pytest.raises(ValueError, match="c1"):
        watch.ask(pause())
    watch.received(CommandRefused("c1", "attempt-1", Code.NOT_STARTED, "", Retry.RELOAD), NOW)
    watch.ask(pause())


def test_more_commands_than_may_wait_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "MAX_COMMANDS", 1)
    watch = make_watch()
    watch.ask(pause("c1"))
    with pytest.raises(QueueFull):
        watch.ask(pause("c2"))


def test_only_news_are_told() -> None:
    watch = online(make_watch())
    watch.events.clear()
    watch.received(RosterPart(0, 1, [row("a", 2)]), NOW)
    watch.received(Rows(NOW, [row("a", 1), row("a", 3)]), NOW)
    assert list(watch.events) == [Changed([row("a", 2)]), Changed([row("a", 3)])]


def test_a_server_that_tells_of_fewer_records_is_believed_where_it_still_speaks_after_two_minutes() -> None:
    watch = online(make_watch())
    watch.received(RosterPart(0, 1, [row("a", 9)]), NOW)
    watch.closed(ABNORMAL_CLOSE, "", NOW)
    online(watch)
    older = row("a", 4)
    watch.received(RosterPart(0, 1, [older]), NOW)
    watch.events.clear()
    due_ms = NOW + limits.BELIEVE_MS
    watch.received(Rows(NOW, []), due_ms - 1)
    # It may have died meanwhile behind a connection that looks open.
    watch.wake(due_ms)
    assert watch.roster.rows["a"].seq == 9
    watch.events.clear()
    watch.received(Rows(NOW, []), due_ms)
    assert watch.events[-1] == Changed([older])
    assert watch.roster.rows["a"] == older
