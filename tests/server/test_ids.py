"""Identifiers."""

import pytest

from server.ids import canonical_id, new_id


def test_new_ids_are_ids_and_sort_by_time() -> None:
    ids = [new_id() for _ in range(100)]
    assert all(canonical_id(one) == canonical_id(one.upper()) == one for one in ids)
    assert len(set(ids)) == 100
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "01890a5dac96774bbcceb302099a8057",
        "01890a5d-ac96-774b-bcce-b302099a805",
        "01890a5d-ac96-774b-bcce-b302099a80570",
        "01890a5d-ac96-774b-bcce-b302099a805g",
        "01890a5dac96--774b-bcce-b302099a8057",
        "{01890a5d-ac96-774b-bcce-b302099a80}",
        "01890a5d-ac96-774b-bcce-b302099a805\u0660",
    ],
)
def test_what_is_no_id(text: str) -> None:
    assert canonical_id(text) is None
