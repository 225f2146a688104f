"""Keys and hashes as Safe Exam Browser makes them, and what they prove."""

from hashlib import sha256

import msgspec
import pytest

from protocol.integrity.safe_exam_browser import (
    Proof,
    SafeExamBrowser,
    accepted_config_keys,
    config_key,
    contradiction,
    hash_for,
    is_proven,
    read_page_header,
    seb_json,
    settings_for,
)

KEY = "81aad4ab9dfd447cc479e6a4a7c9a544e2cafc7f3adeb68b2a21efad68eca4dc"
OTHER = "0a" * 32
URL = "https://exams.example.org/sit?x=1"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "A": True, "allowWLAN": False, "allowWiFi": 2}, '{"A":true,"allowWiFi":2,"allowWLAN":false,"b":1}'),
        ({"rules": [{"b": "x", "a": []}], "none": {}}, '{"rules":[{"a":[],"b":"x"}]}'),
        ({"filter": "^.*?:\\/\\/((a\\.org))$", "Ü": "ü"}, '{"filter":"^.*?:\\/\\/((a\\.org))$","Ü":"ü"}'),
        ({"salt": bytes(range(4)), "share": 0.1}, '{"salt":"AAECAw==","share":0.1}'),
    ],
)
def test_settings_become_sorted_json_without_escapes(value: object, written: str) -> None:
    assert seb_json(value) == written


def test_the_config_key_leaves_out_who_wrote_the_file() -> None:
    settings = settings_for("https://exams.example.org/")
    expected = sha256(seb_json({k: v for k, v in settings.items() if k != "originatorVersion"}).encode()).hexdigest()
    assert config_key(settings) == config_key(settings | {"originatorVersion": "SEB_Win_3.8"}) == expected
    assert config_key(settings) != config_key(settings | {"allowQuit": False})


def test_the_key_of_the_servers_own_file_stays_as_it_is() -> None:
    # Files that organisations have handed out would be refused otherwise.
    assert config_key(settings_for("https://exams.example.org/")) == OWN


OWN = "4e69cf85f7d5d45302e6e49596c7d82415373749963855eb0a48a9687c88938f"


def test_a_hash_is_of_the_address_without_its_fragment_and_the_key() -> None:
    assert hash_for(URL, KEY) == hash_for(f"{URL}#token", KEY) == sha256((URL + KEY).encode()).hexdigest()


def proof(config: str | None = None, browser: str | None = None, url: str = URL) -> Proof:
    return Proof(url, config and hash_for(URL, config), browser and hash_for(URL, browser))


@pytest.mark.parametrize(
    ("rule", "given", "proven"),
    [
        (SafeExamBrowser(config_keys=[OTHER, KEY]), proof(config=KEY), True),
        (SafeExamBrowser(config_keys=[OTHER]), proof(config=KEY), False),
        (SafeExamBrowser(config_keys=[KEY]), proof(config=KEY, url="https://exams.example.org/other"), False),
        (SafeExamBrowser(config_keys=[KEY]), proof(browser=KEY), False),
        (SafeExamBrowser(browser_keys=[KEY]), proof(browser=KEY), True),
        (SafeExamBrowser(config_keys=[KEY], browser_keys=[OTHER]), proof(config=KEY), False),
        (SafeExamBrowser(config_keys=[KEY], browser_keys=[OTHER]), proof(config=KEY, browser=OTHER), True),
        (SafeExamBrowser(start_url=URL), proof(config=config_key(settings_for(URL))), True),
        (SafeExamBrowser(start_url=URL), proof(config=KEY), False),
    ],
)
def test_what_is_proven(rule: SafeExamBrowser, given: Proof, proven: bool) -> None:
    assert is_proven(rule, [given]) is proven
    assert not is_proven(rule, [])
    assert not is_proven(rule, [Proof(URL, "é", "é")])


def test_what_a_page_passes_on_is_of_a_page_of_ours() -> None:
    said = f"{URL} {KEY} -"
    assert read_page_header(said, "https://exams.example.org") == Proof(URL, KEY, None)
    assert read_page_header(said, "https://elsewhere.example.org") is None
    for nonsense in ("", URL, f"{URL} short -", f"{URL} {KEY} - more", f"{URL} {KEY[:-1]}é -"):
        assert read_page_header(nonsense, "https://exams.example.org") is None


def test_a_rule_names_something() -> None:
    assert contradiction(SafeExamBrowser()) is not None
    assert contradiction(SafeExamBrowser(start_url=URL)) is contradiction(None) is None
    assert accepted_config_keys(SafeExamBrowser(config_keys=[KEY])) == [KEY]
    for address in ("javascript:alert(1)", "https://x.example/a\x01b", "https://x.example/a b", ""):
        assert "start_url" in (contradiction(SafeExamBrowser(start_url=address, config_keys=[KEY])) or "")
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"config_keys": ["short"]}, SafeExamBrowser)
