"""What a drilled candidate's device still waits for."""

from random import Random

from clients.python.shell import now_ms
from loadtest.checker.history import Info, Invoke
from loadtest.drill.device import Device
from loadtest.drill.recorder import Recorder
from protocol.codes import REFUSALS, Code
from protocol.messages.candidate import StatePush
from protocol.messages.connection import RefusedOp
from protocol.messages.operations import Answer, Progress, RaiseHand
from tests.clients.python.peer import Peer
from tests.clients.python.scene import NOW, acked, state, welcome
from tests.storage.making import until


async def test_an_answer_that_goes_again_without_its_position_is_waited_for_once() -> None:
    recorder = Recorder()
    async with Peer.open() as peer:
        device = Device(recorder, peer.url, "device", "school", "attempt-1", "token", Random(1))
        device.open()
        line = await peer.line()
        await line.say(welcome())
        device.ask(Answer, "q1", "a", 3)
        answer = await line.hear()
        assert isinstance(answer, Answer)
        refusal = REFUSALS[Code.PAUSED]
        paused = StatePush(NOW, state("paused", 4))
        told: list[str | None] = []
        device.state_seen = lambda: told.append(device.status)
        # The second one comes when the device has dealt with the refusal.
        await line.say(paused, RefusedOp(answer.n, Code.PAUSED, refusal.sentence, refusal.retry), paused)
        await until(lambda: told == ["paused", "paused"])
        device.ask(Progress, 4)
        device.ask(RaiseHand, True)
        asked_ms = now_ms()
        hand = await line.hear()
        assert isinstance(hand, RaiseHand)
        await line.say(acked(hand.n, 5), StatePush(NOW, state("in_progress", 6)))
        again = await line.hear()
        assert isinstance(again, Answer)
        assert (again.client_at_ms, again.position) == (answer.client_at_ms, None)
        assert device.unsettled(asked_ms + 1) == 2, "since she asked for it"
        await line.say(acked(again.n, 7))
        moved = await line.hear()
        assert isinstance(moved, Progress)
        assert device.unsettled() == 1
        await line.say(acked(moved.n, 8))
        await until(lambda: device.unsettled() == 0)
        first, _, _, second = (event for event in recorder.history if isinstance(event, Invoke))
        assert (first.body | {"position": None}, first.client_at_ms) == (second.body, second.client_at_ms)
        assert [event.op for event in recorder.history if isinstance(event, Info)] == [first.op]
        await device.close()
