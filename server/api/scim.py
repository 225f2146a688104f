"""What all calls of SCIM share: how bodies are read, lists paged, and resources and refusals shown."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.codec import explain_json
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import NO_NUL
from protocol.rest.scim import LIST_URN, SCIM_BASE, SCIM_MEDIA_TYPE, ScimPatch
from protocol.rules.rights import Act
from protocol.scim.attributes import Schema
from protocol.scim.documents import MAX_RESULTS
from protocol.scim.faults import INVALID_SYNTAX, INVALID_VALUE, TOO_MANY, ScimFault
from protocol.scim.filters import Filter, parse_filter
from protocol.scim.matching import check_filter
from protocol.scim.reading import read_resource
from protocol.scim.showing import shown
from server.api.endpoint import Call, Endpoint
from server.api.query import Query
from server.api.tags import Tagged, tag_of
from storage.directory import Overtaken

T = TypeVar("T")

_DEFAULT: Final = 100
BATCH: Final = 500
"""Resources that are read at once, to be looked through by a filter."""
IN_ONE_TURN: Final = 500
"""Comparisons that a filter makes before others have their turn: some milliseconds."""
_TRIES: Final = 5
_SHORT_BYTES: Final = 4_000
_FEW: Final = 1_000
_NUMBER: Final = re.compile(r"-?[0-9]+", re.ASCII)
_MAX_NUMBER_CHARS: Final = 40
_PLAIN_IN_PATHS: Final = "/@:!$&'()*+,;=~-._"
"""What stands in a path as it is, beside letters and digits (RFC 3986, 3.3)."""
_PLAIN: Final = re.compile(f"[A-Za-z0-9{re.escape(_PLAIN_IN_PATHS)}]*").fullmatch
_MOST: Final = 1_000_000_000
_Names = Annotated[str, Meta(min_length=1, max_length=limits.MAX_FILTER_CHARS, pattern=NO_NUL)]
_Number = Annotated[str, Meta(min_length=1, max_length=_MAX_NUMBER_CHARS, pattern=NO_NUL)]

SHOWN: Final = (
    Query("attributes", _Names, says="The attributes that are shown, with commas between them; the id always is."),
    Query("excludedAttributes", _Names, says="Attributes that are not shown, with commas between them."),
)
LISTED: Final = (
    *SHOWN,
    Query("filter", _Names, says='Which resources, as in `userName eq "ada"` (RFC 7644, 3.4.2.2).'),
    Query("startIndex", _Number, says="From the how-manieth on, counted from 1; less than that is 1."),
    Query("count", _Number, says=f"How many at most, up to {MAX_RESULTS}; less than 0 is 0."),
)


def json_of(call: Call) -> Any:
    """The body. Raises `Refused`."""
    body: bytes = call.body or b"{}"
    if body.count(b"{") + body.count(b"[") > limits.MAX_SCIM_VALUES:
        raise ScimFault(INVALID_SYNTAX, f"The body has more than {limits.MAX_SCIM_VALUES} objects and lists in it.")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise explain_json(error) from None


async def beside(call: Call, work: Callable[[], T], more: int = 0) -> T:
    """What `work` makes of the body: in a thread where that is large, or there are `more` values than a few, so that
    nobody waits for it."""
    small = len(call.body or b"") <= _SHORT_BYTES and more <= _FEW
    return work() if small else await asyncio.to_thread(work)


def base_of(call: Call) -> str:
    """The address of SCIM at this server."""
    return call.node.settings.url + SCIM_BASE


def address_of(call: Call, schema: Schema, own_id: str) -> str:
    """The address of a resource, which fits in a header too."""
    return f"{base_of(call)}/{schema.path}/{own_id if _PLAIN(own_id) else quote(own_id, _PLAIN_IN_PATHS)}"


def window(call: Call) -> tuple[int, int]:
    """From the how-manieth resource on (from 0), and how many at most."""
    start, count = _number(call, "startIndex", 1), _number(call, "count", _DEFAULT)
    return min(max(1, start), _MOST) - 1, min(max(0, count), MAX_RESULTS)


def _number(call: Call, name: str, otherwise: int) -> int:
    text: str | None = call.query.get(name)
    if text is not None and not _NUMBER.fullmatch(text):
        raise ScimFault(INVALID_VALUE, f"`{name}` must be a whole number.")
    return otherwise if text is None else int(text)


def filter_of(call: Call, schema: Schema) -> Filter | None:
    """What is asked for; None: everything. Raises `ScimFault`."""
    text: str | None = call.query.get("filter")
    if text is None:
        return None
    asked = parse_filter(text)
    check_filter(schema, asked)
    return asked


def check_compared(made: int) -> None:
    """Raises `ScimFault(tooMany)` where a filter would make more comparisons than it may."""
    if made > limits.MAX_FILTERED:
        raise ScimFault(
            TOO_MANY,
            f"This filter would make more than {limits.MAX_FILTERED} comparisons. Ask for one resource, by userName,"
            " externalId or id with `eq`.",
        )


def only_shown(call: Call, schema: Schema, resource: Mapping[str, Any]) -> dict[str, Any]:
    """The resource as the query asks for it."""
    return shown(schema, resource, call.query.get("attributes"), call.query.get("excludedAttributes"))


def listed(total: int, skip: int, resources: Sequence[Any]) -> dict[str, Any]:
    """A page of a list."""
    return {
        "schemas": [LIST_URN],
        "totalResults": total,
        "startIndex": skip + 1,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def finished(
    call: Call, schema: Schema, resource: dict[str, Any], times: Mapping[str, int | None], *, with_tag: bool = True
) -> dict[str, Any]:
    """The resource with its `schemas` and `meta`. `times`: of these instants those that are known. `with_tag`: a filter
    needs none, and it takes as long as all else."""
    said = {name: _instant(at_ms) for name, at_ms in times.items() if at_ms is not None}
    meta = {"resourceType": schema.name, "location": address_of(call, schema, resource["id"]), **said}
    tag = {"version": tag_of(resource)} if with_tag else {}
    return {"schemas": [schema.urn], **resource, "meta": meta | tag}


def tagged(call: Call, schema: Schema, resource: dict[str, Any], *, made: bool = False) -> Tagged:
    """The reply that shows the resource."""
    meta = resource["meta"]
    return Tagged(only_shown(call, schema, resource), meta["version"], meta["location"] if made else "")


def _instant(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def tried(work: Callable[[], Awaitable[T]]) -> T:
    """What `work` gives, which reads something and changes it; anew where somebody else has changed it meanwhile."""
    for _ in range(_TRIES):
        try:
            return await work()
        except Overtaken:
            continue
    raise Refused(refuse(Code.OVERLOADED))


async def replacement(call: Call, schema: Schema, own_id: str, of: Callable[[dict[str, Any]], T]) -> T:
    """What `of` makes of the resource that is to stand at this address. Raises `ScimFault`."""

    def read() -> T:
        body = json_of(call)
        _check_id(body, own_id)
        return of(read_resource(schema, body))

    return await beside(call, read)


def _check_id(resource: Any, own_id: str) -> None:
    """Raises `ScimFault` where a body names another resource than the address does."""
    named = resource.get("id") if isinstance(resource, Mapping) else None
    if named is not None and named != own_id:
        raise ScimFault(INVALID_VALUE, "`id` names another resource than the address does.")


def endpoint(
    method: str,
    path: str,
    summary: str,
    handle: Callable[[Call], Awaitable[Any]],
    reply: type,
    *refusals: Code,
    shape: type | None = None,
    query: tuple[Query, ...] = (),
    is_tagged: bool = False,
) -> Endpoint:
    """An endpoint of SCIM: what it takes and gives is `application/scim+json`, and a query may have more in it than is
    heeded."""
    return Endpoint(
        method=method,
        path=SCIM_BASE + path,
        summary=summary,
        handle=handle,
        reply=reply,
        act=Act.ENROL,
        query=query,
        lenient=True,
        raw=shape is not None,
        shape=shape,
        max_body_bytes=limits.MAX_SCIM_BODY_BYTES,
        media_type=SCIM_MEDIA_TYPE,
        status={"POST": 201, "DELETE": 204}.get(method, 200),
        tagged=is_tagged,
        refusals=(*refusals, *(_OF_BODIES if shape is not None else (Code.OUT_OF_RANGE, Code.OVERLOADED))),
    )


_OF_BODIES: Final = (
    Code.MISSING_FIELD,
    Code.WRONG_TYPE,
    Code.OUT_OF_RANGE,
    Code.INVALID_ID,
    Code.TRAILING_BYTES,
    Code.TOO_DEEP,
    Code.OVERLOADED,
)
PATCH: Final = ScimPatch
