"""Addresses of files in Blackboard's packages."""

import re
from collections.abc import Iterable
from typing import Final

FILE: Final = "{http://www.blackboard.com/content-packaging/}file"
"""The attribute of a resource that names its file."""

_VARIABLE: Final = re.compile(r"@X@[A-Za-z.]{1,100}@X@/?")
"""Stands before addresses for the place of all files: `@X@EmbeddedFile.requestUrlStub@X@bbcswebdav/xid-12_1`."""
_NUMBER: Final = re.compile(r"(?:^|/)(xid-[0-9]{1,20}_[0-9]{1,20})$")
"""By which a file of the collection is named: it is in the package as `csfiles/home_dir/leaf__xid-12_1.png`."""


def bare(address: str) -> str:
    """An address without the place of all files."""
    return _VARIABLE.sub("", address)


def named_as(address: str, names: Iterable[str]) -> list[str]:
    """Those of the files of a package that have the number of an address."""
    number = _NUMBER.search(address)
    if number is None:
        return []
    wanted = re.compile(rf"(^|/|__){re.escape(number[1])}\.(?!xml$)[A-Za-z0-9]{{1,10}}$", re.IGNORECASE)
    return [name for name in names if wanted.search(name)]
