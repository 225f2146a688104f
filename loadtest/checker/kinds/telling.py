"""What she and staff tell each other."""

from typing import Any, Final

from loadtest.checker.database import Record
from loadtest.checker.kinds.kind import OPEN, Changes, Kind, shows
from loadtest.checker.state import Agreement, State


def _receipted(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    mark = "seen" if fact["seen"] else "delivered"
    return {
        "messages": tuple(
            (name, mark if name == fact["message_id"] and known != "seen" else known) for name, known in state.messages
        )
    }


def _messaged(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"messages": (*state.messages, (fact["command_id"], "queued"))}


def _formally_warned(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    warning = (fact["command_id"], record.at_ms, fact["reason"], record.role)
    return {**_messaged(state, record, fact), "formal": (*state.formal, warning)}


def _hand_raised(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return shows(state, hand="raised" if fact["raised"] else None)


def _consent_given(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    said = Agreement(fact["says"], fact["every_ms"], fact["keep_days"], record.at_ms)
    return {"agreements": dict(sorted({**state.agreements, fact["source"]: said}.items()))}


def _hand_acknowledged(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return shows(state, hand="acknowledged")


KINDS: Final[dict[str, Kind]] = {
    "messaged": Kind("message", OPEN, _messaged, told=True),
    "formally_warned": Kind("warn", OPEN, _formally_warned, told=True, act=True),
    "receipted": Kind("receipt", None, _receipted, told=False),
    "hand_raised": Kind("raise_hand", OPEN, _hand_raised, told=True),
    "hand_acknowledged": Kind("acknowledge_hand", OPEN, _hand_acknowledged, told=True, act=True),
    "consent_given": Kind("give_consent", OPEN, _consent_given, told=True),
}
