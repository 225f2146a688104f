"""The files of `deploy/failover-*` as each machine gets them: those that operators copy, with the drill's folders."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from loadtest.drill.process import StageError

_DEPLOY: Final = Path(__file__).parents[3] / "deploy"
_HOST: Final = "THIS-HOST"
_ADDRESS: Final = "THIS-ADDRESS"
PASSWORD: Final = "of-the-drill"
_SECRETS: Final = dict.fromkeys(("CHANGE-ME-1", "CHANGE-ME-2", "CHANGE-ME-3"), PASSWORD)


def etcd(name: str, address: str, data: Path) -> dict[str, str]:
    """Its environment."""
    text = _filled("failover-etcd.env", name, address, {"/var/lib/etcd/pencilsdown": str(data)})
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def patroni(name: str, address: str, folder: Path, programs: Path) -> str:
    """Its configuration, with PostgreSQL's `programs` and everything else in `folder`."""
    ours = {
        "/var/lib/postgresql/15/pencilsdown": str(folder / "data"),
        "/var/lib/postgresql/patroni.pgpass": str(folder / "pgpass"),
        "/usr/lib/postgresql/15/bin": str(programs),
    }
    return _filled("failover-patroni.yaml", name, address, _SECRETS | ours)


def haproxy() -> str:
    """Its configuration."""
    return (_DEPLOY / "failover-haproxy.cfg").read_text("utf-8")


def _filled(name: str, host: str, address: str, ours: Mapping[str, str]) -> str:
    text = (_DEPLOY / name).read_text("utf-8")
    for old, new in {_HOST: host, _ADDRESS: address, **ours}.items():
        if old not in text:
            raise StageError(f"deploy/{name} lacks {old}: loadtest/drill/failover/files.py must follow it")
        text = text.replace(old, new)
    return text
