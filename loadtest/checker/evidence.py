"""The history and the database, indexed once for all invariants."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from loadtest.checker.database import Attempt, Database, Record
from loadtest.checker.fold import fold
from loadtest.checker.history import Connected, Event, Fail, Info, Invoke, Ok, Sent, Setup, Told
from loadtest.checker.kinds import KINDS
from loadtest.checker.state import State

E = TypeVar("E")

FACTS: Final = {kind.asked: tag for tag, kind in KINDS.items() if kind.asked is not None}
"""Kind of request → kind of the record that it leads to."""

_NOT_KEPT: Final = frozenset({"access_code"})
"""What a request says and no record keeps. Of the others a record lacks those that are at their default."""


@dataclass(slots=True)
class Operation:
    """One operation, from being asked for to its end, if it had one."""

    invoke: Invoke
    sent: list[Sent] = field(default_factory=list)
    oks: list[Ok] = field(default_factory=list)
    fails: list[Fail] = field(default_factory=list)

    @property
    def numbers(self) -> set[int]:
        """Every number under which it was sent."""
        return {sent.n for sent in self.sent if sent.n is not None}

    def asks_for(self, record: Record) -> bool:
        """Whether the record says what was asked for."""
        fact = record.fact
        return record.kind == FACTS.get(self.invoke.kind) and all(
            fact[name] == value if name in fact else name in _NOT_KEPT or value is None or value is False or value == ""
            for name, value in self.invoke.body.items()
        )

    def made(self, record: Record) -> bool:
        """Whether the record is this very operation, and not another one that says the same."""
        client_at_ms = self.invoke.client_at_ms
        return self.asks_for(record) and (client_at_ms is None or record.fact.get("client_at_ms") == client_at_ms)


class Log:
    """One attempt's log, folded. `broken` says why it could not be."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.attempt_id = attempt.attempt_id
        self.records = attempt.records
        self.states: list[State] = [State()]
        self.broken: str | None = None
        try:
            self.states = fold(attempt.records)
        except (KeyError, TypeError, ValueError) as error:
            self.broken = f"the records do not fold: {type(error).__name__} {error}"
        self.by_number: dict[int, list[Record]] = defaultdict(list)
        self.by_command: dict[str, list[Record]] = defaultdict(list)
        self._found: dict[str, list[Record]] = {}
        for record in attempt.records:
            if (n := record.fact.get("n")) is not None:
                self.by_number[n].append(record)
            if (command_id := record.fact.get("command_id")) is not None:
                self.by_command[command_id].append(record)

    @property
    def end(self) -> State:
        """The state after the last record."""
        return self.states[-1]

    def at(self, seq: int) -> State | None:
        """The state after record `seq`, if the log has it."""
        return self.states[seq] if 0 < seq < len(self.states) else None

    def records_of(self, operation: Operation) -> list[Record]:
        """Records that are this very operation."""
        op = operation.invoke.op
        if op not in self._found:
            self._found[op] = self._look_for(operation)
        return self._found[op]

    def _look_for(self, operation: Operation) -> list[Record]:
        command_id = operation.invoke.body.get("command_id")
        if command_id is not None:
            candidates: Iterable[Record] = self.by_command.get(command_id, ())
        elif operation.numbers:
            candidates = [record for n in operation.numbers for record in self.by_number.get(n, ())]
        else:
            candidates = [record for record in self.records if record.fact.get("n") is None]
        return [record for record in candidates if operation.made(record)]


class Evidence:
    """Everything that the invariants look at."""

    def __init__(self, history: Sequence[Event], database: Database) -> None:
        self.history = history
        self._by_type: dict[type, list[Event]] = defaultdict(list)
        for event in history:
            self._by_type[type(event)].append(event)
        self.setup = next(self.of(Setup), Setup(at_ms=0, who="", scan_ms=1_000))
        self.logs = {attempt.attempt_id: Log(attempt) for attempt in database.attempts}
        self.acts, self.regrades = database.acts, database.regrades
        self.given: dict[str, set[str]] = defaultdict(set)
        """Attempt → ids of the commands that acts on many give to it."""
        for act in database.acts:
            for target in act.targets:
                self.given[target.attempt_id].add(act.command_id(target.attempt_id))
        self.operations: dict[str, Operation] = {}
        self.strays: list[str] = []
        for event in history:
            match event:
                case Invoke():
                    self.operations[event.op] = Operation(event)
                case Sent() | Ok() | Fail() | Info():
                    self._note(event)
                case _:
                    pass
        self.by_attempt: dict[str, list[Operation]] = defaultdict(list)
        for operation in self.operations.values():
            self.by_attempt[operation.invoke.attempt_id].append(operation)

    def _note(self, event: Sent | Ok | Fail | Info) -> None:
        operation = self.operations.get(event.op)
        if operation is None:
            self.strays.append(event.op)
            return
        match event:
            case Sent():
                operation.sent.append(event)
            case Ok():
                operation.oks.append(event)
            case Fail():
                operation.fails.append(event)
            case Info():
                pass

    def of(self, kind: type[E]) -> Iterator[E]:
        """The events of one type, in order."""
        return iter(cast("list[E]", self._by_type[kind]))

    @property
    def told(self) -> Iterator[Connected | Told]:
        """Every state that a candidate's client was told, in order."""
        return (event for event in self.history if isinstance(event, Connected | Told))
