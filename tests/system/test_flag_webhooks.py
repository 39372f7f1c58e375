"""Another system is told of clients who become suspected (kinds/transaction), by webhooks after Standard Webhooks."""

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections import Counter

import pytest

from callers import as_admin
from client import Comporta, eventually, record
from comporta_native.daemons import with_settings
from operator_tool import run_tool
from provider import Provider, Reply
from test_fraud import HERE, THERE

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ELSEWHERE = "Belém, Pará, 7"
PATH = "/webhooks/comporta?of=flags"
DAEMONS = ("ingest-gateway", "storage", "cache")
TAKEN = Reply(204, b"", {})


def is_signed(headers, body, secret=SECRET, tolerance=300):
    """As the specification has whoever receives a webhook do it."""
    name, sent, given = (headers[f"webhook-{what}"] for what in ("id", "timestamp", "signature"))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    due = hmac.new(key, b".".join((name.encode(), sent.encode(), body)), hashlib.sha256).digest()
    good = [version for version, _, text in (one.partition(",") for one in given.split(" "))
            if version == "v1" and hmac.compare_digest(base64.b64decode(text), due)]
    return bool(good) and abs(time.time() - int(sent)) <= tolerance


class Telling:
    """`receiver` is told of clients of a stack who become suspected."""

    clients = map("suspect-{}".format, itertools.count(1))

    def __init__(self, stack, receiver, secrets):
        self.comporta, self.stack, self.receiver, self.secrets = Comporta(stack), stack, receiver, secrets
        self.admin = self.comporta.connect(as_admin(stack))

    def seen(self, client, *places, key=None):
        """The client, once it has been applied that they were there."""
        batches = [batch for place in places for batch in
                   self.comporta.connect().upload([record(client, endereco=place)], key).json()["batches"]]
        self.comporta.wait_settled(set(batches))
        return client

    def suspect(self):
        return self.seen(next(self.clients), HERE, THERE)

    def told(self, client):
        """The (webhook-id, message) that came of them, as far as they are signed."""
        pairs = itertools.product([headers for _path, headers in list(self.receiver.asked)], set(self.receiver.bodies))
        signed = [(headers["webhook-id"], json.loads(body)) for headers, body in pairs if is_signed(headers, body)]
        assert len(signed) == len(self.receiver.asked), "each is signed"
        return [(name, message) for name, message in signed if message["data"]["transactionId"] == client]

    def waiting(self):
        return [json.loads(line) for line in run_tool(self.stack, "reactions", "list", "--json").splitlines()]

    def wait_told(self, client):
        eventually(lambda: not self.waiting(), "nothing waits")
        return self.told(client)

    def notice(self, name):
        """What is kept of it."""
        answer = self.admin.request("GET", f"/api/v1/records/flag-notice/{name}")
        return answer.json()["record"] if answer.status == 200 else None

    def start_anew(self):
        self.stack.restart("cache")
        self.stack.wait_ready("cache")

    def log(self, daemon="cache"):
        return [json.loads(line) for line in self.stack.processes[daemon].log.read_text().splitlines()]


@pytest.fixture(scope="module")
def running(make_stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("told")
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "flag_webhook").write_text(SECRET + "\n")
    receiver = Provider(folder, lambda path: TAKEN)
    stack = make_stack(settings={
        "COMPORTA_FLAG_HOST": receiver.host, "COMPORTA_FLAG_PATH": PATH, "COMPORTA_SECRETS_DIR": str(secrets),
        "COMPORTA_LOOKUPS_CA_FILE": str(receiver.authority), "COMPORTA_LOOKUPS_PRIVATE_HOSTS": "localhost"})
    stack.parts["cache"] = with_settings(stack.parts["cache"], folder / "cache.yaml",
                                         {"first_pause": "50ms", "lease": "10s"})
    stack.start()
    yield Telling(stack, receiver, secrets)
    stack.stop()
    receiver.stop()


@pytest.fixture
def telling(running):
    running.receiver.answer = lambda path: TAKEN
    running.receiver.release()
    running.receiver.forget()
    return running


