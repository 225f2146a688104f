"""What decoders say, as people say it: held against what the library really says."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from protocol.shapes import misshapen, split_path


class _Thing(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=3, pattern="^x*$")] = "x"
    entries: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(min_length=2, max_length=3)] = msgspec.field(
        default_factory=list
    )
    count: Annotated[int, Meta(ge=1, le=3)] = 1
    share: Annotated[float, Meta(gt=0, lt=1)] = 0.5
    kind: Literal["a", "b"] = "a"
    either: int | str | None = None
    weights: Annotated[dict[str, int], Meta(max_length=1)] = msgspec.field(default_factory=dict)
    inside: "_Thing | None" = None


class _Needs(msgspec.Struct):
    text: str


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": ""}, "`text` is empty"),
        ({"text": "xxxx"}, "`text` has more than 3 characters"),
        ({"text": "y"}, "`text` has characters that can't stand there"),
        ({"text": 3}, "`text` is a whole number, and should be a text"),
        ({"entries": [1]}, "`entries` has fewer than 2 entries"),
        ({"entries": [1, 2, 3, 4]}, "`entries` has more than 3 entries"),
        ({"entries": [1, -2]}, "`entries[1]` is less than 0"),
        ({"count": 4}, "`count` is greater than 3"),
        ({"count": True}, "`count` is true or false, and should be a whole number"),
        ({"share": 0.0}, "`share` is not greater than 0.0"),
        ({"share": 1.0}, "`share` is not less than 1.0"),
        ({"kind": "c"}, "`kind` can't be 'c'"),
        ({"either": [1]}, "`either` is a list, and should be a whole number or a text"),
        ({"weights": {"a": 1, "b": 2}}, "`weights` has more than 1 entries"),
        ({"weights": {"a": None}}, "`weights[...]` is nothing, and should be a whole number"),
        ({"inside": {"inside": {"count": 9}}}, "`inside.inside.count` is greater than 3"),
        ({"other": 1}, "it has a field that is not known, `other`"),
        ([], "it is a list, and should be a list of names and values"),
    ],
)
def test_what_the_library_says_becomes_a_sentence(given: Any, said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(given, _Thing)
    assert str(misshapen(str(caught.value))) == said


def test_a_missing_field_is_named() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({}, _Needs)
    assert str(misshapen(str(caught.value))) == "it lacks `text`"


def test_what_is_not_known_is_left_as_it_is() -> None:
    assert misshapen("Something New - at `$.a.b`") == ("a.b", "something New")
    assert split_path("a[2].b") == ("a", "[2].b")
    assert split_path("") == ("", "")
