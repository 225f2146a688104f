"""Query parameters: declared once for an endpoint and its OpenAPI document, and read strictly."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.codes import Code
from protocol.errors import Refused, refuse

UUID_PATTERN: Final = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
AttemptId = Annotated[str, Meta(min_length=36, max_length=36, pattern=UUID_PATTERN)]
"""An attempt's id, in any letter case."""
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)

YES_OR_NO: Final = Annotated[int, Meta(ge=0, le=1)]
_SOME: Final = "^("
"""So begin the patterns of `some_of`."""


def some_of(words: Iterable[str]) -> Any:
    """The type of a parameter that takes some of the words, with commas between them."""
    one = "|".join(words)
    return Annotated[str, Meta(min_length=1, max_length=1_000, pattern=f"{_SOME}{one})(,({one}))*$")]


class Query(msgspec.Struct, frozen=True):
    """One parameter. `type` is a whole number or a text, with its bounds, or one or some of a few words. `says`
    describes it, where its name does not."""

    name: str
    type: Any
    required: bool = False
    says: str = ""

    def read(self, text: str) -> Any:
        """The value that `text` stands for. A number has one form: no sign, no leading zero, ASCII digits. Raises
        `Refused`."""
        schema = msgspec.json.schema(self.type)
        value: Any = text
        if schema.get("type") == "integer":
            value = int(text) if _DECIMAL.fullmatch(text) else None
        try:
            return msgspec.convert(value, self.type)
        except msgspec.ValidationError:
            raise Refused(refuse(Code.OUT_OF_RANGE, f"`{self.name}` must be {_described(schema)}.")) from None


def read_query(given: Iterable[tuple[str, str]], known: Sequence[Query]) -> dict[str, Any]:
    """The values of the given parameters. Raises `Refused`."""
    by_name = {query.name: query for query in known}
    values: dict[str, Any] = {}
    for name, text in given:
        query = by_name.get(name)
        if query is None:
            raise Refused(refuse(Code.UNKNOWN_FIELD, "This address takes no such query parameter."))
        if name in values:
            raise Refused(refuse(Code.MALFORMED, f"`{name}` is given twice."))
        values[name] = query.read(text)
    for query in known:
        if query.required and query.name not in values:
            raise Refused(refuse(Code.MISSING_FIELD, f"The query parameter `{query.name}` is missing."))
    return values


def _described(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f"`{word}`" for word in schema["enum"])
    if schema["type"] == "integer":
        return f"a whole number from {schema['minimum']} to {schema['maximum']}"
    if schema.get("pattern") == UUID_PATTERN:
        return "the id of an attempt"
    pattern: str = schema.get("pattern", "")
    if pattern.startswith(_SOME):
        words = pattern.removeprefix(_SOME).partition(")")[0].split("|")
        return f"some of these, with commas between them: {', '.join(words)}"
    return f"a text of {schema.get('minLength', 0)} to {schema.get('maxLength', limits.MAX_TEXT_CHARS)} characters"
