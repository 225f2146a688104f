"""Durable means on a disk."""

from pathlib import Path

import pytest

from loadtest.bench.on_disk import check_on_disk
from loadtest.drill.process import Impossible


def test_a_folder_in_memory_is_refused() -> None:
    with pytest.raises(Impossible, match=r"/dev/shm is in memory .*TMPDIR"):
        check_on_disk(Path("/dev/shm"))


def test_a_folder_on_a_disk_is_fine() -> None:
    check_on_disk(Path(__file__).parent)
