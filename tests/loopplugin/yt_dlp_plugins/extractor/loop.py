"""A network for yt-dlp that consists of one loopback server.

As a plugin of yt-dlp: with this folder's parent's parent on PYTHONPATH and
VAULTSCRIBE_TEST_NET=127.0.0.1:PORT, an unmodified program reads every http and
https address from that server, in plain HTTP, and nothing from anywhere else.
Extractors, redirects and cookies are yt-dlp's own; only names and TLS are not.
"""

import http.client
import os
import socket
from typing import Any

from yt_dlp.networking._urllib import HTTPHandler, UrllibRH
from yt_dlp.networking.common import register_preference, register_rh


def handler(host: str, port: int) -> Any:
    """Make a request handler class of yt-dlp that dials *port* for every host."""

    class Connection(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = socket.create_connection((host, port), self.timeout)

    class Opener(HTTPHandler):  # type: ignore[misc]
        def _open(self, request: Any) -> Any:
            return self.do_open(Connection, request)

        http_open = https_open = _open

    class LoopRH(UrllibRH):  # type: ignore[misc]
        RH_NAME = "loop"

        def _create_instance(
            self, proxies: Any, cookiejar: Any, legacy_ssl_support: Any = None
        ) -> Any:
            opener = super()._create_instance({}, cookiejar, legacy_ssl_support)
            mine = Opener()
            mine.add_parent(opener)
            for table in (
                opener.handle_open,
                opener.process_request,
                opener.process_response,
            ):
                for scheme in ("http", "https"):
                    table[scheme] = [
                        mine if isinstance(each, HTTPHandler) else each
                        for each in table.get(scheme, [])
                    ]
            return opener

        def _check_extensions(self, extensions: dict[str, Any]) -> None:
            super()._check_extensions(extensions)
            extensions.pop("impersonate", None)
            extensions.pop("keep_header_casing", None)

    return LoopRH


if address := os.environ.get("VAULTSCRIBE_TEST_NET"):
    _host, _, _port = address.rpartition(":")
    LoopRH = register_rh(handler(_host, int(_port)))

    register_preference(LoopRH)(lambda _handler, _request: 100_000)
