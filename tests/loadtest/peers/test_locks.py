"""What the peers are installed from: exact versions with hashes, from whichever registry the machine is set up for."""

import json
import re

from loadtest.peers.peer import PEERS

_PINNED = re.compile(r"^[\w.-]+(\[[\w,]+\])?==\S+")


def test_every_package_of_a_python_peer_has_a_version_and_a_hash() -> None:
    for peer in PEERS:
        if peer.language == "python":
            lock = (peer.app / "requirements.lock").read_text("utf-8")
            assert "://" not in lock
            packages = lock.replace("\\\n", "").strip().splitlines()
            assert packages
            assert [one for one in packages if not _PINNED.match(one) or "--hash=sha256:" not in one] == []


def test_every_package_of_a_node_peer_has_a_version_and_a_hash() -> None:
    for peer in PEERS:
        if peer.language == "node":
            text = (peer.app / "package-lock.json").read_text("utf-8")
            assert "resolved" not in text
            packages = [one for name, one in json.loads(text)["packages"].items() if name]
            assert packages
            assert [one for one in packages if "version" not in one or "integrity" not in one] == []
