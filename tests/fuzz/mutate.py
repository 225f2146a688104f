"""Inputs that are almost right: bytes changed, put in, taken out, or taken from another input."""

from hypothesis import strategies as st

Change = tuple[str, int, bytes, bytes]


def mutants(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """One of the seeds with up to six changes."""
    change = st.tuples(
        st.sampled_from(["change", "insert", "remove", "splice"]),
        st.integers(0, 400),
        st.binary(min_size=1, max_size=6),
        st.sampled_from(seeds),
    )
    return st.builds(mutated, st.sampled_from(seeds), st.lists(change, min_size=1, max_size=6))


def mutated(data: bytes, changes: list[Change]) -> bytes:
    """`data` after the changes: of what kind, where, with which bytes, and from which other input."""
    for kind, place, some, other in changes:
        at = place % (len(data) + 1)
        match kind:
            case "change":
                data = data[:at] + some + data[at + len(some) :]
            case "insert":
                data = data[:at] + some + data[at:]
            case "remove":
                data = data[:at] + data[at + len(some) :]
            case _:
                data = data[:at] + other[at % (len(other) + 1) :]
    return data
