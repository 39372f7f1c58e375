"""A provider of others' data, over TLS, that answers as a test tells it, and counts what it is asked.

As a program (`provider.py FOLDER`) it answers by the path alone, as PATHS says, and ends with its input; it prints its
port and the file of the authority that its certificate is of.
"""

import contextlib
import datetime
import json
import shutil
import ssl
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from held_server import HeldServer, Listener

LIMIT = 64 * 1024  # of an answer, in bytes
LONGEST_HOLD = 600  # seconds


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=lambda: {"Content-Type": "application/json"})
    has_length: bool = True  # false: the end of the connection is the end of the body


def json_reply(value, status=200):
    return Reply(status, json.dumps(value).encode())


def credit(amount, inner=200):
    return json_reply({"statusCode": inner, "body": {"credit": amount}})


# -- certificates ----------------------------------------------------------------------------------


def _name(common):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])


def _certificate(subject, key, issuer, issuer_key, *extensions):
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    builder = (x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=2)))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _write(path, *parts):
    path.write_bytes(b"".join(parts))
    return path


def make_certificates(folder):
    """(the authority's certificate, a server's key and certificate for `localhost`), as files."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Test authority", authority_key, "Test authority", authority_key,
                             x509.BasicConstraints(ca=True, path_length=0))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    server = _certificate("localhost", key, "Test authority", authority_key, names)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (_write(folder / "authority.pem", authority.public_bytes(pem)),
            _write(folder / "server.pem", private, server.public_bytes(pem)))


# -- the server ------------------------------------------------------------------------------------


class _OverTls(Listener):
    def get_request(self):
        """The handshake is made in the handler's thread, at its first read."""
        connection, address = super().get_request()
        self.owner.connections += 1
        self.made[-1] = self.owner.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return self.made[-1], address


class Provider(HeldServer):
    """`answer`: path with its query -> Reply. `asked`: those that came, each with its headers; `bodies`: of those among
    them that were posted."""

    listener = _OverTls

    def __init__(self, folder, answer=lambda path: credit(0)):
        self.authority, server_file = make_certificates(Path(folder))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(server_file)
        self.answer, self.asked, self.bodies, self.connections = answer, [], [], 0
        super().__init__()

    @property
    def host(self):
        return f"localhost:{self.port}"

    def forget(self):
        self.asked.clear()
        self.bodies.clear()

    def paths(self):
        return [path for path, _headers in list(self.asked)]

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with provider._lock:
                    provider.bodies.append(body)
                self.do_GET()

            def do_GET(self):
                with provider._lock:
                    provider.asked.append((self.path, dict(self.headers)))
                provider._open.wait(LONGEST_HOLD)
                reply = provider.answer(self.path)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header(*(("Content-Length", str(len(reply.body))) if reply.has_length else
                                   ("Connection", "close")))
                with contextlib.suppress(OSError):  # who asked may have had enough
                    self.end_headers()
                    self.wfile.write(reply.body)

            def log_message(self, *_arguments):
                pass

        return Handler


def with_times(kinds, folder, name, times):
    """A copy of the kinds, in which that one has other times: by what stands in its file, what is to."""
    shutil.copytree(kinds, folder)
    file = folder / name / "kind.yaml"
    text = file.read_text()
    for time, other in times.items():
        assert time in text, f"{time} is not in {file}"
        text = text.replace(time, other)
    file.write_text(text)
    return folder


PATHS = {
    "/good": Reply(body=b'{"n":1}'),
    "/redirect": Reply(302, b"", {"Location": "/good"}),
    "/exactly": Reply(body=b"x" * LIMIT),
    "/larger": Reply(body=b"x" * (LIMIT + 1)),
    "/endless": Reply(body=b"x" * (64 * LIMIT), has_length=False),
    "/refused": Reply(403, b"no"),
    "/half": Reply(body=b'{"n"', headers={"Content-Length": "100", "Connection": "close"}, has_length=False),
}


def main(folder):
    provider = Provider(folder, lambda path: PATHS.get(path, Reply(404)))
    never = threading.Event()
    answer = provider.answer
    provider.answer = lambda path: never.wait(60) and Reply() if path == "/never" else answer(path)
    print(provider.port, provider.authority, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
