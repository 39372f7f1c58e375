"""The keys that tokens are signed with: made at the first start, followed by others when an operator says so."""

import base64
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import jwt
import pytest

from conftest import SOURCE
from comporta_native.daemons import token_keys as made_keys
from comporta_native.part import Secrets
from door import ScriptedDaemon, answer
from operator_tool import TOOL

sys.path.append(str(TOOL.parent))

from comporta_operator import token_keys  # noqa: E402
from comporta_operator.objects import Objects  # noqa: E402
from comporta_operator.settings import OperatorError  # noqa: E402

ALGORITHMS = ["EdDSA", "HS256"]


@dataclass
class Installation:
    """Its files, as the daemons read them."""

    folder: Path
    algorithm: str

    def start(self):
        """(the file with the private halves, the public one)."""
        keys = made_keys(SOURCE, Secrets(self.folder), {"COMPORTA_TOKEN_ALGORITHM": self.algorithm})
        return [Path(environment["COMPORTA_TOKEN_KEYS_FILE"]) for environment in keys]

    def settings(self):
        private, public = self.start()
        return SimpleNamespace(token_keys=private, public_token_keys=public, token_issuer="comporta",
                               token_audience="comporta")


@pytest.fixture(params=ALGORITHMS)
def installation(request, tmp_path, monkeypatch):
    monkeypatch.setenv("COMPORTA_TOKEN_ALGORITHM", request.param)
    monkeypatch.setattr(token_keys.time, "sleep", lambda _seconds: None)
    return Installation(tmp_path / "secrets", request.param)


def keys_in(path):
    return json.loads(path.read_text())["keys"]


def kids(path):
    return [key["kid"] for key in keys_in(path)]


def verified(token, path):
    """What it says, by a library's word, with a key of that file. Its header is the one that daemons compare with."""
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(key for key in keys_in(path) if key["kid"] == kid)
    header = token.partition(".")[0]
    assert base64.urlsafe_b64decode(header + "==").decode() == f'{{"alg":"{key["alg"]}","kid":"{kid}","typ":"JWT"}}'
    return jwt.decode(token, jwt.PyJWK(key).key, [key["alg"]], issuer="comporta", audience="comporta")


def test_the_first_start_makes_keys_and_the_next_one_keeps_them(installation):
    private, public = installation.start()
    (key,), (half,) = keys_in(private), keys_in(public)
    assert key["alg"] == installation.algorithm
    if key["kty"] == "OKP":
        assert {**half, "d": key["d"]} == key and "d" not in half
    else:
        assert half == key, "a secret has no other half"
    assert {path.stat().st_mode & 0o777 for path in (private, public)} == {0o600}
    before = private.read_text(), public.read_text()
    assert [path.read_text() for path in installation.start()] == list(before)


def test_no_two_installations_have_the_same_key(tmp_path):
    files = [Installation(tmp_path / name, "EdDSA").start()[0] for name in "ab"]
    (first,), (second,) = map(keys_in, files)
    assert first["d"] != second["d"] and first["kid"] != second["kid"]


def test_lost_public_halves_are_made_again(installation):
    _private, public = installation.start()
    before = public.read_text()
    public.unlink()
    installation.start()
    assert public.read_text() == before


def test_in_the_place_of_lost_keys_come_others_that_are_verified(installation):
    private, public = installation.start()
    before = kids(private)
    private.unlink()
    installation.start()
    assert kids(private) == kids(public) and kids(private) != before


def test_two_starts_at_once_make_one_key(installation):
    with ThreadPoolExecutor(8) as pool:
        started = list(pool.map(lambda _number: installation.start(), range(8)))
    assert kids(started[0][0]) == kids(started[0][1])
    assert {path.name for path in installation.folder.iterdir()} == {path.name for path in started[0]}


