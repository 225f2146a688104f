"""HTML as a PDF. To be imported where nobody waits: by `server.analysis.report_file`, and only where the extra `pdf` is
installed."""

from typing import NoReturn

from weasyprint import HTML  # type: ignore[import-untyped]


def write_pdf(html: str) -> bytes:
    """The file. Nothing is fetched: a document names no picture and no style but its own."""
    written: bytes = HTML(string=html, url_fetcher=_fetch_nothing).write_pdf(pdf_tags=True)
    return written


def _fetch_nothing(url: str, *_: object, **__: object) -> NoReturn:
    raise ValueError("A report fetches nothing.")
