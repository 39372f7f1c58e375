"""Who may do what, as a kind's kind.yaml says it: the few lines that the walk trusts (docs/KINDS.md, "Access")."""

import hashlib
import json
from dataclasses import dataclass

import yaml

MAY, OWN = 200, "own"


@dataclass(frozen=True)
class Caller:
    name: str
    kind: str = ""
    key: str = ""
    roles: tuple = ()
    expired: bool = False

    @property
    def principal(self):
        return f"{self.kind}/{self.key}" if self.kind else ""

    @property
    def is_admin(self):
        return "admin" in self.roles


NOBODY = Caller("nobody")
EXPIRED = Caller("expired", "system", "operator", ("admin",), expired=True)
STRANGER = Caller("stranger", "elsewhere", "s")
ADMIN = Caller("admin", "elsewhere", "a", ("admin",))


def words(rule):
    return [rule] if isinstance(rule, str) else list(rule or [])


def cpf_of(name):
    """A number of a taxpayer whose check digits are right, always the same for a name."""
    digits = [int(digit) for digit in str(int(hashlib.sha256(name.encode()).hexdigest(), 16))[:9]]
    for _ in range(2):
        rest = sum(digit * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1))) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, digits))


class Kind:
    def __init__(self, folder):
        said = yaml.safe_load((folder / "kind.yaml").read_text())
        self.schema = json.loads((folder / "schema.json").read_text())
        self.folder, self.name, self.key = folder, folder.name, said["key"]
        self.samples, self.stamps = said.get("samples", []), said.get("stamps", {})
        self.account = said.get("account", {})
        self.is_declared = "access" in said or bool(self.account)
        self.has_views = self.is_declared or (folder / "views.lua").exists()
        self.queries, self.lookups = said.get("views", {}).get("queries", {}), said.get("lookups", {})
        self.questions = {**self.queries, **self.lookups}
        self._read_access(said.get("access") or {})

    def _read_access(self, access):
        usual = ["owner"] if self.account else [] if self.is_declared else ["anyone"]
        self.accounts = access.get("accounts", [self.name] if self.account else [])
        self.owner = self.key if self.account else access.get("owner", "")
        self.create = words(self.account["sign_up"] if "sign_up" in self.account else access.get("create")) or (
            [] if self.is_declared else ["anyone"])
        self.change, self.read = (words(access[name]) if name in access else usual for name in ("change", "read"))
        self.views = {query: words(access.get("views", {}).get(query, self.read)) for query in self.questions}

    def roles(self):
        rules = [self.create, self.change, self.read, *self.views.values()]
        return sorted({word for rule in rules for word in rule} - {"anyone", "login", "owner", "admin"})

    def _fit_for(self, member, name):
        said = self.schema["properties"].get(member, {})
        return cpf_of(name) if said.get("format") == "cpf" else name.ljust(said.get("minLength", 0), "-")

    def key_of(self, name):
        """A key that the schema takes."""
        return self._fit_for(self.key, name)

    def owner_of(self, key):
        account = self.accounts[0] if self.accounts else "elsewhere"
        return Caller("owner", account, key if self.owner == self.key else self._fit_for(self.owner, "olga"))

    def free_texts(self):
        """Members that may be any text, and say neither whose a record is nor what the door fills in."""
        bound = {self.key, self.owner, *self.stamps, *self.account.values()}
        texts = {name: one for name, one in self.schema["properties"].items() if one.get("type") == "string"}
        return [name for name, one in texts.items() if not {"format", "pattern", "enum"} & set(one) and name not in bound]

    def callers(self, key):
        """Those that a record of that key is to be kept from, or shown to."""
        account = self.accounts[0] if self.accounts else "elsewhere"
        with_roles = [Caller(role, "elsewhere", "r", (role,)) for role in self.roles()]
        return [NOBODY, EXPIRED, STRANGER, Caller("another", account, "bruno"), self.owner_of(key), *with_roles, ADMIN]

    def verdict(self, rule, caller):
        """MAY, OWN (what is theirs), 401 or 403."""
        if caller.expired:
            return 401
        if "anyone" in rule:
            return MAY
        if not caller.kind:
            return 401
        if {"admin", *rule} & set(caller.roles):
            return MAY
        if caller.kind in self.accounts and "login" in rule:
            return MAY
        return OWN if caller.kind in self.accounts and "owner" in rule else 403

    def own_parameter(self, query):
        parameters = self.questions[query].get("parameters", {})
        return next((name for name, one in parameters.items() if one.get("from") == "principal"), None)

    def may_ask(self, query, caller, owner):
        """For what is the owner's, where the query has a parameter for that."""
        rule = self.views[query]
        verdict = self.verdict(rule, caller)
        if not self.own_parameter(query):
            return 403 if verdict == OWN else verdict
        by_role = self.verdict([word for word in rule if word not in ("login", "owner")], caller) == MAY
        if by_role or verdict not in (MAY, OWN):
            return verdict
        return MAY if caller.principal == owner.principal else 403
