"""What goes wrong, and when: a plan drawn from the seed, and one thread for each victim that carries it out."""

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass

from broker import elect_leaders
from comporta_native.stack import PartFailed
from flapping import SUSPICIOUS, TAKING_PART, Flap
from payers import TO_PROVIDER, control, wrong

DAEMONS = {"ingest-gateway": ["ingest-gateway"], "storage": ["storage", "storage-2", "storage-3"],
           "cache": ["cache", "cache-2"]}
SERVERS = ["rabbitmq", "minio", "redis"]
TO_PROCESSES = ["kill", "stop", "pause"]
TO_CONNECTIONS = ["cut", "stall", "refuse", "mute"]
TO_CONSUMERS = ["flap"]  # done to one of them; its brothers and their servers take part
PROVIDER = "payments"  # which the caches call because of orders
CALLED = [PROVIDER, "outcomes"]  # by the caches, each through a gate; the other one is the gateway
KEYS = "token-keys"  # the operator's tool gives tokens another one while everything runs
TO_KEYS = ["rotate"]
ROTATIONS = 2  # at least: only the second one makes tokens worthless
FLAPS = 3  # of each kind at least: much has to come together for one to show anything
EVERY_SECONDS = 2.4
LONGEST = 4.0
# Now and then one lasts longer than a broker waits for a sign of life.
LONG_ONE_IN, LONG = 12, (21.0, 26.0)
# Confirms are kept back for longer than a client waits, so that what is taken comes again as another message.
UNCONFIRMED = (11.0, 13.0)
RECOVERY_SECONDS = 8.0  # after a fault, until uploads are taken again
DRAWS = 2_000


@dataclass(frozen=True)
class Strike:
    at: float  # seconds after the start
    victim: str
    fault: str
    seconds: float  # until it is over


def all_kinds():
    """Every fault by what it is done to: a daemon of that name, or a server."""
    return [(name, fault) for name in DAEMONS for fault in TO_PROCESSES] + \
           [(name, fault) for name in SERVERS for fault in TO_PROCESSES + TO_CONNECTIONS] + \
           [(name, fault) for name in TAKING_PART for fault in TO_CONSUMERS] + [(KEYS, fault) for fault in TO_KEYS] + \
           [(name, fault) for name in CALLED for fault in TO_CONNECTIONS] + \
           [(PROVIDER, fault) for fault in ["pause", *TO_PROVIDER]]


def plan(rng, seconds):
    """Strikes in the order of time: first each kind once, shuffled; then whatever is drawn.

    Drawn again, where there is time for it, until confirms are kept back at a moment when the gateway and the
    broker are otherwise well: so that uploads are in the queues whose clients were told 503.
    """
    for _attempt in range(DRAWS):
        strikes = _draw(rng, seconds)
        if _leaves_doubt(strikes):
            break
    return strikes


def _draw(rng, seconds):
    kinds = all_kinds()
    first = kinds + [kind for kind in kinds if kind[1] in TO_CONSUMERS] * (FLAPS - 1) + \
        [(KEYS, fault) for fault in TO_KEYS] * (ROTATIONS - 1)
    count = max(len(first), int(seconds / EVERY_SECONDS))
    drawn = rng.sample(first, len(first)) + rng.choices(kinds, k=count - len(first))
    return [_strike(rng, (n + rng.random()) * seconds / count, *kind) for n, kind in enumerate(drawn)]


def _leaves_doubt(strikes):
    publishing = [strike for strike in strikes if strike.victim in ("ingest-gateway", "rabbitmq")]
    for muted in publishing:
        others = [one for one in publishing if one is not muted]
        if (muted.victim, muted.fault) == ("rabbitmq", "mute") and not any(
                one.at < muted.at + muted.seconds and muted.at < one.at + one.seconds + RECOVERY_SECONDS
                for one in others):
            return True
    return False


def _seconds(rng, name, fault):
    if (name, fault) == ("rabbitmq", "mute"):
        return rng.uniform(*UNCONFIRMED)
    lasts_long = fault in ("pause", "stall", "mute") and rng.randrange(LONG_ONE_IN) == 0
    return rng.uniform(*LONG) if lasts_long else rng.uniform(0.2, LONGEST)


def _strike(rng, at, name, fault):
    return Strike(round(at, 1), rng.choice(DAEMONS.get(name, [name])), fault, round(_seconds(rng, name, fault), 1))


