"""The OpenAPI document, made from the same endpoints as the routes."""

import re
from typing import Any, Final

import msgspec
from msgspec import UNSET

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import REFUSALS, Code
from protocol.errors import refuse
from protocol.messages.base import Id
from protocol.rest.body import DEVICE_HEADER, IDEMPOTENCY_HEADER
from protocol.rest.problems import Problem
from protocol.rest.scim import SCIM_MEDIA_TYPE, ScimError
from protocol.scim.faults import scim_status_of
from server.api.endpoint import Endpoint
from server.api.examples import Example, examples
from server.api.lines import Lines
from server.api.query import Query
from server.api.tags import IF_MATCH, IF_NONE_MATCH

_ALWAYS: Final = (
    Code.TOKEN_MISSING,
    Code.TOKEN_INVALID,
    Code.TOKEN_EXPIRED,
    Code.TOKEN_REVOKED,
    Code.FORBIDDEN,
    Code.UNKNOWN_FIELD,
    Code.RATE_LIMITED,
    Code.NEWER_LOG,
    Code.STORAGE_UNAVAILABLE,
    Code.INTERNAL,
)
_WITH_BODY: Final = (
    Code.MALFORMED,
    Code.TRAILING_BYTES,
    Code.MISSING_FIELD,
    Code.WRONG_TYPE,
    Code.OUT_OF_RANGE,
    Code.ANSWER_TOO_LONG,
    Code.WRONG_MARKUP,
    Code.TOO_LARGE,
    Code.OVERLOADED,
)
KEYED: Final = (
    Code.INVALID_IDEMPOTENCY_KEY,
    Code.IDEMPOTENCY_KEY_REUSED,
    Code.IDEMPOTENCY_KEY_IN_USE,
    Code.OUTCOME_UNKNOWN,
    Code.ANSWER_GONE,
)
"""What a POST may be refused for because of its idempotency key."""
_WITH_FILE: Final = (Code.MALFORMED, Code.TOO_LARGE)
_WITH_QUERY: Final = (Code.MALFORMED, Code.OUT_OF_RANGE)
_ID: Final = msgspec.json.schema(Id)
_PATH: Final = {
    "attempt_id": {"type": "string", "format": "uuid"},
    **dict.fromkeys(("test_id", "question_id", "user_id", "group_id", "regrade_id", "bulk_id", "hash", "late_id"), _ID),
    **dict.fromkeys(("subscription_id", "event_id", "key_id", "type_id", "schema_id"), _ID),
}
_NO_CONTENT: Final = 204
_TEXT: Final = {"type": "string"}
_FILE: Final = {"type": "string", "format": "binary"}
"""As generators of clients know bytes, though OpenAPI 3.1 would say nothing at all of them."""
_LATER: Final = (429, 503)
_COME_BACK: Final = {
    "headers": {"Retry-After": {"required": True, "description": "In how many seconds.", "schema": {"type": "integer"}}}
}
_TAG: Final = {
    "headers": {"ETag": {"required": True, "description": "Of the state shown.", "schema": {"type": "string"}}}
}
_PROBLEM: Final = "application/problem+json"
_REF: Final = "#/components/schemas/{name}"


def document(endpoints: list[Endpoint], version: str) -> dict[str, Any]:
    """OpenAPI 3.1."""
    types: list[type] = [Problem, ScimError]
    for endpoint in endpoints:
        types += [endpoint.reply, *(one for one in (endpoint.body, endpoint.shape) if one is not None)]
    unique = list(dict.fromkeys(types))
    schemas, components = msgspec.json.schema_components(unique, ref_template=_REF)
    by_type = dict(zip(unique, schemas, strict=True))
    lists = {one.reply.__name__: one.lines for one in endpoints if one.lines is not None}
    for reply, lines in lists.items():
        whole = _REF.format(name=lines.line.__name__)
        used = msgspec.json.encode((schemas, components)).count(f'"{whole}"'.encode())
        _say_sparse(components, reply, lines, alone=used == 1)
    paths: dict[str, Any] = {}
    shown = examples()
    for endpoint in endpoints:
        example = shown.get(f"{endpoint.method} {endpoint.path}", Example())
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, by_type, example)
    health = {"content": {"text/plain; charset=utf-8": {"schema": {"type": "string"}}}}
    paths["/healthz"] = {
        "get": {
            "operationId": "get_healthz",
            "summary": "Whether the node can serve.",
            "security": [],
            "responses": {
                "200": {**health, "description": "It can."},
                "503": {**health, "description": "Not now."},
            },
        }
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pencils Down",
            "version": version,
            "description": "Timed tests and exams: the whole life of an attempt over REST.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"token": []}],
    }


def _say_sparse(components: dict[str, Any], reply: str, lines: Lines, *, alone: bool) -> None:
    """Says that a line of this reply has but the fields that were asked for. Where it is not `alone` of its type, that
    has all of them elsewhere, and lines are of a type of their own."""
    name = lines.line.__name__
    whole = components[name]
    if not alone:
        name += "InList"
        components[reply]["properties"][lines.name]["items"] = {"$ref": _REF.format(name=name)}
    required = [field for field in lines.always if field in whole.get("required", ())]
    components[name] = whole | {"title": name, "required": required}


