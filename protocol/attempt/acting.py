"""Who of the staff did what to an attempt last, so that two of them who look at the same thing see each other's act."""

from typing import Final, get_args

from protocol.attempt.facts import Entry, Paused
from protocol.attempt.kinds import ASKED, KIND_OF
from protocol.attempt.model import Actor, Attempt, StaffAct
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.staff import StaffCommand
from protocol.rules.rights import STAFF

_KEPT: Final = 4
"""People whose last act is kept."""
_ACTS: Final = frozenset(ASKED[command].fact for command in get_args(StaffCommand) if not ASKED[command].only_words)
"""Facts that change something for the candidate."""

_DID: Final = {
    "paused": "stopped the clock",
    "resumed": "let the clock run again",
    "extended": "gave more time",
    "formally_warned": "gave a formal warning",
    "collected": "collected the paper",
    "cancelled": "cancelled the attempt",
    "reinstated": "made the attempt valid again",
    "admitted": "let the candidate in",
    "reopened": "reopened the attempt",
    "accepted": "accepted what the candidate had abandoned",
    "device_allowed": "allowed another device",
    "hand_acknowledged": "said that the raised hand was seen",
    "accommodated": "set the extra time",
    "retermed": "applied the test's new rules",
}
"""Kind → what somebody did, in words."""


def with_act(acts: tuple[StaffAct, ...], entry: Entry) -> tuple[StaffAct, ...] | None:
    """The acts after one more record; None: it is no act of staff."""
    fact = entry.fact
    if type(fact) not in _ACTS or entry.role not in STAFF:
        return None
    if isinstance(fact, Paused) and fact.connection_lost:
        # It only follows from what staff did.
        return None
    kind = KIND_OF[type(fact)]
    ms = None if kind.gives is None else getattr(fact, kind.gives)
    act = StaffAct(entry.seq, entry.at_ms, Actor(entry.role, entry.by), kind.tag, ms)
    return (*(one for one in acts if one.by != act.by), act)[-_KEPT:]


def acted_meanwhile(attempt: Attempt, by: Actor, seen_seq: int | None) -> Refusal | None:
    """Refused where somebody else has acted since record `seen_seq`; nil: that does not matter."""
    if seen_seq is None:
        return None
    others = [act for act in attempt.acts if act.seq > seen_seq and act.by != by]
    return refuse(Code.ACTED_MEANWHILE, _said(others[-1])) if others else None


def acted_since(attempt: Attempt, by: Actor, seen_ms: int) -> Refusal | None:
    """Refused where somebody else has acted at `seen_ms` or since."""
    others = [act for act in attempt.acts if act.at_ms >= seen_ms and act.by != by]
    return refuse(Code.ACTED_MEANWHILE, _said(others[-1])) if others else None


def granted_meanwhile(by: Actor) -> Refusal:
    """The refusal where this person has changed what the candidate is granted. No record of the attempt says so."""
    return refuse(Code.ACTED_MEANWHILE, _sentence(by, "changed what the candidate is granted", "it"))


def _said(act: StaffAct) -> str:
    what = _DID[act.kind]
    if act.ms is not None:
        what += f" ({_minutes(act.ms)})"
    return _sentence(act.by, what, "the attempt")


def _sentence(by: Actor, what: str, look_at: str) -> str:
    who = f"{by.id} ({by.role.value.replace('_', ' ')})"
    return f"Meanwhile {who} {what}. Look at {look_at}, then decide again."


def _minutes(ms: int) -> str:
    minutes, seconds = divmod(ms // 1000, 60)
    return f"{minutes} min" if not seconds else f"{minutes} min {seconds} s"
