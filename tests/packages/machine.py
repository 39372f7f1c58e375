"""A Debian that systemd has booted in a container, on a network of its own: what happens there is gone at its end."""

import subprocess
import time
from pathlib import Path

BOOT_SECONDS = 300
COMMAND_SECONDS = 900
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
               "DEBIAN_FRONTEND": "noninteractive"}


class Failed(Exception):
    """A command failed; says what it printed."""


class Machine:
    """A context manager: booted from the beginning to the end."""

    def __init__(self, root, log):
        self._root, self._log = root, log

    def __enter__(self):
        # Where systemd does not run outside, there is nobody who would make a scope for it.
        alone = [] if Path("/run/systemd/system").exists() else ["--keep-unit"]
        with self._log.open("wb") as log:
            self._container = subprocess.Popen(
                ["setpriv", "--pdeathsig=TERM", "systemd-nspawn", "--quiet", "--register=no", *alone, "--private-network",
                 "--hostname=localhost", f"--directory={self._root}", "--volatile=overlay", "--boot"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**ENVIRONMENT, "TERM": "dumb"})
        try:
            self._init = self._wait_for_init()
            self.eventually("systemctl is-system-running | grep -xE 'running|degraded'", BOOT_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_failure):
        self._container.terminate()  # it powers off
        try:
            self._container.wait(60)
        except subprocess.TimeoutExpired:
            self._container.kill()
            self._container.wait()

    def _wait_for_init(self):
        """The pid, outside, of its first process."""
        children = Path(f"/proc/{self._container.pid}/task/{self._container.pid}/children")
        deadline = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < deadline and self._container.poll() is None:
            if found := children.read_text().split():
                return found[0]
            time.sleep(0.1)
        raise Failed(f"it does not start: {self._log.read_text(errors='replace')}")

    def run(self, command, folder="/"):
        """What the shell command prints. Raises Failed if it fails."""
        words = ["nsenter", f"--target={self._init}", "--all", "--root", "--wd", "env", "-i",
                 *(f"{name}={value}" for name, value in ENVIRONMENT.items()),
                 "sh", "-euc", f'cd "$0"; {command}', folder]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors="replace", timeout=COMMAND_SECONDS, check=False)
        if done.returncode != 0:
            raise Failed(f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def fails(self, command):
        try:
            self.run(command)
        except Failed:
            return True
        return False

    def eventually(self, command, seconds=120):
        """What it prints as soon as it succeeds."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.run(command)
            except Failed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
