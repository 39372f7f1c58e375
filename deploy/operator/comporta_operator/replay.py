"""`replay`: makes Redis anew from the objects, beside what is live, and then puts it in its place
(docs/decisions/007-parking-and-replay.md)."""

import contextlib
import hashlib
import time

from .broker import Broker, Message
from .objects import Objects, batch_of, first_id_at, kind_of, milliseconds_of, start_of_day
from .progress import Progress, human_bytes
from .settings import OperatorError, read_families
from .shadow_daemon import ShadowDaemon
from .shadow_keys import ShadowKeys

DAY = 24 * 60 * 60 * 1000
END_OF_TIME = first_id_at(2**48 - 1)
SETTLED_MILLISECONDS = 2000  # what is younger may not be stored yet
FEW_OBJECTS = 200
MOST_WAITING = 256  # messages in the replay's queue
STORAGE_SECONDS = 60
LOADED_SECONDS = 10
MISSING_SECONDS = 10


def add_arguments(parser):
    parser.add_argument("--kind", action="append", help="only this kind and its family; may be given again")
    parser.add_argument("--from", dest="first", metavar="DAY", help="from this day on (UTC), such as 2026-11-22")
    parser.add_argument("--to", dest="last", metavar="DAY", help="to this day, itself included")
    parser.add_argument("--yes", action="store_true", help="needed with --from and --to: Redis then holds what these "
                                                           "days say, and no more")


def choose_kinds(families, wanted):
    """The wanted kinds, and all that may look at them."""
    unknown = set(wanted or []) - families.keys()
    if unknown:
        raise OperatorError(f"there is no kind {', '.join(sorted(unknown))}: {', '.join(sorted(families))}")
    chosen = {families[kind] for kind in wanted or families}
    return {kind for kind, family in families.items() if family in chosen}


