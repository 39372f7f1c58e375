"""What a replay builds in Redis beside what is live, and how it takes its place."""

import secrets
from pathlib import Path

import redis

from .applied import Entry, connect_redis
from .settings import OperatorError

HOLD_MILLISECONDS = 30_000
SWAP_SECONDS = 600
CHUNK = 1000
SWAP = (Path(__file__).parent / "swap.lua").read_text()


class ShadowKeys:
    """The keys of the prefix `built`; a context manager that removes what is left of them, before and after."""

    def __init__(self, settings, built):
        self._redis = connect_redis(settings, SWAP_SECONDS)
        self._live, self._built = settings.prefix, built
        self._token = secrets.token_hex(8)

    def __enter__(self):
        self.clear()
        return self

    def __exit__(self, *_failure):
        self.release()
        self.clear()
        self._redis.close()

    def clear(self):
        for library in self._redis.hkeys(f"{self._built}:libraries"):
            try:
                self._redis.execute_command("FUNCTION", "DELETE", library)
            except redis.ResponseError:
                pass  # it is not there any more
        keys = []
        for key in self._redis.scan_iter(f"{self._built}:*", count=CHUNK):
            keys.append(key)
            if len(keys) == CHUNK:
                self._redis.unlink(*keys)
                keys.clear()
        if keys:
            self._redis.unlink(*keys)

    def has_applied(self, batch):
        """Whether the replay's daemon has come as far as this."""
        return self._redis.hexists(f"{self._built}:applied", batch)

    def hold(self):
        """From here on the live daemons apply nothing, for half a minute at most; calling it again prolongs it."""
        name = f"{self._live}:hold"
        if self._redis.set(name, self._token, px=HOLD_MILLISECONDS, nx=True):
            return
        if self._redis.get(name) != self._token.encode():
            raise OperatorError(f"{name} is held by another replay")
        self._redis.pexpire(name, HOLD_MILLISECONDS)

    def release(self):
        name = f"{self._live}:hold"
        if self._redis.get(name) == self._token.encode():
            self._redis.delete(name)

    def live_batches(self, kinds):
        """What the live daemons have applied of these kinds, as far as it is remembered."""
        entries = self._redis.hgetall(f"{self._live}:applied")
        return {batch.decode() for batch, text in entries.items() if Entry.parse(text).kind in kinds}

    def swap(self, kinds):
        """How many live keys were taken away, and how many came."""
        removed, came = self._redis.eval(SWAP, 0, self._live, self._built, self._token, *sorted(kinds))
        if removed < 0:
            raise OperatorError("the replay was held up for too long: nothing has been changed, start it again")
        return removed, came
