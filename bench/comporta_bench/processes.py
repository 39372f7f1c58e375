"""What processes and their children cost: CPU time, and the most memory they held."""

import contextlib
import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _fields(pid):
    """Of /proc/PID/stat, from the state on; none if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _with_children(pid):
    children = {}
    for entry in Path("/proc").glob("[0-9]*"):
        fields = _fields(entry.name)
        if fields:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    family = [pid]
    for member in family:
        family += children.get(member, [])
    return family


def _cpu_seconds(pid):
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def _peak_bytes(pid):
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def family_cpu_seconds(pid):
    """Of a process and its children, since their start."""
    return sum(map(_cpu_seconds, _with_children(pid)))


def family_peak_megabytes(pid):
    """The sum of each one's peak."""
    return sum(map(_peak_bytes, _with_children(pid))) / 1e6


class Meter:
    """Of processes by name, from its making on."""

    def __init__(self, pids):
        self._families = {name: _with_children(pid) for name, pid in pids.items()}
        for family in self._families.values():
            for pid in family:
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a child that has just ended, as RabbitMQ's `df` does
                    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew (proc(5))
        self._before = self._cpu()

    def _cpu(self):
        return {name: sum(map(_cpu_seconds, family)) for name, family in self._families.items()}

    def cpu_seconds(self):
        """By name, used so far."""
        return {name: now - self._before[name] for name, now in self._cpu().items()}

    def peak_megabytes(self):
        """By name; of several processes the sum of each one's peak."""
        return {name: sum(map(_peak_bytes, family)) / 1e6 for name, family in self._families.items()}
