"""What a reply shows."""

from io import BytesIO
from zipfile import ZipFile, is_zipfile


def unpacked(reply: bytes) -> bytes:
    """Its bytes; of a workbook or a package what is in its parts."""
    if not is_zipfile(BytesIO(reply)):
        return reply
    with ZipFile(BytesIO(reply)) as packed:
        return b"".join(map(packed.read, packed.namelist()))
