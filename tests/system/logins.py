"""A stack in which people may log in: a kind of accounts, keys, a secret, and accounts written as the cache keeps them."""

import base64
import ctypes
import hashlib
import hmac
import json
import shutil

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from client import Connection
from conftest import SOURCE

SECRET = "the secret of passwords, of 32 bytes and more"
SESSIONS = "/api/v1/sessions"
PASSWORD = "correct horse battery"
# Of that password, as another system hashed it.
BCRYPT = "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."
KIND = {
    "kind.yaml": "titles: {pt: Cliente, en: Client}\nkey: id\ncache: {fields: [email], ttl: 0s}\n"
                 "labels: {id: {pt: Cliente, en: Client}, email: {pt: E-mail, en: E-mail},\n"
                 "         password: {pt: Senha, en: Password}}\n"
                 "account: {login: email, password: password, sign_up: anyone}\n",
    "schema.json": json.dumps({"type": "object", "additionalProperties": False, "required": ["id", "email"],
                               "properties": {"id": {"type": "string", "minLength": 1}, "email": {"type": "string"},
                                              "password": {"type": "string"}}}),
}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(header, claims, signature=b""):
    """A token that no library would write."""
    head, payload = (base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{head}.{payload}.{base64url(signature)}"


class Key:
    """An Ed25519 key, drawn anew."""

    def __init__(self, name):
        self.name = name
        self.private = Ed25519PrivateKey.generate()
        self.public_bytes = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def jwk(self):
        seed = self.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return {"kty": "OKP", "crv": "Ed25519", "kid": self.name, "x": base64url(self.public_bytes),
                "d": base64url(seed), "use": "sig", "alg": "EdDSA"}


def argon2id(password):
    """As the door hashes it, but for the salt, which is random here."""
    keyed = base64url(hmac.new(SECRET.encode(), password.encode(), hashlib.sha256).digest()).encode()
    sodium = ctypes.CDLL("libsodium.so.23")
    out = ctypes.create_string_buffer(128)
    assert sodium.crypto_pwhash_str(out, keyed, ctypes.c_ulonglong(len(keyed)), ctypes.c_ulonglong(2),
                                    ctypes.c_size_t(19 << 20)) == 0
    return out.value.decode()


class Logins:
    """The cache of a running stack, asked without nginx before it."""

    def __init__(self, comporta, key):
        self.comporta = comporta
        self.key = key

    def put(self, key, login, password_hash, roles=()):
        account = {"login": login, "password": password_hash, "roles": list(roles)}
        self.comporta.redis.set(f"comporta:view:client:login:{login}", key)
        self.comporta.redis.set(f"comporta:view:client:account:{key}", json.dumps(account))
        self.comporta.redis.set(f"comporta:record:client:{key}", json.dumps({"email": login}))

    def connect(self):
        return Connection(self.comporta.stack.ports["COMPORTA_CACHE_PORT"])

    def request(self, method, path, body=None, headers=None, address="10.0.0.1"):
        return self.connect().request(method, path, body, {"X-Forwarded-For": address, **(headers or {})})

    def log_in(self, login, password, **options):
        body = json.dumps({"kind": "client", "login": login, "password": password})
        return self.request("POST", SESSIONS, body, {"Content-Type": "application/json"}, **options)

    def refresh(self, token):
        body = json.dumps({"refresh_token": token})
        return self.request("POST", f"{SESSIONS}/refresh", body, {"Content-Type": "application/json"})

    def me(self, token):
        return self.request("GET", "/api/v1/me", None, {"Authorization": f"Bearer {token}"})


def settings_with(folder, key):
    """Settings of a stack whose one kind of accounts is `client`, beside the kinds of transactions."""
    for name in ("transaction", "flag-notice"):
        shutil.copytree(SOURCE / "kinds" / name, folder / "kinds" / name)
    (folder / "kinds" / "client").mkdir(exist_ok=True)
    for name, text in KIND.items():
        (folder / "kinds" / "client" / name).write_text(text)
    (folder / "keys.json").write_text(json.dumps({"keys": [key.jwk()]}))
    (folder / "secret").write_text(SECRET)
    return {"COMPORTA_KINDS": str(folder / "kinds"), "COMPORTA_TOKEN_KEYS_FILE": str(folder / "keys.json"),
            "COMPORTA_PASSWORD_SECRET_FILE": str(folder / "secret")}
