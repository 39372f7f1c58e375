"""Accounts that an operator makes: admins, and those of a demonstration."""

import getpass
import json
import secrets
import unicodedata
import uuid
from dataclasses import dataclass
from pathlib import Path

import yaml

from .front import Front
from .settings import OperatorError

ADMIN = "admin"
DEMO = Path(__file__).resolve().parents[1] / "demo.yaml"


@dataclass(frozen=True)
class AccountKind:
    """A kind with accounts, and the members that it has for them."""

    name: str
    key: str
    login: str
    password: str
    roles: str  # empty: its accounts have none
    required: dict  # member -> its schema

    def record(self, login, key=None, password=None, roles=(), members=None):
        """A new account's. What else must be there as a text is the login name, unless `members` say otherwise."""
        texts = [name for name, schema in self.required.items() if schema.get("type") == "string"]
        record = {**dict.fromkeys(texts, login), **(members or {}), self.key: key or str(uuid.uuid4()),
                  self.login: login, self.password: password, **({self.roles: list(roles)} if roles else {})}
        if missing := [name for name in self.required if name not in record]:
            raise OperatorError(f"kind {self.name} wants {', '.join(missing)}, too: --member NAME=TEXT")
        return record


def _read_kind(file):
    kind = yaml.safe_load(file.read_text()) or {}
    if "account" not in kind:
        return None
    account, schema = kind["account"], json.loads((file.parent / "schema.json").read_text())
    required = {name: schema["properties"][name] for name in schema.get("required", [])}
    return AccountKind(file.parent.name, kind["key"], account["login"], account["password"],
                       account.get("roles", ""), required)


def read_account_kinds(folder):
    """By name."""
    kinds = filter(None, map(_read_kind, sorted(folder.glob("*/kind.yaml"))))
    return {kind.name: kind for kind in kinds}


def _choose(kinds, wanted):
    if wanted is None and len(kinds) == 1:
        return next(iter(kinds.values()))
    if wanted in kinds:
        return kinds[wanted]
    if not kinds:
        raise OperatorError("no kind has accounts")
    there = ", ".join(kinds)
    raise OperatorError(f"kinds with accounts: {there}" + (f"; {wanted} is no such kind" if wanted else ": --kind KIND"))


def _folded(login):
    """As login names are compared."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login.strip()).casefold())


def _accounts(front, kind):
    return front.pages(f"/api/v1/views/{kind.name}/accounts", "accounts")


def _find(front, kind, login):
    return next((account for account in _accounts(front, kind) if _folded(account["login"]) == _folded(login)), None)


def _new_password():
    return secrets.token_urlsafe(15)


def _asked_password():
    password = getpass.getpass("password: ")
    if getpass.getpass("once more: ") != password:
        raise OperatorError("these are two passwords: nothing has been done")
    return password


def _put(front, kind, key, record):
    if not front.put(kind.name, key, record):
        print(f"{kind.name}/{key} has been taken, and is not applied yet: it will be")


def add(settings, arguments):
    """Makes an account with the role admin, or gives the role to the one that has that login name."""
    kind = _choose(read_account_kinds(settings.kinds), arguments.kind)
    if not kind.roles:
        raise OperatorError(f"accounts of kind {kind.name} have no roles")
    password = _asked_password() if arguments.ask else None
    front = Front(settings)
    account = _find(front, kind, arguments.login)
    if account:
        _promote(front, kind, account, password)
    else:
        _make(front, kind, arguments, password)


def _promote(front, kind, account, password):
    key, roles = account["key"], account["roles"]
    if ADMIN in roles and not password:
        print(f"{account['login']} is an admin already: {kind.name}/{key}")
        return
    # Without a password it keeps the one it has.
    record = {**account["record"], kind.key: key, kind.login: account["login"],
              kind.roles: [*(role for role in roles if role != ADMIN), ADMIN],
              **({kind.password: password} if password else {})}
    _put(front, kind, key, record)
    print(f"{account['login']} is an admin{' with that password' if password else ''}: {kind.name}/{key}")


def _make(front, kind, arguments, password):
    record = kind.record(arguments.login, arguments.key, password or _new_password(), [ADMIN], dict(arguments.member))
    key = record[kind.key]
    _put(front, kind, key, record)
    print(f"{arguments.login} is an admin: {kind.name}/{key}")
    if not password:
        print(f"password, shown this once: {record[kind.password]}")


def list_admins(settings, _arguments):
    """Every account with the role admin."""
    front = Front(settings)
    for kind in read_account_kinds(settings.kinds).values():
        for account in _accounts(front, kind):
            if ADMIN in account["roles"]:
                print(f"{kind.name}/{account['key']}  {account['login']}")


def demo(settings, arguments):
    """Makes the accounts of a file that are not there yet, with random passwords, which it prints once."""
    kinds, front = read_account_kinds(settings.kinds), Front(settings)
    for name, fixtures in yaml.safe_load(Path(arguments.file).read_text()).items():
        kind = kinds.get(name)  # an installation may have others
        for fixture in fixtures if kind else ():
            login, password = fixture[kind.login], _new_password()
            if _find(front, kind, login):
                print(f"{login:<24} is there already")
                continue
            _put(front, kind, fixture[kind.key], {**fixture, kind.password: password})
            print(f"{login:<24} password {password}  {' '.join(fixture.get(kind.roles, []))}".rstrip())
