"""The mail server that takes letters, as an operator names it in one setting."""

import ssl
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

_PORTS: Final = {"smtps": 465, "smtp": 587, "smtp+unencrypted": 25}
"""RFC 8314 3.3, RFC 6409 3.1, RFC 5321."""


class MailServer(msgspec.Struct, frozen=True):
    """`scheme`: smtps (TLS from the first byte), smtp (STARTTLS, without which nothing is sent), or smtp+unencrypted,
    for a server on the same machine or in a network of the operator's own. `root`: a file with the authority's
    certificate; empty: those that this machine trusts."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None
    root: str = ""

    def __repr__(self) -> str:
        return f"MailServer({self.scheme}://{self.host}:{self.port})"

    def tls(self) -> ssl.SSLContext | None:
        """Raises `OSError` where the certificate can't be read."""
        if self.scheme == "smtp+unencrypted":
            return None
        context = ssl.create_default_context(cafile=self.root or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def parse_mail_server(url: str) -> MailServer:
    """`SCHEME://USER:PASSWORD@HOST:PORT?sslrootcert=FILE`. Raises `ValueError` with a sentence that has no secret."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        query = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError:
        raise ValueError("must be a URL such as smtp://USER:PASSWORD@mail.example.org:587") from None
    if parts.scheme not in _PORTS or not host or parts.path not in ("", "/") or parts.fragment:
        raise ValueError("must begin with smtps://, smtp:// or smtp+unencrypted://, and name a host alone")
    if query.keys() - {"sslrootcert"} or (query and parts.scheme == "smtp+unencrypted"):
        raise ValueError("sslrootcert is all that may follow the question mark, and where something is encrypted")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("must have a user and a password, or neither")
    if parts.username is not None and parts.scheme == "smtp+unencrypted":
        raise ValueError("must have no password where nothing is encrypted")
    return MailServer(
        parts.scheme,
        host,
        port or _PORTS[parts.scheme],
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
        query.get("sslrootcert", [""])[0],
    )
