"""What a replay builds in Redis beside what is live, and how it takes its place."""

import secrets
from pathlib import Path


from .applied import Entry, connect_redis
from .settings import OperatorError

SWAP_SECONDS = 600
CHUNK = 1000
SWAP = (Path(__file__).parent / "swap.lua").read_text()
# Only while they are ours: a replay that has lost its lock unnoticed leaves to the next one what that one builds.
UNLINK = """if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("UNLINK", unpack(KEYS, 2))"""


class ShadowKeys:
    """The keys of the prefix `built`; a context manager that removes what is left of them, before and after.
    `<built>:owner` is `token`, and says whose they are."""

    def __init__(self, settings, built):
        self._redis = connect_redis(settings, SWAP_SECONDS)
        self._live, self._built = settings.prefix, built
        self._owner = f"{built}:owner".encode()
        self.token = secrets.token_hex(8)

    def __enter__(self):
        self._redis.set(self._owner, self.token)
        self.clear()
        return self

    def __exit__(self, *_failure):
        self.clear()
        self._unlink([self._owner])
        self._redis.close()

    def clear(self):
        if self._redis.get(self._owner) != self.token.encode():
            return
        keys = []
        for key in self._redis.scan_iter(f"{self._built}:*", count=CHUNK):
            if key != self._owner:
                keys.append(key)
            if len(keys) == CHUNK:
                self._unlink(keys)
                keys.clear()
        self._unlink(keys)

    def _unlink(self, keys):
        if keys:
            self._redis.eval(UNLINK, 1 + len(keys), self._owner, *keys, self.token)

    def has_applied(self, batch):
        """Whether the replay's daemon has come as far as this."""
        return self._redis.hexists(f"{self._built}:applied", batch)

    def live_batches(self, kinds):
        """What the live daemons have applied of these kinds, as far as it is remembered: each batch's kind."""
        for batch, text in self._redis.hgetall(f"{self._live}:applied").items():
            entry = Entry.parse(text)
            if entry.kind in kinds:
                yield batch.decode(), entry.kind

    def swap(self, kinds):
        """How many live keys were taken away, and how many came; `<live>:replays` counts it. Raises OperatorError, with
        nothing changed, unless `<live>:hold` is our token, and what was built is ours."""
        removed, came = self._redis.eval(SWAP, 0, self._live, self._built, self.token, *sorted(kinds))
        if removed < 0:
            raise OperatorError("the replay was held up for too long, or its keys were taken away: nothing has been "
                                "changed, start it again")
        self._redis.incr(f"{self._live}:replays")
        return removed, came
