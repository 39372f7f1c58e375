"""A consumer dies again and again over the same message, while its brothers stand still or have their hands full.

The message is at the head of the queue each time, and has come back several times when the others, whose connections
are cut meanwhile, take up their work anew with it and all that is behind it.
"""

import base64
import contextlib
import json
import os
import re
import signal
import urllib.request

from client import eventually
from comporta_native.part import HOST
from poison import open_connection

SUSPICIOUS = 3  # returns
RETURNS = SUSPICIOUS + 1
SLOW_SECONDS = 0.7  # so that a message is in hand for some time
WAIT_SECONDS = 6  # for each step, at most
MANY_SECONDS = 20  # until one that took over takes many at a time
HOLD = "comporta:hold"  # while Redis has it, the cache applies nothing
TAKING_PART = {"storage": ["storage", "storage-2", "storage-3", "minio", "rabbitmq"],
               "cache": ["cache", "cache-2", "redis", "rabbitmq"]}


class Flap:
    """Leaves the victim dead. `returns` tells how often it had a message in hand when it was killed."""

    def __init__(self, comporta, gates, victim):
        self._comporta, self._stack, self._gates, self._victim = comporta, comporta.stack, gates, victim
        kind = victim.partition("-")[0]
        self._queue_name = f"comporta.{kind}"
        self._others = [name for name in TAKING_PART[kind] if name.partition("-")[0] == kind and name != victim]
        self.returns = {"storage": self._storage, "cache": self._cache}[kind]()
        settled = self._settled()
        _within(lambda: self._settled() > settled)  # before anything else happens to them

    def _storage(self):
        """The others stop with their hands full, so that nobody else has room for the message."""
        self._gates["minio"].slow(SLOW_SECONDS)
        self._stack.kill(self._victim)
        try:
            self._signal(signal.SIGSTOP)
            _within(lambda: self._queue().message_count > 0)
            returns = self._live_and_die()
            _within(lambda: self._queue().consumer_count == len(self._others))
            self._gates["rabbitmq"].refuse()
        finally:
            self._gates["minio"].open()
            self._signal(signal.SIGCONT)
        _within(lambda: all(self._metric(name, "object_puts_in_flight") == 0 for name in self._others))
        self._gates["rabbitmq"].open()
        return returns

    def _cache(self):
        """The other one takes many at a time, and stops without its connection: it is not there to take over."""
        self._stack.kill(self._victim)
        if not _within(self._takes_many, MANY_SECONDS):
            return 0
        self._comporta.redis.set(HOLD, 1)
        try:
            self._signal(signal.SIGSTOP)
            self._gates["rabbitmq"].cut()
            return self._live_and_die()
        finally:
            self._comporta.redis.delete(HOLD)
            self._signal(signal.SIGCONT)

    def _live_and_die(self):
        return sum(self._life() for _life in range(RETURNS))

    def _life(self):
        self._stack.launch(self._victim)
        took = _within(lambda: (self._metric(self._victim, "deliveries_total") or 0) > 0)
        self._stack.kill(self._victim)
        return took

    def _takes_many(self):
        """Whether the one that is active may have more than one in hand, as the broker's console tells."""
        secrets, port = self._stack.secrets, self._stack.ports["COMPORTA_AMQP_CONSOLE_PORT"]
        login = f"{secrets.value('amqp_user')}:{secrets.value('amqp_password')}".encode()
        request = urllib.request.Request(f"http://{HOST}:{port}/api/consumers",
                                         headers={"Authorization": f"Basic {base64.b64encode(login).decode()}"})
        with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
            return any(one["queue"]["name"] == self._queue_name and one["activity_status"] == "single_active"
                       and one["prefetch_count"] > 1 for one in json.load(answer))
        return False

    def _settled(self):
        return sum(self._metric(name, "acknowledged_total") or 0 for name in self._others)

    def _queue(self):
        with open_connection(self._stack) as connection:
            return connection.channel().queue_declare(self._queue_name, passive=True).method

    def _metric(self, name, which):
        """None when it does not answer."""
        with contextlib.suppress(OSError):
            text = self._comporta.private_get(name, "/metrics")[1]
            return float(re.search(rf"^comporta_{which} (\S+)$", text, re.MULTILINE)[1])

    def _signal(self, number):
        for name in self._others:
            if pid := self._stack.processes[name].pid:
                os.killpg(pid, number)


def _within(ask, seconds=WAIT_SECONDS):
    """Whether that came to be in time."""
    with contextlib.suppress(AssertionError):
        return bool(eventually(ask, "", seconds))
    return False