def test_who_becomes_suspected_is_told_of_once_and_that_is_a_record(telling):
    client = telling.suspect()
    telling.seen(client, ELSEWHERE, THERE)
    (name, message), = telling.wait_told(client)
    flag, = (flag for flag in telling.comporta.connect().pages("transaction/flags", "flags", limit=100)
             if flag["transactionId"] == client)
    assert (message["type"], message["timestamp"]) == ("client.flagged", message["data"]["flagged_at"])
    assert message["data"].keys() == {"transactionId", "flagged_at", "flagged_until", "reasons"}
    assert message["data"]["reasons"] == ["window", "travel_time"]
    assert message["data"]["flagged_at"] < flag["flagged_at"], "another place lasts longer, and is told to nobody"
    assert telling.receiver.paths() == [PATH]
    assert telling.notice(name) == {"client": client, "flagged_at": message["timestamp"], "status": "told"}


def test_who_stays_is_told_to_nobody_and_what_comes_again_to_nobody_again(telling):
    client = next(telling.clients)
    telling.seen(client, HERE, HERE)
    telling.seen(client, THERE, key=client)
    telling.seen(client, THERE, key=client)
    assert len(telling.wait_told(client)) == len(telling.receiver.asked) == 1


def test_what_a_killed_cache_tells_twice_has_one_name_and_so_one_effect(telling):
    telling.receiver.hold()
    client = telling.suspect()
    eventually(lambda: telling.receiver.asked, "it is told")
    telling.stack.kill("cache")
    telling.receiver.release()
    telling.start_anew()
    told = Counter(name for name, _message in telling.wait_told(client))
    assert list(told.values()) == [2]
    assert telling.notice(*told)["status"] == "told"
    telling.comporta.settle()
    notices = [line for name in telling.comporta.object_names() if name.startswith("flag-notice/")
               for line in telling.comporta.read_object(name).decode().splitlines() if client in line]
    assert len(notices) == 1


def test_who_does_not_want_it_is_not_told_again(telling):
    telling.receiver.answer = lambda path: Reply(410, b"", {})
    (name, _message), = telling.wait_told(telling.suspect())
    notice = telling.notice(name)
    assert (notice["status"], notice["reason"]) == ("failed", "it answers 410")


def test_without_its_secret_it_says_so_and_waits(telling):
    file = telling.secrets / "flag_webhook"
    file.rename(file.with_suffix(".away"))
    try:
        before = len(telling.log())
        telling.start_anew()
        said = [line for line in telling.log()[before:] if line.get("reaction") == "tell_flag"]
        assert [(line["level"], line["message"]) for line in said] == [("warn", "a reaction is not set up")]
        assert "flag_webhook" in said[0]["reason"] and SECRET not in str(telling.log())
        client = telling.suspect()
        eventually(lambda: [one for one in telling.waiting() if one.get("error")], "it waits for it")
        assert not telling.receiver.asked
    finally:
        file.with_suffix(".away").rename(file)
    telling.start_anew()
    run_tool(telling.stack, "reactions", "retry", "all")
    assert len(telling.wait_told(client)) == 1


def asked_in_redis(redis, work):
    """What Redis is asked for meanwhile."""
    with redis.monitor() as monitor:
        work()
        redis.echo("that was all")
        commands = itertools.takewhile(lambda one: "that was all" not in one["command"], iter(monitor.next_command, None))
        return [one["command"] for one in commands]


def test_an_installation_as_it_comes_warns_of_nothing_and_asks_nobody(make_stack):
    stack = make_stack()
    stack.start()
    try:
        telling = Telling(stack, None, None)
        asked = asked_in_redis(telling.comporta.redis, telling.suspect)
        assert any("comporta:view:transaction:sorted:suspects" in command for command in asked)
        # No transaction waits, and none is waited for: that is not looked up for each part of them.
        watched = [command for command in asked if command.startswith("WATCH ")]
        assert not [command for command in asked if "flag-notice" in command and command not in watched]
        assert not [command for command in asked if ":transaction:refused" in command]
        assert not telling.waiting() and not telling.comporta.redis.keys("comporta:view:transaction:reaction*")
        warned = [line for daemon in DAEMONS for line in telling.log(daemon) if line["level"] in ("warn", "error")]
        assert warned == []
    finally:
        stack.stop()
