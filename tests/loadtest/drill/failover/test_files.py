"""Each machine of the drill gets the files that operators copy, with its own name, address and folders."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from loadtest.drill.failover import files
from tests.deploy.files import DEPLOY

OURS = Path("/drill/db-2")


def test_patroni_is_told_the_machine_and_the_drills_folders() -> None:
    told: dict[str, Any] = yaml.safe_load(files.patroni("db-2", "10.0.0.12", OURS, Path("/programs")))
    as_copied: dict[str, Any] = yaml.safe_load((DEPLOY / "failover-patroni.yaml").read_text())
    assert told["name"] == "db-2"
    assert told["restapi"]["listen"] == "10.0.0.12:8008"
    assert told["postgresql"]["data_dir"] == "/drill/db-2/data"
    assert told["bootstrap"] == as_copied["bootstrap"], "what makes it fail over is the operators' own"


def test_etcd_is_told_the_machine_among_all_three() -> None:
    told = files.etcd("db-2", "10.0.0.12", OURS / "etcd")
    assert told["ETCD_NAME"] == "db-2"
    assert told["ETCD_DATA_DIR"] == "/drill/db-2/etcd"
    assert f"db-2={told['ETCD_INITIAL_ADVERTISE_PEER_URLS']}" in told["ETCD_INITIAL_CLUSTER"].split(",")


@pytest.mark.parametrize("name", ["failover-etcd.env", "failover-patroni.yaml", "failover-haproxy.cfg"])
def test_every_file_knows_all_three_machines(name: str) -> None:
    text = (DEPLOY / name).read_text()
    assert {one for one in ("10.0.0.11", "10.0.0.12", "10.0.0.13") if one in text} == {
        "10.0.0.11",
        "10.0.0.12",
        "10.0.0.13",
    }