class Faults:
    """Carries a plan out. Faults of one victim follow one another, those of different ones overlap."""

    def __init__(self, comporta, gates, strikes):
        self._comporta, self._stack, self._gates, self._strikes = comporta, comporta.stack, gates, strikes
        self._locks = {name: threading.Lock() for name in sorted([*sum(DAEMONS.values(), []), *SERVERS, *CALLED, KEYS])}
        self.done, self.violations = Counter(), []  # by (victim, fault)
        self._abandoned = threading.Event()
        self._threads = [threading.Thread(target=self._strike_at, args=(victim,))
                         for victim in sorted({strike.victim for strike in strikes})]

    def start(self):
        self._begin = time.monotonic()
        for thread in self._threads:
            thread.start()

    def abandon(self):
        """No more of them."""
        self._abandoned.set()

    def join(self):
        """Waits until the last one is over, and makes everything run again."""
        for thread in self._threads:
            thread.join()
        for gate in self._gates.values():
            gate.open()
        for name in self._stack.parts:
            self._stack.wait_ready(name)

    def missing(self):
        """What should have been done and was not."""
        return missing_kinds(self.done)

    def _strike_at(self, victim):
        try:
            for strike in [strike for strike in self._strikes if strike.victim == victim]:
                if self._abandoned.wait(max(0, self._begin + strike.at - time.monotonic())):
                    return
                self._carry_out(strike)
        except Exception as error:  # shown by the report
            self.violations.append(f"{victim}: {error}")

    def _carry_out(self, strike):
        is_flap = strike.fault in TO_CONSUMERS
        taking_part = TAKING_PART[strike.victim.partition("-")[0]] if is_flap else [strike.victim]
        with contextlib.ExitStack() as held:
            for name in sorted(taking_part):
                held.enter_context(self._locks[name])
            self._do(strike)

    def _do(self, strike):
        process = self._stack.processes.get(strike.victim)
        if process and not process.running:
            raise PartFailed("ended by itself:\n" + "\n".join(process.last_lines()))
        print(f"{time.monotonic() - self._begin:6.1f} s  {strike.victim:<15} {strike.fault:<7} "
              f"for {strike.seconds} s", flush=True)
        ways = {"kill": self._kill, "stop": self._stop, "pause": self._pause, "flap": self._flap,
                "rotate": self._rotate, **dict.fromkeys(TO_PROVIDER, self._misbehave)}
        if ways.get(strike.fault, self._shut)(strike) is not False:
            self.done[strike.victim, strike.fault] += 1

    def _kill(self, strike):
        self._stack.kill(strike.victim)
        time.sleep(strike.seconds)
        self._start(strike.victim)

    def _stop(self, strike):
        if not self._stack.stop_part(strike.victim):
            self.violations.append(f"{strike.victim} did not end when asked")
        time.sleep(strike.seconds)
        self._start(strike.victim)

    def _start(self, victim):
        """Servers are given the time to get ready: what is killed at every start never does anything."""
        self._stack.launch(victim)
        if victim in SERVERS:
            self._stack.wait_ready(victim)
        if victim == "rabbitmq":
            elect_leaders(self._stack)

    def _pause(self, strike):
        group = self._stack.processes[strike.victim].pid
        os.killpg(group, signal.SIGSTOP)
        time.sleep(strike.seconds)
        os.killpg(group, signal.SIGCONT)

    def _flap(self, strike):
        """False if the message did not come back as often as makes it suspicious: then it was no more than kills."""
        returns = Flap(self._comporta, self._gates, strike.victim).returns
        print(f"{time.monotonic() - self._begin:6.1f} s  {strike.victim:<15} died {returns} times "
              "with a message in hand", flush=True)
        time.sleep(strike.seconds)
        self._start(strike.victim)
        return returns >= SUSPICIOUS

    def _rotate(self, _strike):
        subprocess.run([*self._stack.operator_command, "tokens", "rotate"], env=self._stack.operator_environment(),
                       stdout=subprocess.DEVNULL, check=True)

    def _misbehave(self, strike):
        """Whatever the provider is asked meanwhile."""
        control(self._stack, "switch", **wrong(strike.fault, strike.seconds))
        time.sleep(strike.seconds)
        control(self._stack, "switch-off")

    def _shut(self, strike):
        gate = self._gates[strike.victim]
        getattr(gate, strike.fault)()
        time.sleep(strike.seconds)
        if strike.fault == "mute":
            gate.cut()  # what was held back is never heard
        gate.open()


def table(done):
    """The faults that were injected, one line a victim."""
    lines = []
    for victim in sorted({victim for victim, _fault in done}):
        counts = "  ".join(f"{fault} {count}" for (one, fault), count in sorted(done.items()) if one == victim and count)
        lines.append(f"  {victim:<16}{counts}")
    return "\n".join(lines)


def missing_kinds(done):
    """Those of all_kinds() that never happened."""
    happened = {(name, fault) for name, fault in all_kinds() for victim in DAEMONS.get(name, [name])
                if done[victim, fault]}
    return sorted(set(all_kinds()) - happened)


def draw_plan(seed, seconds):
    return plan(random.Random(f"{seed} faults"), seconds)
