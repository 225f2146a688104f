"""Deployments to be killed, and one that is not."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.deployment import READY, Deployment, ServerNode, Tenant, sqlite_file
from tests.services.processes import Processes


@pytest.fixture(scope="session")
def shared_node(tmp_path_factory: pytest.TempPathFactory, migrated_database: Path) -> Iterator[tuple[str, ServerNode]]:
    """The database and the server of all tenants."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copy(migrated_database, sqlite_file(folder))
    with Processes() as processes:
        deployment = Deployment(processes, folder)
        # To it all tests together are one person, who comes very often.
        yield deployment.database_url, deployment.node(connects_per_minute="100000")


@pytest.fixture
def tenant(shared_node: tuple[str, ServerNode]) -> Tenant:
    """An organisation of its own, at a server that others use too: that is quicker than another server."""
    database_url, node = shared_node
    if node.process is None or not node.process.running:
        node.launch().wait_for_line(READY)
    return Tenant(database_url, f"school-{uuid4().hex}", node)


@pytest.fixture
def new_deployment(processes: Processes, tmp_path: Path) -> Deployment:
    """A deployment on SQLite without a database yet: one node, which makes it."""
    return Deployment(processes, tmp_path)


@pytest.fixture
def embedded(new_deployment: Deployment, tmp_path: Path, migrated_database: Path) -> Deployment:
    """A deployment on SQLite: one node."""
    shutil.copy(migrated_database, sqlite_file(tmp_path))
    return new_deployment


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])])
def deployment(request: pytest.FixtureRequest, processes: Processes, tmp_path: Path) -> Deployment:
    """A deployment on each kind of database."""
    if request.param == "sqlite":
        embedded: Deployment = request.getfixturevalue("embedded")
        return embedded
    return Deployment(processes, tmp_path, request.getfixturevalue("migrated_postgres_url"))


@pytest.fixture
def cluster(processes: Processes, tmp_path: Path, migrated_postgres_url: str, redis_url: str) -> Deployment:
    """A deployment on PostgreSQL and Redis: as many nodes as one likes."""
    return Deployment(processes, tmp_path, migrated_postgres_url, redis_url)


@pytest.fixture(
    params=[
        pytest.param("redis_url", marks=pytest.mark.redis, id="redis"),
        pytest.param("redis_cluster_url", marks=[pytest.mark.redis, pytest.mark.long], id="redis-cluster"),
    ]
)
def either_cluster(
    request: pytest.FixtureRequest, processes: Processes, tmp_path: Path, migrated_postgres_url: str
) -> Deployment:
    """The same with one Redis, and with a Redis Cluster."""
    return Deployment(processes, tmp_path, migrated_postgres_url, request.getfixturevalue(request.param))
