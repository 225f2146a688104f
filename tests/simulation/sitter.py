"""A candidate: has an attempt made, opens it on a device, follows her plan, and changes devices when one fails."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, Protocol

import msgspec

from loadtest.checker.history import Arrived, Fail, Info, Invoke, Ok, Sent
from protocol.codes import Code
from protocol.messages.base import PartValue, Value
from protocol.messages.operations import Answer, Enter, Flag, GiveConsent, Observe, Progress, RaiseHand, Start, Submit
from protocol.rest.attempts import AttemptMade, NewAttempt
from protocol.rest.connection import ResumeBody, ResumeReply
from protocol.rest.operations import AnswersBody, CompleteBody, NumberedAnswer, OperationsReply
from tests.simulation.device import Device, DeviceClock, Outside, device_key
from tests.simulation.exam import ASKED, has_parts, takes_text
from tests.simulation.network import Signal
from tests.simulation.page import Page
from tests.simulation.papers import HerPaper, SeenPaper
from tests.simulation.plan import QUESTIONS, SAYS, SIGNALS, TEST, Candidate, Clients, Plan, Step
from tests.simulation.recorder import canary

_TRY_EVERY_S: Final = 2.0
_MOST_TRIES: Final = 1_000
_ENROLLED_WITHIN_S: Final = 60.0
"""How long somebody who is not enrolled goes on trying."""
_READ_EVERY_S: Final = 5.0
_AGAIN_TIMES: Final = 30
"""How often she asks for a further attempt in the time of one."""
_SECOND_STEPS: Final = 10
_SECOND_KINDS: Final = ("answer", "flag", "move", "cut", "rest")
_LONGEST_WAIT_MS: Final = 3_000
_ENDED: Final = ("submitted", "expired", "cancelled", "completed", "absent", "abandoned")


class Town(Outside, Protocol):
    """What a candidate needs of the world."""

    plan: Plan

    def token(self, role: str, user: str, org: str) -> str: ...
    def device_clock(self, name: str) -> DeviceClock: ...
    def papered(self, paper: SeenPaper) -> None:
        """Somebody was given this paper."""
        ...

    async def rest(
        self, who: str, org: str, method: str, path: str, token: str, body: Any, device: str = ""
    ) -> tuple[int, bytes] | None:
        """Status and body of the reply; nil where none came."""
        ...


class _Problem(msgspec.Struct):
    """What a refusal says."""

    code: Code


class Sitter:
    """See above."""

    def __init__(self, town: Town, candidate: Candidate, clients: Clients) -> None:
        self.candidate = candidate
        self._clients = clients
        self.attempt_id: str | None = None
        """Of several, the newest."""
        self.attempt_ids: list[str] = []
        self.devices: list[Device | Page] = []
        self.over = False
        self._town = town
        self._name = candidate.user
        self._token = town.token("candidate", candidate.user, candidate.org)
        self._draw = town.chance.stream("sitter", candidate.user)
        self._gone = False
        self._status: str | None = None
        self._rest_ops = 0
        self._rest_connects = 0
        self._paper = HerPaper()
        self._reads_from_s = 0.0

    async def sit(self) -> None:
        """From her arrival to the end of her plan."""
        await asyncio.sleep(self.candidate.arrives_ms / 1_000)
        if await self._admitted():
            await self._take(self.candidate.steps)
            if self.candidate.again and await self._admitted_again():
                await self._take((*self._briefly(), Step(0, "submit")))
        self.over = True

    async def _take(self, steps: Iterable[Step]) -> None:
        """Sits the newest attempt."""
        self._open_device()
        self.device.ask(Start, None)
        for step in steps:
            await asyncio.sleep(step.wait_ms / 1_000)
            if self._gone:
                break
            self._keep_a_device()
            rules = self._town.plan.rules
            if (rules.waiting_room or rules.opens_ms or rules.enrolment) and self._status in (None, "initiated"):
                # She was not let in when she tried last, or too early.
                self.device.ask(Start, None)
            await self._do(step)

    def _briefly(self) -> Iterator[Step]:
        """What she does in a second attempt: a few of the steps of the first."""
        kept = (step for step in self.candidate.steps if step.kind in _SECOND_KINDS)
        for step in islice(kept, _SECOND_STEPS):
            yield msgspec.structs.replace(step, wait_ms=min(step.wait_ms, _LONGEST_WAIT_MS))

    @property
    def device(self) -> Device | Page:
        """The one in her hands."""
        return self.devices[-1]

    # ── the way in ─────────────────────────────────────────────────────────────────────────────────────────────

    async def _admitted(self) -> bool:
        """Whether she has got an attempt: not where the test's window has closed by then, or nobody has enrolled her.
        Raises `TimeoutError` where nobody says either for longer than any fault lasts."""
        began_s = self._town.loop.time()
        for _ in range(_MOST_TRIES):
            reply = await self._ask_for_an_attempt()
            if isinstance(reply, AttemptMade):
                return True
            waits = reply is Code.NOT_ENROLLED and self._town.loop.time() < began_s + _ENROLLED_WITHIN_S
            if reply is not None and not waits:
                return False
            await asyncio.sleep(_TRY_EVERY_S)
        raise TimeoutError(f"{self._name} was not let in")

    async def _admitted_again(self) -> bool:
        """Asks for another attempt now and then, as long as somebody may grant one. Whether she has got one."""
        plan, now_s = self._town.plan, self._town.loop.time()
        granted_s = [deed.at_ms / 1_000 for deed in plan.deeds if deed.kind == "another_attempt_for_all"]
        every_s = max(4.0, plan.rules.duration_ms / 1_000 / _AGAIN_TIMES)
        while self._town.loop.time() < max([now_s, *granted_s]) + every_s:
            await asyncio.sleep(every_s)
            before = len(self.attempt_ids)
            await self._ask_for_an_attempt()
            if len(self.attempt_ids) > before:
                return True
        return False

    async def _ask_for_an_attempt(self) -> AttemptMade | Code | None:
        """Her open attempt, or a new one; a refusal; None: nobody has answered."""
        reply = await self._rest("POST", "/test-attempts", NewAttempt(test_id=TEST))
        if reply is not None and reply[0] == 201:
            made = msgspec.json.decode(reply[1], type=AttemptMade)
            if made.attempt_id not in self.attempt_ids:
                self._begin(made)
            return made
        if reply is not None and reply[0] == 409:
            return msgspec.json.decode(reply[1], type=_Problem).code
        return None

    def _begin(self, made: AttemptMade) -> None:
        """A new attempt: what was on her screens so far is of no use."""
        for device in self.devices:
            device.close()
        self._gone, self._status = False, None
        self._paper = HerPaper()
        self.attempt_ids.append(made.attempt_id)
        self._note_ok("create", made.attempt_id, {}, None, made.state.seq)

    def _open_device(self, reloaded: Device | Page | None = None) -> None:
        assert self.attempt_id is not None
        name = f"{self._name}/{len(self.devices) + 1}"
        clock, signal = self._town.device_clock(name), Signal()
        town, org, attempt_id, token = self._town, self.candidate.org, self.attempt_id, self._token
        device: Device | Page
        if isinstance(reloaded, Page) or (reloaded is None and self._takes_a_page()):
            device = Page(town, name, org, attempt_id, TEST, token, clock, signal, reloaded)
        else:
            device = Device(town, name, org, attempt_id, token, clock, signal, reloaded)
        device.state_seen = self._see
        self.devices.append(device)
        device.start()

    def _see(self, status: str) -> None:
        self._status = status

    def _takes_a_page(self) -> bool:
        return self._clients == "pages" or (self._clients == "mixed" and self._draw.random() < 0.5)

    def _keep_a_device(self) -> None:
        """Whoever finds her page replaced or broken goes back to one that is still open, if it was refused because of
        that one, or opens it again: on a device that must start from the log."""
        if not self.device.ended or self._gone:
            return
        open_ones = [device for device in self.devices if not device.ended]
        if open_ones:
            self.devices.remove(open_ones[-1])
            self.devices.append(open_ones[-1])
        else:
            self._open_device()

    # ── her acts ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _read_paper(self, position: int) -> None:
        """Looks up which question is at the position, where that is not the same for everybody."""
        rules, now_s = self._town.plan.rules, self._town.loop.time()
        if not (rules.pools or rules.shuffled) or self._paper.knows(position) or now_s < self._reads_from_s:
            return
        self._reads_from_s = now_s + _READ_EVERY_S
        attempt_id = self.attempt_id
        reply = await self._rest("GET", f"/test-attempts/{attempt_id}/paper", None, self.device.key)
        if reply is not None and reply[0] == 200:
            assert attempt_id is not None
            self._town.papered(SeenPaper(self._name, attempt_id, self._paper.learn(reply[1])))

    def _in_her_section(self, step: Step) -> Step:
        """Who sits sections mostly does what belongs to the open one, as far as her device knows."""
        questions = self._town.plan.rules.parts.get(self.device.section_id or "")
        if questions is None or self._draw.random() < 0.15:
            return step
        return msgspec.structs.replace(step, question=questions[step.question % len(questions)])

    def _value_of(self, question_id: str, step: Step) -> Value:
        """An answer to this question, or none; now and then to one of its parts alone."""
        whole = value_of(question_id, step, self.candidate.org)
        if whole is None or not self._town.plan.rules.several or not has_parts(question_id):
            return whole
        text = f"I think {canary(self.candidate.org)} {step.value}"
        pairs = [("a", whole), ("c", "b")]
        parts: dict[str, PartValue] = {"choice": whole, "text": text, "pairs": [*pairs[: step.value]]}
        return {name: part for name, part in parts.items() if step.value != 3 or name == "text"}

    async def _do(self, step: Step) -> None:
        device = self.device
        if step.kind in ("answer", "flag", "move", "rest"):
            step = self._in_her_section(step)
            await self._read_paper(step.question)
        question_id = self._paper.question(step.question)
        match step.kind:
            case "answer":
                value = self._value_of(question_id, step)
                device.ask(Answer, question_id, value, position_of(step))
            case "flag":
                device.ask(Flag, question_id, step.value % 2 == 0)
            case "move":
                device.ask(Progress, step.question)
            case "enter":
                device.ask(Enter, list(self._town.plan.rules.parts)[step.question])
            case "hand":
                device.ask(RaiseHand, step.value % 2 == 0)
            case "notice":
                device.ask(Observe, SIGNALS[step.value], step.question, step.question * 700)
            case "consent":
                device.ask(GiveConsent, ASKED.source, SAYS[step.value], ASKED.every_ms, ASKED.keep_days)
            case "submit":
                device.ask(Submit)
            case "cut":
                device.cut()
            case "offline":
                device.go_offline(True)
                await asyncio.sleep(step.for_ms / 1_000)
                device.go_offline(False)
            case "still":
                await self._still(device, step.for_ms)
            case "vanish":
                device.vanish()
                await asyncio.sleep(step.for_ms / 1_000)
                self._open_device()
            case "reload":
                device.close()
                self._open_device(device)
            case "fight":
                self._open_device()
            case "walk_away":
                self._gone = True
                if self._draw.random() < 0.5:
                    device.close()
                else:
                    device.vanish()
            case "rest":
                await self._over_rest(step)
        device.clock.jump_ms = self._draw.choice((0, 0, 3_600_000, -3_600_000)) if step.value == 4 else 0

    async def _still(self, device: Device | Page, for_ms: int) -> None:
        device.signal.still = True
        await asyncio.sleep(for_ms / 1_000)
        device.signal.still = False
        device.go_on()

    async def _over_rest(self, step: Step) -> None:
        """One answer without a socket, by somebody who does not know which number is next; or handing in."""
        way_in = await self._connection()
        if way_in is None:
            return
        connection_id, device = way_in
        clock = self.device.clock
        stamp_ms = clock.stamp_ms()
        if step.value == 0 and self._draw.random() < 0.2:
            op = self._note_invoke("submit", {}, stamp_ms)
            reply = await self._rest(
                "POST",
                f"/test-attempts/{self.attempt_id}/complete",
                CompleteBody(connection_id=connection_id, client_at_ms=stamp_ms),
                device,
            )
            if reply is not None and reply[0] == 200:
                seq = msgspec.json.decode(reply[1], type=OperationsReply).seq
                self._note(Ok, op, connection_id=connection_id, n=None, seq=seq, committed_at_ms=None)
            else:
                self._note(Info, op, what="no")
            return
        n = self._draw.randint(1, 40)
        question_id = self._paper.question(step.question)
        answer = NumberedAnswer(
            n=n,
            question_id=question_id,
            value=self._value_of(question_id, step),
            position=position_of(step),
            client_at_ms=stamp_ms,
        )
        body = {"question_id": answer.question_id, "value": answer.value, "position": answer.position}
        op = self._note_invoke("answer", body, stamp_ms)
        self._note(Sent, op, connection_id=connection_id, n=n)
        call = AnswersBody(connection_id=connection_id, answers=[answer])
        reply = await self._rest("POST", f"/test-attempts/{self.attempt_id}/answers", call, device)
        if reply is None or reply[0] != 200:
            self._note(Info, op, what="no")
            return
        done = msgspec.json.decode(reply[1], type=OperationsReply)
        if n in done.acked:
            self._note(Ok, op, connection_id=connection_id, n=n, seq=done.seq, committed_at_ms=done.committed_at_ms)
        elif done.refused[0].retry == "later":
            self._note(Info, op, what=done.refused[0].code)
        else:
            self._note(Fail, op, connection_id=connection_id, n=n, code=done.refused[0].code)

    async def _connection(self) -> tuple[str, str] | None:
        """A connection and its device: the page's own, as a second way beside its socket; or one of a program without
        sockets, which she opens, or which comes back by itself. None where she is not let in."""
        if self.device.connection_id is not None and self._draw.random() < 0.4:
            return self.device.connection_id, self.device.key
        self._rest_connects += 1
        device, takeover = device_key(f"{self._name}/rest"), self._draw.random() < 0.7
        assert self.attempt_id is not None
        self._town.recorder.note(
            Arrived(
                at_ms=self._town.recorder.now_ms(),
                who=f"{self._name}/rest",
                attempt_id=self.attempt_id,
                device=device,
                connect_n=self._rest_connects,
                takeover=takeover,
            )
        )
        body = ResumeBody(device=device, connect_n=self._rest_connects, takeover=takeover)
        reply = await self._rest("POST", f"/test-attempts/{self.attempt_id}/resume", body)
        if reply is None or reply[0] != 200:
            return None
        connection_id = msgspec.json.decode(reply[1], type=ResumeReply).connection_id
        return None if connection_id is None else (connection_id, device)

    async def _rest(self, method: str, path: str, body: Any, device: str = "") -> tuple[int, bytes] | None:
        return await self._town.rest(self._name, self.candidate.org, method, path, self._token, body, device)

    def _note_invoke(self, kind: str, body: dict[str, Any], client_at_ms: int | None) -> str:
        self._rest_ops += 1
        op = f"{self._name}/rest#{self._rest_ops}"
        assert self.attempt_id is not None
        self._town.recorder.note(
            Invoke(
                at_ms=self._town.recorder.now_ms(),
                who=f"{self._name}/rest",
                op=op,
                attempt_id=self.attempt_id,
                kind=kind,
                body=body,
                client_at_ms=client_at_ms,
            )
        )
        return op

    def _note(self, kind: type[Any], op: str, **fields: Any) -> None:
        now_ms = self._town.recorder.now_ms()
        self._town.recorder.note(kind(at_ms=now_ms, who=f"{self._name}/rest", op=op, **fields))

    def _note_ok(self, kind: str, attempt_id: str, body: dict[str, Any], n: int | None, seq: int) -> None:
        self.attempt_id = attempt_id
        op = self._note_invoke(kind, body, None)
        self._note(Ok, op, connection_id=None, n=n, seq=seq, committed_at_ms=None)


def position_of(step: Step) -> int | None:
    """Where she goes with her answer: nowhere, or on to the next question."""
    return (step.question + 1) % QUESTIONS if step.value % 2 else None


def value_of(question_id: str, step: Step, org: str) -> str | None:
    """An answer to this question, or none."""
    if step.value == 4 and step.question % 3 == 0:
        return None
    if takes_text(question_id):
        return f"I think {canary(org)} {step.value}"
    return "abcd"[step.value % 4]
