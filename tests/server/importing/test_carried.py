import pytest

from protocol.media import hash_of
from server.importing import carried
from server.importing.carried import Carried
from server.importing.faults import ImportFault
from tests.server.media.files import SVG, png


def test_a_file_is_named_by_its_hash_and_kept_once() -> None:
    files = Carried()
    name, looked = files.add(png(3, 2))
    assert (name, looked.width, looked.height) == (hash_of(looked.data), 3, 2)
    assert files.add(png(3, 2))[0] == name
    other, _ = files.add(png(4, 4))
    assert list(files.among([name, "unknown"])) == [name]
    assert set(files.among([other, name])) == {name, other}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"<html>", "is no PNG"),
        (SVG.replace(b"</svg>", b"<script>alert(1)</script></svg>"), "can't have"),
    ],
)
def test_what_no_text_can_have_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ImportFault, match=reason):
        Carried().add(data)


def test_an_exam_brings_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried, "MAX_CARRIED", 2)
    files = Carried()
    for size in (1, 2, 1):
        files.add(png(size, 1))
    with pytest.raises(ImportFault, match="2 files"):
        files.add(png(3, 1))
    monkeypatch.setattr(carried, "MAX_CARRIED_BYTES", 10)
    with pytest.raises(ImportFault, match="0 MiB at most"):
        Carried().add(png(1, 1))
