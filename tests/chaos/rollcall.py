"""Calls the roll: every account is there once, opens with its last password alone, and sees what is its own."""

from collections import ChainMap, Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import books
from asking import Caller
from reading import Reader
from uploads import APPLIED, CONTESTED, REFUSED

NOT_ALLOWED, NOT_THERE = 403, 404


@dataclass
class Roll:
    """Those who have got their login name."""

    keys: dict  # of their accounts, by the buyers' names
    known_as: Callable  # gives the headers of a principal

    def headers(self, buyer):
        """The function that gives those of a buyer; of somebody else those of nobody."""
        return partial(self.known_as, f"client/{self.keys[buyer]}") if buyer in self.keys else dict


def call(clients, known_as, balance):
    """Everybody logs in. Those of one client one after the other, as they use its connection."""
    roll, holders = Roll({}, known_as), Counter()
    with ThreadPoolExecutor(len(clients)) as pool:
        for client, (opened, findings) in zip(clients, pool.map(_log_in_all, clients)):
            for what in findings:
                balance.lose(1, what)
            for name in opened:
                buyer = client.buyers[name]
                roll.keys[name] = buyer.key
                holders[buyer.login] += 1
    for login in {buyer.login for client in clients for buyer in client.buyers.values()}:
        balance.differ(f"accounts that {login} opens", 1, holders[login])
    return roll


def _log_in_all(client):
    """The names of those who can, and what is wrong with the others."""
    opened, findings = [], []
    for name, buyer in client.buyers.items():
        account = client.shopper.people.accounts[name]
        try:
            if account.is_contested and not buyer.can_log_in(buyer.passwords[-1]):
                continue
            buyer.log_in()
            opened.append(name)
            if buyer.read_name() != account.name:
                findings.append(f"{buyer.login} is {buyer.read_name()} instead of {account.name}")
            if any(buyer.can_log_in(password) for password in buyer.passwords[-2:-1]):
                findings.append(f"{buyer.login} still opens with the password of before")
        except (AssertionError, OSError, LookupError) as error:
            findings.append(f"{buyer.login} cannot log in: {error!r}")
    return opened, findings


def check_accounts(comporta, clients, roll, as_admin, balance):
    """The list that an admin sees has each of them, and no other."""
    listed = list(Caller(comporta, as_admin).pages("client/accounts", "accounts", limit=100))
    balance.differ("accounts in the list", len(roll.keys), len(listed))
    accounts = {name: account for client in clients for name, account in client.shopper.people.accounts.items()}
    expected = {accounts[name].login: (key, accounts[name].name) for name, key in roll.keys.items()}
    found = {one["login"]: (one["key"], one["record"]["name"]) for one in listed}
    books.check_same(balance, "accounts", expected, found)


def check_outcomes(comporta, clients, roll, balance):
    """What became of each upload of buyers, as they are told themselves. Returns how many were refused."""
    taken = [one for client in clients for one in client.taken if one.upload.sender or one.upload.account]
    replaced = dict(ChainMap(*(client.shopper.replaced for client in clients)))
    answers = Reader(comporta).get_all([one.receipt["status"] for one in taken],
                                       [roll.headers(one.upload.sender) for one in taken])
    return sum(check_outcome(balance, link, answer, expected_outcome(one.upload, roll, replaced))
               for one, (link, answer) in zip(taken, answers))


def check_outcome(balance, link, answer, expected):
    """Whether it was refused."""
    found = (answer.status, "")
    if answer.status == 200:
        told = answer.json()
        found = told["state"], "".join(record["reason"] for record in told["records"][:1])
    if not any(found[0] == state and found[1].startswith(reason) for state, reason in expected):
        (balance.lose if (APPLIED, "") in expected else balance.double)(1, f"GET {link}: {found}, not {expected}")
    return found[0] == REFUSED


def expected_outcome(upload, roll, replaced):
    """The state, and how what is said of its first record begins; more of them where it is a matter of time."""
    if upload.becomes == REFUSED:
        return [(REFUSED, "it is somebody else's")]
    if upload.becomes == CONTESTED and upload.account not in roll.keys:
        return [(REFUSED, "the login name is taken")]
    waited = [(REFUSED, "there is no product")] if upload.key in replaced else []
    return waited if replaced.get(upload.key) else [(APPLIED, ""), *waited]


def check_orders(comporta, shoppers, roll, ids, balance):
    """Each order that counts can be read by whose it is and by nobody else, and none that was cancelled."""
    owners = {ids.get(name, name): order.buyer for shopper in shoppers for name, order in shopper.orders.items()}
    for path, answer in _get_orders(comporta, owners, roll):
        buyer = owners[path.rpartition("/")[2]]
        if answer.status != 200 or answer.json()["record"]["client"] != roll.keys.get(buyer):
            balance.lose(1, f"GET {path}: {answer.status}")
    gone = {order: buyer for shopper in shoppers for order, buyer in shopper.cancelled.items()}
    for path, answer in _get_orders(comporta, gone, roll):
        if answer.status != NOT_THERE:
            balance.double(1, f"GET {path}: {answer.status}, and yet it was deleted")
    strangers = {order: _another(roll, buyer) for order, buyer in owners.items()}
    for path, answer in _get_orders(comporta, strangers, roll):
        if answer.status != NOT_THERE:
            balance.double(1, f"GET {path}: {answer.status} to somebody else")


def check_sight(comporta, roll, balance):
    """Nobody gets another's purchases, or their account."""
    buyers = list(roll.keys)
    for path, status in (("/api/v1/views/order/purchases?client={}", NOT_ALLOWED),
                         ("/api/v1/records/client/{}", NOT_THERE)):
        paths = [path.format(roll.keys[buyer]) for buyer in buyers]
        strangers = [roll.headers(_another(roll, buyer)) for buyer in buyers]
        for asked, answer in Reader(comporta).get_all(paths, strangers):
            if answer.status != status:
                balance.double(1, f"GET {asked}: {answer.status} to somebody else")


def _another(roll, buyer):
    """Those of all are a ring."""
    names = list(roll.keys)
    return names[(names.index(buyer) + 1) % len(names) if buyer in names else 0]


def _get_orders(comporta, buyers, roll):
    """`buyers`: order -> who asks for it."""
    return Reader(comporta).get_all([f"/api/v1/records/order/{order}" for order in buyers],
                                    [roll.headers(buyer) for buyer in buyers.values()])
