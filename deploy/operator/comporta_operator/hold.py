"""Keeps the live cache daemons from applying anything while a replay takes their keys over."""

import contextlib
import threading
import time

import redis

from .applied import connect_redis
from .settings import OperatorError

LASTS_SECONDS = 30
PROLONG_SECONDS = 5
ANSWER_SECONDS = 5

IF_OURS = 'if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end '
PROLONG = IF_OURS + 'return redis.call("PEXPIRE", KEYS[1], ARGV[2])'
RELEASE = IF_OURS + 'return redis.call("DEL", KEYS[1])'


class Hold:
    """A context manager: `<prefix>:hold` is there with our token. A thread of its own prolongs it, for `most_seconds`,
    so that nothing that takes long lets it lapse. It is taken once: if it lapses after all, the daemons have gone on,
    and what they have applied since would be swapped away."""

    def __init__(self, settings, token, most_seconds):
        self._settings, self._token, self._most = settings, token, most_seconds
        self._key = f"{settings.prefix}:hold"
        self._over, self._is_lost = threading.Event(), False
        self._thread = threading.Thread(target=self._prolong_until_over, name="hold", daemon=True)

    def __enter__(self):
        self._redis = connect_redis(self._settings, ANSWER_SECONDS)
        if not self._redis.set(self._key, self._token, px=LASTS_SECONDS * 1000, nx=True):
            self._redis.close()
            raise OperatorError(f"{self._key} is there: another replay takes over; nothing has been changed")
        self._thread.start()
        return self

    def __exit__(self, *_failure):
        self._over.set()
        self._thread.join()
        # Should Redis not answer, it lapses by itself.
        with contextlib.suppress(redis.RedisError):
            self._redis.eval(RELEASE, 1, self._key, self._token)
        self._redis.close()

    def check(self):
        """Raises OperatorError when it is known to have lapsed. The swap does not rely on that: it looks for itself."""
        if self._is_lost:
            raise OperatorError("the replay was held up for too long, and the cache has gone on: nothing has been "
                                "changed, start it again")

    def _prolong_until_over(self):
        end = time.monotonic() + self._most
        while not self._is_lost and not self._over.wait(PROLONG_SECONDS):
            if time.monotonic() > end:
                self._is_lost = True
                return
            # A Redis that does not answer is asked again: only its word that the token is gone counts.
            with contextlib.suppress(redis.RedisError):
                self._is_lost = self._redis.eval(PROLONG, 1, self._key, self._token, LASTS_SECONDS * 1000) == 0
