"""Takes everything out of HTML that a body may not hold, and says what that was."""

import re
from typing import Final, NamedTuple

import nh3

from protocol import markup
from server.writing.bounds import check_bounds
from server.writing.faults import WritingFault
from server.writing.values import REL, kept, may_have

MAX_ROUNDS: Final = 5
"""Times that HTML is cleaned until nothing changes: a browser may read what was taken apart in another way."""
MAX_NAMED: Final = 20
"""Things taken away that are told one by one."""

_NAMES: Final = re.compile(r"<([A-Za-z][A-Za-z0-9:_-]{0,40})")
_OPENED: Final = re.compile(r"<([a-z][a-z0-9-]*)")
_SCHEMES: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_LEADS_NOWHERE: Final = re.compile(r"<a(?=[ >])(?![^>]* (?:href|id)=)")
_TAGS: Final = re.compile(r"<(/?)([a-z][a-z0-9-]*)[^>]*>")
_PLACE_WITH_CONTENT: Final = re.compile(r"<(pd-response|pd-gap)([^>]*)>(?!</\1>)")
_PLACE_WITHOUT_ID: Final = re.compile(r"<(pd-response|pd-gap|pd-hot)>")
_STRANGE: Final = {
    "href": "a link that does not begin with `https://`",
    "src": "a file that is not named by `media:` and its hash",
}
_UNSEEN: Final[set[str]] = {
    *("annotation", "annotation-xml", "applet", "base", "embed", "frame", "frameset", "head", "iframe", "link", "meta"),
    *("noembed", "noframes", "noscript", "object", "plaintext", "script", "select", "style", "svg", "template"),
    *("textarea", "title", "xmp"),
}
"""Elements that go with all that is in them: it is no text for people."""


class Clean(NamedTuple):
    """A body, and what was taken away to make it one, each as a few words: "the element `<script>`"."""

    body: str
    taken: list[str]


def sanitise(html: str, line: bool = False) -> Clean:
    """What may stay of some HTML. `line`: only what may stand inside a line. Cleaning a body again changes nothing.

    Raises `WritingFault` where too little would be left to be understood: too long, too deep, or always different.
    """
    check_bounds(html)
    if not ("<" in html or "&" in html or ">" in html or "\r" in html or "\xa0" in html):
        return Clean(html, [])
    cleaner = _LINE if line else _BODY
    last, body = html, cleaner.clean(html)
    for _ in range(MAX_ROUNDS):
        if body == last:
            break
        last, body = body, cleaner.clean(body)
    else:
        raise WritingFault("The text's markup is read in another way each time. Write it with fewer tags.")
    _check(body)
    return Clean(body, _taken(html, body, _LINE_ELEMENTS if line else _BODY_ELEMENTS))


def _check(body: str) -> None:
    deepest = depth = 0
    for tag in _TAGS.finditer(body):
        if tag[1]:
            depth -= 1
        elif tag[2] not in markup.EMPTY:
            depth += 1
            deepest = max(deepest, depth)
    if deepest > markup.MAX_DEPTH:
        raise WritingFault(f"The text has more than {markup.MAX_DEPTH} elements inside one another.")
    if found := _PLACE_WITHOUT_ID.search(body):
        raise WritingFault(f"`<{found[1]}>` has no `id`.")
    if found := _PLACE_WITH_CONTENT.search(body):
        raise WritingFault(f"`<{found[1]}{found[2]}>` is not closed at once: write `</{found[1]}>` behind it.")


def _cleaner(elements: frozenset[str]) -> nh3.Cleaner:
    own = {element: set(markup.ATTRIBUTES.get(element, ())) for element in elements}
    for element in elements - markup.MATH:
        own[element] |= markup.EVERYWHERE
    # Without the `*` the cleaner allows titles everywhere.
    return nh3.Cleaner(
        tags=set(elements),
        clean_content_tags=_UNSEEN,
        attributes={"*": set(), **own},
        attribute_filter=kept,
        url_schemes={"https", "media"},
        link_rel=REL,
    )


_LINE_ELEMENTS: Final = markup.PHRASES | markup.MATH
_BODY_ELEMENTS: Final = _LINE_ELEMENTS | markup.BLOCKS | markup.PLACES
_LINE: Final = _cleaner(_LINE_ELEMENTS)
_BODY: Final = _cleaner(_BODY_ELEMENTS)


def _taken(html: str, body: str, elements: frozenset[str]) -> list[str]:
    """What of the HTML is not in its body. Elements are found by their names; attributes by reading the HTML again with
    every element and attribute allowed."""
    named = {name.lower() for name in _NAMES.findall(html)}
    left = set(_OPENED.findall(body))
    found = [f"the element `<{name}>`" for name in sorted(named - elements)]
    found += [f"an element `<{name}>` where none can stand" for name in sorted(named & elements - left)]
    if "<!" in html or "<?" in html:
        found.append("a comment")

    def note(element: str, attribute: str, value: str) -> None:
        if element not in elements or (element, attribute) in (("a", "rel"), ("a", "target")):
            return
        if not may_have(element, attribute):
            found.append(f"`{attribute}` of `<{element}>`")
        elif kept(element, attribute, value) is None:
            found.append(_STRANGE.get(attribute, f"what `{attribute}` of `<{element}>` says"))

    nh3.Cleaner(
        tags=named,
        clean_content_tags=set(),
        generic_attribute_prefixes={""},
        attributes={"*": {"href", "src"}},
        attribute_filter=note,
        url_schemes={scheme.lower() for scheme in _SCHEMES.findall(html)},
        link_rel=None,
    ).clean(html)
    if html.rfind("<") > html.rfind(">") and _NAMES.match(html, html.rfind("<")):
        found.append("what follows the last `<`")
    if len(_LEADS_NOWHERE.findall(body)) > len(_LEADS_NOWHERE.findall(html)):
        # An address that is no address at all is never shown to `note`.
        found.append(_STRANGE["href"])
    return list(dict.fromkeys(found))[:MAX_NAMED]
