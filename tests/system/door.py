"""The real nginx with the real templates, before daemons that do what a test says."""

import contextlib
import re
import socket
import threading
from dataclasses import dataclass, replace

from client import HOST


@dataclass(frozen=True)
class Seen:
    """A request as a daemon gets it."""

    line: str
    headers: dict  # names in lower case
    body: bytes


class Last(bytes):
    """What a daemon says before it breaks off."""


def answer(status="200 OK", body=b"{}", *headers):
    """The bytes of an answer."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def _read_request(stream):
    """None when the peer has closed."""
    line = stream.readline().decode("latin-1").strip()
    if not line:
        return None
    headers = {}
    while field := stream.readline().decode("latin-1").strip():
        name, _, value = field.partition(":")
        headers[name.lower()] = value.strip()
    return Seen(line, headers, stream.read(int(headers.get("content-length", 0))))


class ScriptedDaemon:
    """Listens where a daemon would; at port 0, anywhere. `act(seen)` gives the bytes that it answers."""

    def __init__(self, port, act=lambda _seen: answer()):
        self.act, self.seen, self.connections = act, [], 0
        self._listener = socket.create_server((HOST, port), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            stream = connection.makefile("rb")
            while seen := _read_request(stream):
                self.seen.append(seen)
                said = self.act(seen)
                connection.sendall(said)
                if isinstance(said, Last):
                    return

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def with_lines(part, home, changes):
    """The part nginx with other lines in what is made of its templates: pattern -> line."""
    def prepare():
        part.prepare()
        for pattern, line in changes.items():
            found = 0
            for file in home.glob("*.conf"):
                text, count = re.subn(rf"(?m)^( *){pattern}$", rf"\g<1>{line}", file.read_text())
                file.write_text(text)
                found += count
            assert found == 1, (pattern, found)
    return replace(part, prepare=prepare)


class Door:
    """nginx alone out of a stack, and scripted daemons on the ports of the real ones."""

    def __init__(self, stack, changes=None):
        self.stack = stack
        self.port = stack.ports["COMPORTA_PORT"]
        stack.parts["nginx"] = with_lines(stack.parts["nginx"], stack.directory / "nginx", changes or {})
        self._daemons = []

    def daemon(self, variable, act=lambda _seen: answer()):
        self._daemons.append(ScriptedDaemon(self.stack.ports[variable], act))
        return self._daemons[-1]

    def start(self):
        self.stack.launch("nginx")
        self.stack.wait_ready("nginx")

    def stop(self):
        self.stack.stop_part("nginx")
        for daemon in self._daemons:
            daemon.close()

    def log_lines(self):
        return self.stack.processes["nginx"].log.read_text(errors="replace").splitlines()