class Replay:
    """One run. `span` is (first id, id behind the last)."""

    def __init__(self, settings, kinds, span):
        self._settings, self._kinds, (self._first, self._end) = settings, kinds, span
        self._built = f"{settings.prefix}-replay"
        self._queue = f"{self._built}.cache"
        self._published = set()  # batch ids, 16 bytes each
        self._last_batch = None
        self._bytes, self._progress, self._begin = 0, Progress(), time.monotonic()
        self._objects = Objects(settings)

    def run(self):
        """Raises OperatorError before anything live is changed, or not at all."""
        with Broker(self._settings) as self._broker:
            self._broker.lock(f"{self._built}.lock")
            self._broker.remove(self._built)
            with ShadowKeys(self._settings, self._built) as self._keys:
                try:
                    with ShadowDaemon(self._settings, self._built) as self._daemon:
                        self._catch_up()
                        self._apply_what_live_has()
                    removed, came = self._keys.swap(self._kinds)
                    parked = self._hand_over_parked()
                finally:
                    self._broker.remove(self._built)
        self._progress.say_now(self._line())
        print(f"replayed {', '.join(sorted(self._kinds))}: {removed:,} keys replaced by {came:,}"
              + (f"; {parked} parts parked that were not before" if parked else ""))

    # -- how far it is -----------------------------------------------------------------------------

    def _line(self, name=""):
        seconds = max(time.monotonic() - self._begin, 0.001)
        day = f"{'-'.join(name.split('/')[1:4])}  " if name else ""
        return (f"replay: {day}{len(self._published):,} objects, {human_bytes(self._bytes)}, "
                f"{len(self._published) / seconds:,.0f} objects/s")

    # -- what is long past -------------------------------------------------------------------------

    def _catch_up(self):
        """Everything that was stored when the replay began, and what came meanwhile, until that is little."""
        start = int(time.time() * 1000)
        self._wait_for_storage()
        while True:
            settled = int(time.time() * 1000) - SETTLED_MILLISECONDS
            # Objects of one moment may be stored in another order, so the last seconds are looked at again.
            after = self._first if self._last_batch is None else \
                max(self._first, first_id_at(milliseconds_of(self._last_batch) - 10 * SETTLED_MILLISECONDS))
            count = self._feed(self._objects.names(self._kinds, after, min(self._end, first_id_at(settled))))
            self._wait_applied()
            if settled >= start and count < FEW_OBJECTS:
                return
            if settled < start:
                self._broker.pause((start - settled) / 1000)

    def _wait_for_storage(self):
        """Until it has taken all that is in its queue; under load a few are always on their way."""
        begin = time.monotonic()
        while behind := self._broker.depth(self._settings.source_queue("storage")):
            waited = time.monotonic() - begin
            if behind <= FEW_OBJECTS and waited > LOADED_SECONDS:
                return
            if waited > STORAGE_SECONDS:
                raise OperatorError(f"storage is {behind:,} messages behind: a replay would miss them")
            self._progress.say(lambda: f"replay: waiting for storage, {behind:,} messages behind")
            self._broker.pause(0.2)

    def _is_new(self, name):
        return bytes.fromhex(batch_of(name).replace("-", "")) not in self._published

    def _feed(self, names):
        """Publishes those objects that are new, in their order; returns how many."""
        count = 0
        for name, body in self._objects.contents(filter(self._is_new, names)):
            batch = batch_of(name)
            self._broker.publish(Message(0, batch, kind_of(name), {}, body), routing_key=self._queue, message_id=batch)
            self._published.add(bytes.fromhex(batch.replace("-", "")))
            self._last_batch = max(batch, self._last_batch or batch)
            self._newest = batch
            self._bytes += len(body)
            count += 1
            if count % (MOST_WAITING // 4) == 0:
                self._wait_for_room()
            self._progress.say(lambda: self._line(name))
        return count

    def _wait_for_room(self):
        while self._broker.depth(self._queue) > MOST_WAITING:
            self._daemon.check()
            self._broker.pause(0.02)

    def _wait_applied(self):
        """Until the last one published is applied: its queue keeps its order."""
        while self._published and not self._keys.has_applied(self._newest):
            self._daemon.check()
            self._progress.say(self._line)
            self._broker.pause(0.02)

    # -- the last moments --------------------------------------------------------------------------

    def _apply_what_live_has(self):
        """Holds the live daemons, and applies the last of what they have applied. What is still in their queue
        they apply afterwards, to what the replay has built."""
        self._keys.hold()
        missing = self._missing()
        deadline = time.monotonic() + MISSING_SECONDS
        while missing:
            self._keys.hold()
            stored = self._stored(missing)
            if len(stored) == len(missing) or time.monotonic() > deadline:
                break
            self._broker.pause(0.1)
        if missing:
            self._feed(stored)
            self._wait_applied()
            self._keys.hold()
        if missing and len(stored) < len(missing):
            self._progress.say_now(f"replay: {len(missing) - len(stored)} batches that Redis knew are in no object: "
                                   "sent back by hand, or never confirmed")

    def _missing(self):
        known = {batch for batch in self._keys.live_batches(self._kinds) if self._first <= batch < self._end}
        return {batch for batch in known if bytes.fromhex(batch.replace("-", "")) not in self._published}

    def _stored(self, missing):
        # A part sent back by hand has the time of the batch that it came from, long ago: no object has its id.
        names = self._objects.names(self._kinds, first_id_at(milliseconds_of(min(missing)) - 1), self._end)
        return [name for name in names if batch_of(name) in missing]

    # -- what could not be applied -----------------------------------------------------------------

    def _hand_over_parked(self):
        """Parks what the replay could not apply as if the live daemon had, unless it has; returns how many."""
        live = self._settings.source_queue("cache")
        if self._broker.depth(f"{self._queue}.dead") == 0:
            return 0
        with contextlib.ExitStack() as stack:
            reader = stack.enter_context(Broker(self._settings))
            known = {self._identity(message) for message in reader.take_all(f"{live}.dead")}
        count = 0
        for message in self._broker.take_all(f"{self._queue}.dead"):
            if self._identity(message) not in known:
                self._broker.publish(message, exchange=f"{self._settings.prefix}.dead", routing_key=live,
                                     message_id=message.message_id, headers={**message.headers, "queue": live})
                count += 1
            self._broker.acknowledge(message)
        return count

    @staticmethod
    def _identity(message):
        return message.message_id, hashlib.sha256(message.body.rstrip(b"\n")).digest()


def replay(settings, arguments):
    """Checks the arguments, and runs."""
    if (arguments.first or arguments.last) and not arguments.yes:
        raise OperatorError("Redis would then hold what these days say, and no more: say --yes if that is meant")
    first = first_id_at(start_of_day(arguments.first) if arguments.first else 0)
    end = first_id_at(start_of_day(arguments.last) + DAY) if arguments.last else END_OF_TIME
    if end <= first:
        raise OperatorError("--to is before --from")
    Replay(settings, choose_kinds(read_families(settings.kinds), arguments.kind), (first, end)).run()
