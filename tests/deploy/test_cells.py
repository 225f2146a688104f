"""Two cells behind one front: each organisation's host leads to its own, and nothing of one is known in the other."""

from pathlib import Path

import pytest

from loadtest.ports import free_port
from tests.deploy.fronts import HOSTS, Front, start_nginx_before_cells
from tests.server.conftest import StartServer
from tests.server.harness.running import RunningServer
from tests.services.processes import Processes

NORTH, SOUTH, SCHOOL = HOSTS
Cells = tuple[RunningServer, RunningServer, Front]


@pytest.fixture
async def cells(start_server: StartServer, processes: Processes, tmp_path: Path) -> Cells:
    """Each with one node that runs and one that is away."""
    origins = ",".join(f"https://{host}" for host in HOSTS)
    north = await start_server(allowed_origins=origins, data=tmp_path / "north")
    south = await start_server(allowed_origins=origins, data=tmp_path / "south")
    await north.make_test(org="north")
    await south.make_test(org="south")
    folder = tmp_path / "proxy"
    folder.mkdir()
    nodes = [free_port(), north.settings.port, south.settings.port, free_port()]
    return north, south, start_nginx_before_cells(processes, folder, nodes)


@pytest.mark.parametrize("own", [NORTH, SOUTH])
async def test_each_organisation_is_served_by_its_own_cell(cells: Cells, own: str) -> None:
    north, south, front = cells
    cell, org, other = (north, "north", SOUTH) if own == NORTH else (south, "south", NORTH)
    attempt_id = await cell.make_attempt(org=org)
    token = cell.token(org=org)
    async with await front.socket(f"/ws/attempts/{attempt_id}", name=own) as socket:
        await socket.hello(token)
        await socket.until("welcome")
        await socket.send("start", n=1, client_at_ms=0)
        await socket.until("ack", n=1)
    assert (await front.get(f"/test-attempts/{attempt_id}/status", token, own))[0] == 200
    assert (await front.get(f"/test-attempts/{attempt_id}/status", token, other))[0] == 404


async def test_organisations_may_share_a_cell(cells: Cells) -> None:
    _, south, front = cells
    attempt_id = await south.make_attempt(org="south")
    assert (await front.get(f"/test-attempts/{attempt_id}/status", south.token(org="south"), SCHOOL))[0] == 200


async def test_a_host_without_a_cell_leads_nowhere(cells: Cells) -> None:
    _, _, front = cells
    assert (await front.get("/openapi.json", host="west.exam.example.org"))[0] == 421
