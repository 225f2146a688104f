"""Facts as they are read. That their names, fields and order stay is held by the golden logs (`tests/golden`)."""

import msgspec
import pytest

from protocol.attempt.facts import Body, Moved, tag_of


def test_tag_of() -> None:
    assert tag_of(Moved(1, 2, 3)) == "moved"


@pytest.mark.parametrize("change", [{"more": 1}, {"fact": {"t": "vanished"}}, {"by": 7}])
def test_a_body_that_is_none_of_ours_is_refused(change: dict[str, object]) -> None:
    entry = msgspec.to_builtins(Body("x", Moved(1, 2, 3)))
    assert msgspec.convert(entry, Body) == Body("x", Moved(1, 2, 3))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**entry, **change}, Body)
