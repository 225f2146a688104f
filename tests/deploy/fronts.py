"""Proxies as an operator runs them: our files, with ports and certificates of a test."""

import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import aiohttp
from websockets.asyncio.client import connect
from websockets.typing import Origin
from yarl import URL

from loadtest.ports import LOOPBACK, free_port
from tests.deploy.files import DEPLOY, changed
from tests.server.harness.socket import Socket
from tests.services.certificate import make_certificate
from tests.services.patience import PATIENCE_S
from tests.services.processes import Processes
from tests.services.server import find_binary

NAME: Final = "exam.example.org"
HOSTS: Final = ("north.exam.example.org", "south.exam.example.org", "one.schools.exam.example.org")
"""Of the organisations whose cells `nginx-cells.conf` knows."""
_NODES: Final = ("127.0.0.1:8000", "127.0.0.1:8001")
_NODES_OF_CELLS: Final = (*_NODES, "127.0.0.1:8010", "127.0.0.1:8011")


class Front:
    """A proxy that runs. `tls` believes its certificate; None: it speaks without. `logged`: all that it has logged."""

    def __init__(self, port: int, tls: ssl.SSLContext | None, logged: Callable[[], str] = str) -> None:
        self.port = port
        self.logged = logged
        self._address = f"{LOOPBACK}:{port}"
        self._tls = tls

    async def get(self, path: str, token: str | None = None, host: str = NAME) -> tuple[int, str]:
        """Status and body."""
        headers = {"host": host} | ({"authorization": f"Bearer {token}"} if token else {})
        url = URL(f"{'https' if self._tls else 'http'}://{self._address}{path}", encoded=True)
        async with (
            aiohttp.ClientSession(trust_env=False) as http,
            http.get(
                url, headers=headers, allow_redirects=False, ssl=self._tls or True, server_hostname=self._server_name
            ) as response,
        ):
            return response.status, await response.text()

    async def socket(self, path: str, origin: str | None = None, name: str = NAME) -> Socket:
        """From a page of `origin`, else of `name` itself. Raises `InvalidStatus` where the handshake is refused."""
        host, port = self._address.split(":")
        connection = await connect(
            f"{'wss' if self._tls else 'ws'}://{name}{path}",
            host=host,
            port=int(port),
            ssl=self._tls,
            origin=Origin(origin or f"https://{name}"),
            proxy=None,
            compression=None,
            open_timeout=PATIENCE_S,
        )
        return Socket(connection)

    @property
    def _server_name(self) -> str | None:
        return NAME if self._tls else None


def start_nginx(processes: Processes, folder: Path, nodes: Sequence[int]) -> Front:
    """`deploy/nginx.conf` in front of nodes on these ports."""
    return _start_nginx(processes, folder, "nginx.conf", _real(nodes))


def start_nginx_before_cells(processes: Processes, folder: Path, nodes: Sequence[int]) -> Front:
    """`deploy/nginx-cells.conf` in front of two cells, of two nodes each."""
    return _start_nginx(processes, folder, "nginx-cells.conf", _real(nodes, _NODES_OF_CELLS))


def _start_nginx(processes: Processes, folder: Path, name: str, nodes: Sequence[tuple[str, str]]) -> Front:
    port = free_port()
    make_certificate(folder, (NAME, *HOSTS))
    site = changed(
        name,
        ("listen 443 ssl http2;", f"listen {LOOPBACK}:{port} ssl http2;"),
        ("/etc/ssl/exam.example.org.pem", str(folder / "pem")),
        ("/etc/ssl/exam.example.org.key", str(folder / "key")),
        ("/etc/nginx/snippets/pencilsdown.conf", str(DEPLOY / "nginx-proxy.conf")),
        *nodes,
    )
    (folder / "site.conf").write_text(site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr notice; worker_processes 1;\n"
        f"events {{ worker_connections 256; }}\n"
        f"http {{ access_log {folder}/access.log; {temporary} include {folder}/site.conf; }}\n"
    )
    nginx = find_binary("nginx", [Path("/usr/sbin")])
    child = processes.start([nginx, "-p", folder, "-c", folder / "nginx.conf"], name="nginx")
    child.wait_for_line("start worker process")
    tls = ssl.create_default_context(cafile=folder / "pem")
    return Front(port, tls, lambda: child.output + (folder / "access.log").read_text())


def start_caddy(processes: Processes, folder: Path, nodes: Sequence[int]) -> Front:
    """`deploy/Caddyfile` in front of nodes on these ports, without the certificate that it would fetch."""
    port = free_port()
    site = changed(
        "Caddyfile",
        ("\n{\n", "\n{\n\tadmin off\n\tauto_https off\n"),
        (f"{NAME} {{", f"http://{NAME}:{port} {{"),
        *_real(nodes),
    )
    (folder / "Caddyfile").write_text(site)
    environment = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    child = processes.start(
        [find_binary("caddy"), "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"],
        name="caddy",
        env=environment,
    )
    child.wait_for_port(port)
    return Front(port, None, lambda: child.output)


def _real(nodes: Sequence[int], named: Sequence[str] = _NODES) -> list[tuple[str, str]]:
    return [(old, f"{LOOPBACK}:{new}") for old, new in zip(named, nodes, strict=True)]