def test_another_algorithm_is_refused(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("COMPORTA_TOKEN_ALGORITHM", "none")
    with pytest.raises(OperatorError, match="nothing has been changed"):
        token_keys.rotate(Installation(tmp_path / "secrets", "EdDSA").settings(), None)
    assert "COMPORTA_TOKEN_ALGORITHM is EdDSA or HS256" in capfd.readouterr().err


def test_the_operators_token_is_one_that_the_public_halves_verify(installation):
    settings = installation.settings()
    claims = verified(token_keys.sign(settings), settings.public_token_keys)
    assert claims["sub"] == "system/operator" and claims["roles"] == ["admin"]
    assert claims["sid"] and claims["jti"] and claims["iat"] == claims["nbf"] == claims["exp"] - 300


def test_a_new_key_signs_and_tokens_of_the_one_before_stay_good(installation, capsys):
    settings = installation.settings()
    private, public = settings.token_keys, settings.public_token_keys
    tokens = [token_keys.sign(settings)]
    (first,) = kids(private)
    token_keys.rotate(settings, None)
    second = kids(private)[0]
    assert (kids(private), kids(public)) == ([second, first], [first, second]) and first != second
    tokens.append(token_keys.sign(settings))
    assert [jwt.get_unverified_header(token)["kid"] for token in tokens] == [first, second]
    assert [verified(token, public)["sub"] for token in tokens] == ["system/operator"] * 2
    token_keys.rotate(settings, None)
    third = kids(private)[0]
    assert (kids(private), kids(public)) == ([third, second], [second, third])
    assert {path.stat().st_mode & 0o777 for path in (private, public)} == {0o600}
    said = capsys.readouterr().out
    assert all(kid in said for kid in (first, second, third)) and "not good any more" in said
    assert not [key for key in keys_in(private) if key.get("d", key.get("k")) in said]
    if installation.algorithm == "EdDSA":
        assert not [key for key in keys_in(public) if "d" in key]


def test_who_verifies_knows_a_new_key_before_anything_is_signed_with_it(installation, monkeypatch):
    settings, seen = installation.settings(), []
    monkeypatch.setattr(token_keys.time, "sleep", lambda seconds: seen.append(
        (seconds, kids(settings.token_keys), kids(settings.public_token_keys))))
    (old,) = kids(settings.token_keys)
    token_keys.rotate(settings, None)
    ((seconds, private, public),) = seen
    assert seconds > 1, "longer than daemons take to look"
    assert private == public == [old, kids(settings.token_keys)[0]], "the first one signs; caches verify with these, too"


def test_a_rotation_that_breaks_off_leaves_what_is_signed_good(installation, monkeypatch):
    settings = installation.settings()
    token_keys.rotate(settings, None)

    def interrupted(_seconds):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(token_keys.time, "sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            token_keys.rotate(settings, None)
    verified(token_keys.sign(settings), settings.public_token_keys)
    token_keys.rotate(settings, None)
    assert sorted(kids(settings.token_keys)) == sorted(kids(settings.public_token_keys))
    verified(token_keys.sign(settings), settings.public_token_keys)


def test_rotations_at_once_go_one_after_the_other(installation):
    settings = installation.settings()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _number: token_keys.rotate(settings, None), range(4)))
    assert kids(settings.token_keys) == kids(settings.public_token_keys)[::-1]


@pytest.mark.parametrize("content", [None, "", "{}", '{"keys":[]}', '{"keys":[{"kid":"a"}]}', "[1]",
                                     '{"keys":[{"kid":"a","kty":"RSA"}]}'])
def test_a_file_that_has_no_keys_is_named(tmp_path, content):
    file = tmp_path / "token_keys.json"
    if content is not None:
        file.write_text(content)
    settings = SimpleNamespace(token_keys=file, public_token_keys=file)
    for function in (token_keys.sign, lambda its: token_keys.rotate(its, None)):
        with pytest.raises(OperatorError, match=str(file)):
            function(settings)


def test_a_long_run_asks_with_tokens_that_are_never_over(tmp_path, monkeypatch):
    settings, clock = Installation(tmp_path / "secrets", "EdDSA").settings(), [1000.0]
    monkeypatch.setattr(token_keys.time, "monotonic", lambda: clock[0])
    credentials = token_keys.Credentials(settings)
    first = credentials.headers()["Authorization"]
    assert first.startswith("Bearer ") and credentials.headers()["Authorization"] == first
    clock[0] += token_keys.LIFETIME_SECONDS - 60
    assert credentials.headers()["Authorization"] != first


def test_objects_are_asked_for_by_an_admin_where_there_are_any(tmp_path):
    seen = []
    daemon = ScriptedDaemon(0, lambda request: seen.append(request.headers.get("authorization")) or answer())
    settings = Installation(tmp_path / "secrets", "EdDSA").settings()
    settings.storage_url = f"http://127.0.0.1:{daemon.port}"
    assert Objects(settings).read("client/2026/11/29/b.ndjson") == b"{}"
    settings.token_keys = tmp_path / "nothing"
    assert Objects(settings).read("client/2026/11/29/b.ndjson") == b"{}"
    daemon.close()
    assert verified(seen[0].removeprefix("Bearer "), settings.public_token_keys)["roles"] == ["admin"]
    assert seen[1] is None
