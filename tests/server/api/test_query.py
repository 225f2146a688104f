"""Query parameters of every endpoint, as the OpenAPI document declares them, against the running server."""

import re
from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.messages.base import Int
from server.api.query import Query
from tests.server.harness.calls import NOTHING
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer

NO_NUMBERS = (
    "", " ", "x", "zzz", "-1", "+1", "1.0", "1e2", "0x1", "01", "00000000199999999", "1_0", "%201", "1%20", "%D9%A3",
    "%C2%B2", "9" * 17, "9" * 5_000, "%00", "nan", "null", "true",
)  # fmt: skip
REFUSED_BODIES = (Code.INVALID_TEST, Code.INVALID_ROSTER, Code.MISSING_FIELD, Code.NOT_CONSENTED)
"""With these a body is refused that is none: the parameter beside it was taken."""
NO_IDS = ("", "zzz", "%00", "x" * 36, "0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e4", "0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47%0A")


async def test_every_parameter_of_every_endpoint_is_read_strictly(server: RunningServer) -> None:
    attempt_id = await server.started()
    ids = NOTHING._replace(attempt_id=attempt_id, test_id=TEST, question_id="single", user_id="ada")
    document = (await server.call("GET", "/openapi.json")).ok()
    roles = (Role.CANDIDATE, Role.INSTRUCTOR, Role.SERVICE)
    seen = 0
    for template, methods in document["paths"].items():
        path = template.format(**ids._asdict())
        for method, operation in methods.items():
            queries = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
            role = next((one for one in roles if one.value in operation.get("description", "")), Role.CANDIDATE)
            for query in queries:
                seen += 1
                # Somebody else for each of them: a person's calls have a budget.
                token = server.token(role, "ada" if role is Role.CANDIDATE else f"staff-{seen}")
                assert {"type", "enum"} & set(query["schema"]), "declare what it may be"
                await _wrong_values(server, method.upper(), path, token, query)
    assert seen >= 5


async def _wrong_values(server: RunningServer, method: str, path: str, token: str, query: dict[str, Any]) -> None:
    name, schema = query["name"], query["schema"]

    async def code(rest: str) -> str:
        return (await server.call(method, f"{path}?{rest}", token)).code

    if "enum" in schema:
        for text in ("", "zzz", "a%00b", *(f"{word}%20" for word in schema["enum"])):
            reply = await server.call(method, f"{path}?{name}={text}", token)
            assert reply.code == Code.OUT_OF_RANGE, (path, name, text)
            assert all(word in reply.body["detail"] for word in schema["enum"]), "it says what it takes"
        for word in schema["enum"]:
            reply = await server.call(method, f"{path}?{name}={word}", token)
            assert reply.status < 400 or reply.code in (*REFUSED_BODIES, Code.NOT_FOUND), reply.raw
    elif schema["type"] == "integer":
        for text in (*NO_NUMBERS, str(schema["minimum"] - 1), str(schema["maximum"] + 1)):
            assert await code(f"{name}={text}") == Code.OUT_OF_RANGE, (path, name, text[:40])
        for number in (schema["minimum"], schema["maximum"]):
            reply = await server.call(method, f"{path}?{name}={number}", token)
            assert reply.status < 400 or reply.code in (Code.NOT_FOUND, Code.MISSING_FIELD), reply.raw
    elif schema.get("minLength") == 36:
        for text in NO_IDS:
            assert await code(f"{name}={text}") == Code.OUT_OF_RANGE, (path, name, text)
    else:
        for text in ("", "x" * (schema["maxLength"] + 1), "a%00b"):
            assert await code(f"{name}={text}") == Code.OUT_OF_RANGE, (path, name, text)
    if query["required"]:
        assert (await server.call(method, path, token)).code == Code.MISSING_FIELD
    some = re.match(r"\^\((\w+)\|", schema.get("pattern", ""))
    plain = some[1] if some else "0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47"
    value = next(iter(schema.get("enum", ())), schema.get("minimum", plain))
    assert await code(f"{name}={value}&{name}={value}") == Code.MALFORMED


async def test_a_list_goes_on(server: RunningServer) -> None:
    for user in ("ada", "bob", "eve"):
        await server.make_attempt(user)
    first = (await server.call("GET", f"/tests/{TEST}/attempts?limit=2", server.instructor)).ok()
    rest = (await server.call("GET", f"/tests/{TEST}/attempts?after={first['next']}", server.instructor)).ok()
    assert [row["user_id"] for row in rest["attempts"]] == ["eve"]


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("9007199254740991", 2**53 - 1)])
def test_a_number_has_one_form(text: str, number: int) -> None:
    assert Query("after", Int).read(text) == number
