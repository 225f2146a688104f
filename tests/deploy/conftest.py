"""The servers of tests/server, for what stands in front of them."""

from tests.server.conftest import start_server

__all__ = ["start_server"]
