"""What a request says of the browser that it comes from."""

from starlette.requests import HTTPConnection

from protocol.integrity.safe_exam_browser import BROWSER_HEADER, CONFIG_HEADER, PAGE_HEADER, Proof, read_page_header


def proofs_in(request: HTTPConnection, public_url: str) -> tuple[Proof, ...]:
    """What Safe Exam Browser has put into this request, or the page has passed on: over a socket, which has no headers
    of the page's, in its address. `public_url` is where browsers reach this server: a proxy may stand between."""
    found: list[Proof] = []
    config, browser = request.headers.get(CONFIG_HEADER), request.headers.get(BROWSER_HEADER)
    if config is not None or browser is not None:
        query = f"?{request.url.query}" if request.url.query else ""
        address = f"{public_url}{request.url.path}{query}"
        if request.scope["type"] == "websocket":
            address = address.replace("http", "ws", 1)
        found.append(Proof(address, config, browser))
    passed_on = request.headers.get(PAGE_HEADER) or request.query_params.get(PAGE_HEADER)
    page = None if passed_on is None else read_page_header(passed_on, public_url)
    return tuple(found) if page is None else (*found, page)
