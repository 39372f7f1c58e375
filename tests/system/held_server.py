"""A server of a test's own, that may hold what it answers, and be away."""

import contextlib
import socket
import threading
from http.server import ThreadingHTTPServer

HOST = "127.0.0.1"


class Listener(ThreadingHTTPServer):
    """`owner`: the HeldServer that it is of; `made`: its connections."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, owner, handler):
        super().__init__((HOST, owner.port), handler)
        self.owner, self.made = owner, []

    def get_request(self):
        connection, address = super().get_request()
        self.made.append(connection)
        return connection, address

    def handle_error(self, _request, _address):
        """Who has had enough, or does not trust us, leaves in the middle."""


class HeldServer:
    """Whoever is one has `_handler()`, what answers, which waits for `_open`; and may have another Listener."""

    listener = Listener

    def __init__(self):
        self._lock, self._open = threading.Lock(), threading.Event()
        self._open.set()
        self.port = 0
        self.start()

    def start(self):
        """On the port that it had before, if it had one."""
        self._server = self.listener(self, self._handler())
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        """Nobody listens any more, and every connection is cut."""
        self.release()
        self._server.shutdown()
        self._server.server_close()
        for connection in self._server.made:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def hold(self):
        """Asked, it does not answer before release(); not for as long as any test takes."""
        self._open.clear()

    def release(self):
        self._open.set()
