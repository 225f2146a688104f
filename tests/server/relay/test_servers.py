"""What a URL means."""

import pytest
from redis.asyncio.connection import SSLConnection

from server.relay.servers import Address, Servers


@pytest.mark.parametrize(
    ("url", "seeds", "are_cluster"),
    [
        ("redis://one", [("one", 6379)], False),
        ("redis://one:7000/3", [("one", 7000)], False),
        ("rediss://user:pass@one:7000", [("one", 7000)], False),
        ("unix:///run/redis.sock", [("/run/redis.sock", 0)], False),
        ("redis+cluster://one", [("one", 6379)], True),
        ("redis+cluster://one:7000,two,10.0.0.3:7002/", [("one", 7000), ("two", 6379), ("10.0.0.3", 7002)], True),
        ("redis+cluster://[::1]:7000,[::1]:7001", [("::1", 7000), ("::1", 7001)], True),
        ("rediss+cluster://user:p%40ss,word@one:7000,two:7001", [("one", 7000), ("two", 7001)], True),
    ],
)
def test_what_a_url_names(url: str, seeds: list[Address], are_cluster: bool) -> None:
    servers = Servers(url)
    assert (list(servers.seeds), servers.are_cluster) == (seeds, are_cluster)


def test_every_server_of_a_cluster_gets_user_password_and_options() -> None:
    servers = Servers("rediss+cluster://user:p%40ss,word@one:7000,two:7001?ssl_ca_certs=/etc/ca.pem&client_name=exams")
    connection = servers._make(("three", 7002))
    assert isinstance(connection, SSLConnection)
    assert (connection.host, connection.port) == ("three", 7002)
    assert (connection.username, connection.password) == ("user", "p@ss,word")
    assert (connection.ca_certs, connection.client_name) == ("/etc/ca.pem", "exams")


def test_the_relay_reads_plain_replies_whatever_the_url_asks_for() -> None:
    connection = Servers("redis://one?protocol=3&decode_responses=true&socket_timeout=1")._make(("one", 6379))
    assert (connection.protocol, connection.socket_timeout) == (2, None)
    assert not connection.encoder.decode_responses
