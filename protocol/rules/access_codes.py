"""Access codes: what makes two of them the same. A code is compared by its digest, in constant time."""

from hashlib import blake2b
from hmac import compare_digest
from unicodedata import normalize

from protocol.seen import visible


def plain_code(text: str) -> str:
    """The code without what people type differently or bring along when they copy it: letter case, white space, forms
    of the same characters, and characters that show nothing."""
    return "".join(visible(normalize("NFKC", text)).casefold().split())


def digest_of_code(text: str) -> bytes:
    """Stands for the code wherever it is compared."""
    return blake2b(plain_code(text).encode("utf-8", "surrogatepass"), digest_size=32).digest()


def is_same_code(digest: bytes, text: str) -> bool:
    """Whether `text` is the code that `digest` stands for."""
    return compare_digest(digest, digest_of_code(text))
