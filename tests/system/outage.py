"""What every outage is held to: nothing is lost, the daemons stay calm, and all goes on by itself."""

import contextlib
import os
import re
import time
from pathlib import Path

from client import eventually, record

DAEMONS = ["ingest-gateway", "storage", "cache"]
MOST_LINES = 12  # that a daemon may log about one outage, from its start to its end
MOST_CPU = 0.4  # of one processor that a daemon may use meanwhile; a busy loop uses all of it
GRACE_CPU_SECONDS = 0.3
MOST_GROWTH_KB = 64 * 1024
# http.answer_timeout (10 s), and something for the way on a busy machine; less than the door waits for a daemon (30 s).
ANSWER_SECONDS = 20


class _Spent:
    """What a process has used so far."""

    def __init__(self, process):
        self.pid, self.lines = process.pid, process.log.read_bytes().count(b"\n")
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        self.cpu_seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        self.memory_kb = int(re.search(r"VmRSS:\s*(\d+)", Path(f"/proc/{self.pid}/status").read_text())[1])


@contextlib.contextmanager
def calm_daemons(stack):
    """No busy loop, no flood of lines, no growth, and the same processes before and after."""
    processes, begin = {name: stack.processes[name] for name in DAEMONS}, time.monotonic()
    before = {name: _Spent(process) for name, process in processes.items()}
    yield
    seconds = time.monotonic() - begin
    for name, process in processes.items():
        assert process.pid == before[name].pid, f"{name} has ended: {process.last_lines()}"
        now, then = _Spent(process), before[name]
        used = now.cpu_seconds - then.cpu_seconds
        assert used < seconds * MOST_CPU + GRACE_CPU_SECONDS, f"{name} used {used} s of {seconds} s"
        assert now.lines - then.lines <= MOST_LINES, process.last_lines(now.lines - then.lines)
        assert now.memory_kb - then.memory_kb < MOST_GROWTH_KB, f"{name} has grown to {now.memory_kb} KiB"


def metric(comporta, name, which):
    """A counter or gauge of a daemon, by its name without labels."""
    text = comporta.private_get(name, "/metrics")[1]
    return float(re.search(rf"^comporta_{which}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE)[1])


class Uploads:
    """Uploads whose records can be told apart, and whether what was taken of them arrives."""

    def __init__(self, comporta, name):
        self.comporta, self._name, self._count = comporta, name, 0
        self.batches = set()
        self._connection = comporta.connect()

    def send(self, key=None, **members):
        """The answer; it comes in time, and is a 202 or a refusal that says when to come again.

        With a `key` the record is always the same.
        """
        self._count += key is None
        begin = time.monotonic()
        answer = self._connection.upload([{**record(f"{self._name}-{key or self._count}"), **members}], key)
        assert time.monotonic() - begin < ANSWER_SECONDS, "the answer came late"
        if answer.status == 202:
            self.batches.update(answer.json()["batches"])
        else:
            assert answer.status == 503 and answer.headers["retry-after"], answer
        return answer

    def until(self, status, key=None):
        """Sends until that is the answer, which is returned."""
        return eventually(lambda: [a for a in [self.send(key)] if a.status == status], f"an answer {status}")[0]

    def wait_through(self):
        """All that was taken is stored and applied, and every daemon says that it is ready."""
        self.comporta.wait_settled(self.batches)
        for name in DAEMONS:
            eventually(lambda name=name: self.comporta.private_get(name, "/readyz")[0] == 200, f"{name} is ready")
