"""The lines of a list: by what they can be sorted, and which of their fields are sent."""

from typing import Any, Literal

import msgspec

from server.api.query import Query, some_of

_SORT_SAYS = "The field that the list is sorted by; with a minus before it, from the greatest on."


class Lines(msgspec.Struct, frozen=True):
    """The field `name` of a reply has lines of the type `line`; of each the fields in `always` are sent, whatever is
    asked for. `sorts` are what the list can be sorted by, as it is sorted unless another one is asked for first."""

    name: str
    line: type[msgspec.Struct]
    always: tuple[str, ...]
    sorts: tuple[str, ...] = ()

    @property
    def query(self) -> tuple[Query, ...]:
        """The parameters `sort` and `fields`."""
        names = [sort.removeprefix("-") for sort in self.sorts]
        kind: Any = Literal[tuple(word for name in names for word in (name, f"-{name}"))]
        fields = Query("fields", some_of(self.line.__struct_fields__), says=self._fields_say())
        return (*((Query("sort", kind, says=_SORT_SAYS),) if names else ()), fields)

    def place_of(self, line: Any, by: str) -> tuple[str | int, ...]:
        """Where a line stands in a list that is sorted by this field; nil stands first."""
        values = (getattr(line, name) for name in dict.fromkeys((by, *self.always)))
        # A blank name stays one: no order has texts and numbers in it.
        return tuple(0 if value is None else value for value in values)

    def only(self, reply: msgspec.Struct, fields: str) -> dict[str, Any]:
        """The reply with these fields of its lines, as they are named with commas between them."""
        kept = {*fields.split(","), *self.always}
        told: dict[str, Any] = msgspec.to_builtins(reply)
        told[self.name] = [{name: line[name] for name in line if name in kept} for line in told[self.name]]
        return told

    def _fields_say(self) -> str:
        always = " and ".join(f"`{name}`" for name in self.always)
        return f"The fields that are sent of each line, with commas between them; {always} always."
