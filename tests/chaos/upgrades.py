"""In the place of faults: under load each daemon is replaced by that of the version before, or the other way round, one
after the other in the documented order (docs/FORMS.md) and in the reverse one."""

import threading
import time
from collections import Counter
from dataclasses import replace

from comporta_native.daemons import with_settings

ORDER = ["cache-2", "cache", "storage-3", "storage-2", "storage", "ingest-gateway"]
PRESENT, BEFORE = "update", "back"
ROUNDS = [(PRESENT, ORDER), (BEFORE, ORDER[::-1]), (PRESENT, ORDER[::-1]), (BEFORE, ORDER), (PRESENT, ORDER)]


def of_folder(part, folder, file, settings):
    """The daemon as it is in that clone of the project, with its own configuration and kinds."""
    program = part.command[0].rpartition("/")[2]
    binary = folder / "build" / "dev" / "services" / program / program
    config = folder / "deploy" / "config" / f"{program}.yaml"
    own = replace(part, command=[str(binary), "--config", str(config)],
                  env={**part.env, "COMPORTA_KINDS": str(folder / "kinds")})
    return with_settings(own, file, settings)


class Upgrades:
    """As Faults is used. `before`: the parts of the version before, by name; they run when this starts."""

    def __init__(self, stack, before, seconds):
        self._stack, self._pause = stack, seconds / (len(ROUNDS) * len(ORDER) + 1)
        self._parts = {BEFORE: before, PRESENT: {name: stack.parts[name] for name in ORDER}}
        self.done, self.violations = Counter(), []  # by (victim, what is done to it)
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._replace_all)
        stack.parts.update(before)

    def start(self):
        self._begin = time.monotonic()
        self._thread.start()

    def abandon(self):
        """No more of them."""
        self._abandoned.set()

    def join(self):
        self._thread.join()
        for name in self._stack.parts:
            self._stack.wait_ready(name)

    def missing(self):
        """What should have been done and was not."""
        return sorted({(name, version) for version, names in ROUNDS for name in names} - set(self.done))

    def _replace_all(self):
        try:
            for version, names in ROUNDS:
                for name in names:
                    if self._abandoned.wait(self._pause):
                        return
                    self._replace(name, version)
        except Exception as error:  # shown by the report
            self.violations.append(f"replacing: {error}")

    def _replace(self, name, version):
        print(f"{time.monotonic() - self._begin:6.1f} s  {name:<15} {version}", flush=True)
        if not self._stack.stop_part(name):
            self.violations.append(f"{name} did not end when asked")
        self._stack.parts[name] = self._parts[version][name]
        self._stack.launch(name)
        self._stack.wait_ready(name)
        self.done[name, version] += 1
