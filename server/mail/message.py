"""A letter as it is sent: RFC 5322, plain text beside simple HTML, and nothing in it that could end a header."""

from datetime import UTC, datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Final

import idna
import msgspec

from protocol.emails import domain_of, is_email
from server.mail.letters import Letter, one_line

_ID_CHARS: Final = 40


class _OnOneLine:
    """A header whose value is an address of the web: in pieces, or encoded, nobody could follow it."""

    max_count: int | None = 1
    parse = UnstructuredHeader.parse

    def fold(self, *, policy: "Policy[Any]") -> str:
        """The header as it is sent."""
        return f"List-Unsubscribe: {self}{policy.linesep}"


_REGISTRY: Final = HeaderRegistry()
_REGISTRY.map_to_type("list-unsubscribe", _OnOneLine)  # type: ignore[arg-type]  # it becomes a base of a header
_POLICY: Final = SMTP.clone(header_factory=_REGISTRY)


class NoAddress(ValueError):
    """Nothing can be sent to this address."""


class Sender(msgspec.Struct, frozen=True):
    """From whom a letter comes, and where an answer goes (empty: to the same address)."""

    address: str
    name: str = ""
    reply_to: str = ""


def message(letter: Letter, sender: Sender, to: str, name: str | None, delivery: str, now_ms: int) -> EmailMessage:
    """`delivery` names the delivery: a letter that is sent once more for it has the same `Message-ID`, by which mail
    programs can tell. Raises `NoAddress`."""
    made = EmailMessage(policy=_POLICY)
    made["From"] = _named(sender.name, sender.address)
    made["To"] = _named(name or "", to)
    if sender.reply_to:
        made["Reply-To"] = _named("", sender.reply_to)
    made["Subject"] = one_line(letter.subject)
    made["Date"] = format_datetime(datetime.fromtimestamp(now_ms // 1000, UTC))
    made["Message-ID"] = (
        f"<{sha256(delivery.encode()).hexdigest()[:_ID_CHARS]}@{domain_of(on_the_wire(sender.address))}>"
    )
    made["Content-Language"] = letter.language
    # RFC 3834 5: no answering machine writes back.
    made["Auto-Submitted"] = "auto-generated"
    if letter.stop is not None:
        made["List-Unsubscribe"] = f"<{letter.stop}>"
        if letter.stop.startswith("https://"):
            # RFC 8058 3.1.
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(letter.plain)
    made.add_alternative(letter.html, subtype="html")
    return made


def _named(name: str, address: str) -> Address:
    local, _, domain = on_the_wire(address).rpartition("@")
    return Address(one_line(name), local, domain)


def on_the_wire(address: str) -> str:
    """The address with its domain in ASCII (IDNA 2008), which every mail server knows. Raises `NoAddress`."""
    if not is_email(address):
        raise NoAddress
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        raise NoAddress from None