def _operation(endpoint: Endpoint, schemas: dict[type, dict[str, Any]], example: Example) -> dict[str, Any]:
    name = re.sub(r"[^a-z0-9]+", "_", f"{endpoint.method} {endpoint.path}".lower()).strip("_")
    parameters = [
        {"name": found, "in": "path", "required": True, "schema": _PATH[found]}
        for found in re.findall(r"{(\w+)}", endpoint.path)
    ]
    parameters += [_in_query(query) for query in endpoint.query]
    if _names_a_device(endpoint):
        says = "Where the test binds its links: `device` of the candidate's `hello` or `resume`."
        parameters.append(_header(DEVICE_HEADER, says, {"type": "string", "maxLength": limits.MAX_ID_CHARS}))
    if endpoint.method == "POST":
        says = "A key of your own: the same call with it is carried out once, and answered alike."
        key = {"type": "string", "pattern": f"^[!#-~]{{1,{limits.MAX_IDEMPOTENCY_KEY_CHARS}}}$"}
        parameters.append(_header(IDEMPOTENCY_HEADER, says, key))
    if endpoint.tagged:
        parameters += _tag_headers(endpoint.method)
    roles = ", ".join(sorted(role.value for role in endpoint.roles))
    gone = endpoint.deprecated
    reply = _content(endpoint.media_type, schemas[endpoint.reply], example.reply)
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": endpoint.summary,
        "description": " ".join([f"Act: {endpoint.act}. Roles: {roles}.", *([gone.says] if gone else [])]),
        **({"deprecated": True} if gone else {}),
        "parameters": parameters,
        "responses": {
            str(endpoint.status): {
                "description": "Done.",
                **(_TAG if endpoint.tagged and endpoint.method != "DELETE" else {}),
                **({} if endpoint.status == _NO_CONTENT else {"content": reply}),
            },
            **(
                {"304": {"description": "It is what you know."}} if endpoint.tagged and endpoint.method == "GET" else {}
            ),
            **_problems(endpoint, schemas),
        },
    }
    sent = example.request
    if endpoint.body is not None:
        content = _content("application/json", schemas[endpoint.body], sent)
    elif endpoint.shape is not None:
        shape = schemas[endpoint.shape]
        content = _content(endpoint.media_type, shape, sent) | _content("application/json", shape, sent)
    elif endpoint.raw:
        content = _content("application/octet-stream", {}, sent)
    else:
        return operation
    operation["requestBody"] = {"required": True, "content": content}
    return operation


def _tag_headers(method: str) -> list[dict[str, Any]]:
    # To a GET, a header that can't be read says nothing.
    any_tag: dict[str, Any] = {"type": "string"}
    known = "The `ETag` of what is known: where it still is so, the answer is 304, without a body."
    if method == "GET":
        return [_header(IF_NONE_MATCH, known, any_tag)]
    seen = "The `ETag` of what was seen: where it was changed since, nothing is done."
    absent = "`*`: where something is there already, nothing is done."
    return [
        _header(IF_MATCH, seen, any_tag | {"pattern": '^"[!#-~]{0,64}"$'}),
        _header(IF_NONE_MATCH, absent, any_tag | {"const": "*"}),
    ]


def _header(name: str, says: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": says, "schema": schema}


def _in_query(query: Query) -> dict[str, Any]:
    said = {"description": query.says} if query.says else {}
    schema = msgspec.json.schema(query.type)
    return {"name": query.name, "in": "query", "required": query.required, **said, "schema": schema}


def _names_a_device(endpoint: Endpoint) -> bool:
    """Whether the endpoint opens an attempt to its candidate. If the test binds its links, such a call must name the
    device."""
    return Role.CANDIDATE in endpoint.roles and "{attempt_id}" in endpoint.path


def _problems(endpoint: Endpoint, schemas: dict[type, dict[str, Any]]) -> dict[str, Any]:
    is_scim = endpoint.media_type == SCIM_MEDIA_TYPE
    media_type, schema = (SCIM_MEDIA_TYPE, schemas[ScimError]) if is_scim else (_PROBLEM, schemas[Problem])
    with_body = _WITH_BODY if endpoint.body is not None else _WITH_FILE if endpoint.raw else ()
    with_query = _WITH_QUERY if endpoint.query else ()
    with_device = (Code.LINK_USED,) if _names_a_device(endpoint) else ()
    with_attempt = (Code.ERASED,) if "{attempt_id}" in endpoint.path else ()
    changes = endpoint.method != "GET"
    with_tag = ((Code.CHANGED_MEANWHILE,) if endpoint.tagged and changes else ()) + (
        (Code.MALFORMED,) if changes else ()
    )
    with_key = KEYED if endpoint.method == "POST" else ()
    codes = [*_ALWAYS, *with_body, *with_query, *with_device, *with_attempt, *with_key, *with_tag, *endpoint.refusals]
    by_status: dict[int, list[Code]] = {}
    for code in dict.fromkeys(codes):
        status = scim_status_of(refuse(code)) if is_scim else REFUSALS[code].http
        by_status.setdefault(status, []).append(code)
    return {
        str(status): {
            "description": "; ".join(f"`{code}`: {REFUSALS[code].sentence}" for code in found),
            **(_COME_BACK if status in _LATER else {}),
            "content": _content(media_type, schema),
        }
        for status, found in sorted(by_status.items())
    }


def _content(media_type: str, schema: dict[str, Any], example: Any = UNSET) -> dict[str, Any]:
    is_file = schema == _TEXT and not media_type.startswith("text/")
    shown = {} if example is UNSET else {"example": example}
    return {media_type: {"schema": _FILE if is_file else schema, **shown}}
