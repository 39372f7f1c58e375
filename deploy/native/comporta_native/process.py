"""One process that outlives us, found again by its pid file and ended by nothing but that pid."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

OPEN_FILES = 32768
PREFERRED = -5  # how nice those are that come first: three times the usual share of the processor


def _start_time(pid):
    """When `pid` was started, in ticks since boot; None if there is no such process (or only its zombie).

    A pid is used again some day; a pid with its start time is not.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def open_files_limit():
    """How many files each process of ours may have open."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)


def _allow_many_files():
    """Servers of many connections need more than the usual 1,024 files; children inherit what we allow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = open_files_limit()
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def set_nice(pid, nice):
    """Of the session that `pid` leads, too: where the kernel shares the processor out among sessions (autogroup),
    how nice a process is says nothing to those of others. Who may not, does not."""
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    with contextlib.suppress(OSError):  # a kernel without sessions' shares, a container that may not write there
        Path(f"/proc/{pid}/autogroup").write_text(str(nice))


class Process:
    """The process called `name`, started by this or an earlier call, or by nobody."""

    def __init__(self, name, run_directory, log_directory):
        self.name = name
        self.log = Path(log_directory) / f"{name}.log"
        self._pid_file = Path(run_directory) / f"{name}.pid"
        self._child = None  # set only if this very object started it

    def start(self, command, env, fingerprint, nice=0):
        """Starts `command` in a session of its own, its output appended to `log`."""
        _allow_many_files()
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        if nice:
            set_nice(self._child.pid, nice)
        record = {"pid": self._child.pid, "start": _start_time(self._child.pid), "fingerprint": fingerprint}
        self._pid_file.write_text(json.dumps(record))

    def _record(self):
        try:
            return json.loads(self._pid_file.read_text())
        except (OSError, ValueError):
            return None

    @property
    def pid(self):
        """Its pid while it runs, None otherwise."""
        if self._child is not None and self._child.poll() is None:
            return self._child.pid
        record = self._record()
        if record and record["start"] is not None and _start_time(record["pid"]) == record["start"]:
            return record["pid"]
        return None

    @property
    def running(self):
        return self.pid is not None

    @property
    def ended_by_itself(self):
        """It was started and not stopped, and yet it is gone."""
        return self._pid_file.exists() and not self.running

    @property
    def fingerprint(self):
        """What `start` was given, None when not running."""
        return self._record()["fingerprint"] if self.running else None

    def wait(self, seconds):
        """Waits until it has ended. Returns whether it has."""
        deadline = time.monotonic() + seconds
        while self.running:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    @property
    def exit_code(self):
        """Of a process that this object started and that has ended; negative: ended by that signal."""
        return self._child.poll() if self._child else None

    def send(self, number):
        """Sends a signal to the process alone. Nothing happens if it does not run."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, number)

    def kill(self):
        """Ends it and its children at once, as a crash would."""
        pid = self.pid
        if pid is not None:
            os.killpg(pid, signal.SIGKILL)
            self.wait(10)

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Asks it to end, waits, and ends it if it does not. Returns whether it ended when asked."""
        self.send(number)
        obeyed = self.wait(seconds)
        if not obeyed:
            self.kill()
        self._pid_file.unlink(missing_ok=True)
        return obeyed

    def last_lines(self, count=15):
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return []
        return lines[-count:]
