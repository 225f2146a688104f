"""Files that were asked for of late."""

from protocol.media import Medium, hash_of
from server.media.cache import MAX_FILE_BYTES, Kept, MediaCache


def kept(data: bytes) -> Kept:
    return Kept(Medium(hash_of(data), "image/png", len(data), 1, 1), data)


def test_the_newest_stay() -> None:
    cache = MediaCache(10)
    files = [kept(bytes([number]) * 4) for number in range(3)]
    cache.put("a", files[0])
    cache.put("a", files[1])
    assert cache.get("a", files[0].medium.hash) == files[0]
    cache.put("a", files[2])
    assert cache.get("a", files[1].medium.hash) is None
    assert cache.get("a", files[0].medium.hash) == files[0]
    assert cache.get("a", files[2].medium.hash) == files[2]
    assert cache.get("b", files[2].medium.hash) is None


def test_a_file_counts_once_and_a_large_one_is_not_kept() -> None:
    cache = MediaCache(10)
    for _ in range(9):
        cache.put("a", kept(b"1234"))
    cache.put("a", kept(b"5678"))
    assert cache.get("a", hash_of(b"1234")) is not None
    large = kept(b"x" * (MAX_FILE_BYTES + 1))
    cache.put("a", large)
    assert cache.get("a", large.medium.hash) is None
