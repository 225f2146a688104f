"""XML that others wrote: read without entities, without a network, and in bounds."""

from typing import Final

from lxml import etree

from server.importing.faults import ImportFault

MAX_XML_BYTES: Final = 64 * 1024**2

Element = etree._Element


def read_xml(data: bytes, name: str) -> Element:
    """The root of the document. `name` says in a refusal which file it is. Raises `ImportFault` with the line of the
    first mistake; so does a document that defines entities of its own."""
    if len(data) > MAX_XML_BYTES:
        raise ImportFault(f"{name} is larger than {MAX_XML_BYTES // 1024**2} MiB.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = "" if line is None else f", line {line}"
        raise ImportFault(f"{name}{where}: this is not well-formed XML ({_cause(error)}).") from None
    subset = root.getroottree().docinfo.internalDTD
    if subset is not None and next(iter(subset.iterentities()), None) is not None:
        raise ImportFault(f"{name} defines entities of its own, which are not read.")
    if next(root.iter(etree.Entity), None) is not None:
        raise ImportFault(f"{name} uses an entity that XML does not have.")
    return root


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def _cause(error: Exception) -> str:
    return str(error).partition(", line ")[0][:200]
