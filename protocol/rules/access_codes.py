"""Access codes: what makes two of them the same. A code is compared by its digest, in constant time."""

from hashlib import blake2b
from hmac import compare_digest
from unicodedata import normalize


def plain_code(text: str) -> str:
    """The code without what people type differently: letter case, white space, and forms of the same characters."""
    return "".join(normalize("NFKC", text).casefold().split())


def digest_of_code(text: str) -> bytes:
    """Stands for the code wherever it is compared."""
    return blake2b(plain_code(text).encode("utf-8", "surrogatepass"), digest_size=32).digest()


def is_same_code(digest: bytes, text: str) -> bool:
    """Whether `text` is the code that `digest` stands for."""
    return compare_digest(digest, digest_of_code(text))
