"""What can be done to many attempts, and which are meant: a staff command without its ids, and a filter, as JSON."""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias, Union, cast, get_args

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.messages.base import Id, Int, Text
from protocol.messages.staff import StaffCommand

_IDS: Final = frozenset({"command_id", "attempt_id", "seen_seq"})
"""What belongs to one attempt. Whoever acts on many says at most when she has looked at them (`seen_ms`)."""


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", omit_defaults=True):
    """Base of what can be done to many attempts. A field that may be left out has its default."""


def _order_of(command: type[msgspec.Struct]) -> type[Order]:
    """The command of this type without its ids, and with the instant at which its giver has looked. A reason, what the
    candidate is told and what is yes or no may be left out."""
    required: list[tuple[str, Any]] = []
    optional: list[tuple[str, Any, Any]] = [("seen_ms", Int | None, None)]
    for field in msgspec.structs.fields(command):
        if field.name in _IDS:
            continue
        if field.name in ("reason", "said"):
            optional.append((field.name, Text, ""))
        elif field.type is bool:
            optional.append((field.name, bool, False))
        else:
            required.append((field.name, field.type))
    made = msgspec.defstruct(
        f"{command.__name__.removesuffix('Attempt')}Order",
        [*required, *optional],
        bases=(Order,),
        namespace={"__doc__": f"The command `{command.__struct_config__.tag}` for each attempt, without its ids."},
        module=__name__,
        tag=str(command.__struct_config__.tag),
        frozen=True,
    )
    return cast("type[Order]", made)


class GrantAttemptOrder(Order, frozen=True, tag="grant_attempt"):
    """Grant the candidate of each attempt one more attempt at the test than she may have now."""

    reason: Text = ""
    seen_ms: Int | None = None


COMMANDS: Final[dict[type[Order], type[StaffCommand]]] = {
    _order_of(command): command for command in get_args(StaffCommand)
}
"""Order → the staff command that it gives to each attempt."""

if TYPE_CHECKING:
    AnyOrder: TypeAlias = Order
else:
    AnyOrder = Union[(*COMMANDS, GrantAttemptOrder)]
"""Every order, so that JSON decodes into the one that its tag names."""


def name_of(order: Order) -> str:
    """What it is called: the name of its command, which is that of the act that it takes."""
    return str(order.__struct_config__.tag)


def seen_of(order: Order) -> int | None:
    """When whoever gives it has looked, by the server's clock; None: that does not matter."""
    seen_ms: int | None = getattr(order, "seen_ms", None)
    return seen_ms


def reason_of(order: Order) -> str:
    """The reason that was given, or what was written to the candidates."""
    return str(getattr(order, "reason", "") or getattr(order, "text", ""))


Several = Annotated[list[Id], Meta(min_length=1, max_length=limits.MAX_SCOPE_IDS)]


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Attempts at a test that fit all that is said; nothing said: every attempt.

    `statuses` are those of attempts. `sections` are open sections, `groups` those of the candidate, `branches` those of
    the attempt. `connection`: whether the candidate is connected; whoever is not known to be is offline. `hand_raised`:
    her hand is up, and nobody has seen it. `waiting`: she has to be let in, and was not.
    """

    statuses: Several | None = None
    sections: Several | None = None
    groups: Several | None = None
    branches: Several | None = None
    connection: Literal["online", "offline"] | None = None
    hand_raised: bool = False
    waiting: bool = False


STRUCTS: Final[tuple[type[msgspec.Struct], ...]] = (Filter, *COMMANDS, GrantAttemptOrder)
"""What a body about many attempts holds."""
