"""The calls of the REST API, as the server offers them."""

from itertools import groupby
from typing import Final

from clients.documented.tables import table
from server.api.endpoint import Endpoint
from server.app import ENDPOINTS

_ATTEMPT: Final = "/test-attempts/{attempt_id}"


def calls() -> str:
    """A row for each address and what can be done with it."""
    ordered = sorted(ENDPOINTS, key=lambda endpoint: (endpoint.path, endpoint.summary))
    groups = [list(group) for _, group in groupby(ordered, lambda endpoint: (endpoint.path, endpoint.summary))]
    order = {(endpoint.path, endpoint.summary): place for place, endpoint in reversed(list(enumerate(ENDPOINTS)))}
    groups.sort(key=lambda group: order[group[0].path, group[0].summary])
    return table(("Call", "Act", "In → out", "What it does", "Refusals of its own"), map(_row, groups))


def _row(group: list[Endpoint]) -> tuple[str, ...]:
    first = group[0]
    methods = " or ".join(sorted((endpoint.method for endpoint in group), reverse=True))
    query = "".join(f"{'?' if not place else '&'}{query.name}=" for place, query in enumerate(first.query))
    taken = f"`{first.body.__name__}` " if first.body is not None else ""
    status = f", status {first.status}" if first.status != 200 else ""
    return (
        f"`{methods} {first.path.replace(_ATTEMPT, '…')}{query}`",
        f"`{first.act}`{' or her own' if first.own else ''}",
        f"{taken}→ `{first.reply.__name__}`{status}",
        first.summary,
        ", ".join(f"`{code}`" for code in first.refusals),
    )
