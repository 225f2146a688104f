"""Addresses of files, which nobody can guess."""

import pytest

from server.media.addresses import MediaAddresses

HASH = "0123456789abcdef" * 4
ADDRESSES = MediaAddresses("a secret of thirty-two characters")


@pytest.mark.parametrize("org_id", ["school", "../a/b", "ünï 漢", "x" * 128, "𝄞" * 128])
def test_an_address_says_the_organisation(org_id: str) -> None:
    _, media, sealed, name = ADDRESSES.address(org_id, HASH).split("/")
    assert (media, name) == ("media", HASH)
    assert ADDRESSES.read(sealed, name) == org_id
    assert MediaAddresses("another secret").read(sealed, name) is None
    assert ADDRESSES.read(sealed, HASH[::-1]) is None


def test_no_other_address_is_one_of_ours() -> None:
    sealed = ADDRESSES.address("school", HASH).split("/")[2]
    org, _, seal = sealed.partition(".")
    for wrong in (
        "",
        ".",
        org,
        f"{org}.",
        f".{seal}",
        f"{org}.{seal[:-4]}",
        f"{org}x.{seal}",
        f"é.{seal}",
        "A" * 999,
        f"_w.{seal}",
    ):
        assert ADDRESSES.read(wrong, HASH) is None
