"""The internet of the tests: one loopback server that plays any host.

    with Site() as site:
        site.on("https://example.org/talk", "<html>…</html>")
        media = YtDlp(cache_folder=folder, ydl_class=loop_ydl(site), pause_s=0)

A process of its own reads from the site with `environment(site)`.
"""

import importlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

PLUGIN = Path(__file__).with_name("loopplugin")


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; *headers* by their names in lower case."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Body = str | bytes | dict[str, Any] | list[Any]
Answer = Body | tuple[int, dict[str, str], Body]
"""Text is HTML, dict and list are JSON; a status and headers may go before."""

Route = Answer | Callable[[Asked], Answer] | None
"""None never answers."""


class Site:
    """A server on 127.0.0.1; addresses without a route are answered with 404."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._routes: dict[tuple[str, str], Route] = {}
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def on(self, url: str, route: Route) -> None:
        """Answer requests for *url*, whatever their query, with *route*."""
        parts = urlsplit(url)
        self._routes[parts.netloc, parts.path] = route

    def paths(self) -> list[str]:
        """List what was asked for, as `host/path`, in order."""
        return [each.host + each.path for each in self.asked]

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes] | None:
        self.asked.append(asked)
        route = self._routes.get((asked.host, asked.path), (404, {}, "not here"))
        found = route(asked) if callable(route) else route
        if found is None:
            self._closing.wait(30)
            return None
        status, headers, body = found if isinstance(found, tuple) else (200, {}, found)
        kind = "text/html; charset=utf-8"
        if isinstance(body, dict | list):
            body, kind = json.dumps(body), "application/json"
        data = body.encode() if isinstance(body, str) else body
        return status, {"Content-Type": kind} | headers, data


def loop_ydl(site: Site) -> Any:
    """Make a YoutubeDL whose every request goes to *site* and nowhere else."""
    from yt_dlp import YoutubeDL

    # By name: mypy knows the plugin as `loop`, a file outside of any package.
    plugin = importlib.import_module("loopplugin.yt_dlp_plugins.extractor.loop")
    request_handler = plugin.handler("127.0.0.1", site.port)

    class LoopYDL(YoutubeDL):  # type: ignore[misc]
        def __init__(self, params: dict[str, Any], auto_init: bool = True) -> None:  # noqa: FBT001, FBT002 - YoutubeDL's own
            # A JavaScript runtime on the machine would ask for more pages.
            super().__init__({**params, "js_runtimes": {}}, auto_init)

        def add_default_info_extractors(self) -> None:
            # Sorting 1,700 of them takes 50 ms; the order is always the same.
            if not _EXTRACTORS:
                super().add_default_info_extractors()
                _EXTRACTORS.update(self._ies)
            self._ies.update(_EXTRACTORS)

        def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
            return super().build_request_director([request_handler], [])

    return LoopYDL


def environment(site: Site) -> dict[str, str]:
    """Give the variables under which yt-dlp in another process reads from *site*.

    PYTHONPATH names the plugin's folder alone: add to it what the process needs.
    """
    return {"PYTHONPATH": str(PLUGIN), "VAULTSCRIBE_TEST_NET": site.address}


_EXTRACTORS: dict[str, Any] = {}


class _Server(ThreadingHTTPServer):
    site: Site
    daemon_threads = False  # closing waits for them: no socket is left open

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client may go away while it is answered."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        query = dict(parse_qsl(parts.query))
        host = headers.get("host", "")
        answer = self.server.site.answer(
            Asked(self.command, host, parts.path, query, headers, body)
        )
        self.close_connection = True
        if answer is None:
            return
        status, extra, data = answer
        self.send_response(status)
        for name, value in extra.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_POST = do_HEAD = do_GET  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        """Say nothing."""
