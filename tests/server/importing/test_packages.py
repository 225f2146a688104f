import stat
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from server.importing import packages
from server.importing.faults import ImportFault
from server.importing.packages import Package


def _zip(files: dict[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", compression) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return made.getvalue()


def test_files_are_found_as_others_name_them() -> None:
    package = Package(_zip({"a/Item.xml": b"1", "a/img/x y.png": b"2", "b.xml": b"3"}))
    assert list(package) == ["a/Item.xml", "a/img/x y.png", "b.xml"]
    assert package.find("img/x%20y.png", "a/Item.xml") == "a/img/x y.png"
    assert package.find("../B.XML#top", "a/Item.xml") == "b.xml"
    assert package.find("item.xml", "a/other.xml") == "a/Item.xml"
    assert package.find("../../../etc/hostname", "a/Item.xml") is None
    assert package.read("b.xml") == b"3"


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "..\\x", "C:\\x", ".."])
def test_a_name_that_leads_out_of_the_package_is_refused(name: str) -> None:
    with pytest.raises(ImportFault, match="lies outside"):
        Package(_zip({name: b""}))


def test_a_symbolic_link_is_refused() -> None:
    link = ZipInfo("x")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    made = BytesIO()
    with ZipFile(made, "w") as file:
        file.writestr(link, "/etc/hostname")
    with pytest.raises(ImportFault, match="symbolic link"):
        Package(made.getvalue())


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(ImportFault, match="two files"):
        Package(_zip({"a.xml": b"", "A.xml": b""}))


def test_an_unusual_compression_is_refused() -> None:
    with pytest.raises(ImportFault, match="unusual"):
        Package(_zip({"a": b"x"}, ZIP_BZIP2))


def test_what_is_no_zip_or_is_cut_off_is_refused() -> None:
    for data in (b"", b"PK\x03\x04", _zip({"a": b"x" * 1_000})[:-10]):
        with pytest.raises(ImportFault, match="not a zip file"):
            Package(data)


def test_a_damaged_file_is_refused() -> None:
    data = bytearray(_zip({"a": b"x" * 1_000}))
    data[35] ^= 0xFF
    with pytest.raises(ImportFault, match="damaged"):
        Package(bytes(data)).read("a")


def test_a_directory_that_says_a_wrong_place_is_refused() -> None:
    data = bytearray(_zip({"a": b"x"}))
    data[-6] += 1
    with pytest.raises(ImportFault, match="damaged"):
        Package(bytes(data)).read("a")


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = Package(_zip({"a": bytes(65 * 1024**2)}))
    with pytest.raises(ImportFault, match="larger than 64 MiB"):
        bomb.read("a")
    monkeypatch.setattr(packages, "MAX_PACKAGE_BYTES", 1_500)
    many = Package(_zip({"a": bytes(1_000), "b": bytes(1_000)}))
    many.read("a")
    with pytest.raises(ImportFault, match="The package has more"):
        many.read("b")


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MAX_FILES", 2)
    with pytest.raises(ImportFault, match="more than 2 files"):
        Package(_zip({"a": b"", "b": b"", "c": b""}))
