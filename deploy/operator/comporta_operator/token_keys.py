"""The keys that tokens are signed and verified with, and the tokens that the operator signs for itself."""

import contextlib
import fcntl
import json
import os
import subprocess
import time
import uuid
from pathlib import Path

import jwt

from .settings import OperatorError

MAKER = Path(__file__).resolve().parents[1] / "token-keys"
ALGORITHMS = {"OKP": "EdDSA", "oct": "HS256"}
LIFETIME_SECONDS = 300
LOOK_SECONDS = 2  # a daemon that meets a key it does not know looks at its file, once a second at most


def rotate(settings, _arguments):
    """New tokens get a new key. Those of the key before are good until the next rotation; nobody is logged out."""
    private, public = settings.token_keys, settings.public_token_keys
    with _alone_in(private.parent):
        old, *older = _read(private)
        new = _new_key()
        # Whoever verifies knows the new key before anything is signed with it, the caches by their own file.
        _write(public, [_public_half(old), _public_half(new)])
        _write(private, [old, new])
        time.sleep(LOOK_SECONDS)
        _write(private, [new, old])
    print(f"tokens are signed with the new key {new['kid']}; those of key {old['kid']} are good until the next rotation")
    for key in older:
        print(f"those of key {key['kid']} are not good any more")


def _new_key():
    made = subprocess.run([MAKER, "new"], stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode != 0:
        raise OperatorError("no new key could be made: nothing has been changed")
    return json.loads(made.stdout)


@contextlib.contextmanager
def _alone_in(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path):
    """The keys in the file, at least one."""
    try:
        keys = json.loads(path.read_text())["keys"]
        if keys and all(key["kid"] and key["kty"] in ALGORITHMS for key in keys):
            return keys
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        pass
    raise OperatorError(f"{path} is no JWK Set with keys of kty OKP or oct")


def _write(path, keys):
    """In the place of what is there, with the same rights, whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o440
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(json.dumps({"keys": keys}, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def _public_half(key):
    return {name: value for name, value in key.items() if name != "d"}


# -- tokens ----------------------------------------------------------------------------------------


def sign(settings):
    """A token of the operator, who is an admin. Raises OperatorError without a key."""
    key = _read(settings.token_keys)[0]
    now = int(time.time())
    claims = {"iss": settings.token_issuer, "aud": settings.token_audience, "sub": "system/operator",
              "sid": str(uuid.uuid4()), "roles": ["admin"], "jti": str(uuid.uuid4()),
              "iat": now, "nbf": now, "exp": now + LIFETIME_SECONDS}
    # The daemons compare its header byte for byte with what they would write: its members stand by their names.
    return jwt.encode(claims, jwt.PyJWK(key).key, ALGORITHMS[key["kty"]], headers={"kid": key["kid"]})


def issue(settings, _arguments):
    """Prints a token of an admin that is good for five minutes."""
    print(sign(settings))


class Credentials:
    """The header that says that the operator asks. Any thread."""

    def __init__(self, settings):
        self._settings, self._fresh_until = settings, 0.0

    def headers(self):
        if time.monotonic() >= self._fresh_until:
            self._token, self._fresh_until = sign(self._settings), time.monotonic() + LIFETIME_SECONDS / 2
        return {"Authorization": f"Bearer {self._token}"}


class NoCredentials:
    """Of an installation where nobody logs in."""

    def headers(self):
        return {}
