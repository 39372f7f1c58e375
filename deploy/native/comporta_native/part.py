"""What the parts of a stack have in common."""

import hashlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from .ports import SettingError

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Part:
    """One process of the stack: how it is started, when it is ready, how it ends."""

    name: str
    command: list
    ports: dict  # variable -> port
    ready: Callable[[], bool]
    env: dict = field(default_factory=dict)
    inputs: list = field(default_factory=list)  # files; when one has changed, a restart is due
    prepare: Callable[[], None] = lambda: None  # writes its files; called before every start
    comes_alone: Callable[[], bool] = lambda: False  # it is started when those before it are ready
    stop_signal: int = signal.SIGTERM
    nice: int = 0

    def environment(self):
        return {**os.environ, **self.env}

    def fingerprint(self):
        """Differs when this part would now be started differently."""
        paths = [Path(self.command[0]), *self.inputs]
        files = [(str(path), path.stat().st_mtime_ns) for path in paths if path.exists()]
        what = (self.command, sorted(self.ports.items()), sorted(self.env.items()), files, self.nice)
        return hashlib.sha256(repr(what).encode()).hexdigest()


class Secrets:
    """Random values, each in a file that only its owner reads."""

    def __init__(self, directory, fixed=None):
        directory.mkdir(mode=0o700, exist_ok=True)
        self._directory = directory
        self._fixed = fixed or {}

    def path(self, name):
        """The file of that secret; written first if there is none."""
        path = self._directory / name
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(self._fixed.get(name) or secrets.token_hex(16))
        return path

    def value(self, name):
        return self.path(name).read_text()

    def written_by(self, command, *names):
        """The files of those names, which the command, given all of them, writes where they are missing."""
        paths = [self._directory / name for name in names]
        if not all(path.exists() for path in paths):
            subprocess.run([*command, *paths], check=True, umask=0o077)
        return paths


def program(name, first=""):
    """Where the program is: among the servers that are chosen, in `first`, on PATH, or in /usr/sbin, which users may not
    have on theirs."""
    chosen = os.environ.get("COMPORTA_SERVERS", "")
    found = shutil.which(name, path=os.pathsep.join([chosen, first, os.environ.get("PATH", ""), "/usr/sbin"]))
    if found is None:
        raise SettingError(f"{name} is not installed: run deploy/native/install")
    return found


def http_ok(port, path):
    """Whether GET answers 200 within a second."""
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def tcp_answers(port, request, answer):
    """Whether the peer answers `request` with what begins with `answer` within a second."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(request)
            return connection.recv(64).startswith(answer)
    except OSError:
        return False
