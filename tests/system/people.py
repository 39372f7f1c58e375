"""A service with accounts that answers as Comporta does, for who makes accounts from outside."""

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

from client import HOST
from comporta_native.daemons import token_keys
from comporta_native.part import Secrets
from conftest import SOURCE

PAGE = 2
KIND = """key: id
account: {login: email, password: password, roles: roles, sign_up: anyone}
"""
SCHEMA = {"type": "object", "required": ["id", "name", "email"],
          "properties": {name: {"type": "string"} for name in ("id", "name", "email", "password")}
          | {"roles": {"type": "array", "items": {"type": "string"}}}}


def write_kind(folder, name="client", kind=KIND, schema=SCHEMA):
    (folder / name).mkdir(parents=True)
    (folder / name / "kind.yaml").write_text(kind)
    (folder / name / "schema.json").write_text(json.dumps(schema))


class People:
    """Of a kind `client`. `outcomes` are given one after the other, the last one for ever."""

    def __init__(self, folder):
        self.kinds, self.accounts, self.outcomes, self.refuse = folder / "kinds", {}, [{"state": "applied"}], None
        self.asked, self.puts = [], []
        write_kind(self.kinds)
        keys = token_keys(SOURCE, Secrets(folder / "secrets"), {})
        self._private, self.public = (environment["COMPORTA_TOKEN_KEYS_FILE"] for environment in keys)
        self._server = ThreadingHTTPServer((HOST, 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def add(self, key, login, roles=(), **members):
        self.accounts[key] = {"key": key, "login": login, "roles": list(roles),
                              "record": {"id": key, "email": login, "name": "Ana", **members}}

    def operator_environment(self):
        """What deploy/operator/comporta.py asks for."""
        return {"PATH": "/usr/bin:/bin", "COMPORTA_URL": f"http://{HOST}:{self._server.server_port}",
                "COMPORTA_KINDS": str(self.kinds), "COMPORTA_TOKEN_KEYS_FILE": self._private,
                "COMPORTA_PUBLIC_TOKEN_KEYS_FILE": self.public}

    # -- what it answers ---------------------------------------------------------------------------

    def answer(self, method, target, authorization, body):
        """(status, JSON)."""
        path, _, query = target.partition("?")
        arguments = urllib.parse.parse_qs(query)
        self.asked.append((method, target))
        if not self._is_admin(authorization):
            return 401, {"title": "Log in first", "status": 401}
        if path.startswith("/api/v1/views/"):
            return 200, self._page(int(arguments.get("cursor", ["0"])[0]))
        if path.startswith("/api/v1/uploads/") and arguments["batch"] == ["b1", "b2"]:
            return 200, self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if method == "PUT" and path.startswith("/api/v1/records/client/"):
            return self._put(urllib.parse.unquote(path.rpartition("/")[2]), json.loads(body))
        return 404, {"title": "Not Found", "status": 404}

    def _is_admin(self, authorization):
        scheme, _, token = authorization.partition(" ")
        with open(self.public, encoding="utf-8") as file:
            (key,) = json.load(file)["keys"]
        claims = jwt.decode(token, jwt.PyJWK(key).key, ["EdDSA"], issuer="comporta", audience="comporta")
        return scheme == "Bearer" and claims["roles"] == ["admin"]

    def _page(self, start):
        listed = list(self.accounts.values())
        page = {"kind": "client", "accounts": listed[start:start + PAGE]}
        return {**page, "cursor": str(start + PAGE)} if start + PAGE < len(listed) else page

    def _put(self, key, record):
        if self.refuse:
            return self.refuse
        self.puts.append((key, record))
        return 202, {"upload": "u", "batches": ["b1", "b2"]}

    def _handler(self):
        people = self

        class Handler(BaseHTTPRequestHandler):
            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, told = people.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())

            do_GET = do_PUT = respond

            def log_message(self, *_arguments):
                pass

        return Handler
