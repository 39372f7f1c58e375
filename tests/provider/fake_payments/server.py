"""The provider as servers: its API over TLS, and its page, with what is done there, over plain HTTP."""

import contextlib
import json
import socket
import ssl
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .api import Api, Request
from .book import Book
from .control import BadControl, Control
from .notices import Sender
from .page import page
from .switches import Switches

HOST = "127.0.0.1"
POLL = 0.05  # seconds, to see that it is to stop
LONGEST = 1 << 20  # of a body, in bytes
JSON, HTML = "application/json", "text/html; charset=utf-8"


class FakePayments:
    """Runs from its making to stop().

    `certificate`: a file with the key and certificate for `localhost`. `token`: what clients of the API send; `secret`:
    what notices are signed with; `hook`: whom it tells, by URL.
    """

    def __init__(self, certificate, token, secret, hook="", port=0, page_port=0):
        self.book, self.switches, self.requests = Book(), Switches(), []
        self.sender = Sender(hook, secret)
        self.api = Api(self.book, token)
        self.control = Control(self.book, self.switches, self.sender, self.requests)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._servers = [_Server(port, _ApiHandler, self, context), _Server(page_port, _PageHandler, self)]
        self.port, self.page_port = (server.server_port for server in self._servers)
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True).start()

    @property
    def host(self):
        return f"localhost:{self.port}"

    @property
    def url(self):
        """Of its page."""
        return f"http://{HOST}:{self.page_port}/"

    def stop(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def answer(self, request):
        """(status, body) of a call of its API, or None: the connection is to be cut. It stands in `requests`."""
        switch = self.switches.take(request)
        entry = {"time": time.time(), "method": request.method, "path": request.path, "query": request.query,
                 "headers": request.headers, "body": request.body.decode("utf-8", "replace"), "status": 0}
        self.requests.append(entry)
        time.sleep(switch.seconds)
        status, value = (switch.status, {"message": "as it was switched"}) if switch.status else self.api.answer(request)
        if switch.lost:
            return None
        entry["status"] = status
        return status, switch.body.encode() if switch.body else json.dumps(value).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port, handler, payments, context=None):
        self.payments, self._context = payments, context
        super().__init__((HOST, port), handler)

    def get_request(self):
        """The handshake is made in the handler's thread, at its first read."""
        connection, address = super().get_request()
        if self._context:
            connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, _request, _address):
        """Who does not trust the certificate leaves in the middle."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def read_request(self):
        where = urllib.parse.urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), LONGEST)
        return Request(self.command, where.path, dict(urllib.parse.parse_qsl(where.query)),
                       {name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length))

    def answer(self, status, body=b"", kind=JSON, **headers):
        with contextlib.suppress(OSError):  # who asked may have had enough
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


class _ApiHandler(_Handler):
    def handle_request(self):
        answered = self.server.payments.answer(self.read_request())
        if answered is None:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.answer(*answered)

    do_GET = do_POST = do_PUT = do_DELETE = handle_request


class _PageHandler(_Handler):
    CONTROL = "/control/"

    def do_GET(self):
        request, payments = self.read_request(), self.server.payments
        if request.path == "/":
            return self.answer(200, page(payments.book).encode(), HTML)
        shown = payments.control.show(request.path.removeprefix(self.CONTROL))
        return self.answer(404) if shown is None else self.answer(200, json.dumps(shown).encode())

    def do_POST(self):
        """With a form whoever clicked is led back to the page."""
        request = self.read_request()
        by_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        try:
            values = dict(urllib.parse.parse_qsl(request.body.decode())) if by_form else json.loads(request.body or b"{}")
            done = self.server.payments.control.do(request.path.removeprefix(self.CONTROL), values)
        except (BadControl, ValueError) as error:
            return self.answer(400, json.dumps({"message": str(error)}).encode())
        return self.answer(303, Location="/") if by_form else self.answer(200, json.dumps(done).encode())
