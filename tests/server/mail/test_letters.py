"""What letters say, in every language, and how they are made into messages."""

import re
import string
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from typing import get_args

import pytest

from protocol.events.mail import DIGEST, TO_CANDIDATES, TO_STAFF, Digest, DigestOfTest
from protocol.rest.subscriptions import MailLanguage
from server.mail.letters import About, Letter, of_day, to_candidate, to_staff
from server.mail.message import NoAddress, Sender, message, on_the_wire
from server.mail.words import DEFAULT, language_for, languages, words_in

AT = 1_764_273_600_000
STOP = f"https://exams.example.org/mail/stop?t={'gAAAAABn_-' * 20}"
SENDER = Sender("exams@example.org", "School")


def about(name: str | None = "Ada", test: str = "Algebra") -> About:
    return About(name=name, test=test, at_ms=AT, until_ms=AT + 60_000, reference="abcd-efgh-ijkl", room="https://x/m")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_says_the_same() -> None:
    assert languages() == set(get_args(MailLanguage))
    for language in languages():
        words = words_in(language)
        assert list(words) == list(words_in(DEFAULT))
        for key, text in words.items():
            assert places(text) == places(words_in(DEFAULT)[key]), (language, key)
            assert text.strip() == text


@pytest.mark.parametrize("language", sorted(languages()))
def test_there_is_a_letter_about_each_topic(language: str) -> None:
    for topic in TO_CANDIDATES:
        kind = topic.partition(".")[2]
        if kind not in ("completed", "released"):
            letter = to_candidate(kind, about(), language, None)
            assert "Algebra" in letter.subject
            assert "Ada" in letter.plain
    assert "Algebra" in to_candidate("result", about(), language, STOP).plain
    for topic in TO_STAFF:
        if topic != DIGEST:
            assert "Ada" in to_staff(topic.partition(".")[2], about(), language, STOP).plain
    one = DigestOfTest(test_id="a", started=31, ended=29, open=2)
    letter = of_day(Digest(org_id="school", from_ms=AT, tests=[one]), {"a": "Algebra"}, language, STOP)
    assert all(number in letter.plain for number in ("31", "29", "2", "Algebra", "2025-11-27"))


def test_the_end_has_its_reference_and_the_start_its_deadline() -> None:
    assert "abcd-efgh-ijkl" in to_candidate("submitted", about(), "en", None).plain
    started = to_candidate("started", about(), "en", STOP).plain
    assert "2025-11-27 20:01 UTC" in started
    assert "abcd" not in started


def test_a_language_is_found_by_its_first_part() -> None:
    assert language_for(None, "de-CH") == "de"
    assert language_for("tr", "de") == "tr"
    assert language_for("zh", None) == DEFAULT


def body_of(sent: EmailMessage, kind: str) -> str:
    body = sent.get_body((kind,))
    assert body is not None
    return str(body.get_content())


NASTY = "Ada\r\nBcc: eve@example.org\u2028\x00<b>&"


def test_no_name_ends_a_header_or_becomes_html() -> None:
    letter = to_candidate("submitted", about(NASTY, NASTY), "en", STOP)
    made = message(letter, Sender("exams@example.org", NASTY, "office@example.org"), "ada@example.org", NASTY, "d", AT)
    sent = message_from_bytes(made.as_bytes(), policy=SMTP)
    assert "bcc" not in sent
    assert sent["To"].addresses[0].addr_spec == "ada@example.org"
    assert sent["From"].addresses[0].addr_spec == "exams@example.org"
    assert sent["Reply-To"] == "office@example.org"
    html = body_of(sent, "html")
    assert "<b>" not in html
    assert "&lt;b&gt;&amp;" in html


def test_only_our_own_addresses_become_links() -> None:
    elsewhere = "Ada http://elsewhere.example/"
    letter = to_staff("overran", about(elsewhere, elsewhere), "en", STOP)
    assert re.findall('href="([^"]*)"', letter.html) == ["https://x/m", STOP]
    assert "<a" not in to_candidate("submitted", about(elsewhere, elsewhere), "en", None).html


def test_names_in_any_alphabet_arrive() -> None:
    letter = to_candidate("submitted", about("Łukasz Ünal 李", "Алгебра"), "ar", None)
    raw = message(letter, SENDER, "ada@example.org", "Łukasz, Ünal 李", "d", AT).as_bytes()
    sent = message_from_bytes(raw, policy=SMTP)
    assert sent["To"].addresses[0].display_name == "Łukasz, Ünal 李"
    assert "Алгебра" in str(make_header(decode_header(str(sent["Subject"]))))
    assert 'dir="rtl"' in body_of(sent, "html")
    assert "李" in body_of(sent, "plain")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_only_what_may_be_stopped_has_the_link() -> None:
    letter = to_candidate("started", about(), "en", STOP)
    raw = message(letter, SENDER, "ada@example.org", None, "d", AT).as_bytes()
    assert f"List-Unsubscribe: <{STOP}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw
    plain = message(Letter("en", "s", ["p"], STOP.replace("https", "http")), SENDER, "a@b.example", None, "d", AT)
    assert "List-Unsubscribe-Post" not in plain
    essential = message(to_candidate("submitted", about(), "en", None), SENDER, "a@b.example", None, "d", AT)
    assert "List-Unsubscribe" not in essential
    assert essential["Auto-Submitted"] == "auto-generated"


def test_a_letter_that_is_sent_again_has_the_same_id() -> None:
    letter = to_candidate("submitted", about(), "en", None)
    ids = [message(letter, SENDER, "a@b.example", None, one, AT)["Message-ID"] for one in ("d", "d", "e")]
    assert ids[0] == ids[1] != ids[2]


def test_domains_go_out_in_ascii() -> None:
    assert on_the_wire("ada@straße.example") == "ada@xn--strae-oqa.example"
    for wrong in ("ada@a\u0300\u00b7.example", "ada@x y", "ada"):
        with pytest.raises(NoAddress):
            on_the_wire(wrong)
