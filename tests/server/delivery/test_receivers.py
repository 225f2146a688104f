"""Which addresses webhooks may go to."""

from ipaddress import ip_network

import pytest

from server.delivery.receivers import may_reach, wrong_url

OFFICE = [ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "no address",
        "",
    ],
)
def test_what_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not may_reach(address, [])


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_the_public_internet_is_reached(address: str) -> None:
    assert may_reach(address, [])
    assert not may_reach(address, OFFICE, only_allowed=True), "not without encryption"


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::5"])
def test_an_operator_may_allow_networks(address: str) -> None:
    assert may_reach(address, OFFICE)
    assert may_reach(address, OFFICE, only_allowed=True)
    assert not may_reach("10.2.0.1", OFFICE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "http://hooks.example/",
        "https://user@hooks.example/",
        "https://user:secret@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nX: y",
        "https://hooks.example\\@evil.example/",
        "https://höoks.example/",
        "https://[::1/",
        "https://127.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        f"https://hooks.example/{'a' * 2_000}",
    ],
)
def test_wrong_urls_are_refused_with_a_sentence(url: str) -> None:
    wrong = wrong_url(url, [])
    assert wrong is not None
    assert wrong.endswith(".")


def test_urls() -> None:
    assert wrong_url("https://hooks.example:8443/path?key=value", []) is None
    assert wrong_url("http://hooks.example/", OFFICE) is None, "its address is checked when it is known"
    assert wrong_url("http://10.1.0.1:8080/", OFFICE) is None
    assert wrong_url("http://8.8.8.8/", OFFICE) is not None
