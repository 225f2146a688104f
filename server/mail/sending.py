"""Sends letters over SMTP (RFC 5321). Import it only where letters are sent.

What a mail server says is never repeated: it may name the address.
"""

import asyncio
import ssl
from email.message import EmailMessage
from typing import Final

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from protocol.events.delivering import Tried
from server.mail.servers import MailServer

TIMEOUT_S: Final = 30.0
_TOGETHER: Final = 4
"""Connections of one node to the mail server."""
_IDLE_S: Final = 5.0
"""How long a connection waits for a next letter: mail servers close those that wait for long."""
_MOST_LETTERS: Final = 50
"""Over one connection: mail servers refuse more sooner or later."""


class _Connection:
    def __init__(self, smtp: SMTP) -> None:
        self.smtp = smtp
        self.letters = 0
        self.idle_since_s = 0.0


class Sending:
    """The connections of one node to one mail server. `timeout_s` is for all of one try."""

    def __init__(self, server: MailServer, timeout_s: float = TIMEOUT_S) -> None:
        self._server = server
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(_TOGETHER)
        self._idle: list[_Connection] = []

    async def send(self, letter: EmailMessage, sender: str, to: str) -> Tried:
        """One try. Never raises for what the mail server does."""
        async with self._places:
            connection: _Connection | None = None
            done = False
            try:
                async with asyncio.timeout(self._timeout_s):
                    connection = await self._connection()
                    await connection.smtp.send_message(letter, sender=sender, recipients=[to])
                done = True
                return Tried(250)
            except (TimeoutError, OSError, SMTPException, ValueError) as error:
                # After the server refused a recipient or a letter it is as ready for the next one.
                done = isinstance(error, SMTPRecipientsRefused | SMTPDataError | SMTPNotSupported)
                return _came_of(error, self._timeout_s)
            finally:
                if connection is not None:
                    self._put_back(connection, usable=done)

    async def close(self) -> None:
        """Closes all connections."""
        for connection in self._idle:
            connection.smtp.close()
        self._idle.clear()

    async def _connection(self) -> _Connection:
        now_s = asyncio.get_running_loop().time()
        while self._idle:
            found = self._idle.pop()
            if found.smtp.is_connected and now_s - found.idle_since_s < _IDLE_S:
                return found
            found.smtp.close()
        server = self._server
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            timeout=self._timeout_s,
            use_tls=server.scheme == "smtps",
            start_tls=server.scheme == "smtp",
            tls_context=server.tls(),
        )
        try:
            await smtp.connect()
        except BaseException:
            smtp.close()
            raise
        return _Connection(smtp)

    def _put_back(self, connection: _Connection, *, usable: bool) -> None:
        connection.letters += 1
        if not usable or connection.letters >= _MOST_LETTERS:
            connection.smtp.close()
            return
        connection.idle_since_s = asyncio.get_running_loop().time()
        self._idle.append(connection)


def _came_of(error: BaseException, timeout_s: float) -> Tried:
    """A refusal of this recipient, or of this letter, that the server will not take back (RFC 5321 4.2.1) is final. One
    of ourselves is not: an operator can mend it."""
    if isinstance(error, SMTPRecipientsRefused):
        code = error.recipients[0].code
        return Tried(code, f"the mail server does not take this address ({code})", final=code >= 500)
    if isinstance(error, SMTPDataError):
        return Tried(error.code, f"the mail server does not take this letter ({error.code})", final=error.code >= 500)
    if isinstance(error, SMTPAuthenticationError):
        return Tried(error.code, f"the mail server does not take our password ({error.code})")
    if isinstance(error, SMTPResponseException) and error.code >= 400:
        return Tried(error.code, f"the mail server refuses ({error.code})")
    if isinstance(error, SMTPNotSupported):
        return Tried(None, "the mail server cannot do what is needed: encryption, or an address with such letters")
    if isinstance(error, TimeoutError):
        return Tried(None, f"the mail server did not answer within {timeout_s:g} s")
    if isinstance(error, ssl.SSLCertVerificationError) or isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return Tried(None, "the certificate of the mail server is not valid")
    if isinstance(error, OSError | SMTPConnectError):
        return Tried(None, "no connection to the mail server, or it was cut")
    return Tried(None, "the answer of the mail server was no SMTP")
