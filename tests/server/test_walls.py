"""What a node says of the walls between organisations when it starts."""

import pytest

from tests.server.conftest import StartServer
from tests.services.postgres import PLAIN, SUPERUSER

SAID = "PostgreSQL does not hold organisations apart"


async def test_a_node_says_that_its_role_passes_over_the_walls(
    start_server: StartServer, migrated_postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await start_server(database_url=migrated_postgres_url)
    assert SAID not in caplog.text
    await start_server(database_url=migrated_postgres_url.replace(f"{PLAIN}@", f"{SUPERUSER}@"))
    assert SAID in caplog.text
