"""A running whole of people: members, what they note down and what they book, with a second gateway beside the first."""

import itertools
import json
import shutil
import urllib.parse
from dataclasses import replace

from callers import token
from client import Comporta, Connection
from comporta_native.part import http_ok
from comporta_native.ports import Instances, free_ports
from comporta_native.stack import SOURCE

KINDS = {"member": "people", "note": "people", "booking": "good/kinds"}
GATEWAY_2 = "ingest-gateway-2"
SESSIONS = "/api/v1/sessions"
JSON = {"Content-Type": "application/json"}
PASSWORD = "correct horse battery 7391"
UPLOADS = "/api/v1/records/{}".format
TAKEN, SOMEBODY_ELSES = "the login name is taken", "it is somebody else's"


def write_kinds(folder):
    for name, where in KINDS.items():
        shutil.copytree(SOURCE / "tests" / "data" / where / name, folder / name)
    return folder


def launch_second_gateway(stack):
    """On ports of its own; the door does not know it."""
    first = stack.parts["ingest-gateway"]
    public, private = [port for port in free_ports(Instances()).values() if port not in stack.ports.values()][:2]
    stack.ports["COMPORTA_GATEWAY_PORT_2"] = public
    stack.parts[GATEWAY_2] = replace(
        first, name=GATEWAY_2, ports={"COMPORTA_GATEWAY_PORT_2": public, "COMPORTA_GATEWAY_PRIVATE_PORT_2": private},
        ready=lambda: http_ok(private, "/readyz"),
        env={**first.env, "COMPORTA_HTTP_PORT": str(public), "COMPORTA_PRIVATE_PORT": str(private)})
    stack.processes[GATEWAY_2] = stack._process(GATEWAY_2)
    stack.launch(GATEWAY_2)
    stack.wait_ready(GATEWAY_2)


_addresses = (f"127.0.{3 + n // 250}.{1 + n % 250}" for n in itertools.count())


class Person:
    """Of kind member, as they themselves know it."""

    def __init__(self, members, key, login, password=PASSWORD):
        self.members, self.key, self.login, self.password = members, key, login, password
        self.session = {}

    @property
    def token(self):
        return self.session["access_token"]

    def log_in(self):
        answer = self.members.log_in(self.login, self.password)
        assert answer.status == 200, answer
        self.session = answer.json()
        return self

    def refresh(self):
        return self.members.refresh(self.session)

    def me(self):
        return self.members.ask("GET", "/api/v1/me", token=self.token)


class Members:
    """Of a running stack."""

    def __init__(self, stack):
        self.stack, self.comporta, self.drawn = stack, Comporta(stack), 0

    def connect(self, gateway=1):
        """The second gateway has no door before it."""
        if gateway == 1:
            return self.comporta.connect()
        return Connection(self.stack.ports["COMPORTA_GATEWAY_PORT_2"])

    def ask(self, method, path, body=None, token="", gateway=1, **headers):
        """`body`: what becomes JSON; `token`: empty of nobody."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = None if body is None else json.dumps(body).encode()
        return self.connect(gateway).request(method, path, body, {**JSON, **headers})

    def admin(self, kind="elsewhere"):
        """A token of one."""
        return token(self.stack, f"{kind}/a", ["admin"])

    def send(self, kind, records, **options):
        """Its receipt."""
        answer = self.ask("POST", UPLOADS(kind), records, **options)
        assert answer.status == 202, answer
        return answer.json()

    def put(self, kind, key, record, **options):
        answer = self.ask("PUT", f"{UPLOADS(kind)}/{urllib.parse.quote(key)}", record, **options)
        assert answer.status == 202, answer
        return answer.json()

    def outcome(self, receipt, token=""):
        """What became of it, once something has."""
        for _ in range(12):
            answer = self.ask("GET", receipt["status"], token=token, Prefer="wait=10")
            assert answer.status == 200, answer
            if answer.json()["state"] != "pending":
                return answer.json()
        raise AssertionError(f"{receipt} stays pending")

    def applied(self, receipt, token=""):
        said = self.outcome(receipt, token)
        assert said["state"] == "applied", said
        return receipt

    def refused(self, receipt, token=""):
        """The reasons."""
        said = self.outcome(receipt, token)
        assert said["state"] == "refused", said
        return [record["reason"] for record in said["records"]]

    # -- accounts ----------------------------------------------------------------------------------

    def person(self, called, password=PASSWORD, **members):
        """Who has signed up, and is nobody else of any test. They have not logged in."""
        self.drawn += 1
        key = f"{called}-{self.drawn}"
        person = Person(self, key, f"{key}@example.com", password)
        self.applied(self.send("member", self.account(person, **members)))
        return person

    @staticmethod
    def account(person, **members):
        return {"id": person.key, "email": person.login, "password": person.password, **members}

    def log_in(self, login, password):
        """From an address of its own, which nobody has guessed from."""
        connection = Connection(self.stack.ports["COMPORTA_PORT"], source=next(_addresses))
        body = json.dumps({"kind": "member", "login": login, "password": password})
        return connection.request("POST", SESSIONS, body.encode(), JSON)

    def refresh(self, session):
        return self.ask("POST", f"{SESSIONS}/refresh", {"refresh_token": session["refresh_token"]})
