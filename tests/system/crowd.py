"""Many connections at once that do nothing good, from an address of their own."""

import contextlib
import itertools
import resource
import socket

from client import HOST, Connection, record

_addresses = (f"127.0.1.{n}" for n in itertools.count(1))


def allow_files(count):
    """Lets this process open so many."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(hard, count)))


class Crowd:
    """`count` connections to `port`, each with its first words said. Closed at the end of a `with`."""

    def __init__(self, port, count, greeting=b"", receive_bytes=None):
        source = (next(_addresses), 0)  # its ports are nobody else's
        self.sockets = []
        for _ in range(count):
            connection = socket.socket()
            self.sockets.append(connection)
            if receive_bytes:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            connection.settimeout(120)
            connection.bind(source)
            connection.connect((HOST, port))
        self.say(greeting)

    def say(self, words):
        """Those that have been closed meanwhile are passed over."""
        for connection in self.sockets:
            with contextlib.suppress(OSError):
                connection.sendall(words)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.sockets:
            connection.close()


def honest_clients_are_served(port, name, count=10):
    """Each on a connection of its own, one after the other."""
    for number in range(count):
        answer = Connection(port).upload([record(f"{name}-{number}")])
        assert answer.status == 202, (number, answer)
