"""What a path names (RFC 7644, 3.5.2): an attribute, perhaps some of its values by a filter, and a part of them."""

import re
from typing import Final

import msgspec

from protocol import limits
from protocol.scim.attributes import Attribute, Schema
from protocol.scim.faults import INVALID_PATH, ScimFault
from protocol.scim.filters import Filter, parse_filter
from protocol.scim.matching import check_filter
from protocol.scim.naming import resolve, unknown

_FORM: Final = re.compile(r"([^\[\]]+)(?:\[(.*)\])?(?:\.([A-Za-z$][\w\-]*))?", re.DOTALL)


class Path(msgspec.Struct, frozen=True):
    """`sub` None: the whole attribute."""

    attribute: Attribute
    which: Filter | None = None
    sub: Attribute | None = None


def parse_path(schema: Schema, text: str) -> Path | None:
    """None: it is one of the attributes that are passed over. Raises `ScimFault`: invalidPath, and invalidFilter for
    the filter in it."""
    if len(text) > limits.MAX_FILTER_CHARS:
        raise ScimFault(INVALID_PATH, f"A path has more than {limits.MAX_FILTER_CHARS} characters.")
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise unknown(text)
    named = resolve(schema, form[1])
    if named is None:
        return None
    attribute, sub = named
    if form[3] is not None:
        if sub is not None:
            raise unknown(text)
        sub = attribute.sub(form[3])
        if sub is None:
            if form[3].casefold() in attribute.passes:
                return None
            raise unknown(text)
    which = None
    if form[2] is not None:
        if not attribute.multi or form[1].rpartition(":")[2].count("."):
            raise ScimFault(INVALID_PATH, f"`{attribute.name}` has one value: nothing is chosen from it by a filter.")
        which = parse_filter(form[2])
        check_filter(schema, which, within=attribute)
    return Path(attribute, which, sub)
