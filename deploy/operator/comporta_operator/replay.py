"""`replay`: makes Redis anew from the objects, beside what is live, and then puts it in its place
(docs/decisions/007-parking-and-replay.md)."""

import hashlib
import time

from .broker import Broker, Message
from .hold import Hold
from .objects import Objects, batch_of, first_id_at, kind_of, milliseconds_of, name_of, start_of_day
from .parked import is_batch_id, parse_age
from .progress import Progress, human_bytes
from .settings import OperatorError, read_families
from .shadow_daemon import ShadowDaemon
from .shadow_keys import ShadowKeys
from .storage_queue import Settling

DAY = 24 * 60 * 60 * 1000
END_OF_TIME = first_id_at(2**48 - 1)
SETTLED_MILLISECONDS = 2000  # what is younger may not be stored yet
FEW_OBJECTS = 200
HELD_SECONDS = 60  # for the last moments, beside the waiting for storage
MOST_WAITING = 256  # messages in the replay's queue


def add_arguments(parser):
    parser.add_argument("--kind", action="append", help="only this kind and its family; may be given again")
    parser.add_argument("--from", dest="first", metavar="DAY", help="from this day on (UTC), such as 2026-11-22")
    parser.add_argument("--to", dest="last", metavar="DAY", help="to this day, itself included")
    parser.add_argument("--wait", metavar="AGE", default="2m", help="how long storage may be behind before the replay "
                                                                    "gives up, such as 90s or 15m (default: 2m)")
    parser.add_argument("--yes", action="store_true", help="needed with --from and --to: Redis then holds what these "
                                                           "days say, and no more")


def lock_of(settings):
    """The queue that is held by who sends to the live queues what a replay may apply as well, or replays."""
    return f"{settings.prefix}-replay.lock"


def choose_kinds(families, wanted):
    """The wanted kinds, and all that may look at them."""
    unknown = set(wanted or []) - families.keys()
    if unknown:
        raise OperatorError(f"there is no kind {', '.join(sorted(unknown))}: {', '.join(sorted(families))}")
    chosen = {families[kind] for kind in wanted or families}
    return {kind for kind, family in families.items() if family in chosen}


class Replay:
    """One run. `span` is (first id, id behind the last), `patience` seconds for storage."""

    def __init__(self, settings, kinds, span, patience):
        self._settings, self._kinds, (self._first, self._end) = settings, kinds, span
        self._built, self._patience = f"{settings.prefix}-replay", patience
        self._queue = f"{self._built}.cache"
        self._published = set()  # batch ids, 16 bytes each
        self._last_batch = self._hold = None
        self._bytes, self._progress, self._begin = 0, Progress(), time.monotonic()
        self._objects = Objects(settings)

    def run(self):
        """Raises OperatorError before anything live is changed, or says that it was."""
        with Broker(self._settings) as self._broker:
            self._broker.lock(lock_of(self._settings))
            self._broker.remove(self._built)
            with ShadowKeys(self._settings, self._built) as self._keys:
                try:
                    with ShadowDaemon(self._settings, self._built) as self._daemon:
                        self._catch_up()
                        removed, came = self._take_over()
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
        settling = Settling(self._settings, self._patience)
        while not settling.is_over():
            self._pause(0.2, lambda: f"replay: waiting for storage: {settling}")
        self._refuse_parked_for_storage()
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

    def _refuse_parked_for_storage(self):
        """The cache may have applied them, and they are in no object until somebody sends them back."""
        with Broker(self._settings) as reader:  # at its end they go back
            names = {name_of(message.kind, message.message_id)
                     for message in reader.take_all(f"{self._settings.source_queue('storage')}.dead")
                     if message.kind in self._kinds and is_batch_id(message.message_id)
                     and self._first <= message.message_id < self._end}
        if lost := names.difference(self._present(names)):
            raise OperatorError(f"{len(lost)} messages that are parked for storage are in no object, and a replay would "
                                "miss them: nothing has been changed. Send them back or drop them first (dead list "
                                "--queue storage)")

    def _present(self, names):
        """Those that there are objects of, in their order."""
        return [name for name, _body in self._objects.contents(sorted(names, key=batch_of))]

    def _is_new(self, batch):
        return bytes.fromhex(batch.replace("-", "")) not in self._published

    def _feed(self, names):
        """Publishes those objects that are new, in their order; returns how many."""
        count = 0
        for name, body in self._objects.contents(name for name in names if self._is_new(batch_of(name))):
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
            self._pause(0.02, self._line)

    def _wait_applied(self):
        """Until the last one published is applied: its queue keeps its order."""
        while self._published and not self._keys.has_applied(self._newest):
            self._pause(0.02, self._line)

    def _pause(self, seconds, make_line):
        """For loops that wait: raises OperatorError when there is nothing to wait for any more."""
        self._daemon.check()
        if self._hold:
            self._hold.check()
        self._progress.say(make_line)
        self._broker.pause(seconds)

    # -- the last moments --------------------------------------------------------------------------

    def _take_over(self):
        """How many keys were taken away, and how many came. What is still in the live daemons' queue they apply
        afterwards, to what the replay has built."""
        with Hold(self._settings, self._keys.token, self._patience + HELD_SECONDS) as self._hold:
            self._apply_what_live_has()
            self._daemon.stop()
            return self._keys.swap(self._kinds)

    def _apply_what_live_has(self):
        missing = {name_of(kind, batch) for batch, kind in self._keys.live_batches(self._kinds)
                   if self._first <= batch < self._end and self._is_new(batch)}
        stored, unknown = self._wait_stored(missing)
        self._feed(stored)
        self._wait_applied()
        if unknown:
            self._refuse_parked_for_storage()
            self._progress.say_now(f"replay: {len(unknown)} batches that Redis knew are in no object: sent back by "
                                   "hand, or never confirmed")

    def _wait_stored(self, missing):
        """Until they are in objects, or storage has nothing left that could become one. Returns which are, in their
        order, and the others."""
        settling, stored = Settling(self._settings, self._patience), []
        while missing:
            is_over = settling.is_over()  # asked first: what is not there after that will not come
            present = self._present(missing)
            stored, missing = stored + present, missing.difference(present)
            if is_over:
                break
            self._pause(0.2, lambda: f"replay: waiting for storage: {settling}")
        return sorted(stored, key=batch_of), missing

    # -- what could not be applied -----------------------------------------------------------------

    def _hand_over_parked(self):
        """Parks what the replay could not apply as if the live daemon had, unless it has; returns how many."""
        try:
            return self._park_unknown(self._settings.source_queue("cache"))
        except OperatorError as error:
            raise OperatorError("Redis is made anew, but not all that could not be applied is parked: run the replay "
                                f"again. {error}") from error

    def _park_unknown(self, live):
        if self._broker.depth(f"{self._queue}.dead") == 0:
            return 0
        with Broker(self._settings) as reader:
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
    kinds = choose_kinds(read_families(settings.kinds), arguments.kind)
    Replay(settings, kinds, (first, end), parse_age(arguments.wait)).run()
