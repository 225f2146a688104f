"""Settings from the environment (`PENCILSDOWN_*`), validated at the start. With a wrong setting the server names it and
does not start.

Packages that only one setting needs for its check (SQLAlchemy, the Redis client) are imported when that setting is
given, so that the command line starts quickly.
"""

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import (
    ConfigDict,
    Field,
    IPvAnyNetwork,
    ValidationError,
    field_validator,
    model_validator,
)

from protocol import limits
from protocol.emails import is_email
from server.access.access_settings import SHORTEST_SECRET, AccessSettings, mistake_of
from storage.archives.names import Form, check_form
from storage.errors import UnsupportedDatabase

PREFIX: Final = "PENCILSDOWN_"
PLACEHOLDER: Final = "CHANGE-ME"
"""The placeholder for an operator's own values in `deploy/env.example`. It is public, so no server starts with it."""


class InvalidSettings(Exception):
    """What is wrong, one line a setting. Values are not repeated: some are secrets."""


class Settings(AccessSettings):
    """Everything an operator can set. Durations in milliseconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    data: Path = Path("data")
    """Folder of the embedded database and of the generated secret."""
    database_url: str = ""
    """`sqlite:///FILE` or `postgresql://…`; empty: SQLite in the data folder."""
    eraser_database_url: str = ""
    """The same database with a role that may erase people, for `DELETE /users/…`. Empty: the node's role does it."""
    redis_url: str = ""
    """`redis://…`, or `redis+cluster://HOST:PORT,…` for a Redis Cluster: for more than one node. Empty: the relay stays
    in this process."""
    events_redis_url: str = ""
    """`redis://…`: where streams of events are written. Empty: there are none. Not the relay's Redis, unless that one
    keeps what it has."""
    smtp_url: str = ""
    """`smtps://USER:PASSWORD@HOST` (TLS from the first byte), `smtp://…` (STARTTLS, without which nothing is sent) or
    `smtp+unencrypted://HOST` in a network of one's own: what takes letters to people. `?sslrootcert=FILE` names the
    authority of its certificate. Empty: there are no letters."""
    mail_from: str = ""
    """The address that letters come from where an organisation names none; needed with `smtp_url`."""
    mail_domains: tuple[str, ...] = ()
    """Domains of addresses that organisations may send from, separated by commas: `ORGANISATION=DOMAIN` for that one,
    a domain alone for every one. All of them may send from `mail_from` itself."""
    webhook_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks beside the public Internet to which webhooks may go, separated by commas (`10.1.0.0/16`), also without
    encryption. None: neither private addresses nor this machine's own are reached."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    ops_host: str = "127.0.0.1"
    ops_port: Annotated[int, Field(ge=0, le=65_000)] = 0
    """Where operators find `/metrics`, `/readyz` and `/livez`. With several workers the first one is at this port, the
    second one at the next, and so on. 0: nowhere."""
    public_url: str = ""
    """Where browsers reach this server, for links and as an allowed origin; empty: `http://HOST:PORT`."""
    allowed_origins: tuple[str, ...] = ()
    """Origins of pages that may connect, separated by commas, beside the server's own."""
    frame_ancestors: tuple[str, ...] = ()
    """Origins of pages that may show the candidate's page in a frame, separated by commas; empty: none may. No page may
    frame the monitor: its buttons act on other people."""
    hello_timeout_ms: Annotated[int, Field(ge=100, le=60_000)] = limits.HELLO_TIMEOUT_MS
    heartbeat_ms: Annotated[int, Field(ge=200, le=60_000)] = limits.HEARTBEAT_MS
    snapshot_ms: Annotated[int, Field(ge=100, le=600_000)] = 30_000
    away_ms: Annotated[int, Field(ge=30_000, le=86_400_000)] = limits.AWAY_AFTER_MS
    """For how long a candidate who sits is without a connection before other systems are told (`presence.away`)."""
    sweep_ms: Annotated[int, Field(ge=50, le=60_000)] = 500
    monitor_flush_ms: Annotated[int, Field(ge=20, le=5_000)] = 150
    drain_ms: Annotated[int, Field(ge=0, le=600_000)] = 3_000
    """A stopping server spreads its clients' reconnects over this time."""
    drain_notice_ms: Annotated[int, Field(ge=0, le=600_000)] = 0
    """How long a stopping server reports 503 at /healthz before it sends its clients away. The balancer in front must
    notice within this time, or it would send clients back to this server."""
    stop_ms: Annotated[int, Field(ge=1_000, le=600_000)] = 30_000
    """How long stopping may take after the notice. Then the process ends, even if the database or a peer hangs. Every
    acknowledged answer is durable; clients send the others again."""
    rate_per_second: Annotated[int, Field(ge=1, le=10_000)] = limits.RATE_PER_SECOND
    """Operations of one person, over sockets and REST together; `protocol/limits.py` has the reasons for all rates."""
    rate_burst: Annotated[int, Field(ge=1, le=100_000)] = limits.RATE_BURST
    bytes_per_second: Annotated[int, Field(ge=1_024, le=1 << 30)] = limits.BYTES_PER_SECOND
    connects_per_minute: Annotated[int, Field(ge=1, le=100_000)] = limits.CONNECTS_PER_MINUTE
    org_rate_per_second: Annotated[int, Field(ge=10, le=1_000_000)] = limits.ORG_RATE_PER_SECOND
    max_seats: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """How many candidates may sit at this node at once; further ones are put off. 0: as many as the process may open
    sockets, less a reserve (`server/limits/capacity.py`)."""
    media_folder: Path | None = None
    """Folder for files of tests, which all nodes see. None: they lie in the database."""
    media_bucket: str = ""
    """`https://KEY:SECRET@HOST/BUCKET?region=…`: a bucket for files of tests, in S3 or in what speaks like it. Key and
    secret are percent-encoded. Empty: see `media_folder`."""
    media_quota_bytes: Annotated[int, Field(ge=0, le=1 << 50)] = 2 << 30
    """What the files of one organisation may take."""
    answer_files_quota_bytes: Annotated[int, Field(ge=0, le=1 << 50)] = 20 << 30
    """What the files may take that the candidates of one organisation hand in."""
    captured_quota_bytes: Annotated[int, Field(ge=0, le=1 << 50)] = 20 << 30
    """What the pictures from cameras and of screens of the candidates of one organisation may take."""
    heads_folder: Path | None = None
    """Folder for signed heads of logs, out of reach of the database's owner. None: no heads are kept."""
    heads_key: str = ""
    """What they are signed with, 32 bytes or more; needed with `heads_folder`, and for nothing else."""
    heads_ms: Annotated[int, Field(ge=1_000, le=3_600_000)] = 60_000
    """How often."""
    archives_folder: Path | None = None
    """Folder into which logs go that are older than their organisation's rule says, on the machine of each node or
    shared by them. None: only `pencilsdown prune` moves any."""
    archive_form: Form = "lines"
    """Of new archives. `parquet` needs the packages of the extra `parquet`."""
    keep_at_most: tuple[str, ...] = ()
    """For how many days organisations keep things at most, separated by commas: `archive_after_days=365`,
    `drop_after_days`, `audit_days`, `delivery_days`, `media_days`. It is in force where an organisation says nothing.
    `captured_days`: for how many a test keeps pictures of candidates."""
    keep_at_least: tuple[str, ...] = ()
    """The same the other way round, but for deliveries: nobody deletes anything earlier. It has no `captured_days`."""
    accept_clock: bool = False
    """For one start on an embedded database: the machine's clock is right although the log is ahead of it."""
    failpoints: str = ""
    """For drills only, never in production: the point at which this process dies (`storage/failpoints.py`)."""
    otlp_endpoint: str = ""
    """Where an OpenTelemetry collector takes spans over HTTP (`http://HOST:4318`); empty: no traces. It needs the
    packages of the extra `tracing`."""
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    log_format: Annotated[str, Field(pattern="^(text|json)$")] = "text"

    @field_validator(
        *("allowed_origins", "frame_ancestors", "webhook_networks", "mail_domains", "keep_at_most", "keep_at_least"),
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("allowed_origins", "frame_ancestors")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_origin(text) for text in value)

    @field_validator("frame_ancestors")
    @classmethod
    def _can_be_named_in_a_policy(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any("[" in origin for origin in value):
            raise ValueError("no content security policy can name an IPv6 address: use a name")
        if any(character in origin for origin in value for character in ";*'\" "):
            raise ValueError("must be an origin such as https://exams.example.org: no path, no wildcard")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        return _origin(value.rstrip("/")) if value else value

    @field_validator("database_url", "eraser_database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(
            ("sqlite:///", "sqlite+aiosqlite:///", "postgresql://", "postgresql+asyncpg://")
        ):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        if value:
            from storage.url import parse_url

            try:
                parse_url(value)
            except UnsupportedDatabase as error:
                raise ValueError(str(error)) from None
        return value

    @field_validator("keep_at_most")
    @classmethod
    def _known_most(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from server.bounds import read_most

        read_most(value)
        return value

    @field_validator("keep_at_least")
    @classmethod
    def _known_least(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from server.bounds import read_least

        read_least(value)
        return value

    @field_validator("media_bucket")
    @classmethod
    def _known_bucket(cls, value: str) -> str:
        if value:
            from storage.media_bucket import parse_bucket

            parse_bucket(value)
        return value

    @field_validator("redis_url", "events_redis_url")
    @classmethod
    def _known_redis(cls, value: str) -> str:
        if value:
            from server.relay.servers import Servers

            Servers(value)
        return value

    @field_validator("events_redis_url")
    @classmethod
    def _one_redis(cls, value: str) -> str:
        # A cluster is asked for each stream's server first; what writes them knows one server alone.
        if "+cluster://" in value:
            raise ValueError("must be one Redis: streams of events are not written to a Redis Cluster")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _known_mail_server(cls, value: str) -> str:
        if value:
            from server.mail.servers import parse_mail_server

            parse_mail_server(value)
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not is_email(value):
            raise ValueError("must be an address such as exams@example.org")
        return value

    @field_validator("failpoints")
    @classmethod
    def _known_failpoint(cls, value: str) -> str:
        if value:
            from storage import failpoints

            failpoints.parse(value)
        return value

    @field_validator("otlp_endpoint")
    @classmethod
    def _known_collector(cls, value: str) -> str:
        if value:
            from server.tracing import check_collector

            check_collector(value)
        return value

    @field_validator("archive_form")
    @classmethod
    def _is_installed(cls, value: Form) -> Form:
        check_form(value)
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        from server.bounds import crossing

        if self.heads_folder is not None and len(self.heads_key.encode()) < SHORTEST_SECRET:
            raise ValueError(
                f"{PREFIX}HEADS_KEY must have at least {SHORTEST_SECRET} bytes where {PREFIX}HEADS_FOLDER is set"
            )
        if self.media_folder is not None and self.media_bucket:
            raise ValueError(f"{PREFIX}MEDIA_FOLDER and {PREFIX}MEDIA_BUCKET are set: files lie in one of them")
        if mistake := mistake_of(self, PREFIX):
            raise ValueError(mistake)
        if mistake := crossing(self.keep_at_most, self.keep_at_least):
            raise ValueError(f"{PREFIX}KEEP_AT_LEAST is more than {PREFIX}KEEP_AT_MOST: {mistake}")
        if bool(self.smtp_url) != bool(self.mail_from):
            raise ValueError(f"{PREFIX}SMTP_URL and {PREFIX}MAIL_FROM are set together, or neither is")
        if self.on_postgres and not self.token_secret:
            raise ValueError(f"{PREFIX}TOKEN_SECRET must be set with PostgreSQL: every node needs the same one")
        return self

    @property
    def on_postgres(self) -> bool:
        return self.database_url.startswith("postgresql")

    @property
    def database(self) -> str:
        """The database's URL, the embedded default included."""
        return self.database_url or f"sqlite:///{self.data / 'pencilsdown.sqlite3'}"

    @property
    def url(self) -> str:
        """Where browsers reach this server, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def own_origins(self) -> frozenset[str]:
        """Where browsers reach this server: by its public name, and by its names on this machine."""
        own = {self.url}
        if self.host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
            own |= {f"http://{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        return frozenset(own)

    @property
    def origins(self) -> frozenset[str]:
        """Origins of pages that may connect: our own and the allowed ones."""
        return self.own_origins | frozenset(self.allowed_origins)


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises `InvalidSettings`."""
    given = os.environ if environment is None else environment
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in given if name.upper().startswith(PREFIX) and name not in known)
    mistakes = [f"{name} is not a setting of Pencils Down" for name in unknown]
    mistakes += [
        f"{name} still has the placeholder {PLACEHOLDER} of the example: put your own value in its place"
        for name in sorted(known & given.keys())
        if PLACEHOLDER in given[name].upper()
    ]
    values = {name: given[PREFIX + name.upper()] for name in Settings.model_fields if PREFIX + name.upper() in given}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        mistakes += [_sentence(list(problem["loc"]), problem["msg"]) for problem in error.errors()]
        raise InvalidSettings("\n".join(mistakes)) from None
    if mistakes:
        raise InvalidSettings("\n".join(mistakes))
    return settings


def _origin(text: str) -> str:
    """An origin as browsers send it. Raises `ValueError`."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not host or text.lower() != f"{parts.scheme}://{parts.netloc.lower()}":
        raise ValueError("must be an origin such as https://exams.example.org: no path, no wildcard")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must be an origin without a user's name")
    shown = f"[{host}]" if ":" in host else host
    standard = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}" if port in (None, standard) else f"{parts.scheme}://{shown}:{port}"


def _sentence(location: list[int | str], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(location[0]).upper()}: {message}" if location else message


def token_secret(settings: Settings) -> str:
    """The key for our own tokens: the one that is set, or the one in the data folder, made at the first start."""
    if settings.token_secret:
        return settings.token_secret
    file = settings.data / "token-secret"
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _make_secret(file)
        secret = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidSettings(f"{file} cannot be read or made: {why}") from None
    if len(secret.encode()) < SHORTEST_SECRET:
        raise InvalidSettings(f"{file} holds no secret; remove it, and a new one is made")
    return secret


def _make_secret(file: Path) -> None:
    """Creates the file atomically: two processes may start at once, and both must read the same secret."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)
