"""Addresses of people: none that could end a header or a command."""

import pytest

from protocol.emails import domain_of, is_email


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.org",
        "a.b+c@mail.example.org",
        "o'neill@example.org",
        "jürgen@straße.example",
        "पता@उदाहरण.example",
        "x@localhost",
    ],
)
def test_addresses(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@example.org\n",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada\u2028@example.org",
        "ada\x85b@example.org",
        "a b@example.org",
        "ada@example.org>",
        "<ada@example.org",
        "ada@eve.example,bob@example.org",
        '"ada eve"@example.org',
        "ada@[127.0.0.1]",
        "ada..b@example.org",
        ".ada@example.org",
        "ada@example..org",
        "ada@-example.org",
        "ada\u202e@example.org",
        f"{'a' * 65}@example.org",
        f"ada@{'a' * 64}.org",
        f"ada@{'a.' * 160}org",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not is_email(text)


def test_a_domain_is_compared_in_small_letters() -> None:
    assert domain_of("Ada@Example.ORG") == "example.org"
