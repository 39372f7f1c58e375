"""Cashback after random histories, against a plain count of the same histories: they are written as examples of the
kind, with what must be answered, and run as `make check-kinds` runs those."""

import json
import os
import re
import shutil
import subprocess

import pytest

from access_rules import cpf_of
from conftest import BUILD, SOURCE

HISTORIES, STEPS = 10, 120
TRUSTED = "15350946056"
WAITING, APPROVED, REFUSED = STATUSES = ["Em validação", "Aprovado", "Reprovado"]
# Around the boundaries of a month and of a purchase, and where cents are rounded.
VALUES = [1, 4, 5, 6, 15, 25, 49999, 50000, 50001, 99999, 100000, 100001, 149999, 150000, 150001, 333333]
DATES = ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"]
ADMIN = {"as": "client/chefe", "roles": ["admin"]}


def percent_of(cents):
    return 10 if cents <= 100_000 else 15 if cents <= 150_000 else 20


def rounded(cents, percent):
    """Half a cent is one more."""
    whole, rest = divmod(cents * percent, 100)
    return whole + (rest >= 50)


class PlainBooks:
    """What a reader of the rules would count by hand, all anew for each question."""

    def __init__(self, by_purchase):
        self.by_purchase, self.purchases = by_purchase, {}

    def why_not(self, key, purchase, by_admin):
        """Why what a reseller or an admin says of it, None being its deletion, is refused."""
        before = self.purchases.get(key)
        if before and not by_admin and before["status"] != WAITING:
            word = "approved" if before["status"] == APPROVED else "refused"
            return f"it has been {word}: it can be neither changed nor deleted"
        if purchase and purchase["status"] != REFUSED and any(
                one["code"] == purchase["code"] and one["reseller"] == purchase["reseller"] and other != key
                for other, one in self.counted()):
            return "another purchase of this reseller has that code"
        return None

    def counted(self):
        return [(key, one) for key, one in self.purchases.items() if one["status"] != REFUSED]

    def of_month(self, reseller, month):
        return [one for _key, one in self.counted() if one["reseller"] == reseller and one["date"][:7] == month]

    def percent(self, purchase):
        if purchase["status"] == REFUSED:
            return 0
        sold = self.of_month(purchase["reseller"], purchase["date"][:7])
        return percent_of(purchase["value"] if self.by_purchase else sum(one["value"] for one in sold))

    def cashback(self, purchases):
        return sum(rounded(one["value"], self.percent(one)) for one in purchases)

    def month(self, reseller, month):
        sold = self.of_month(reseller, month)
        total = sum(one["value"] for one in sold)
        approved = [one for one in sold if one["status"] == APPROVED]
        return {"month": month, "purchases": len(sold), "total": total,
                "percent": None if self.by_purchase else percent_of(total),
                "cashback": self.cashback(sold), "approved": self.cashback(approved)}

    def months(self, reseller):
        months = {one["date"][:7] for _key, one in self.counted() if one["reseller"] == reseller}
        return [self.month(reseller, month) for month in sorted(months, reverse=True)]

    def accumulated(self, reseller):
        months = self.months(reseller)
        return {name: sum(month[name] for month in months) for name in ("cashback", "approved")}

    def listed(self, reseller, month=None, status=None):
        chosen = [{"id": key, **one, "percent": self.percent(one), "cashback": self.cashback([one])
                   if one["status"] != REFUSED else 0} for key, one in self.purchases.items()
                  if one["reseller"] == reseller and month in (None, one["date"][:7]) and status in (None, one["status"])]
        return sorted(chosen, key=lambda one: (one["date"], one["id"]), reverse=True)


