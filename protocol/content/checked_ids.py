"""Ids of a test: each may stand in an address, and no two would be taken for one another."""

from protocol import limits
from protocol.ids import find_twins, read_address_id
from protocol.mistakes import mistake


def check_ids(where: str, things: str, ids: list[str]) -> None:
    """Each may stand in an address, and no two would be taken for one another."""
    for found in ids:
        try:
            read_address_id(found)
        except ValueError as error:
            raise mistake(where, f"the id {found[: limits.MAX_ID_CHARS]!r} {error}") from None
    twins = find_twins(ids)
    if twins is not None:
        one, other = twins
        told = (
            f"the same id, {one!r}" if one == other else f"ids that differ in letter case alone, {one!r} and {other!r}"
        )
        raise mistake(where, f"two {things} have {told}")
