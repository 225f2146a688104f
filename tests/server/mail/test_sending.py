"""Letters reach a real SMTP server; one that refuses, hangs, lies or cannot encrypt is told apart."""

import asyncio
import ssl
from email.message import EmailMessage
from pathlib import Path

import pytest

from protocol.events.delivering import Tried
from server.mail.letters import Letter
from server.mail.message import Sender, message
from server.mail.sending import Sending
from server.mail.servers import MailServer, parse_mail_server
from tests.services.certificate import make_certificate
from tests.services.smtp import Mailbox, mail_server

FROM, TO = "exams@example.org", "ada@example.org"


def letter(to: str = TO) -> EmailMessage:
    return message(Letter("en", "Hello", ["Grüße"]), Sender(FROM), to, "Ada", "d", 1_764_273_600_000)


async def send(
    box: Mailbox, url: str = "smtp+unencrypted://127.0.0.1:{}", to: str = TO, timeout_s: float = 30
) -> Tried:
    sending = Sending(parse_mail_server(url.format(box.port)), timeout_s)
    try:
        return await sending.send(letter(to), FROM, to)
    finally:
        await sending.close()


async def test_letters_share_a_connection() -> None:
    async with mail_server() as box:
        sending = Sending(parse_mail_server(f"smtp+unencrypted://127.0.0.1:{box.port}"))
        for _ in range(3):
            assert await sending.send(letter(), FROM, TO) == Tried(250)
        assert (len(box.letters), box.connections) == (3, 1)
        assert box.said().strip() == "Grüße"
        # After a refused letter the connection is as good as before.
        box.on_letter = "550 5.7.1 spam from ada@example.org"
        tried = await sending.send(letter(), FROM, TO)
        assert (tried.status, tried.final) == (550, True)
        box.on_letter = "250 OK"
        assert (await sending.send(letter(), FROM, TO)).arrived
        assert box.connections == 1
        await sending.close()


@pytest.mark.parametrize(("code", "final"), [(421, False), (450, False), (550, True), (553, True)])
async def test_a_refused_address_is_final_if_the_server_says_so(code: int, final: bool) -> None:
    async with mail_server() as box:
        box.on_recipient = f"{code} no such user ada@example.org here"
        tried = await send(box)
        assert (tried.status, tried.final) == (code, final)
        assert tried.error is not None
        assert "ada" not in tried.error, "what the server says may name somebody"


async def test_a_slow_server_ends_the_try() -> None:
    async with mail_server() as box:
        box.pause = asyncio.Event()
        tried = await send(box, timeout_s=0.3)
        assert (tried.arrived, tried.final) == (False, False)
        assert "0.3 s" in (tried.error or "")
        box.pause.set()


@pytest.mark.parametrize("says", [b"HTTP/1.1 200 OK\r\n\r\n", b"\xff\xfe\x00" * 400 + b"\r\n", b"999 hello\r\n", b""])
async def test_what_is_no_smtp_is_no_delivery(says: bytes) -> None:
    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(lie, "127.0.0.1", 0)
    sending = Sending(MailServer("smtp+unencrypted", "127.0.0.1", server.sockets[0].getsockname()[1]), 5)
    tried = await sending.send(letter(), FROM, TO)
    assert (tried.arrived, tried.final) == (False, False)
    server.close()


async def test_a_server_that_talks_without_end_is_left() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"220-more\r\n" * 1_000)
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    sending = Sending(MailServer("smtp+unencrypted", "127.0.0.1", server.sockets[0].getsockname()[1]), 0.5)
    assert not (await sending.send(letter(), FROM, TO)).arrived
    server.close()


async def test_nobody_there() -> None:
    async with mail_server() as box:
        pass
    assert "no connection" in ((await send(box)).error or "")


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    make_certificate(tmp_path, ["127.0.0.1"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "pem", tmp_path / "key")
    return context, str(tmp_path / "pem")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_encrypted_with_a_password(tls: tuple[ssl.SSLContext, str], scheme: str) -> None:
    context, root = tls
    async with mail_server(tls=context, implicit=scheme == "smtps", password="p@ss:w") as box:
        given = f"{scheme}://exams:p%40ss%3Aw@127.0.0.1:{{}}?sslrootcert={root}"
        assert (await send(box, given)).arrived
        assert (box.encrypted, set(box.users)) == ([True], {"exams"})
        wrong = await send(box, given.replace("p%40ss%3Aw", "other"))
        assert (wrong.status, wrong.final) == (535, False), "an operator can mend it"


async def test_nothing_goes_out_unencrypted_unless_that_is_asked_for(tls: tuple[ssl.SSLContext, str]) -> None:
    async with mail_server() as plain:
        assert not (await send(plain, "smtp://127.0.0.1:{}")).arrived
        assert plain.letters == []
    async with mail_server(tls=tls[0]) as unknown:
        tried = await send(unknown, "smtp://127.0.0.1:{}")
        assert tried.error == "the certificate of the mail server is not valid"


async def test_letters_of_an_address_that_the_server_cannot_write() -> None:
    async with mail_server(utf8=False) as old:
        assert not (await send(old, to="jürgen@example.org")).arrived
    async with mail_server() as new:
        assert (await send(new, to="jürgen@example.org")).arrived
        assert new.recipients == ["jürgen@example.org"]


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example",
        "smtp://",
        "smtp://u@mail.example",
        "smtp://mail.example/path",
        "smtp://mail.example:99999",
        "smtp://mail.example?tls=no",
        "smtp+unencrypted://u:secret-word@mail.example",
    ],
)
def test_a_wrong_url_is_named_without_its_secret(url: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 (any sentence)
        parse_mail_server(url)
    assert "secret-word" not in str(error.value)


def test_a_url() -> None:
    server = parse_mail_server("smtps://u%40x:p%3Aw@[::1]")
    assert server == MailServer("smtps", "::1", 465, "u@x", "p:w")
    assert "p:w" not in repr(server)
