"""The servers of tests/server, for what stands in front of them."""

from tests.server.conftest import migrated_database, start_server

__all__ = ["migrated_database", "start_server"]
