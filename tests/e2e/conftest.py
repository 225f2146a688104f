"""Deployments to be killed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.migrate import migrate
from tests.e2e.deployment import Deployment
from tests.services.postgres import PostgresServer
from tests.services.processes import Processes


@pytest.fixture(scope="session")
def migrated(postgres_server: PostgresServer) -> str:
    """The name of a PostgreSQL database with our schema, from which others are copied."""
    postgres_server.start()
    name = postgres_server.create_database()
    asyncio.run(migrate(postgres_server.url(name)))
    return name


@pytest.fixture
def migrated_url(postgres_server: PostgresServer, migrated: str) -> Iterator[str]:
    """A PostgreSQL database with our schema and nothing in it."""
    postgres_server.start()
    name = postgres_server.create_database(template=migrated)
    yield postgres_server.url(name)
    postgres_server.start()
    postgres_server.drop_database(name)


@pytest.fixture
def embedded(processes: Processes, tmp_path: Path) -> Deployment:
    """A deployment on SQLite: one node."""
    return Deployment(processes, tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def deployment(request: pytest.FixtureRequest, processes: Processes, tmp_path: Path) -> Deployment:
    """A deployment on each kind of database."""
    url = request.getfixturevalue("migrated_url") if request.param == "postgres" else None
    return Deployment(processes, tmp_path, url)


@pytest.fixture
def cluster(processes: Processes, tmp_path: Path, migrated_url: str, redis_url: str) -> Deployment:
    """A deployment on PostgreSQL and Redis: as many nodes as one likes."""
    return Deployment(processes, tmp_path, migrated_url, redis_url)


@pytest.fixture(
    params=[
        pytest.param("redis_url", marks=pytest.mark.redis, id="redis"),
        pytest.param("redis_cluster_url", marks=pytest.mark.redis, id="redis-cluster"),
    ]
)
def either_cluster(
    request: pytest.FixtureRequest, processes: Processes, tmp_path: Path, migrated_url: str
) -> Deployment:
    """The same with one Redis, and with a Redis Cluster."""
    return Deployment(processes, tmp_path, migrated_url, request.getfixturevalue(request.param))
