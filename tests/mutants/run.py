#!/usr/bin/env python3
"""Puts each slip of this folder into a copy of the sources and sees whether the tests notice: see tests/README.md."""

import argparse
import fnmatch
import os
import re
import signal
import sys
import time
from pathlib import Path

import suites
from mutant import read_all
from tree import Tree

SOURCE = Path(__file__).resolve().parents[2]
ROOM = SOURCE / "build" / "mutants"
README = SOURCE / "tests" / "README.md"
SCORE = re.compile(r"(?<=<!-- score -->\n).*?(?=\n<!-- score -->)", re.DOTALL)
KILLED, SURVIVED, ERROR, NOT_REACHED = "killed", "survived", "error", "not reached"


class Campaign:
    """One run over the chosen mutants."""

    def __init__(self, mutants, minutes):
        self.mutants = mutants
        self.begin = time.monotonic()
        self.deadline = self.begin + 60 * minutes
        self.outcomes = {}  # by mutant
        self.baselines = {}  # by what notices: seconds, or None if it fails without any slip
        (ROOM / "log").mkdir(parents=True, exist_ok=True)
        self.tree = Tree(SOURCE, ROOM / "tree")

    def log(self, name):
        return (ROOM / "log" / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', name)[:100]}.log").open("w", buffering=1)

    def prepare(self):
        """Builds all of it once, which the shared cache of the compiler makes short."""
        with self.log("0-build") as log:
            suites.configure(self.tree.folder, log)
            if not suites.build(self.tree.folder, [], log):
                sys.exit(f"the sources as they stand do not build: {log.name}")
            if any(mutant.suite == "browser" for mutant in self.mutants):
                suites.prepare_browser(self.tree.folder, log)

    def run(self):
        for mutant in self.mutants:
            begin = time.monotonic()
            outcome, why = self.attempt(mutant) if begin < self.deadline else (NOT_REACHED, "")
            self.outcomes[mutant] = outcome
            note = f"  ({why})" if why else ""
            print(f"{mutant.name:<48} {outcome:<12} {time.monotonic() - begin:4.0f} s  {mutant.notices}{note}", flush=True)

    def attempt(self, mutant):
        """(outcome, why it is an error)"""
        seconds = self.baseline(mutant)
        if seconds is None:
            return ERROR, "its tests fail without it, too"
        if not self.tree.apply(mutant):
            return ERROR, "the patch does not apply"
        try:
            with self.log(mutant.name) as log:
                names = suites.targets(self.tree.folder, mutant)
                if names and not suites.build(self.tree.folder, names, log):
                    return ERROR, "it does not compile"
                result = suites.run(self.tree.folder, mutant, 120 + 5 * seconds, log)
        finally:
            self.tree.take_back(mutant)
        if result == suites.BROKEN:
            return ERROR, f"its tests could not be run: {log.name}"
        return (KILLED if result == suites.NOTICED else SURVIVED), ""

    def baseline(self, mutant):
        """How long its tests take without it; built first, as the mutant before may have left its mark."""
        if mutant.notices not in self.baselines:
            with self.log(f"0-{mutant.notices}") as log:
                names = suites.targets(self.tree.folder, mutant)
                good = not names or suites.build(self.tree.folder, names, log)
                begin = time.monotonic()
                good = good and suites.run(self.tree.folder, mutant, 900, log) == suites.PASSED
                self.baselines[mutant.notices] = time.monotonic() - begin if good else None
        return self.baselines[mutant.notices]

    def having(self, outcome):
        return [mutant for mutant, found in self.outcomes.items() if found == outcome]

    def report(self):
        """Prints what there is to mend; the score as a sentence."""
        for outcome, title in ((SURVIVED, "Nobody noticed"), (ERROR, "To be mended"), (NOT_REACHED, "Not reached")):
            for mutant in self.having(outcome):
                print(f"{title}: {mutant.name}: {mutant.what}")
        minutes = (time.monotonic() - self.begin) / 60
        score = f"{len(self.having(KILLED))} of {len(self.mutants)} slips noticed, in {minutes:.0f} minutes."
        print(score)
        return score


def keep(score):
    README.write_text(SCORE.sub(score, README.read_text()))


def chosen(patterns):
    mutants = read_all()
    if not patterns:
        return mutants
    found = [mutant for mutant in mutants if any(fnmatch.fnmatch(mutant.name, one) for one in patterns)]
    return found or sys.exit(f"no mutant is named like {' '.join(patterns)}")


def start_servers_once(mutants):
    """For all the contract tests; this program runs again with their addresses."""
    if "COMPORTA_TEST_AMQP_PORT" in os.environ or all(mutant.suite != "contract" for mutant in mutants):
        return
    stack = str(SOURCE / "deploy" / "native" / "stack.py")
    os.execv(stack, [stack, "with-servers", suites.PYTHON, *sys.argv])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names or globs of them, with blanks between")
    parser.add_argument("--minutes", type=float, default=60, help="after which no other one is begun")
    arguments = parser.parse_args()
    patterns = arguments.only.split()
    mutants = chosen(patterns)
    start_servers_once(mutants)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, suites.interrupt)
    campaign = Campaign(mutants, arguments.minutes)
    campaign.prepare()
    campaign.run()
    score = campaign.report()
    if not patterns:
        keep(score)
    sys.exit(any(outcome != KILLED for outcome in campaign.outcomes.values()))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted")
