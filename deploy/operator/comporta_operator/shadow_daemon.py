"""A cache daemon of a replay's own: the same program as the live one, on queues and keys of its own."""

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import time

from .settings import OperatorError

READY_SECONDS = 60
STOP_SECONDS = 30


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _end_with_parent():
    """Linux: should the tool be killed, its daemon does not stay behind. All it has made is made again."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class ShadowDaemon:
    """A context manager: ready from the beginning to the end."""

    def __init__(self, settings, prefix):
        self._port = _free_port()
        self._command = [settings.cache_program, "--config", settings.cache_config]
        self._environment = {**os.environ, "COMPORTA_PREFIX": prefix, "COMPORTA_LOG_LEVEL": "error",
                             "COMPORTA_REACTIONS": "false",  # what waits is the live one's to ask
                             "COMPORTA_TRACES_ENDPOINT": "",  # what is applied again has been told of
                             "COMPORTA_HTTP_ADDRESS": "127.0.0.1", "COMPORTA_HTTP_PORT": str(_free_port()),
                             "COMPORTA_PRIVATE_ADDRESS": "127.0.0.1", "COMPORTA_PRIVATE_PORT": str(self._port)}

    def __enter__(self):
        try:
            self._process = subprocess.Popen(self._command, env=self._environment, stdin=subprocess.DEVNULL,
                                             preexec_fn=_end_with_parent)
        except OSError as error:
            raise OperatorError(f"{self._command[0]}: {error.strerror}") from error
        try:
            self._wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_failure):
        self.stop()

    def _wait_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise OperatorError(f"{self._command[0]} is not ready after {READY_SECONDS} s")
            time.sleep(0.05)

    def _is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
        with contextlib.closing(connection):
            try:
                connection.request("GET", "/readyz")
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    def check(self):
        """Raises OperatorError when it has ended."""
        if self._process.poll() is not None:
            raise OperatorError(f"{self._command[0]} ended with {self._process.returncode}: see above")

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
