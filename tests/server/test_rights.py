"""Every call and every staff command, tried by every role: allowed or forbidden exactly as docs/rules.md says."""

from pathlib import Path
from typing import Any, Final, get_args

import pytest

from protocol.attempt.kinds import ASKED
from protocol.attempt.model import Role
from protocol.codes import Close, Code
from protocol.messages.staff import StaffCommand
from protocol.rules.rights import Act
from server.app import ENDPOINTS
from tests.server.conftest import StartServer
from tests.server.harness.calls import BODIES, NOTHING, about, make
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer

ROLES: Final = [role for role in Role if role is not Role.SYSTEM]


def _documented() -> dict[str, set[str]]:
    """Act → the roles that may do it, as docs/rules.md says."""
    text = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    table = text.partition("<!-- generated: rights -->\n")[2].partition("<!-- end -->")[0]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    roles = [cell.replace(" ", "_") for cell in head[2:]]
    return {
        row[0].strip("`"): {role for role, cell in zip(roles, row[2:], strict=True) if cell == "yes"} for row in rows
    }


MAY: Final = _documented()


def test_the_documented_table_is_whole() -> None:
    assert set(MAY) == set(Act)
    assert set().union(*MAY.values()) == {*ROLES}


@pytest.fixture
async def server(start_server: StartServer) -> RunningServer:
    server = await start_server()
    await server.make_test()
    return server


async def test_every_call_is_for_the_roles_of_the_table_alone(server: RunningServer) -> None:
    assert set(BODIES) == {f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS}
    for endpoint in ENDPOINTS:
        name = f"{endpoint.method} {endpoint.path}"
        for role in ROLES:
            allowed = role in MAY[endpoint.act] or (endpoint.own and role is Role.CANDIDATE)
            reply = await make(server, name, NOTHING, server.token(role, "ada"))
            forbidden = reply.status == 403 and reply.code == Code.FORBIDDEN
            assert forbidden is not allowed, (name, role)


async def test_every_command_is_for_the_roles_of_the_table_alone(server: RunningServer) -> None:
    attempt_id = await server.started()
    ids = NOTHING._replace(attempt_id=attempt_id)
    for role in ROLES:
        async with await server.socket(f"/ws/monitor/{TEST}") as socket:
            await socket.hello(server.token(role, f"{role}-1"))
            if role not in MAY[Act.WATCH]:
                assert await socket.refusal() == (Code.FORBIDDEN, Close.FORBIDDEN)
                continue
            await socket.until("roster")
            for command in get_args(StaffCommand):
                tag = command.__struct_config__.tag
                fields: dict[str, Any] = about(command, ids) | {"command_id": f"{role} {tag}"}
                await socket.send(tag, **fields)
                while (answer := await socket.next())["t"] not in ("done", "command_refused"):
                    pass
                assert answer["command_id"] == fields["command_id"]
                forbidden = answer["t"] == "command_refused" and answer["code"] == Code.FORBIDDEN
                act = ASKED[command].act
                assert act is not None
                assert forbidden is (role not in MAY[act]), (role, tag)


async def test_only_candidates_connect(server: RunningServer) -> None:
    attempt_id = await server.started()
    for role in ROLES:
        async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
            await socket.hello(server.token(role))
            if role in MAY[Act.CONNECT]:
                await socket.until("welcome")
            else:
                assert await socket.refusal() == (Code.FORBIDDEN, Close.FORBIDDEN)


async def test_a_monitor_is_told_what_it_may_do(server: RunningServer) -> None:
    for role in ROLES:
        if role not in MAY[Act.WATCH]:
            continue
        async with await server.socket(f"/ws/monitor/{TEST}") as socket:
            await socket.hello(server.token(role, f"{role}-1"))
            welcome = await socket.until("monitor_welcome")
            assert welcome["acts"] == sorted(act for act, roles in MAY.items() if role in roles)
