"""The accounts that one client makes, drawn from its seed."""

from dataclasses import dataclass

from uploads import CONTESTED, REFUSED


@dataclass
class Account:
    """As it is when all is taken; if the login name is contested, it may be another one's."""

    login: str
    name: str
    passwords: list  # the last one holds
    is_contested: bool = False


class Clientele:
    """`accounts` by buyers' names. Each draw is a record, and what else is to be known of the upload."""

    def __init__(self, rng, name, rivalry):
        self._rng, self._name, self._rivalry = rng, name, rivalry
        self.accounts, self._contests = {}, 0

    def draw_buyer(self, other_than=None):
        return self._rng.choice([buyer for buyer, account in self.accounts.items()
                                 if buyer != other_than and not account.is_contested])

    def sign_up(self):
        buyer = self._name("buyer")
        return self._new(buyer, f"{buyer}@example.com")

    def contest(self):
        """Others of the rivalry want it, too: the first one gets it, however it is written."""
        self._contests += 1
        login = f"{self._rivalry}-{self._contests}@example.com"
        record, options = self._new(self._name("rival"), login)
        self.accounts[options["account"]].is_contested = True
        record["email"] = self._rng.choice([login, login.upper()])
        return record, {**options, "becomes": CONTESTED}

    def change(self):
        """A new password, or a new name beside the old one, which nobody has to send again."""
        buyer = self.draw_buyer()
        account = self.accounts[buyer]
        options = {"sender": buyer, "account": buyer}
        if self._rng.random() < 0.3:
            account.name = self._name("name")
            return {"name": account.name, "email": account.login}, options
        account.passwords.append(self._password())
        return _record(account), {**options, "password": account.passwords[-1]}

    def change_anothers(self):
        """With a password that only the sender knows."""
        victim = self.draw_buyer()
        thief, account = self.draw_buyer(other_than=victim), self.accounts[victim]
        return {"name": "Thief", "email": account.login, "password": self._password()}, \
            {"sender": thief, "victim": victim, "becomes": REFUSED}

    def _new(self, buyer, login):
        account = self.accounts[buyer] = Account(login, self._name("name"), [self._password()])
        return _record(account), {"account": buyer, "password": account.passwords[0]}

    def _password(self):
        return f"{self._rng.getrandbits(80):020x}"


def _record(account):
    return {"name": account.name, "email": account.login, "password": account.passwords[-1]}
