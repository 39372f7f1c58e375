"""Every operation of every kind, by nobody, by another, the owner, those with a role, an admin, and with a token whose
time is over: what is answered is what kind.yaml says (access_rules.py). A new kind adds its rows by being there."""

import json
import shutil
import urllib.parse
from dataclasses import replace

import pytest

from access_rules import ADMIN, MAY, NOBODY, OWN, Kind
from callers import authorization
from conftest import SOURCE, while_running

FOLDERS = (SOURCE / "kinds", SOURCE / "tests" / "data" / "people", SOURCE / "tests" / "data" / "lookups")
KINDS = sorted(file.parent for folder in FOLDERS for file in folder.glob("*/kind.yaml"))
NAMES = [folder.name for folder in KINDS]
PASSWORD = "correct horse battery 7391"
VALUES = {"text": "x", "date": "2026-01-01", "count": "1", "flag": "true", "cpf": "15350946056"}
WRITES = ("change", "replace", "delete")
SOMEBODY_ELSES = "somebody else"
TIME = "2026-01-01T00:00:00Z"
# What the walk's own records refer to, beside the samples.
REFERRED = {"customer": [{"id": "x", "owner": "olga", "gender": "female", "age": 30, "annual_income": 20}],
            "snack-order": [{"id": "an-order-that-is-moved"}]}
# Of kinds without samples that do not take any text.
EXAMPLES = {"snack-move": {"id": "x", "order": "an-order-that-is-moved", "action": "clear"}}


@pytest.fixture(scope="module")
def whole(make_stack, tmp_path_factory):
    kinds = tmp_path_factory.mktemp("kinds")
    for folder in KINDS:
        shutil.copytree(folder, kinds / folder.name)
    for comporta in while_running(make_stack(settings={"COMPORTA_KINDS": str(kinds)})):
        send_samples(comporta)
        yield comporta


def send_samples(comporta):
    """Records that those of the walk may refer to."""
    headers = {"Content-Type": "application/x-ndjson", **authorization(comporta.stack, ADMIN)}
    for folder in KINDS:
        for record in samples(Kind(folder)) + REFERRED.get(folder.name, []):
            answer = comporta.request("POST", f"/api/v1/records/{folder.name}", json.dumps(record).encode(), headers)
            assert answer.status == 202, answer


def samples(kind):
    """The records of its first sample, if it has one."""
    for sample in kind.samples[:1]:
        text = (kind.folder / "examples" / sample["file"]).read_text()
        return json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines()]
    return []


