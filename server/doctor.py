"""What an operator should look at before an exam: each look says how it is, and what to do."""

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

import msgspec

from server.access.in_words import in_words
from server.access.keyset import KeySet
from server.clock import Clock
from server.settings import PREFIX, Settings
from storage.database import Database
from storage.errors import StorageError

_SLOW_MS: Final = 50
"""Round trips that take longer show in every answer's ack."""
_LITTLE_DISK: Final = 1 << 30
_NO_DISK: Final = 100 << 20
_FEW_FILES: Final = 4_096
_MOST_OFF_MS: Final = 1_000
_PATIENCE_S: Final = 5.0

State = Literal["good", "look", "bad"]


class Look(msgspec.Struct, frozen=True):
    """`state`: `bad` keeps a server from serving, or answers from being kept. `do` is empty where nothing is to do."""

    name: str
    state: State
    says: str
    do: str = ""


async def examine(settings: Settings) -> list[Look]:
    """All looks. Nothing is changed; a database that is not there yet is not made."""
    looks = [_versions(), *_files(settings), _limits(), *_addresses(settings)]
    looks += [
        Look("access", "good", " ".join(in_words(settings))),
        *await _provider(settings),
        *await _sign_in(settings),
    ]
    looks += await _database(settings)
    for name, url in (("redis", settings.redis_url), ("events_redis", settings.events_redis_url)):
        if url:
            looks.append(await _redis(name, url))
    return looks


def _versions() -> Look:
    import sys

    python = ".".join(map(str, sys.version_info[:3]))
    return Look(
        "versions", "good", f"pencilsdown {version('pencilsdown')}, Python {python}, SQLite {sqlite3.sqlite_version}"
    )


def _files(settings: Settings) -> list[Look]:
    folders: list[tuple[str, Path]] = [] if settings.on_postgres else [("data", settings.data)]
    given = (
        ("media_folder", settings.media_folder),
        ("heads_folder", settings.heads_folder),
        ("archives_folder", settings.archives_folder),
    )
    folders += [(name, folder) for name, folder in given if folder is not None]
    return [_folder(name, folder) for name, folder in folders]


def _folder(name: str, folder: Path) -> Look:
    setting = PREFIX + name.upper()
    if not folder.exists():
        if name == "data":
            return Look(name, "look", f"{folder} is not there yet.", "`pencilsdown serve` makes it.")
        return Look(name, "bad", f"{folder} is not there.", f"Make it, or correct {setting}.")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Look(name, "bad", f"This user can't write to {folder}.", "Give it to the user of the server.")
    free = shutil.disk_usage(folder).free
    room = f"{folder} has {free / (1 << 30):.1f} GiB free."
    if free < _LITTLE_DISK:
        return Look(name, "bad" if free < _NO_DISK else "look", room, "Make room: a full disk keeps no answers.")
    if name == "data" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        return Look(name, "look", f"Others may read {folder}.", f"chmod 700 {folder}: it has answers and the secret.")
    return Look(name, "good", room)


def _limits() -> Look:
    from server.limits.capacity import open_files

    files = open_files()
    says = f"A process may open {files} files: each candidate takes one."
    return Look(
        "limits", "look" if files < _FEW_FILES else "good", says, "ulimit -n 65536" if files < _FEW_FILES else ""
    )


def _addresses(settings: Settings) -> list[Look]:
    if settings.host in ("127.0.0.1", "::1", "localhost") or settings.url.startswith("https://"):
        return [Look("address", "good", f"Browsers reach it at {settings.url}.")]
    do = f"Put a proxy with TLS in front, and set {PREFIX}PUBLIC_URL."
    return [Look("address", "look", f"Links are made for {settings.url}, without TLS: tokens can be read.", do)]


async def _provider(settings: Settings) -> list[Look]:
    source = settings.jwks_file or settings.jwks_url
    if source is None:
        return []
    found = await KeySet(source, Clock()).look()
    if found is None:
        name = "JWKS_FILE" if settings.jwks_file else "JWKS_URL"
        do = f"Check that it is there, and {PREFIX}{name}; the log says what was wrong."
        return [Look("provider", "bad", "The keys of the identity provider can't be had.", do)]
    return [Look("provider", "good", f"The identity provider has a key set of {found}.")]


async def _sign_in(settings: Settings) -> list[Look]:
    if not settings.oidc_issuer:
        return []
    from server.access.oidc.discovery import Discovery, ProviderUnavailable

    try:
        provider = await Discovery(settings.oidc_issuer, Clock()).provider()
    except ProviderUnavailable:
        do = f"Check that it runs, and {PREFIX}OIDC_ISSUER; the log says what was wrong."
        return [Look("sign_in", "bad", "The identity provider does not say how people sign in.", do)]
    return [Look("sign_in", "good", f"People are sent to {provider.authorization_endpoint}.")]


