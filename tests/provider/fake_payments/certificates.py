"""A certificate for `localhost`, of an authority of its own, made with openssl."""

import subprocess
from pathlib import Path

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def _is_good_for_a_day(file):
    check = ["openssl", "x509", "-checkend", "86400", "-noout", "-in", str(file)]
    return file.exists() and subprocess.run(check, capture_output=True, check=False).returncode == 0


def make(folder):
    """(the authority's certificate, the server's key and certificate), as files; those that are there, while they hold."""
    folder = Path(folder)
    authority, server = folder / "authority.pem", folder / "server.pem"
    if _is_good_for_a_day(server):
        return authority, server
    keys, request, plain = folder / "authority.key", folder / "server.csr", folder / "server.crt"
    _openssl("req", "-x509", *CURVE, "-days", 30, "-subj", "/CN=Fake payments", "-keyout", keys, "-out", authority,
             "-addext", "basicConstraints=critical,CA:TRUE")
    _openssl("req", *CURVE, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", server,
             "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", keys, "-days", 30, "-copy_extensions", "copy",
             "-out", plain)
    server.write_bytes(server.read_bytes() + plain.read_bytes())
    return authority, server
