"""A closed installation opens nothing to whoever has not logged in, but what it takes to do so, whatever its kinds say."""

import json
import shutil
import time

import pytest

from access_rules import Kind
from callers import token
from client import record
from conftest import SOURCE
from members import JSON, SESSIONS, Members, Person, write_kinds
from test_dead import new_id

OPERATIONS = json.loads((SOURCE / "services" / "ingest-gateway" / "openapi.json").read_text())["paths"]
# Of what is written down there; each is answered something else than 401, whatever is sent to it. But a hook, which is a
# door of its own: there a signature says who comes.
OPEN = {"/api/v1/hooks/{kind}", "/api/v1/kinds", "/api/v1/kinds/{kind}/schema.json", "/api/v1/kinds/{kind}/samples/{file}",
        "/api/v1/status", "/openapi.json", "/.well-known/jwks.json"}
LOGINS = {("POST", SESSIONS), ("POST", "/login/")}
ALIASES = [("POST", "/purchase/"), ("POST", "/purchase"), ("GET", "/purchase"), ("GET", "/seller/"),
           ("GET", "/products"), ("GET", "/api/v1/views/transaction/check-fraud/x")]
PAGES = ["/", "/index.html", "/logo.svg", "/openapi.json"]


@pytest.fixture(scope="module")
def closed(make_stack, tmp_path_factory):
    kinds = write_kinds(tmp_path_factory.mktemp("kinds"))
    for file in (*(SOURCE / "kinds").glob("*/kind.yaml"), *(SOURCE / "tests" / "data" / "lookups").glob("*/kind.yaml")):
        shutil.copytree(file.parent, kinds / file.parent.name)
    stack = make_stack(settings={"COMPORTA_KINDS": str(kinds), "COMPORTA_ACCESS_CLOSED": "true"})
    stack.start()
    members = Members(stack)
    members.kinds = [Kind(folder) for folder in sorted(kinds.iterdir())]
    yield members
    stack.discard()


def paths_of(template, kinds):
    """What it stands for, for every kind that has such a thing."""
    batch = new_id()
    year, month, day = time.strftime("%Y %m %d", time.gmtime(int(batch[:8] + batch[9:13], 16) / 1000)).split()
    samples = {"{key}": "k", "{batch}": batch, "{upload}": new_id(), "{year}": year, "{month}": month, "{day}": day,
               "{seller}": "s"}
    for name, value in samples.items():
        template = template.replace(name, value)
    if "{kind}" not in template:
        return {template}
    fitting = [kind for kind in kinds if kind.account] if template.endswith("/accounts") else \
        [kind for kind in kinds if kind.has_views] if template.endswith(("/refused", "/recent")) else kinds
    if "{view}" not in template and "{lookup}" not in template:
        return {template.replace("{kind}", kind.name) for kind in fitting}
    asked = [(kind.name, name) for kind in kinds for name in (kind.queries if "{view}" in template else kind.lookups)]
    return {template.replace("{kind}", kind).replace("{view}", name).replace("{lookup}", name) for kind, name in asked}


def operations(kinds):
    for template, methods in OPERATIONS.items():
        if template in OPEN:
            continue
        for method in methods.keys() & {"get", "head", "put", "post", "delete"}:
            for path in paths_of(template, kinds):
                yield method.upper(), path
                if method == "get":
                    yield "HEAD", path
    yield from ALIASES


def test_nobody_is_let_in_but_to_sign_up_and_to_log_in(closed):
    sign_ups = {("POST", f"/api/v1/records/{kind.name}") for kind in closed.kinds
                if kind.account and "anyone" in kind.create}
    asked = set(operations(closed.kinds))
    assert asked > sign_ups | LOGINS and len(asked) > 100
    wrong = {}
    for method, path in sorted(asked - sign_ups - LOGINS):
        answer = closed.ask(method, path, {} if method in ("POST", "PUT") else None)
        if answer.status != 401:
            wrong[method, path] = (answer.status, answer.body[:120])
    assert wrong == {}
    for method, path in sign_ups | LOGINS:
        assert closed.ask(method, path, {}).status in (400, 422), path


def test_what_it_takes_to_come_in_is_open(closed):
    person = Person(closed, "ana", "ana@example.com")
    receipt = closed.send("member", closed.account(person))
    closed.comporta.wait_settled(receipt["batches"])
    assert person.log_in().me().json()["key"] == "ana"
    assert closed.ask("GET", "/.well-known/jwks.json").status == 200
    assert {closed.ask("GET", path).status for path in PAGES} == {200}
    for kind in closed.ask("GET", "/api/v1/kinds").json()["kinds"]:
        assert closed.ask("GET", f"/api/v1/kinds/{kind['name']}/schema.json").status == 200


def test_whoever_has_logged_in_does_what_anyone_could(closed):
    """Of whatever kind their account is."""
    for who in (token(closed.stack, "member/bia"), token(closed.stack, "elsewhere/x")):
        receipt = closed.send("transaction", record("closed"), token=who)
        closed.applied(receipt, who)
        closed.comporta.wait_settled(receipt["batches"])
        paths = ["/check-fraud?transactionId=closed", "/api/v1/records/transaction/closed", receipt["status"],
                 "/api/v1/recent/transaction", *receipt["links"]["batches"], *receipt["links"]["objects"]]
        assert {path: closed.ask("GET", path, token=who).status for path in paths} == dict.fromkeys(paths, 200)
        assert closed.ask("POST", "/api/v1/records/member", {"id": "x", "roles": ["admin"]}, token=who).status == 422


def test_and_no_more(closed):
    stranger = token(closed.stack, "elsewhere/x")
    assert closed.ask("POST", "/api/v1/records/note", {"id": "n"}, token=stranger).status == 403
    assert closed.ask("GET", "/api/v1/recent/member", token=stranger).status == 403
    assert closed.ask("POST", "/api/v1/records/note", {"id": "n"}, **JSON | {"Authorization": "Bearer x"}).status == 401
