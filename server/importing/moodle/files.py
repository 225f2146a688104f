"""Files that Moodle packs beside the text that shows them: `@@PLUGINFILE@@/name` in the text stands for `<file
name="name" encoding="base64">`."""

import re
from base64 import b64decode
from binascii import Error
from html import escape
from typing import Final
from urllib.parse import quote

from server.importing.carried import Carried
from server.importing.faults import ImportFault
from server.importing.xml import Element
from server.media.looking import Looked
from server.writing.bounds import MAX_WRITTEN_CHARS

_ADDRESS: Final = "@@PLUGINFILE@@"
_PICTURE: Final = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_SIZED: Final = re.compile(r"\s(width|height)\s*=", re.IGNORECASE)


def bring_files(question: Element, carried: Carried, losses: list[str]) -> None:
    """Takes in the files that the texts of a question show, and names them in the texts as ours are named."""
    for holder in dict.fromkeys(found.getparent() for found in question.iter("file")):
        text = None if holder is None else holder.find("text")
        if holder is None or text is None:
            continue
        written = "".join(text.itertext())
        if len(written) > MAX_WRITTEN_CHARS:
            raise ImportFault(f"A text has more than {MAX_WRITTEN_CHARS} characters, with its markup.")
        for file in list(holder.iterfind("file")):
            written = _named(written, file, carried, losses)
            holder.remove(file)
        text.clear()
        text.text = written


def _named(written: str, file: Element, carried: Carried, losses: list[str]) -> str:
    path = f"{file.get('path') or '/'}{file.get('name') or ''}"
    spelled = dict.fromkeys((path, quote(path), escape(path), escape(quote(path))))
    addresses = [f"{_ADDRESS}{one}" for one in spelled if f"{_ADDRESS}{one}" in written]
    if not addresses:
        # Nobody sees it.
        return written
    try:
        name, looked = carried.add(_data(file))
    except ImportFault as fault:
        losses.append(f"left out: the file {path[1:101]!r}: {fault}")
        return written
    for address in addresses:
        written = _PICTURE.sub(lambda found, of=address: _sized(found[0], of, looked), written)  # type: ignore[misc]
        written = written.replace(address, f"media:{name}")
    return written


def _data(file: Element) -> bytes:
    if file.get("encoding", "") != "base64":
        raise ImportFault("It is not written in base64.")
    try:
        return b64decode("".join("".join(file.itertext()).split()), validate=True)
    except (Error, ValueError):
        raise ImportFault("It is not written in base64.") from None


def _sized(tag: str, address: str, looked: Looked) -> str:
    """The tag of a picture with its size, where it has none: the text around it does not move when it comes."""
    if address not in tag or _SIZED.search(tag) or not (looked.width and looked.height):
        return tag
    return f'{tag[:4]} width="{looked.width}" height="{looked.height}"{tag[4:]}'
