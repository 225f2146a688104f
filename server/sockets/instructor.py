"""An instructor's session: rows out, commands in."""

import asyncio
import logging

from protocol import codec, limits
from protocol.attempt.commands import Steer
from protocol.codes import Code
from protocol.errors import Refusal, Refused, WireError, of_command, refuse
from protocol.messages.connection import Beat, Renew
from protocol.messages.monitor import CommandDone, CommandRefused, MonitorHello, MonitorWelcome
from protocol.messages.staff import StaffCommand
from protocol.rules.rights import RIGHTS, Act
from server.access.finding import find_for
from server.access.principal import Principal
from server.attempts.pending import Done
from server.ids import canonical_id
from server.limits.budgets import Paced
from server.monitor.room import Room
from server.node import Node
from server.orders import carry_out, why_gone
from server.sockets.outbound import Outbound
from server.sockets.session import Session
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

_COMMANDS_AT_ONCE = 256


class InstructorSession(Session):
    """One instructor's connection to one test."""

    kind = "instructor"
    # An instructor's client may give up two beats after this process froze, and send its command to another node. The
    # command looks the same over every connection, so a late copy must not be executed after a refusal there. (A
    # replaced candidate's connection is recognized by its id.)
    stale_beats = limits.MISSED_BEATS - 1

    def __init__(self, node: Node, outbound: Outbound, test_id: str) -> None:
        super().__init__(node, outbound)
        self._test_id = test_id
        self._room: Room | None = None
        self._commands: set[asyncio.Task[None]] = set()

    async def open(self, data: bytes) -> bool:
        """Takes the first message; False where the session ends with it."""
        try:
            message = codec.decode_from_instructor(data)
            if not isinstance(message, MonitorHello):
                raise Refused(refuse(Code.NOT_EXPECTED, "The first message must be `hello`."))
            principal = await self._admit(message)
            await self._enter(principal)
        except Refused as error:
            self.end(error.refusal, error.after_ms if isinstance(error, Paced) else None)
            return False
        except StorageUnavailable:
            self.end(refuse(Code.STORAGE_UNAVAILABLE))
            return False
        self.last_contact_ms = self.node.clock.now_ms()
        return True

    async def _enter(self, principal: Principal) -> None:
        if not principal.may(Act.WATCH):
            raise Refused(refuse(Code.FORBIDDEN))
        test = None
        if (
            principal.may_see_test(self._test_id)
            and len(self._test_id) <= limits.MAX_ID_CHARS
            and "\0" not in self._test_id
        ):
            test = await self.node.papers.newest(principal.org_id, self._test_id)
        if test is None:
            raise Refused(refuse(Code.NOT_FOUND))
        welcome = MonitorWelcome(
            protocol=self.protocol,
            test_id=self._test_id,
            title=test.content.title,
            now_ms=self.node.clock.now_ms(),
            heartbeat_ms=self.node.settings.heartbeat_ms,
            first_beat_ms=self.node.spread.first_beat_ms(),
            backoff_base_ms=limits.RECONNECT_BASE_MS,
            backoff_cap_ms=limits.RECONNECT_CAP_MS,
            capabilities=self.capabilities,
            acts=sorted(RIGHTS[principal.role]),
        )
        self.out.send(codec.encode(welcome))
        marks = principal.may(Act.READ_RESULTS)
        self._room = await self.node.rooms.join(principal.org_id, self._test_id, self.out, principal.scope, marks=marks)

    def feed(self, data: bytes) -> None:
        """Takes any later message."""
        principal = self.principal
        if principal is None:
            return
        now_ms = self.node.clock.now_ms()
        if self._is_lost(now_ms):
            return
        self.last_contact_ms = now_ms
        try:
            message = codec.decode_from_instructor(data)
        except WireError as error:
            self._unreadable_order(data, error)
            return
        if isinstance(message, MonitorHello):
            self._unreadable(WireError(refuse(Code.NOT_EXPECTED)))
        elif isinstance(message, Beat):
            self._echo(message, now_ms)
        elif isinstance(message, Renew):
            self._renew(message)
        elif len(self._commands) >= _COMMANDS_AT_ONCE:
            self._refuse(message.command_id, message.attempt_id, refuse(Code.OVERLOADED))
        else:
            task = asyncio.create_task(self._execute(principal, message), name="staff command")
            self._commands.add(task)
            task.add_done_callback(self._commands.discard)

    def _unreadable_order(self, data: bytes, error: WireError) -> None:
        """Answers an unreadable command by its id: without an answer the client would send it for ever."""
        command_id = codec.text_in(data, "command_id")
        if command_id is None:
            self._unreadable(error)
        else:
            self._refuse(command_id, codec.text_in(data, "attempt_id") or "", error.refusal)
            self._strike()

    def _still_fits(self, principal: Principal) -> bool:
        old = self.principal
        # The room goes on showing what she might see when she came.
        same = old is not None and (principal.scope.branches, principal.scope.groups) == (
            old.scope.branches,
            old.scope.groups,
        )
        return same and principal.may_see_test(self._test_id)

    async def _execute(self, principal: Principal, order: StaffCommand) -> None:
        if self.node.tracing is not None:
            self.node.tracing.receive()
        try:
            outcome = await self._steer(principal, order)
        except Refused as error:
            outcome = error.refusal
        except StorageUnavailable:
            outcome = refuse(Code.STORAGE_UNAVAILABLE)
        except Exception:
            log.exception("A staff command failed")
            outcome = refuse(Code.INTERNAL)
        if isinstance(outcome, Refusal):
            self._refuse(order.command_id, order.attempt_id, outcome)
        else:
            self.out.send(codec.encode(CommandDone(order.command_id, order.attempt_id, outcome.attempt.seq)))

    async def _steer(self, principal: Principal, order: StaffCommand) -> Done | Refusal:
        attempt_id = canonical_id(order.attempt_id)
        live = await find_for(self.node, principal, attempt_id)
        if live is None and attempt_id is not None:
            return await why_gone(self.node, principal, attempt_id) or refuse(Code.NOT_FOUND)
        if live is None or live.committed.identity.test_id != self._test_id:
            return refuse(Code.NOT_FOUND)
        return await carry_out(self.node, live, Steer(principal.actor, order))

    def _refuse(self, command_id: str, attempt_id: str, refusal: Refusal) -> None:
        refusal = of_command(refusal)
        self.node.tally.refuse(refusal.code)
        self.out.send(codec.encode(CommandRefused(command_id, attempt_id, refusal.code, refusal.detail, refusal.retry)))

    async def closed(self) -> None:
        """The connection has ended. Commands under way are carried out."""
        if self._room is not None:
            self._room.leave(self.out)
            self._room = None
