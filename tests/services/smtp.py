"""A real SMTP server in the loop of a test, which notes what it gets, and answers as it is told."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

from loadtest.listening import stop_listening


class Mailbox:
    """`on_recipient` and `on_letter` are what it answers; `pause` is waited for before it takes a letter."""

    def __init__(self) -> None:
        self.port = 0
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.senders: list[str] = []
        self.connections = 0
        self.encrypted: list[bool] = []
        self.users: list[str] = []
        self.on_recipient = "250 OK"
        self.on_letter = "250 OK"
        self.pause: asyncio.Event | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.on_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.pause is not None:
            await self.pause.wait()
        if self.on_letter.startswith("250"):
            made = message_from_bytes(envelope.content, policy=POLICY)
            assert isinstance(made, EmailMessage)
            self.letters.append(made)
            self.recipients += envelope.rcpt_tos
            self.senders.append(envelope.mail_from)
            self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return self.on_letter

    def said(self, letter: int = -1) -> str:
        """The plain text of a letter."""
        body = self.letters[letter].get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@asynccontextmanager
async def mail_server(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, password: str | None = None, utf8: bool = True
) -> AsyncIterator[Mailbox]:
    """Runs one on a free port of 127.0.0.1."""
    box = Mailbox()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        box.users.append(data.login.decode())
        return AuthResult(success=data.password.decode() == password, handled=False)

    made: list[SMTP] = []

    def make() -> SMTP:
        box.connections += 1
        made.append(_make())
        return made[-1]

    def _make() -> SMTP:
        with warnings.catch_warnings():
            # Of a password without STARTTLS: here the connection is encrypted from its first byte.
            warnings.simplefilter("ignore", UserWarning)
            return _server()

    def _server() -> SMTP:
        return SMTP(
            box,
            hostname="mail.test",
            enable_SMTPUTF8=utf8,
            tls_context=None if implicit else tls,
            require_starttls=tls is not None and not implicit,
            authenticator=None if password is None else check,
            auth_required=password is not None,
            auth_require_tls=not implicit,
        )

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=tls if implicit else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        await stop_listening(server)
        for one in made:
            if one.transport is not None:
                one.transport.abort()  # type: ignore[attr-defined]  # every transport that writes has it
        # A transport closes its socket in the loop's next turn, one under another in the turn after that.
        for _ in range(3):
            await asyncio.sleep(0)
