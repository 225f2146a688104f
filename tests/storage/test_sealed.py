"""Secrets in the database."""

from storage.sealed import Sealer

SECRET = "the secret of this deployment, long enough"


def test_what_was_sealed_is_opened_by_every_node_and_by_nobody_else() -> None:
    sealer = Sealer(SECRET)
    sealed = sealer.close("whsec_canary")
    assert "canary" not in sealed
    assert Sealer(SECRET).open(sealed) == "whsec_canary"
    assert sealer.close("whsec_canary") != sealed, "equal secrets do not show that they are equal"
    assert Sealer(SECRET + "!").open(sealed) is None


def test_what_was_changed_is_not_opened() -> None:
    sealed = Sealer(SECRET).close("whsec_canary")
    assert Sealer(SECRET).open(sealed[:-6] + "AAAA==") is None
    assert Sealer(SECRET).open("whsec_canary") is None
    assert Sealer(SECRET).open("é") is None
