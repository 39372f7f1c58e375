"""Requests that no HTTP library would send, byte by byte."""

import contextlib
import http.client
import io
import socket

from client import HOST, read_answer


class _Stream(io.BytesIO):
    """Stands for a socket, and stays open from one answer to the next."""

    def makefile(self, *_arguments):
        return self

    def close(self):
        pass


def parse_answers(data):
    """The HTTP answers in `data`, in order, without interim ones."""
    stream, answers = _Stream(data), []
    while stream.tell() < len(data):
        response = http.client.HTTPResponse(stream)
        response.begin()
        answers.append(read_answer(response))
    return answers


def send_bytes(port, *pieces):
    """Sends the pieces one after the other; returns the bytes that come until the peer closes."""
    with socket.create_connection((HOST, port), timeout=30) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                connection.sendall(piece)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while data := connection.recv(65536):
                received += data
    return received


def send_raw(port, *pieces):
    """The same; returns the answers that came."""
    return parse_answers(send_bytes(port, *pieces))


def leave_in_the_middle(port, request):
    """Sends `request` and goes away without waiting for anything."""
    with socket.create_connection((HOST, port), timeout=30) as connection:
        connection.sendall(request)


def post(path, body, *headers, length=None):
    """The bytes of a POST, the connection's last; `length` is what Content-Length says, if not the truth."""
    lines = [f"POST {path} HTTP/1.1", "Host: test", "Content-Type: application/json", "Connection: close",
             *headers, f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
