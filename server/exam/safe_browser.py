"""What an exam file says of Safe Exam Browser: `{start_url: "https://…", config_keys: [...], browser_keys: [...]}`."""

from typing import Any, Final

import msgspec

from protocol.integrity.safe_exam_browser import SafeExamBrowser

_FIELDS: Final = ("start_url", "config_keys", "browser_keys")


def rule(given: object) -> SafeExamBrowser:
    """Raises ValueError with the rest of a sentence."""
    if not isinstance(given, dict) or not given or not set(given) <= set(_FIELDS):
        raise ValueError(f"must name some of {', '.join(_FIELDS)}")
    try:
        return msgspec.convert({name: _lower(name, said) for name, said in given.items()}, SafeExamBrowser)
    except msgspec.ValidationError:
        raise ValueError("has a key that is not 64 hexadecimal digits, or an address that is too long") from None


def _lower(name: str, said: object) -> object:
    """Programs write keys in capitals too."""
    if name == "start_url" or not isinstance(said, list):
        return said
    return [key.lower() if isinstance(key, str) else key for key in said]


def written(found: SafeExamBrowser) -> dict[str, Any]:
    """The same as an exam file says it."""
    return {name: value for name in _FIELDS if (value := getattr(found, name))}
