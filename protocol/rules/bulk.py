"""Acts on many attempts: who may give one, the command that it is for each attempt, and whom a filter means.

For each attempt the ids of its command follow from the act's own, so a command that was carried out before somebody
died is recognised, and not carried out twice.
"""

from collections.abc import Collection
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec.structs import replace

from protocol.attempt.model import Status
from protocol.ids import normalize_id
from protocol.messages.monitor import Row
from protocol.messages.staff import StaffCommand
from protocol.orders import COMMANDS, Filter, Order, name_of
from protocol.rules.rights import Act


def act_of(order: Order) -> Act:
    """What somebody must be allowed to do to give it."""
    return Act(name_of(order))


def command_id_of(bulk_id: str, attempt_id: str) -> str:
    """The id of the command that the act gives to this attempt: always the same one."""
    return "bulk-" + blake2b(f"{bulk_id}\n{attempt_id}".encode(), digest_size=16).hexdigest()


def command_for(order: Order, bulk_id: str, attempt_id: str) -> StaffCommand:
    """The staff command for one attempt."""
    command: Any = COMMANDS[type(order)]
    fields = msgspec.structs.asdict(order)
    del fields["seen_ms"]
    made: StaffCommand = command(command_id=command_id_of(bulk_id, attempt_id), attempt_id=attempt_id, **fields)
    return made


def unknown_statuses(wanted: Filter) -> list[str]:
    """Statuses that the filter names and that do not exist."""
    return sorted(set(wanted.statuses or ()) - set(Status))


def in_one_form(wanted: Filter) -> Filter:
    """The filter with its ids as attempts and people have them, however they were composed."""
    ids = {name: getattr(wanted, name) for name in ("sections", "groups", "branches")}
    return replace(
        wanted, **{name: None if named is None else list(map(normalize_id, named)) for name, named in ids.items()}
    )


def matches(wanted: Filter, row: Row, connection: str, members: Collection[str]) -> bool:
    """Whether the attempt is meant. `connection` says whether its candidate is connected, `members` who is in one of
    the filter's groups, if it names some."""
    return (
        (wanted.statuses is None or row.status in wanted.statuses)
        and (wanted.sections is None or row.section_id in wanted.sections)
        and (wanted.groups is None or row.user_id in members)
        and (wanted.branches is None or row.branch_id in wanted.branches)
        and (wanted.connection is None or (connection == "online") == (wanted.connection == "online"))
        and (not wanted.hand_raised or row.hand == "raised")
        and (not wanted.waiting or row.admission == "waiting")
    )
