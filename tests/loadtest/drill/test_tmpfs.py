"""A disk that can be filled."""

import os
from pathlib import Path

import pytest

from loadtest.drill.process import Impossible
from loadtest.drill.tmpfs import Tmpfs


def test_nothing_can_be_written_while_it_is_full(tmp_path: Path) -> None:
    try:
        disk = Tmpfs(tmp_path / "disk", 1)
    except Impossible as error:
        pytest.skip(str(error))
    try:
        file = disk.folder / "file"
        file.write_bytes(b"kept")
        disk.fill()
        with pytest.raises(OSError, match="No space left"):
            (disk.folder / "another").write_bytes(bytes(8_192))
        disk.drain()
        file.write_bytes(bytes(8_192))
    finally:
        disk.unmount()
    assert not os.listdir(disk.folder)
