"""What Redis remembers to have applied (services/cache/apply/key_names.h, docs/decisions/003-applied-marks.md)."""

from dataclasses import dataclass

import redis

from .settings import OperatorError


def connect_redis(settings, timeout=60):
    """`timeout`: seconds for each answer."""
    client = redis.Redis(settings.redis_host, settings.redis_port, username=settings.redis_user or None,
                         password=settings.redis_password or None, socket_timeout=timeout, socket_connect_timeout=5)
    try:
        client.ping()
    except redis.RedisError as error:
        raise OperatorError(f"Redis at {settings.redis_host}:{settings.redis_port}: {error}") from error
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


def _with_note(entry, parked, batch):
    """The entry, with `@<batch>` before the reason of that part; where its line does not say what it is, of the first
    with that reason."""
    lines = entry.split("\n")
    for start in (f"{parked.upload}:{parked.part} ", f"- {parked.reason}"):
        for number, line in enumerate(lines[1:], start=1):
            mark, _, reason = line.partition(" ")
            if line.startswith(start) and not reason.startswith("@"):
                lines[number] = f"{mark} @{batch} {reason}"
                return "\n".join(lines)
    return entry


class AppliedBatches:
    """A context manager."""

    def __init__(self, settings):
        self._settings = settings
        self._key = f"{settings.prefix}:applied"

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

        def note(pipe):
            text = pipe.hget(self._key, own)
            pipe.multi()
            if text is not None:
                pipe.hset(self._key, own, _with_note(text.decode(errors="replace"), parked, batch))

        self._redis.transaction(note, self._key)

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
