"""The door of the what-if: HTTP on 127.0.0.1 only, open to who holds the token and to no other site's page."""

import hmac
import json
import os
import secrets
import socketserver
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from abm.errors import InputError
from machi.serving.asked import read_question
from machi.serving.bench import Bench
from machi.serving.page import Page
from machi.serving.worker import Worker

HERE = "127.0.0.1"
NAMES = (HERE, "localhost")
WEB_PORT = 80  # which browsers leave out of the Host header
MOST_BYTES = 8192  # of a question; a portfolio of a hundred packages has a quarter of that
PATIENCE = 10.0  # seconds for a request to arrive
TOKEN_BYTES = 32

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Door(ThreadingHTTPServer):
    """Listens on a port of this machine; 0 takes a free one (InputError where a port cannot be had)."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would let two programs have the same port

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(TOKEN_BYTES)
        self.page: Page | None = None
        self.bench: Bench | None = None
        self.worker: Worker | None = None
        try:
            super().__init__((HERE, port), _Visitor)
        except OSError as error:
            raise InputError(
                f"--port: {port} cannot be used ({error.strerror}); give another, or leave it out for a free one."
            ) from error

    def server_bind(self) -> None:
        """Bind without asking any name server who we are."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HERE, int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no news."""
        if os.environ.get("MACHI_DEBUG"):
            traceback.print_exc()

    @property
    def hosts(self) -> set[str]:
        """What may stand in a Host header: a page under another name that leads here (DNS rebinding) is refused."""
        bare = set(NAMES) if self.server_port == WEB_PORT else set()
        return {f"{name}:{self.server_port}" for name in NAMES} | bare

    @property
    def address(self) -> str:
        """The page's address, token and all."""
        return f"http://{HERE}:{self.server_port}/{self.token}/"

    def furnish(self, bench: Bench, page: Page, worker: Worker) -> None:
        """Give the door what it opens to."""
        self.bench, self.page, self.worker = bench, page, worker


class _Visitor(BaseHTTPRequestHandler):
    """One connection; every request is refused unless host and token are right."""

    server: Door
    timeout = PATIENCE
    protocol_version = "HTTP/1.1"
    error_message_format = "%(code)d %(message)s\n"
    error_content_type = "text/plain; charset=utf-8"

    def version_string(self) -> str:
        """Which software answers is nobody's concern."""
        return "machi"

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not told to the terminal: the token stands in them."""

    def do_GET(self) -> None:
        """The page, or how far the newest question is."""
        what = self._admitted()
        if what == "" and self.server.page is not None:
            self._send(self.server.page.html, "text/html", {"Content-Security-Policy": self.server.page.policy})
        elif what == "state" and self.server.worker is not None:
            self._send_json(HTTPStatus.OK, self.server.worker.state()._asdict())
        elif what is not None:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """A question; its number comes back."""
        what = self._admitted()
        if what is None:
            return
        if what != "question" or self.server.worker is None or self.server.bench is None:
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        text = self._body()
        if text is None:
            return
        try:
            number = self.server.worker.ask(read_question(text, self.server.bench))
        except InputError as error:
            self._send_json(HTTPStatus.BAD_REQUEST, {"problem": str(error)})
            return
        self._send_json(HTTPStatus.OK, {"number": number})

    def _admitted(self) -> str | None:
        """What is asked for behind the token; None where the request was refused."""
        origin = self.headers.get("Origin")
        hosts = self.server.hosts
        if self.headers.get("Host", "").lower() not in hosts:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        if origin is not None and origin.lower() not in {f"http://{host}" for host in hosts}:
            self._refuse(HTTPStatus.FORBIDDEN)
            return None
        token, slash, what = self.path.partition("?")[0].removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN)
            return None
        return what if slash else token  # without it the page's own addresses would lead nowhere

    def _body(self) -> bytes | None:
        """The bytes of a question; None where the request was refused."""
        length = self.headers.get("Content-Length", "")
        if self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        elif not (length.isascii() and length.isdigit()):
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
        elif len(length) > len(str(MOST_BYTES)) or int(length) > MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            return self.rfile.read(int(length))
        return None

    def _refuse(self, status: HTTPStatus) -> None:
        """Say no; what was sent stays unread, so the connection ends."""
        self.close_connection = True
        self._send(f"{status.value} {status.phrase}\n", "text/plain", {"Connection": "close"}, status)

    def _send_json(self, status: HTTPStatus, value: Any) -> None:
        self._send(json.dumps(value, ensure_ascii=False, allow_nan=False), "application/json", {}, status)

    def _send(self, text: str, kind: str, more: Mapping[str, str], status: HTTPStatus = HTTPStatus.OK) -> None:
        body = text.encode("utf-8")
        self.send_response(status)
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body)), **_HEADERS, **more}
        for name, content in headers.items():
            self.send_header(name, content)
        self.end_headers()
        self.wfile.write(body)
