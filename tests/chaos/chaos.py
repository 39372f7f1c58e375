#!/usr/bin/env python3
"""Kills, stops, pauses and cuts off whatever Comporta is made of while clients upload, and then counts.

Exits with 1 when a record that got its 202 is not stored in one line and applied once, when anything else is
there, when somebody changed or saw what is another one's, when a message that nobody can process is not parked with its
reason, when an order at the snack bar is not charged once, or not paid as it was paid for at the provider, or when a
client saw what the contract does not allow.
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
import rollcall  # noqa: E402
import till  # noqa: E402
from callers import token  # noqa: E402
from client import Comporta  # noqa: E402
from clients import Clients  # noqa: E402
from comporta_native.daemons import with_settings  # noqa: E402
from comporta_native.earlier import build_daemons, checkout, last_of_version_before  # noqa: E402
from comporta_native.ports import Instances  # noqa: E402
from comporta_native.stack import Stack  # noqa: E402
from gated import make_gated  # noqa: E402
from payers import LISTENED, Payers  # noqa: E402
from poison import Poisoner  # noqa: E402
from snack_bar import SnackBar  # noqa: E402
from upgrades import ORDER, Upgrades, of_folder  # noqa: E402

BUILD = Path(os.environ.get("COMPORTA_BUILD", SOURCE / "build" / "dev"))
CLIENTS = 16
STORAGES, CACHES = 3, 2
SMALL_HANDS = {"prefetch": 8, "puts_in_flight": 2}  # of a storage daemon: full soon, and settled in small steps
IMPATIENT = {"first_pause": "500ms"}  # of a cache daemon: so that a provider is asked often in a short campaign
SETTINGS = {"storage": SMALL_HANDS, "cache": IMPATIENT}
ADMIN = ("client/auditor", ("admin",))
SHOWN_FINDINGS = 20


class Lab:
    """A private stack whose daemons reach each server, the provider of payments too, through a gate."""

    def __init__(self):
        folder = SOURCE / "build" / "chaos"
        folder.mkdir(parents=True, exist_ok=True)
        self.directory = Path(tempfile.mkdtemp(dir=folder))
        make = partial(Stack, self.directory, driver="s3", build=BUILD, with_payments=True)
        self.stack, self.gates = make_gated(make, Instances(storage=STORAGES, cache=CACHES), with_calls=True)
        for kind, settings in SETTINGS.items():
            for name in faults.DAEMONS[kind]:
                part = self.stack.parts[name]
                self.stack.parts[name] = with_settings(part, self.directory / f"{name}.yaml", settings)

    def faults(self, seed, seconds):
        return faults.Faults(Comporta(self.stack), self.gates, faults.draw_plan(seed, seconds))

    def upgrades(self, commit, seconds):
        """From that commit, built first."""
        folder = SOURCE / "build" / "upgrade"
        print(f"from {checkout(SOURCE, commit or last_of_version_before(SOURCE), folder)}", flush=True)
        build_daemons(folder, "dev")
        before = {name: of_folder(self.stack.parts[name], folder, self.directory / f"{name}-before.yaml",
                                  SETTINGS.get(name.partition("-")[0], {})) for name in ORDER}
        return Upgrades(self.stack, before, seconds)

    def close(self, keep_logs):
        self.stack.stop()
        for gate in self.gates.values():
            gate.close()
        if keep_logs:
            print(f"the logs are in {self.directory / 'log'}")
        else:
            shutil.rmtree(self.directory)


def run(lab, seed, seconds, strikes):
    """`strikes`: what is done to the whole meanwhile. Returns whether all is well."""
    comporta, begin = Comporta(lab.stack), time.monotonic()
    known_as = partial(headers_of, lab.stack)
    clients, poisoner = Clients(comporta, seed, CLIENTS, partial(known_as, *ADMIN)), Poisoner(lab.stack, seed)
    payers = Payers(lab.stack, seed)
    bar = SnackBar(comporta, seed, known_as, payers)
    for one in (clients, poisoner, payers, bar, strikes):
        one.start()
    try:
        time.sleep(seconds)
    except BaseException:
        strikes.abandon()
        raise
    finally:
        strikes.join()
        for one in (clients, poisoner, bar, payers):
            one.finish()
    print(f"{time.monotonic() - begin:6.1f} s  everything runs again", flush=True)
    balance, counts = balance_books(comporta, clients.all, poisoner.sent, bar, payers, known_as)
    violations = [*strikes.violations, *(what for client in clients.all for what in client.violations),
                  *bar.violations, *payers.violations]
    return report(seed, strikes, clients, violations, balance, counts)


def headers_of(stack, principal, roles=()):
    return {"Authorization": f"Bearer {token(stack, principal, roles)}"}


def balance_books(comporta, clients, poisons, bar, payers, known_as):
    """Returns the balance and what else is worth telling."""
    as_admin = partial(known_as, *ADMIN)
    balance, shoppers = books.Balance(), [c.shopper for c in clients]
    taken = [*(one for c in clients for one in c.taken), *bar.taken]
    left = till.settle(comporta.stack)
    for queue, count in left.items():
        if count:
            balance.lose(count, f"{count} messages are left in {queue}")
    parked = reading.read_parked(comporta.stack)
    books.check_parked(balance, poisons, reading.DEAD_QUEUES, parked)
    ledger, roll = books.Ledger(balance), rollcall.call(clients, known_as, balance)
    objects = reading.read_objects(comporta, ledger)
    ledger.check(taken, roll.keys)
    reading.check_receipts(comporta, taken, as_admin, balance)
    expected = books.expected_views(shoppers, roll.keys, ledger.ids_of_orders(taken))
    for one in bar.taken:
        expected.counters.setdefault(one.upload.kind, Counter())["records"] += 1
    kinds = [*expected.counters, *books.BY_THEMSELVES]
    reading.check_lists(comporta, kinds, as_admin, balance)
    buyers = {key: roll.headers(name) for name, key in roll.keys.items()}
    found = reading.read_views(comporta, kinds, buyers, as_admin)
    books.check_views(balance, expected, found)
    refused = check_people(comporta, clients, roll, ledger.ids_of_orders(taken), as_admin, balance)
    counted = till.read(comporta, list(bar.orders), ledger, found.counters["payment-notice"], known_as)
    till.check(balance, bar.orders, bar.served, payers.answers[LISTENED], counted)
    till.check_uploads(comporta, bar.taken, known_as, balance)
    return balance, {"uploads": len(taken), "objects": objects, "poisons": len(poisons), "parked": len(parked),
                     "accounts": len(roll.keys), "refused": refused, "snack bar": snack_line(bar, payers, counted)}


def check_people(comporta, clients, roll, ids, as_admin, balance):
    """Returns how many uploads were refused."""
    rollcall.check_accounts(comporta, clients, roll, as_admin, balance)
    rollcall.check_orders(comporta, [c.shopper for c in clients], roll, ids, balance)
    rollcall.check_sight(comporta, roll, balance)
    return rollcall.check_outcomes(comporta, clients, roll, balance)


def told(answers):
    return ", ".join(f"{answer} {count}" for answer, count in sorted(answers.items(), key=str))


def snack_line(bar, payers, counted):
    return (f"snack orders={len(bar.orders)} paid={counted.paid.total()} charges={len(counted.charges)} "
            f"(asked for {counted.keys.total()} times) notices={counted.notices} outcomes={counted.outcomes.total()}; "
            f"answers to notices: {told(payers.answers)}")


def report(seed, strikes, clients, violations, balance, counts):
    missing = strikes.missing()
    print(f"injected: {strikes.done.total()}\n{faults.table(strikes.done)}")
    print(f"answers: {told(clients.answers('uploads'))}; to logins: {told(clients.answers('sessions'))}")
    print(f"uploads={counts['uploads']} records={balance.records} objects={counts['objects']} "
          f"lines={balance.lines} repeated_lines={balance.repeats} poisons={counts['poisons']} "
          f"parked={counts['parked']} accounts={counts['accounts']} refused={counts['refused']}")
    print(counts["snack bar"])
    for what in [*violations, *balance.findings][:SHOWN_FINDINGS]:
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
    parser.add_argument("--upgrade", metavar="COMMIT", nargs="?", const="", help="nothing is killed: each daemon is "
                        "replaced by the present one, and back, of that commit or the last one of the version before")
    arguments = parser.parse_args()
    seed = arguments.seed or str(random.SystemRandom().getrandbits(32))
    print(f"SEED={seed} MINUTES={arguments.minutes:g}", flush=True)
    signal.signal(signal.SIGTERM, interrupted)
    lab, well, seconds = Lab(), False, arguments.minutes * 60
    try:
        strikes = lab.faults(seed, seconds) if arguments.upgrade is None else lab.upgrades(arguments.upgrade, seconds)
        lab.stack.start()
        well = run(lab, seed, seconds, strikes)
    finally:
        lab.close(keep_logs=not well)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
