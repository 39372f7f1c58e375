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
ANSWER_SECONDS = 12  # http.answer_timeout, and something for the way


def _cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _spent(process):
    return _cpu_seconds(process.pid), process.log.read_bytes().count(b"\n")


@contextlib.contextmanager
def calm_daemons(stack):
    """Neither a busy loop nor a flood of lines, and the same processes before and after."""
    begin = time.monotonic()
    before = {name: (stack.processes[name].pid, *_spent(stack.processes[name])) for name in DAEMONS}
    yield
    seconds = time.monotonic() - begin
    for name, (pid, cpu, lines) in before.items():
        process = stack.processes[name]
        assert process.pid == pid, f"{name} has ended: {process.last_lines()}"
        cpu_now, lines_now = _spent(process)
        assert cpu_now - cpu < seconds * MOST_CPU + GRACE_CPU_SECONDS, f"{name}: {cpu_now - cpu} s in {seconds} s"
        assert lines_now - lines <= MOST_LINES, process.last_lines(lines_now - lines)


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
