"""A private PgBouncer with the file that operators start from, before a PostgreSQL of the tests."""

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.deploy.files import changed
from tests.services.postgres import PLAIN, PostgresServer, as_owner
from tests.services.server import PrivateServer, find_binary


class PgBouncer(PrivateServer):
    """It lets the role of the nodes in without a password."""

    name: ClassVar = "pgbouncer"
    ready_line: ClassVar = "process up"
    stop_signal: ClassVar = signal.SIGINT

    def __init__(self, postgres: PostgresServer, *, mode: str = "session") -> None:
        super().__init__()
        users = self.folder / "userlist.txt"
        users.write_text(f'"{PLAIN}" ""\n')
        self._file = self.folder / "pgbouncer.ini"
        self._file.write_text(
            changed(
                "pgbouncer.ini",
                ("port=5432", f"port={postgres.port}"),
                ("listen_port = 6432", f"listen_port = {self.port}"),
                ("auth_type = scram-sha-256", "auth_type = trust"),
                ("/etc/pgbouncer/userlist.txt", str(users)),
                ("pool_mode = session", f"pool_mode = {mode}"),
            )
        )
        if os.geteuid() == 0:
            for one in (self.folder, users, self._file):
                shutil.chown(one, "postgres", "postgres")

    def url(self, database: str) -> str:
        """For SQLAlchemy."""
        return f"postgresql+asyncpg://{PLAIN}@{self.host}:{self.port}/{database}"

    def _argv(self) -> Sequence[str | os.PathLike[str]]:
        return [*as_owner(), find_binary("pgbouncer", [Path("/usr/sbin")]), self._file]