class History:
    """Random steps of an example, and what they must lead to."""

    def __init__(self, rng, by_purchase):
        self.rng, self.books, self.steps = rng, PlainBooks(by_purchase), []
        self.resellers = [TRUSTED, cpf_of("rita"), cpf_of("tomás")]
        self.owner_of = {}

    def at(self):
        seconds = len(self.steps)
        return f"2026-03-11T{12 + seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"

    def pick(self):
        """A key that is there, was there, or is new, and whose it is."""
        if self.owner_of and self.rng.random() < 0.75:
            key = self.rng.choice(list(self.owner_of))
        else:
            key = f"p{len(self.owner_of):03}"
            self.owner_of[key] = self.rng.choice(self.resellers)
        return key, self.owner_of[key]

    def drawn(self):
        return {"code": f"C-{self.rng.randrange(8)}", "value": self.rng.choice(VALUES), "date": self.rng.choice(DATES)}

    def step(self):
        key, reseller = self.pick()
        before, by_admin = self.books.purchases.get(key), self.rng.random() < 0.5
        purchase, sent = None, None
        if self.rng.random() < 0.8:
            keeps = before and by_admin and self.rng.random() < 0.7
            said = {name: before[name] for name in ("code", "value", "date")} if keeps else self.drawn()
            status = {"status": self.rng.choice(STATUSES)} if by_admin and self.rng.random() < 0.8 else {}
            first = APPROVED if reseller == TRUSTED else WAITING
            purchase = {"reseller": reseller, "status": before["status"] if before else first, **said, **status}
            sent = {"id": key, **said, **status, **({"reseller": reseller} if by_admin else {})}
        who = ADMIN if by_admin else {"as": f"reseller/{reseller}"}
        self.do(key, purchase, sent, who, by_admin)

    def do(self, key, purchase, sent, who, by_admin):
        there = key in self.books.purchases
        reason = self.books.why_not(key, purchase, by_admin)
        if not purchase and not there and not by_admin:
            reason = "there is no such record to change"
        action = {"upload": "purchase", "records": [sent]} if sent else {"delete": "purchase", "key": key}
        self.steps += [{"at": self.at(), **action, **who}, {"outcome": {key: reason} if reason else {}}]
        if reason:
            return
        if purchase:
            self.books.purchases[key] = purchase
        else:
            self.books.purchases.pop(key, None)

    def ask(self, query, reseller, expected, **parameters):
        self.steps.append({"query": f"purchase/{query}", "parameters": {"reseller": reseller, **parameters},
                           "expect": expected})

    def ask_all(self):
        for reseller in self.resellers:
            self.ask("months", reseller, {"months": self.books.months(reseller)})
            self.ask("accumulated", reseller, self.books.accumulated(reseller))
            for filters in ({}, {"month": "2026-02"}, {"status": WAITING}, {"month": "2026-03", "status": APPROVED}):
                listed = self.books.listed(reseller, **filters)
                assert len(listed) <= 100
                self.ask("list", reseller, {"purchases": listed}, limit="100", **filters)

    def written(self, steps):
        for number in range(steps):
            self.step()
            if number % 30 == 29:
                self.ask_all()
        return {"name": "A random history", "steps": self.steps}


@pytest.fixture
def check_purchase(comporta, tmp_path):
    """Runs examples on a copy of the kind with another `tier_by`; returns what went wrong."""
    for name in ("reseller", "purchase"):
        shutil.copytree(SOURCE / "kinds" / name, tmp_path / "kinds" / name)
    folder = tmp_path / "kinds" / "purchase"
    for example in (folder / "examples").glob("*.yaml"):
        example.unlink()

    def check(tier_by, examples):
        text, count = re.subn(r"( tier_by:) \w+", rf"\1 {tier_by}", (folder / "kind.yaml").read_text())
        assert count == 1
        (folder / "kind.yaml").write_text(text)
        for number, example in enumerate(examples):
            (folder / "examples" / f"{number}.yaml").write_text(json.dumps(example))
        environment = {**os.environ, "COMPORTA_TEST_REDIS_PORT": str(comporta.stack.ports["COMPORTA_REDIS_PORT"])}
        done = subprocess.run([BUILD / "tests" / "kinds" / "check_kinds", folder.parent, "purchase"], env=environment,
                              capture_output=True, text=True, timeout=300, check=False)
        assert done.stdout.count("ok  ") + done.stdout.count("FAIL") == len(examples), done.stdout + done.stderr
        return "" if done.returncode == 0 else done.stdout[:3000]
    return check


@pytest.mark.parametrize("tier_by", ["month", "purchase"])
def test_a_random_history_earns_as_by_hand(check_purchase, rng, tier_by):
    histories = [History(rng, tier_by == "purchase") for _ in range(HISTORIES)]
    examples = [history.written(STEPS) for history in histories]
    left = [one["status"] for history in histories for one in history.books.purchases.values()]
    refusals = [step for example in examples for step in example["steps"] if step.get("outcome")]
    assert set(left) == set(STATUSES) and len(refusals) > STEPS, "these histories try nothing"
    assert not check_purchase(tier_by, examples)


def test_by_the_other_rule_it_is_another_sum(check_purchase, rng):
    """Or the histories would pass whatever is counted."""
    assert "expected" in check_purchase("purchase", [History(rng, False).written(STEPS)])
