"""Says on the terminal how far a long run has come, once every two seconds."""

import sys
import time

EVERY_SECONDS = 2


def human_bytes(count):
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:,.0f} {unit}"
        count /= 1024
    return f"{count:,.1f} GiB"


class Progress:
    """`say` is given a function that makes the line, so that a line that is not due costs nothing."""

    def __init__(self):
        self._due = time.monotonic() + EVERY_SECONDS

    def say(self, make_line):
        if time.monotonic() >= self._due:
            self.say_now(make_line())
            self._due = time.monotonic() + EVERY_SECONDS

    @staticmethod
    def say_now(line):
        print(line, file=sys.stderr, flush=True)
