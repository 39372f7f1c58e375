"""Logging in and out, at the daemon that does it, with the servers behind it."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from client import UPLOADS, Comporta, record
from crowd import Crowd, allow_files
from logins import BCRYPT, PASSWORD, SESSIONS, Key, Logins, argon2id, settings_with
from raw import parse_answers, post
from test_limits import MIB, peak_memory

AT_ONCE = 1000
# A thread that checks passwords takes 19 MiB; the rest are connections.
RUSH_BYTES = 64 * MIB
ANA = "ana@example.com"


@pytest.fixture(scope="module")
def logins(make_stack, tmp_path_factory):
    stack = make_stack(settings=settings_with(tmp_path_factory.mktemp("logins"), Key("first")))
    stack.start()
    logins = Logins(Comporta(stack), None)
    logins.put("c1", ANA, argon2id(PASSWORD))
    logins.put("c2", "jos\u00e9@example.com", BCRYPT, ["cook"])
    logins.put("c3", "\U0001f600@example.com", argon2id("\U0001f600" * 12))
    yield logins
    stack.discard()


def log_lines(logins):
    return logins.comporta.stack.processes["cache"].log.read_text().splitlines()


def test_a_person_logs_in_and_out(logins):
    session = logins.log_in(ANA, PASSWORD).json()
    assert logins.me(session["access_token"]).json()["key"] == "c1"
    again = logins.refresh(session["refresh_token"])
    assert again.status == 200 and again.headers["cache-control"] == "no-store"
    out = logins.request("DELETE", SESSIONS, None, {"Authorization": f"Bearer {again.json()['access_token']}"})
    assert out.status == 204
    assert logins.refresh(again.json()["refresh_token"]).status == 401
    assert logins.me(again.json()["access_token"]).status == 401


@pytest.mark.parametrize("login", ["JOS\u00c9@Example.com", "jose\u0301@example.com", "  jos\u00e9@EXAMPLE.com "])
def test_a_name_is_the_same_composed_or_not(logins, login):
    assert logins.log_in(login, PASSWORD).json()["account"] == {
        "kind": "client", "key": "c2", "login": "jos\u00e9@example.com", "roles": ["cook"]}


def test_names_and_passwords_may_be_of_any_letters(logins):
    assert logins.log_in("\U0001f600@example.com", "\U0001f600" * 12).status == 200
    assert logins.log_in("\U0001f600@example.com", "\U0001f600" * 11).status == 401
    assert logins.log_in(ANA, PASSWORD + "\0").status == 401
    assert logins.log_in("nobody\0", PASSWORD).status == 400


def test_a_form_of_an_earlier_system_is_taken(logins):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = logins.request("POST", f"{SESSIONS}?kind=client", f"username={ANA}&password=correct+horse+battery", form)
    assert answer.status == 200
    assert "HttpOnly" in answer.headers["set-cookie"]


def test_a_body_of_a_mebibyte_and_a_password_in_the_address_are_refused(logins):
    as_json = {"Content-Type": "application/json"}
    assert logins.request("POST", SESSIONS, "x" * 5000, as_json).status == 413
    assert logins.request("POST", SESSIONS, "x" * (1 << 20), as_json).status == 413
    secret = "told-to-everybody"
    answer = logins.request("POST", f"{SESSIONS}?kind=client&password={secret}", "{}", as_json)
    assert answer.status == 400 and secret.encode() not in answer.body
    assert secret not in "\n".join(log_lines(logins))


def test_another_password_a_role_or_no_account_ends_the_session(logins):
    for change in (lambda: logins.put("c9", "eva@example.com", argon2id("another password")),
                   lambda: logins.put("c9", "eva@example.com", stays, ["admin"]),
                   lambda: logins.comporta.redis.delete("comporta:view:client:account:c9")):
        stays = argon2id(PASSWORD)
        logins.put("c9", "eva@example.com", stays)
        session = logins.log_in("eva@example.com", PASSWORD).json()
        change()
        assert logins.me(session["access_token"]).status == 401
        assert logins.refresh(session["refresh_token"]).status == 401


def test_tabs_refresh_at_once(logins):
    session = logins.log_in(ANA, PASSWORD).json()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: logins.refresh(session["refresh_token"]), range(8)))
    assert {answer.status for answer in answers} == {200}
    (token,) = {answer.json()["refresh_token"] for answer in answers}
    assert logins.refresh(token).status == 200


def test_guessing_waits_for_that_name_from_that_address_alone(logins):
    guesses = [logins.log_in("guessed@example.com", f"guess {i}", address="10.0.0.66") for i in range(7)]
    assert [answer.status for answer in guesses[:5]] == [401] * 5
    held = [answer for answer in guesses if answer.status == 429]
    assert held and all(1 <= int(answer.headers["retry-after"]) <= 300 for answer in held)
    assert logins.log_in("guessed@example.com", "x", address="10.0.0.67").status == 401
    assert logins.log_in(ANA, PASSWORD, address="10.0.0.66").status == 200


def test_nothing_secret_is_logged_or_kept(logins):
    session = logins.log_in(ANA, PASSWORD).json()
    logins.log_in(ANA, "a wrong password")
    logs = "\n".join(log_lines(logins))
    kept = [key for key in logins.comporta.redis.keys("comporta-people:*")]
    # Some of them last for seconds.
    notes = b"\n".join([*kept, *(value for value in logins.comporta.redis.mget(kept) if value is not None)]).decode()
    secrets = (ANA, PASSWORD, "a wrong password", session["refresh_token"].partition(".")[2], session["access_token"])
    for secret in secrets:
        assert secret not in logs and secret not in notes, secret
    lines = [json.loads(line) for line in log_lines(logins)]
    said = {line["message"]: line for line in lines if "account" in line}
    assert len(said["logged in"]["account"]) == 16 and said["login refused"]["reason"] in ("wrong", "throttled")
    status, metrics = logins.comporta.private_get("cache", "/metrics")
    assert status == 200
    for outcome in ("ok", "refused", "throttled"):
        assert f'comporta_logins_total{{outcome="{outcome}"}}' in metrics


def answers_of(crowds):
    """One of each connection."""
    for connection in (connection for crowd in crowds for connection in crowd.sockets):
        with connection.makefile("rb") as stream:
            (answer,) = parse_answers(stream.read())
        yield answer


def test_a_rush_of_logins_is_refused_in_part_and_holds_up_neither_uploads_nor_reads(logins):
    stack, session = logins.comporta.stack, logins.log_in(ANA, PASSWORD).json()
    over, batches, before = threading.Event(), [], peak_memory(stack.processes["cache"])

    def others():
        connection, seen = logins.comporta.connect(), Counter()
        while not over.is_set():
            answer = connection.upload([record("rush")])
            seen["upload", answer.status] += 1
            batches.extend(answer.json()["batches"])
            seen["read", connection.request("GET", f"{UPLOADS}/rush").status in (200, 404)] += 1
            seen["me", logins.me(session["access_token"]).status] += 1
        return seen

    allow_files(4 * AT_ONCE)
    login = json.dumps({"kind": "client", "login": ANA, "password": PASSWORD}).encode()
    crowd_of_half = partial(Crowd, stack.ports["COMPORTA_PORT"], AT_ONCE // 2)  # as many as one address may
    with ThreadPoolExecutor(1) as pool, crowd_of_half() as one, crowd_of_half() as other:
        beside = pool.submit(others)
        for crowd in (one, other):
            crowd.say(post(SESSIONS, login))
        statuses = Counter(answer.status for answer in answers_of([one, other]))
        over.set()
        seen = beside.result()
    # 429 is nginx's: of one address only so many at once.
    assert statuses.total() == AT_ONCE and set(statuses) <= {200, 503, 429}, statuses
    assert statuses[200] > 0 and statuses[503] > 0, statuses
    assert set(seen) == {("upload", 202), ("read", True), ("me", 200)}, seen
    logins.comporta.wait_settled(batches)
    assert peak_memory(stack.processes["cache"]) - before < RUSH_BYTES
    assert logins.log_in(ANA, PASSWORD).status == 200


def test_a_session_outlives_the_daemon(logins):
    session = logins.log_in(ANA, PASSWORD).json()
    logins.comporta.stack.restart("cache")
    assert logins.me(session["access_token"]).status == 200
    assert logins.refresh(session["refresh_token"]).json()["expires_in"] == 600
