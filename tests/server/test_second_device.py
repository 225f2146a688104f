"""A second device: the table of docs/rules.md, for two sockets, two that call over REST, and one of each; on one server
and on two that have told one another nothing."""

from typing import Final

import pytest

from protocol import limits
from tests.protocol.attempt.edges import NOTHING, table
from tests.server.conftest import Pair
from tests.server.harness.device import WAYS, Device, Way
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually

ROWS: Final = table("devices")
Row = dict[str, str]


@pytest.mark.parametrize("second_way", WAYS)
@pytest.mark.parametrize("first_way", WAYS)
async def test_which_of_two_devices_counts(deaf_pair: Pair, first_way: Way, second_way: Way) -> None:
    one, two = deaf_pair
    for other in (one, two):
        for number, row in enumerate(ROWS):
            name = f"{'same' if other is one else 'other'}-{number}"
            await one.make_test(name, connections=row["connections"], links=row["links"])
            attempt_id = await one.started(name, test_id=name)
            first = Device(first_way, name, attempt_id, "the first device")
            second = Device(second_way, name, attempt_id, "the second device")
            assert await first.come(one, takeover=True) is None
            assert await what_comes_of_it(row, one, other, attempt_id, first, second) == (
                row["the second device"],
                row["the first one"],
            ), (name, row)


async def what_comes_of_it(
    row: Row, one: RunningServer, other: RunningServer, attempt_id: str, first: Device, second: Device
) -> tuple[str, str]:
    """What becomes of the second device, and of the first one."""
    happens = row["what happens"].split(", ")
    if "the first has left" in happens:
        await leaves((one, other), attempt_id, first)
    if "staff allow it" in happens:
        path = f"/test-attempts/{attempt_id}/allow-device"
        (await one.call("POST", path, one.instructor, {"reason": "her first one has broken"})).ok()
    refused = await second.come(other, takeover="it comes by itself" not in happens)
    if refused is None:
        assert await second.is_in_force(1), row
    stays = NOTHING
    if "the first has left" not in happens:
        stays = "stays" if await first.is_in_force(2) else "out"
    return "let in" if refused is None else f"`{refused.value}`", stays


async def leaves(servers: tuple[RunningServer, ...], attempt_id: str, device: Device) -> None:
    """A socket is closed. A caller over REST has been silent for long."""
    await device.leave()
    live = servers[0].node.registry.at_hand(attempt_id)
    assert live is not None
    await eventually(lambda: not live.presence.sessions)
    if live.committed.connection_id is not None and live.committed.holder is None:
        for server in dict.fromkeys(servers):
            server.pass_time((limits.MISSED_BEATS + 1) * server.settings.heartbeat_ms + 1)
        await servers[0].node.housekeeping.look_at_contacts()
    await eventually(lambda: live.committed.connection_id is None)
