"""TLS to PostgreSQL, asked for as libpq's URLs do: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`.

asyncpg reads these from a connection string only, and we hand it arguments. So they are taken out of the URL here, and
an `SSLContext` is made of them.
"""

import ssl
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import URL

from storage.errors import StorageUnavailable, UnsupportedDatabase

PARAMETERS: Final = ("sslmode", "sslrootcert", "sslcert", "sslkey")
_WITHOUT_CONTEXT: Final[dict[str, str | bool]] = {"disable": False, "allow": "allow", "prefer": "prefer"}
"""Modes that may end in a connection without TLS: asyncpg knows them by name."""
_VERIFIED: Final = ("verify-ca", "verify-full")
_MODES: Final = (*_WITHOUT_CONTEXT, "require", *_VERIFIED)
_SYSTEM: Final = "system"
"""As `sslrootcert`: the authorities that this machine trusts."""


def check_tls(query: Mapping[str, Sequence[str] | str]) -> None:
    """Whether the TLS parameters of a URL go together. Reads no file. Raises `UnsupportedDatabase`."""
    mode = query.get("sslmode")
    if mode is not None and mode not in _MODES:
        raise UnsupportedDatabase(f"sslmode must be one of {', '.join(_MODES)}")
    if mode in _VERIFIED and "sslrootcert" not in query:
        raise UnsupportedDatabase(
            f"sslmode={mode} needs sslrootcert=FILE with the authority's certificate, or sslrootcert={_SYSTEM}"
        )
    if "sslrootcert" in query and mode not in _VERIFIED:
        raise UnsupportedDatabase("sslrootcert is used with sslmode=verify-full or verify-ca only")
    if "sslkey" in query and "sslcert" not in query:
        raise UnsupportedDatabase("sslkey needs sslcert=FILE")
    if "sslcert" in query and mode not in ("require", *_VERIFIED):
        raise UnsupportedDatabase("sslcert needs sslmode=require, verify-ca or verify-full")


def take_tls(url: URL) -> tuple[URL, dict[str, Any]]:
    """The URL without its TLS parameters, and the arguments that asyncpg takes instead.

    Raises `StorageUnavailable` where a certificate cannot be read.
    """
    query = {name: str(value) for name, value in url.query.items() if name in PARAMETERS}
    rest = url.difference_update_query(PARAMETERS)
    mode = query.get("sslmode")
    if mode is None:
        return rest, {}
    if mode in _WITHOUT_CONTEXT:
        return rest, {"ssl": _WITHOUT_CONTEXT[mode]}
    return rest, {"ssl": _context(mode, query)}


def _context(mode: str, query: Mapping[str, str]) -> ssl.SSLContext:
    root = query.get("sslrootcert")
    try:
        context = ssl.create_default_context(cafile=None if root in (None, _SYSTEM) else root)
    except OSError as error:
        raise StorageUnavailable(f"sslrootcert={root} cannot be used: {_why(error)}") from error
    context.check_hostname = mode == "verify-full"
    context.verify_mode = ssl.CERT_REQUIRED if mode in _VERIFIED else ssl.CERT_NONE
    if "sslcert" in query:
        try:
            # Without an answer to give, OpenSSL would ask for the key's password at the terminal.
            context.load_cert_chain(query["sslcert"], query.get("sslkey"), password="")
        except OSError as error:
            raise StorageUnavailable(f"sslcert={query['sslcert']} cannot be used: {_why(error)}") from error
    return context


def _why(error: OSError) -> str:
    return "it holds no certificate" if isinstance(error, ssl.SSLError) else str(error.strerror)
