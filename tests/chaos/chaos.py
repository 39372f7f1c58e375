#!/usr/bin/env python3
"""Kills, stops, pauses and cuts off whatever Comporta is made of while clients upload, and then counts.

Exits with 1 when a record that got its 202 is not stored in one line and applied once, when anything else is
there, when a message that nobody can process is not parked with its reason, or when a client saw what the contract
does not allow.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "deploy" / "native"), str(SOURCE / "tests" / "system"), str(Path(__file__).parent)]

import books  # noqa: E402
import faults  # noqa: E402
import reading  # noqa: E402
from client import Comporta  # noqa: E402
from clients import Clients  # noqa: E402
from comporta_native.daemons import with_settings  # noqa: E402
from comporta_native.ports import Instances  # noqa: E402
from comporta_native.stack import Stack  # noqa: E402
from gated import make_gated  # noqa: E402
from poison import Poisoner  # noqa: E402

BUILD = Path(os.environ.get("COMPORTA_BUILD", SOURCE / "build" / "dev"))
CLIENTS = 16
STORAGES, CACHES = 3, 2
SMALL_HANDS = {"prefetch": 8, "puts_in_flight": 2}  # of a storage daemon: full soon, and settled in small steps
SHOWN_FINDINGS = 20


class Lab:
    """A private stack whose daemons reach each server through a gate."""

    def __init__(self):
        folder = SOURCE / "build" / "chaos"
        folder.mkdir(parents=True, exist_ok=True)
        self.directory = Path(tempfile.mkdtemp(dir=folder))
        make = partial(Stack, self.directory, driver="s3", build=BUILD)
        self.stack, self.gates = make_gated(make, Instances(storage=STORAGES, cache=CACHES))
        for name in faults.DAEMONS["storage"]:
            part = self.stack.parts[name]
            self.stack.parts[name] = with_settings(part, self.directory / f"{name}.yaml", SMALL_HANDS)

    def close(self, keep_logs):
        self.stack.stop()
        for gate in self.gates.values():
            gate.close()
        if keep_logs:
            print(f"the logs are in {self.directory / 'log'}")
        else:
            shutil.rmtree(self.directory)


def run(lab, seed, seconds):
    """Returns whether all is well."""
    comporta, begin = Comporta(lab.stack), time.monotonic()
    clients, poisoner = Clients(comporta, seed, CLIENTS), Poisoner(lab.stack, seed)
    strikes = faults.Faults(comporta, lab.gates, faults.draw_plan(seed, seconds))
    clients.start()
    poisoner.start()
    strikes.start()
    try:
        time.sleep(seconds)
    except BaseException:
        strikes.abandon()
        raise
    finally:
        strikes.join()
        clients.finish()
        poisoner.finish()
    print(f"{time.monotonic() - begin:6.1f} s  everything runs again", flush=True)
    balance, counts = balance_books(comporta, clients.all, poisoner.sent)
    return report(seed, strikes, clients.all, balance, counts)


def balance_books(comporta, clients, poisons):
    """Returns the balance and what else is worth telling."""
    balance, taken, shoppers = books.Balance(), [one for c in clients for one in c.taken], [c.shopper for c in clients]
    left = reading.drain(comporta.stack)
    for queue, count in left.items():
        if count:
            balance.lose(count, f"{count} messages are left in {queue}")
    parked = reading.read_parked(comporta.stack)
    books.check_parked(balance, poisons, reading.DEAD_QUEUES, parked)
    ledger = books.Ledger(balance)
    objects = reading.read_objects(comporta, ledger)
    ledger.check(taken)
    reading.check_receipts(comporta, taken, balance)
    expected = books.expected_views(shoppers)
    found = reading.read_views(comporta, expected.counters, expected.purchases)
    books.check_views(balance, expected, found)
    reading.check_orders(comporta, shoppers, balance)
    return balance, {"uploads": len(taken), "objects": objects, "poisons": len(poisons), "parked": len(parked)}


def report(seed, strikes, clients, balance, counts):
    answers = sum((client.answers for client in clients), Counter())
    violations = [*strikes.violations, *(what for client in clients for what in client.violations)]
    missing = faults.missing_kinds(strikes.done)
    print(f"faults injected: {strikes.done.total()}\n{faults.table(strikes.done)}")
    print("answers: " + ", ".join(f"{answer} {count}" for answer, count in sorted(answers.items(), key=str)))
    print(f"uploads={counts['uploads']} records={balance.records} objects={counts['objects']} "
          f"lines={balance.lines} repeated_lines={balance.repeats} poisons={counts['poisons']} "
          f"parked={counts['parked']}")
    for what in [*balance.findings, *violations][:SHOWN_FINDINGS]:
        print(f"! {what}")
    if missing:
        print(f"! never happened: {missing}")
    print(f"SEED={seed} lost={balance.lost} doubled={balance.doubled}")
    return balance.is_even and not violations and not missing


def interrupted(_number, _frame):
    raise KeyboardInterrupt  # so that what was started is stopped


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="", help="drawn without")
    parser.add_argument("--minutes", type=float, default=2)
    arguments = parser.parse_args()
    seed = arguments.seed or str(random.SystemRandom().getrandbits(32))
    print(f"SEED={seed} MINUTES={arguments.minutes:g}", flush=True)
    signal.signal(signal.SIGTERM, interrupted)
    lab, well = Lab(), False
    try:
        lab.stack.start()
        well = run(lab, seed, arguments.minutes * 60)
    finally:
        lab.close(keep_logs=not well)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