class Walk:
    """One kind of a running whole."""

    def __init__(self, comporta, kind):
        self.comporta, self.kind, self.connection = comporta, kind, comporta.connect()
        self.read_key = kind.key_of("read")
        self.sent = {}  # what was taken of what they created, by caller: (caller, receipt)
        self.wrong = []

    def ask(self, caller, method, path, body=None, **headers):
        headers.update(authorization(self.comporta.stack, caller))
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self.connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)

    def hold(self, operation, caller, expected, answer):
        """Notes what is answered otherwise; of a view 404 is as good as 200, if it says that it has nothing."""
        status = answer.status
        if expected == 200 and status == 404 and "/views/" in operation and b"knows nothing" in answer.body:
            status = 200
        if status != expected:
            self.wrong.append(f"{operation} by {caller.name}: {status} instead of {expected}: {answer.body[:200]}")

    # -- records -----------------------------------------------------------------------------------

    def example(self):
        """A record that the schema takes."""
        texts = {name: TIME if one.get("format") == "date-time" else one.get("enum", ["x"])[0]
                 for name, one in self.kind.schema["properties"].items() if one.get("type") == "string"}
        return EXAMPLES.get(self.kind.name) or next(iter(samples(self.kind)), texts)

    def record(self, caller, key, owner, method="POST"):
        """As that caller may send it."""
        kind, record = self.kind, {**self.example(), self.kind.key: key}
        record.update({name: key for name in kind.free_texts() if name in record})
        if kind.owner and kind.owner != kind.key:
            record[kind.owner] = owner.key
        if kind.account:
            record.pop(kind.account.get("roles"), None)
            record[kind.account["login"]] = f"{key}@example.com"
            record[kind.account["password"]] = PASSWORD
        for member in kind.stamps if not caller.is_admin else ():
            record.pop(member, None)
        return record

    def path(self, key):
        return f"/api/v1/records/{self.kind.name}/{urllib.parse.quote(key)}"

    def seed(self):
        """By an admin: one record to read, and one for whatever anybody does to one."""
        names = [f"{write}-{caller.name}" for write in WRITES for caller in self.kind.callers(self.read_key)]
        keys = [self.read_key, *map(self.kind.key_of, names)]
        records = [self.record(ADMIN, key, self.kind.owner_of(key)) for key in keys]
        answer = self.ask(ADMIN, "POST", f"/api/v1/records/{self.kind.name}", records)
        assert answer.status == 202, answer
        self.seeds = answer.json()
        self.outcome(self.seeds)

    def outcome(self, receipt):
        query = urllib.parse.urlencode([("batch", batch) for batch in receipt["batches"]])
        for _ in range(12):
            said = self.ask(ADMIN, "GET", f"/api/v1/uploads/{receipt['upload']}?{query}", Prefer="wait=10").json()
            if said["state"] != "pending":
                return said
        raise AssertionError(f"{self.kind.name}: {receipt} stays pending")

    # -- writing -----------------------------------------------------------------------------------

    def create(self):
        for caller in self.kind.callers(self.kind.key_of("create-owner")):
            key = self.kind.key_of(f"create-{caller.name}")
            answer = self.ask(caller, "POST", f"/api/v1/records/{self.kind.name}",
                              self.record(caller, key, self.kind.owner_of(key)))
            verdict = self.kind.verdict(self.kind.create, caller)
            self.hold("create", caller, 202 if verdict == MAY else verdict, answer)
            if answer.status == 202:
                self.sent[caller.name] = (caller, answer.json())

    def send_change(self, write, caller, key):
        record = self.record(caller, key, self.kind.owner_of(key), write)
        if write == "change":
            return self.ask(caller, "POST", f"/api/v1/records/{self.kind.name}", record)
        if write == "replace":
            return self.ask(caller, "PUT", self.path(key), record)
        return self.ask(caller, "DELETE", self.path(key))

    def change(self, write):
        """A POST passes the door if something new would; whether it is a change is seen where the record is."""
        for caller in self.callers_of(write):
            key = self.kind.key_of(f"{write}-{caller.name}")
            may_change = self.kind.verdict(self.kind.change, caller)
            at_the_door = self.kind.verdict(self.kind.create, caller) if write == "change" else may_change
            answer = self.send_change(write, caller, key)
            self.hold(write, caller, 202 if at_the_door in (MAY, OWN) else at_the_door, answer)
            if answer.status != 202:
                continue
            is_taken = may_change == MAY or (may_change == OWN and caller == self.kind.owner_of(key))
            said = self.outcome(answer.json())
            refused = any(SOMEBODY_ELSES in record["reason"] for record in said["records"])
            if refused == is_taken:
                self.wrong.append(f"{write} by {caller.name}: {said}")

    def callers_of(self, write):
        """Of a kind whose keys are made at the door nobody but an admin can send one again."""
        for caller in self.kind.callers(self.read_key):
            caller = self.kind.owner_of(self.kind.key_of(f"{write}-owner")) if caller.name == "owner" else caller
            if write != "change" or self.kind.key not in self.kind.stamps or caller.is_admin:
                yield caller

    # -- reading -----------------------------------------------------------------------------------

    def read_record(self):
        owner = self.kind.owner_of(self.read_key)
        for caller in self.kind.callers(self.read_key):
            verdict = self.kind.verdict(self.kind.read, caller)
            expected = (200 if caller == owner else 404) if verdict == OWN else verdict
            self.hold("read", caller, expected, self.ask(caller, "GET", self.path(self.read_key)))

    def questions_about(self, where, names, is_needed):
        """(caller, path, verdict) of each question about what is the owner's, by everybody."""
        for name in names:
            parameters, owner = self.kind.questions[name].get("parameters", {}), self.kind.owner_of(self.read_key)
            values = {one: next(iter(said.get("words", [VALUES[said["type"]]])))
                      for one, said in parameters.items() if is_needed(said)}
            if own := self.kind.own_parameter(name):
                owner = replace(owner, key=values[own]) if parameters[own]["type"] == "cpf" else owner
                values[own] = owner.key
            path = f"/api/v1/{where}/{self.kind.name}/{name}?{urllib.parse.urlencode(values)}"
            for caller in self.kind.callers(self.read_key):
                caller = owner if caller.name == "owner" else caller
                yield caller, path, self.kind.may_ask(name, caller, owner)

    def ask_views(self):
        for caller, path, verdict in self.questions_about("views", self.kind.queries, lambda one: one.get("required")):
            self.hold(path, caller, verdict, self.ask(caller, "GET", path))

    def ask_lookups(self):
        """Of which none is set up here, so who may ask is told that."""
        for caller, path, verdict in self.questions_about("lookups", self.kind.lookups, lambda one: "default" not in one):
            self.hold(path, caller, 503 if verdict == MAY else verdict, self.ask(caller, "GET", path))

    def ask_lists(self):
        """Of what nobody can tell whose it is."""
        for caller in self.kind.callers(self.read_key):
            verdict = self.kind.verdict(self.kind.read, caller)
            expected = 403 if verdict == OWN else verdict
            for path in (f"/api/v1/recent/{self.kind.name}", f"/api/v1/views/{self.kind.name}/refused"):
                there = expected if self.kind.has_views or caller.expired else 404
                self.hold(path, caller, there, self.ask(caller, "GET", path))
            path = f"/api/v1/views/{self.kind.name}/accounts"
            admins = self.kind.verdict([], caller)
            self.hold(path, caller, admins if self.kind.account or caller.expired else 404,
                      self.ask(caller, "GET", path))

    def sample_upload(self):
        """(who sent it, its receipt): the owner's where they may create anything."""
        return self.sent.get("owner") or (ADMIN, self.seeds)

    def ask_upload(self):
        sender, receipt = self.sample_upload()
        self.outcome(receipt)  # until then nobody knows whose it is
        batches = urllib.parse.urlencode([("batch", batch) for batch in receipt["batches"]])
        for caller in self.kind.callers(self.kind.key_of("create-owner")):
            in_sight = caller.is_admin or caller == sender
            for path in (f"/api/v1/uploads/{receipt['upload']}?{batches}", f"/api/v1/uploads/{receipt['upload']}"):
                self.hold("upload", caller, 401 if caller.expired else 200 if in_sight else 404,
                          self.ask(caller, "GET", path))
            path = f"/api/v1/batches/{receipt['batches'][0]}"
            self.hold("batch", caller, 401 if caller.expired else 200, self.ask(caller, "GET", path))

    def ask_objects(self):
        sender, receipt = self.sample_upload()
        link = receipt["links"]["objects"][0]
        self.comporta.wait_settled(receipt["batches"])
        for caller in self.kind.callers(self.kind.key_of("create-owner")):
            whole = self.kind.verdict([] if self.kind.is_declared else ["anyone"], caller)
            for path in (f"/api/v1/objects/{self.kind.name}", link.partition("?")[0]):
                self.hold("objects", caller, whole, self.ask(caller, "GET", path))
            verdict = self.kind.verdict(self.kind.read, caller)
            expected = verdict if verdict in (MAY, 401) else 200 if caller == sender else 404
            answer = self.ask(caller, "GET", link)
            self.hold("lines", caller, expected, answer)
            if PASSWORD.encode() in answer.body or b"$argon2id$" in answer.body:
                self.wrong.append(f"a password is shown to {caller.name}")


@pytest.mark.parametrize("folder", KINDS, ids=NAMES)
def test_everybody_may_what_the_kind_says_and_no_more(whole, folder):
    walk = Walk(whole, Kind(folder))
    walk.seed()
    walk.read_record()
    walk.ask_views()
    walk.ask_lookups()
    walk.ask_lists()
    walk.create()
    walk.ask_upload()
    walk.ask_objects()
    for write in WRITES:
        walk.change(write)
    assert not walk.wrong, "\n".join(walk.wrong)


def test_there_are_kinds_of_every_sort():
    """Or the walk would pass through nothing."""
    kinds = [Kind(folder) for folder in KINDS]
    rules = [rule for kind in kinds for rule in (kind.create, kind.change, kind.read, *kind.views.values())]
    assert {"anyone", "login", "owner"} <= {word for rule in rules for word in rule}
    assert [] in rules and any(kind.roles() for kind in kinds) and any(kind.account for kind in kinds)
    assert any(not kind.is_declared for kind in kinds) and any(kind.lookups for kind in kinds)
    assert all(kind.verdict(kind.read, NOBODY) in (MAY, 401) for kind in kinds)
