"""What Redis remembers to have applied (services/cache/apply/key_names.h, docs/decisions/003-applied-marks.md)."""

from dataclasses import dataclass

import redis
from redis.sentinel import Sentinel

from .settings import OperatorError

CHUNK = 1000


def connect_redis(settings, timeout=60):
    """`timeout`: seconds for each answer."""
    login = {"username": settings.redis_user or None, "password": settings.redis_password or None,
             "socket_timeout": timeout, "socket_connect_timeout": 5}
    where = ", ".join(f"{host}:{port}" for host, port in settings.redis_sentinels) or f"{settings.redis_host}:{settings.redis_port}"
    try:
        if settings.redis_sentinels:
            asked = Sentinel(settings.redis_sentinels, socket_timeout=5, sentinel_kwargs={
                "password": settings.redis_sentinel_password or None})
            client = asked.master_for(settings.redis_master, **login)
        else:
            client = redis.Redis(settings.redis_host, settings.redis_port, **login)
        client.ping()
    except redis.RedisError as error:
        raise OperatorError(f"Redis at {where}: {error}") from error
    return client


@dataclass(frozen=True)
class Entry:
    """`<applied at>,<parts>,<records>,<kind>`, and a line `<upload>:<part> <reason>` for each part that was parked."""

    parts: int
    kind: str
    failures: frozenset  # marks

    @classmethod
    def parse(cls, text):
        head, *lines = text.decode(errors="replace").split("\n")
        _at, parts, _records, kind, *_more = [*head.split(","), "", ""]
        return cls(int(parts), kind, frozenset(line.partition(" ")[0] for line in lines))


def _noted(lines, notes, parked, batch):
    """Which line of the entry the note is about: that of the part; where it does not say what it is, the first with
    that reason. None: it is noted, or there is no such line."""
    noted = {note.partition(" ")[0] for note in notes}
    starts = [f"{parked.upload}:{parked.part} ", f"- {parked.reason}"]
    if any(note.endswith(f" {batch}") for note in notes):
        starts.pop()
    for start in starts:
        for number, line in enumerate(lines, start=1):
            if line.startswith(start) and str(number) not in noted:
                return number
    return None


class AppliedBatches:
    """A context manager. Its notes are beside the entries: those the cache watches while it applies. One redrive at a
    time: none reads notes that another one is about to write."""

    def __init__(self, settings):
        self._settings = settings
        self._key = f"{settings.prefix}:applied"
        self._sent_back = f"{settings.prefix}:sent-back"

    def __enter__(self):
        self._redis = connect_redis(self._settings)
        return self

    def __exit__(self, *_failure):
        self._redis.close()

    def note_sent_back(self, parked, batch):
        """The parked part comes again in that batch: what becomes of it is to be read there. Told again it changes
        nothing."""
        if not parked.is_part or not parked.queue.endswith(".cache"):
            return
        own = parked.message.message_id
        entry, notes = self._redis.hget(self._key, own), self._redis.hget(self._sent_back, own)
        if entry is None:
            return
        lines = entry.decode(errors="replace").split("\n")[1:]
        notes = notes.decode().split("\n") if notes else []
        number = _noted(lines, notes, parked, batch)
        if number is not None:
            self._redis.hset(self._sent_back, own, "\n".join([*notes, f"{number} {batch}"]))

    def forget_old_notes(self):
        """Those of batches that are remembered no more: so there are never more of them than of batches."""
        notes = [batch for batch, _note in self._redis.hscan_iter(self._sent_back, count=CHUNK)]
        for start in range(0, len(notes), CHUNK):
            some = notes[start:start + CHUNK]
            known = self._redis.hmget(self._key, some)
            if old := [batch for batch, entry in zip(some, known) if entry is None]:
                self._redis.hdel(self._sent_back, *old)

    def has_since_applied(self, parked):
        """Whether a replay has applied the very part since it was parked, together with its batch. A part with a
        digest needs no such question: its mark recognises it."""
        if not parked.is_part or parked.has_digest or not parked.queue.endswith(".cache"):
            return False
        text = self._redis.hget(self._key, parked.message.message_id)
        if text is None:
            return False
        entry = Entry.parse(text)
        if f"{parked.upload}:{parked.part}" in entry.failures:
            return False
        return parked.reason.startswith("views:") or (parked.reason == "unknown kind" and entry.parts > 0)
