"""A private PostgreSQL: a cluster of its own in a temporary folder, where a fresh database costs about 0.1 s.

PostgreSQL refuses to run as root, so root runs it as the user `postgres`, whom Debian's package makes.
"""

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from select import poll
from typing import ClassVar

from tests.services.server import PrivateServer, find_binary

_OWNER = "postgres"
SUPERUSER = "pencilsdown"
PLAIN = "plain"
"""The role that owns the databases of the tests: no superuser, so that row-level security holds for it."""


class PostgresServer(PrivateServer):
    """Unless `durable`, it waits for no disk: what it committed survives `kill()`, not a power cut. With `backup`, the
    folder of a base backup or of a copy, it begins with that."""

    name: ClassVar = "postgres"
    ready_line: ClassVar = "database system is ready to accept connections"
    stop_signal: ClassVar = signal.SIGINT  # its "fast" shutdown: clients are disconnected

    def __init__(
        self, *, durable: bool = False, settings: Mapping[str, str] | None = None, backup: Path | None = None
    ) -> None:
        super().__init__()
        self._durable = durable
        self._settings = dict(settings or {})
        self._has_plain = backup is not None
        if os.geteuid() == 0:
            shutil.chown(self.folder, _OWNER, _OWNER)
        self._data = self.folder / "data"
        if backup is not None:
            self._run("cp", "--archive", backup, self._data, owner=False)
            return
        self._run(
            *(_binary("initdb"), "--pgdata", self._data, "--username", SUPERUSER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"),
        )

    def start(self) -> None:
        super().start()
        if not self._has_plain:
            self.execute(f"CREATE ROLE {PLAIN} LOGIN")
            self._has_plain = True

    def url(self, database: str, role: str = PLAIN) -> str:
        """For SQLAlchemy."""
        return f"postgresql+asyncpg://{role}@{self.host}:{self.port}/{database}"

    def execute(self, sql: str, *, database: str = "postgres") -> str:
        """Runs one statement from outside; its rows as unaligned text."""
        return self._run(
            *(_binary("psql"), "--no-psqlrc", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"),
            *("--host", self.host, "--port", str(self.port), "--username", SUPERUSER),
            *("--dbname", database, "--command", sql),
            owner=False,
        ).strip()

    def create_database(self, name: str | None = None, *, template: str = "template1") -> str:
        """A new database, empty or a copy of another that nobody is connected to; returns its name."""
        name = name or f"test_{uuid.uuid4().hex}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {PLAIN}')
        return name

    def drop_database(self, name: str) -> None:
        """Removes it, and disconnects who is still there."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def kill(self) -> None:
        """`kill -9` of the server and of every process of its own, at one moment, as when a machine dies."""
        if self._child is None or not self.running:
            return
        with ExitStack() as stack:
            stack.enter_context(_stopped(self._child.pid))
            backends = [stack.enter_context(_process(pid)) for pid in _children(self._child.pid)]
            super().kill()
            _kill_all(backends)

    def make_folder(self, name: str) -> None:
        """A folder of the server's own, beside its data."""
        self._run("mkdir", self.folder / name)

    def copy_data(self, folder: Path) -> None:
        """Copies all that it has to a folder that is not there yet, while it stands."""
        self._run("cp", "--archive", self._data, folder, owner=False)

    def base_backup(self) -> Path:
        """The folder of a copy that was made while it runs, without the write-ahead log."""
        backup = self.folder / f"backup-{uuid.uuid4().hex}"
        self._run(
            *(_binary("pg_basebackup"), "--pgdata", backup, "--wal-method", "none", "--checkpoint", "fast"),
            *("--host", self.host, "--port", str(self.port), "--username", SUPERUSER, "--no-sync"),
        )
        return backup

    @contextmanager
    def having(self, name: str, value: str) -> Iterator[None]:
        """Inside the block a setting has this value."""
        self.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        self._reload()
        try:
            yield
        finally:
            self.execute(f"ALTER SYSTEM RESET {name}")
            self._reload()

    @contextmanager
    def asking_for_passwords(self) -> Iterator[None]:
        """Inside the block every new connection needs a password. Our own user has none, so it can connect again only
        afterwards."""
        file = self._data / "pg_hba.conf"
        before = file.read_text()
        file.write_text(before.replace("trust", "scram-sha-256"))
        self._reload()
        try:
            yield
        finally:
            file.write_text(before)
            self._reload()

    def _reload(self) -> None:
        self._run(_binary("pg_ctl"), "--pgdata", self._data, "reload")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freezes the server with its connections; clients are not told."""
        assert self._child is not None
        with ExitStack() as stack:
            stack.enter_context(_stopped(self._child.pid))
            # Now it makes no more of them: one that was made after a look at all of them would go on answering.
            for pid in _children(self._child.pid):
                with suppress(ProcessLookupError):
                    stack.enter_context(_stopped(pid))
            yield

    def _argv(self) -> Sequence[str | os.PathLike[str]]:
        settings = {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "timezone": "UTC",
        }
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        settings |= self._settings
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [*as_owner(), _binary("postgres"), "-D", self._data, *options]

    def _run(self, *argv: str | os.PathLike[str], owner: bool = True) -> str:
        done = subprocess.run(
            [*(as_owner() if owner else ()), *argv],
            cwd=self.folder,
            # Over TLS psql looks there for certificates of its own.
            env=os.environ | {"HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{Path(argv[0]).name} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
        return done.stdout


def as_owner() -> list[str]:
    """The prefix under which a program runs as a user that PostgreSQL accepts, in the same process."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={_OWNER}", f"--regid={_OWNER}", "--init-groups"]


def _binary(name: str) -> Path:
    return find_binary(name, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))


def _children(pid: int) -> list[int]:
    """Each backend leads a process group of its own, so the group of the server does not hold them."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:  # not Linux: the backends end by themselves when they miss their parent
        return []


@contextmanager
def _process(pid: int) -> Iterator[int]:
    """A handle on a running process that no later process with the same number can be taken for."""
    handle = os.pidfd_open(pid)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    """It stands still. Raises `ProcessLookupError` where it has ended already."""
    with _process(pid) as process:
        signal.pidfd_send_signal(process, signal.SIGSTOP)
        try:
            while _state(pid) not in "TZX":
                time.sleep(0.001)
            yield
        finally:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, signal.SIGCONT)


def _state(pid: int) -> str:
    """Its letter in `ps`: T stands for stopped, Z and X for ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except FileNotFoundError:
        return "X"


def _kill_all(processes: Sequence[int]) -> None:
    for process in processes:
        signal.pidfd_send_signal(process, signal.SIGKILL)
    for process in processes:
        ended = poll()
        ended.register(process)
        ended.poll(10_000)
