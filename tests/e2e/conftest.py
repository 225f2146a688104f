"""Deployments to be killed."""

from pathlib import Path

import pytest

from tests.e2e.deployment import Deployment
from tests.services.processes import Processes


@pytest.fixture
def embedded(processes: Processes, tmp_path: Path) -> Deployment:
    """A deployment on SQLite: one node."""
    return Deployment(processes, tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def deployment(request: pytest.FixtureRequest, processes: Processes, tmp_path: Path) -> Deployment:
    """A deployment on each kind of database."""
    url = request.getfixturevalue("migrated_postgres_url") if request.param == "postgres" else None
    return Deployment(processes, tmp_path, url)


@pytest.fixture
def cluster(processes: Processes, tmp_path: Path, migrated_postgres_url: str, redis_url: str) -> Deployment:
    """A deployment on PostgreSQL and Redis: as many nodes as one likes."""
    return Deployment(processes, tmp_path, migrated_postgres_url, redis_url)


@pytest.fixture(
    params=[
        pytest.param("redis_url", marks=pytest.mark.redis, id="redis"),
        pytest.param("redis_cluster_url", marks=pytest.mark.redis, id="redis-cluster"),
    ]
)
def either_cluster(
    request: pytest.FixtureRequest, processes: Processes, tmp_path: Path, migrated_postgres_url: str
) -> Deployment:
    """The same with one Redis, and with a Redis Cluster."""
    return Deployment(processes, tmp_path, migrated_postgres_url, request.getfixturevalue(request.param))
