"""Safe Exam Browser (SEB): the settings of its files, their Config Key, and what a request or a page proves by it.

Its documentation says how keys and hashes are made: https://safeexambrowser.org/developer/seb-config-key.html and
https://safeexambrowser.org/developer/documents/SEB-Specification-BrowserExamKey.pdf.

What is proven is that whoever asks knows a key. A Config Key can be computed by whoever has the settings unencrypted; a
Browser Exam Key is made from them and from the signed program, so that a modified one does not have it.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from protocol.messages.base import NO_NUL

CONFIG_HEADER: Final = "x-safeexambrowser-configkeyhash"
BROWSER_HEADER: Final = "x-safeexambrowser-requesthash"
PAGE_HEADER: Final = "pencilsdown-safe-exam-browser"
"""By which a page passes on what SEB's JavaScript API has told it: the page's address and both hashes, with spaces
between them; "-" stands for one that it was not told."""

Key = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
_MOST_KEYS: Final = 50
_MAX_ADDRESS_CHARS: Final = 2_000


class SafeExamBrowser(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A test that is begun in Safe Exam Browser alone, whose settings have one of the `config_keys`, and which has one
    of the `browser_keys`, where such are named. With a `start_url` the server makes a file of settings that opens that
    address, and accepts its Config Key too."""

    start_url: Annotated[str, Meta(max_length=_MAX_ADDRESS_CHARS, pattern=NO_NUL)] | None = None
    config_keys: Annotated[list[Key], Meta(max_length=_MOST_KEYS)] = msgspec.field(default_factory=list)
    browser_keys: Annotated[list[Key], Meta(max_length=_MOST_KEYS)] = msgspec.field(default_factory=list)


class Proof(msgspec.Struct, frozen=True, gc=False):
    """Both hashes for one address; None: SEB has said none."""

    url: str
    config: str | None
    browser: str | None


def settings_for(start_url: str) -> dict[str, Any]:
    """The settings that the server makes: an exam that opens this address, keys in headers and for pages, and the
    engine whose pages can ask for them. What is left out is as SEB has it by default, which it calls safe."""
    return {
        "originatorVersion": "PencilsDown_1",
        "sebConfigPurpose": 0,
        "startURL": start_url,
        "sendBrowserExamKey": True,
        "browserWindowWebView": 3,
        "browserViewMode": 1,
        "mainBrowserWindowWidth": "100%",
        "mainBrowserWindowHeight": "100%",
        "newBrowserWindowByLinkPolicy": 2,
        "allowQuit": True,
        "quitURLConfirm": True,
        "allowSpellCheck": False,
        "allowDictation": False,
        "allowScreenSharing": False,
        "allowVirtualMachine": False,
        "enablePrivateClipboard": True,
        "showTime": True,
        "showReloadButton": True,
        "removeLocalStorage": False,
    }


def config_key(settings: Mapping[str, Any]) -> str:
    """The Config Key of these settings: SHA-256 of them as JSON without white space or escapes, their names in order
    whatever their case, without `originatorVersion` and empty dictionaries."""
    kept = {name: value for name, value in settings.items() if name != "originatorVersion"}
    return sha256(seb_json(kept).encode()).hexdigest()


def seb_json(value: Any) -> str:
    """A value of a property list as SEB-JSON has it. Raises `TypeError` for any other, and for dates: no setting has
    one."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return f"{value:.15g}"
        case str():
            return f'"{value}"'
        case bytes():
            return f'"{b64encode(value).decode()}"'
        case list() | tuple():
            return f"[{','.join(map(seb_json, value))}]"
        case dict():
            names = sorted((name for name in value if value[name] != {}), key=lambda name: (name.lower(), name))
            return "{" + ",".join(f'"{name}":{seb_json(value[name])}' for name in names) + "}"
        case _:
            raise TypeError(f"no setting has {type(value).__name__}")


def hash_for(url: str, key: str) -> str:
    """What SEB sends for a request of this address: SHA-256 of it without its fragment, and the key."""
    return sha256((url.partition("#")[0] + key).encode()).hexdigest()


def accepted_config_keys(rule: SafeExamBrowser) -> list[str]:
    """The Config Keys that the test takes; none: any."""
    own = [] if rule.start_url is None else [config_key(settings_for(rule.start_url))]
    return [*rule.config_keys, *own]


def is_proven(rule: SafeExamBrowser, proofs: Iterable[Proof]) -> bool:
    """Whether one of the proofs is by a browser that the test takes."""
    config_keys = accepted_config_keys(rule)
    return any(
        _has(proof.url, proof.config, config_keys) and _has(proof.url, proof.browser, rule.browser_keys)
        for proof in proofs
    )


def _has(url: str, given: str | None, keys: list[str]) -> bool:
    if not keys:
        return True
    if given is None:
        return False
    # As bytes: a header may have any letters, and texts with such can't be compared.
    said = given.lower().encode()
    return any(hmac.compare_digest(hash_for(url, key).encode(), said) for key in keys)


def read_page_header(value: str, origin: str) -> Proof | None:
    """What a page passes on; None: it is none, or is of a page of another origin."""
    url, config, browser, *more = [*value.split(" "), "", ""]
    known = url.startswith(f"{origin}/") and not any(more) and all(map(_is_hash, (config, browser)))
    return Proof(url, _said(config), _said(browser)) if known else None


def _is_hash(text: str) -> bool:
    return text == "-" or (len(text) == 64 and text.isascii() and text.isalnum())


def _said(text: str) -> str | None:
    return None if text == "-" else text


def _is_page(address: str) -> bool:
    return address.startswith(("https://", "http://")) and address.isprintable() and " " not in address


def contradiction(rule: SafeExamBrowser | None) -> str | None:
    """Why the rule makes no sense, in words of an exam file; None: it does."""
    if rule is None:
        return None
    if rule.start_url is not None and not _is_page(rule.start_url):
        return "`safe_exam_browser`: `start_url` must be an address that begins with https:// or http://"
    if rule.start_url or rule.config_keys or rule.browser_keys:
        return None
    return "`safe_exam_browser` needs `start_url`, `config_keys` or `browser_keys`"