async def _database(settings: Settings) -> list[Look]:
    from storage.url import parse_url, sqlite_path

    if not settings.on_postgres and not sqlite_path(parse_url(settings.database)).exists():
        return [Look("database", "look", "It is not there yet.", "`pencilsdown serve` or `migrate` makes it.")]
    try:
        database = await Database.open(settings.database)
    except StorageError as error:
        from server.process.starting import in_words

        says, _, do = in_words(error).partition("\n")
        return [Look("database", "bad", says, do)]
    try:
        looks = [await _tried("database", _answers(database)), await _tried("clock", _clock(settings, database))]
        if settings.on_postgres:
            looks.append(await _tried("durability", _durability(database)))
        return looks
    finally:
        await database.close()


async def _tried(name: str, look: Awaitable[Look]) -> Look:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await look
    except StorageError as error:
        return Look(name, "bad", f"{error}.", "See the sentence, and docs/operations.md.")
    except TimeoutError:
        return Look(name, "bad", f"It gave no answer for {_PATIENCE_S:.0f} s.", "See what it is busy with.")


async def _answers(database: Database) -> Look:
    from storage.revision import check_schema, newest
    from storage.walls import check_walls

    await database.check_sessions()
    await check_schema(database)
    await database.try_to_write()
    began = asyncio.get_running_loop().time()
    await database.ping()
    took_ms = (asyncio.get_running_loop().time() - began) * 1000
    says = f"Schema {newest()} in {database.dialect}; it can be written, and answers in {took_ms:.1f} ms."
    if database.dialect != "sqlite" and not await database.read(check_walls):
        do = "Serve with a role of its own: deploy/roles.sql."
        return Look("database", "look", f"{says} Its role passes over row-level security.", do)
    slow = took_ms > _SLOW_MS
    return Look(
        "database", "look" if slow else "good", says, "Move it nearer, or see what it is busy with." if slow else ""
    )


async def _durability(database: Database) -> Look:
    from storage.durability import Risk, risks

    found = await database.read(risks)
    if not found:
        return Look("durability", "good", "What is acknowledged is on its disk, and on that of any standby.")
    looks: dict[Risk, tuple[State, str, str]] = {
        Risk.NO_SYNC: (
            "bad",
            "PostgreSQL does not wait for its disk: a power cut loses answers that were acknowledged.",
            "Set fsync and full_page_writes to on.",
        ),
        Risk.NOBODY_CONFIRMS: (
            "bad",
            "Every commit waits for a standby, and none is connected.",
            "Bring one back; see `synchronous_standby_names`.",
        ),
        Risk.NOT_CONFIRMED: (
            "look",
            "PostgreSQL has a standby, and waits for none: a failover loses answers that were acknowledged.",
            "Set synchronous_standby_names, or synchronous_mode of Patroni: docs/operations.md.",
        ),
        Risk.CONFIRMED_FROM_MEMORY: (
            "look",
            "A standby confirms what is not on its disk yet.",
            "Set synchronous_commit to on.",
        ),
    }
    state, says, do = looks[found[0]]
    return Look("durability", state, says, do)


async def _clock(settings: Settings, database: Database) -> Look:
    from server.ages import DO, Ages
    from server.process.clock_check import check_clock
    from storage.attempts import Attempts

    now_ms = Clock().now_ms()
    if not settings.on_postgres:
        await check_clock(Attempts(database), now_ms, accept=False)
    why = await Ages(database).doubt(await database.now_ms())
    if why is not None:
        return Look("clock", "look", f"{why}.", f"{DO}.")
    if not settings.on_postgres:
        return Look("clock", "good", "It is not behind the log.")
    off_ms = abs(await database.now_ms() - now_ms)
    says = f"It is {off_ms / 1000:.1f} s off the database's."
    return Look(
        "clock", "look" if off_ms > _MOST_OFF_MS else "good", says, "Run NTP on both." if off_ms > _MOST_OFF_MS else ""
    )


async def _redis(name: str, url: str) -> Look:
    if "+cluster://" in url:
        return Look(name, "look", "A cluster is not looked at here.", "`/metrics` of a node tells of the relay.")
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client: Redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    ping: Callable[[], Awaitable[object]] = client.ping
    try:
        await ping()
    except (RedisError, OSError) as error:
        # Its words may repeat the URL, with the password.
        do = f"Check that it runs, and {PREFIX}{name.upper()}_URL."
        return Look(name, "bad", f"It gives no answer ({type(error).__name__}).", do)
    finally:
        with suppress(RedisError, OSError):
            await client.aclose()
    return Look(name, "good", "It answers.")
