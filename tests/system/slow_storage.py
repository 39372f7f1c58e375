"""Stands before a storage daemon, and keeps what is asked waiting for as long as a test wants."""

import contextlib
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class SlowStorage(ThreadingHTTPServer):
    """A context manager. `url` is where to ask."""

    daemon_threads = True

    def __init__(self, stack):
        super().__init__(("127.0.0.1", 0), _Asked)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.target = "http://{}:{}".format(*stack.address("COMPORTA_STORAGE_PORT"))
        self.answers, self.waiting, self.is_silent = threading.Event(), threading.Event(), lambda: False

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,)).start()
        return self

    def __exit__(self, *_failure):
        self.answers.set()
        self.shutdown()
        self.server_close()

    @contextlib.contextmanager
    def silent(self, when=lambda: True):
        """No answer in this block to what is asked at a moment of which `when` is true: whoever asks stays there."""
        self.waiting.clear()
        self.answers.clear()
        self.is_silent = when
        try:
            yield
        finally:
            self.is_silent = lambda: False
            self.answers.set()

    def wait_asked(self):
        """Until somebody waits for an answer."""
        assert self.waiting.wait(180), "nobody asks"


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.server.is_silent():
            self.server.waiting.set()
            self.server.answers.wait()
        given = {name: value for name, value in self.headers.items() if name == "Authorization"}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.server.target + self.path, headers=given)) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass
