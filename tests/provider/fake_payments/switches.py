"""What the provider does wrong, as a test or somebody at its page wants it."""

import re
import threading
from dataclasses import dataclass


@dataclass
class Switch:
    """Of requests whose method and path match `on`: the next `times`, or all of them (None)."""

    on: str = ".*"
    times: int | None = None
    status: int = 0  # it is answered instead, and nothing is done
    seconds: float = 0  # it takes so much longer
    lost: bool = False  # it is done, and the connection is cut instead of an answer
    body: str = ""  # it is answered instead, with what was done

    def fits(self, request):
        return self.times != 0 and re.fullmatch(self.on, f"{request.method} {request.path}")


class Switches:
    """Any thread."""

    def __init__(self):
        self._switches, self._lock = [], threading.Lock()

    def turn(self, **switch):
        """Raises TypeError for what is no switch, re.error for what is no pattern."""
        re.compile(switch.get("on", ""))
        made = Switch(**switch)
        with self._lock:
            self._switches.append(made)

    def turn_off(self):
        with self._lock:
            self._switches.clear()

    def take(self, request):
        """The first that fits, which is used up by that; one that does nothing, if there is none."""
        with self._lock:
            for switch in self._switches:
                if switch.fits(request):
                    if switch.times is not None:
                        switch.times -= 1
                    return switch
        return Switch()
