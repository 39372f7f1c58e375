"""Accounts as people have them, from the door to the login: one name is one account, and what is somebody's stays theirs."""

import json
import threading
import urllib.parse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from members import PASSWORD, SOMEBODY_ELSES, TAKEN, UPLOADS, Person
from test_dead import new_id

ROUNDS = 60
SPELLINGS = {"as it is": "jos\u00e9-{}@example.com", "decomposed": "jose\u0301-{}@example.com",
             "capital": "JOS\u00c9-{}@Example.COM", "with blanks": " \tjos\u00e9-{}@example.com\u00a0",
             "wide": "\uff4aos\u00e9-{}@example.com"}
EMOJI = "\U0001f600\U0001f511\U0001f40e\U0001f50b"


# -- one name, one account -------------------------------------------------------------------------


def send_at_once(members, kind, records, tokens=("", "")):
    """The receipts, one from each gateway."""
    start = threading.Barrier(2)

    def send(gateway, record, token):
        start.wait()
        return members.send(kind, record, gateway=gateway, token=token)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send, (1, 2), records, tokens))


def test_of_two_sign_ups_at_once_at_two_gateways_one_wins_and_the_other_is_told(members):
    spellings, ends, run = list(SPELLINGS.values()), Counter(), new_id()
    for number in range(ROUNDS):
        name = f"{run}-{number}"
        people = [Person(members, f"{name}-{gateway}", spellings[(number * gateway) % len(spellings)].format(name),
                         f"{PASSWORD} {gateway}") for gateway in (1, 2)]
        receipts = send_at_once(members, "member", [members.account(person) for person in people])
        said = [members.outcome(receipt) for receipt in receipts]
        ends[tuple(sorted(one["state"] for one in said))] += 1
        winner, loser = sorted(zip(people, said), key=lambda pair: pair[1]["state"])
        assert loser[1]["records"] == [{"index": 0, "key": loser[0].key, "outcome": "refused", "reason": TAKEN}]
        account = members.log_in(people[0].login, winner[0].password).json()["account"]
        assert (account["key"], account["login"]) == (winner[0].key, spellings[0].format(name))
        assert members.log_in(people[0].login, loser[0].password).status == 401
        assert members.ask("GET", f"{UPLOADS('member')}/{loser[0].key}", token=members.admin()).status == 404
    assert ends == {("applied", "refused"): ROUNDS}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_however_a_name_is_written_it_is_taken_and_logs_in(members, spelling):
    name = new_id()
    first = Person(members, f"{name}-1", SPELLINGS["as it is"].format(name))
    again = Person(members, f"{name}-2", SPELLINGS[spelling].format(name))
    members.applied(members.send("member", members.account(first)))
    assert members.refused(members.send("member", members.account(again))) == [TAKEN]
    assert members.log_in(again.login, PASSWORD).json()["account"]["key"] == first.key


# -- what is somebody else's -----------------------------------------------------------------------


def look(members, kind, key):
    """All that an admin sees of it, its login among it."""
    seen = [members.ask("GET", path, token=members.admin()).json()
            for path in (f"{UPLOADS(kind)}/{key}", f"/api/v1/views/{kind}/refused?limit=100")]
    held = members.comporta.redis.mget(f"comporta:view:{kind}:account:{key}", f"comporta:record:{kind}:{key}")
    return seen, held


def attacks(members, owner, thief):
    """By name, what a thief and a stranger send under somebody else's keys: (its receipt, whose token asks about it)."""
    note = {"id": f"{owner.key}-note", "text": "mine now"}
    account = {**members.account(owner), "password": f"another {PASSWORD}", "name": "Thief"}
    named = f"{owner.key}-note"
    own = {"token": thief.token}
    yield "a note replaced", members.put("note", named, note, **own), thief.token
    yield "a note sent again", members.send("note", [note], **own), thief.token
    yield "a note deleted", members.ask("DELETE", f"{UPLOADS('note')}/{named}", **own).json(), thief.token
    yield "an account replaced", members.put("member", owner.key, account, **own), thief.token
    yield "an account signed up again", members.send("member", account), ""
    yield "without a password", members.put("member", owner.key, {**members.account(thief), "id": owner.key}, **own), \
        thief.token
    yield "an account deleted", members.ask("DELETE", f"{UPLOADS('member')}/{owner.key}", **own).json(), thief.token


def test_the_key_of_somebody_else_changes_nothing_and_says_so(members):
    owner, thief = members.person("owner", name="Ana").log_in(), members.person("thief").log_in()
    note = {"id": f"{owner.key}-note", "text": "mine"}
    members.applied(members.send("note", note, token=owner.token), owner.token)
    things = [("note", note["id"]), ("member", owner.key)]
    before = [look(members, *thing) for thing in things]
    for name, receipt, asker in attacks(members, owner, thief):
        assert members.refused(receipt, asker) == [SOMEBODY_ELSES], name
        assert [look(members, *thing) for thing in things] == before, name
    assert owner.me().json()["record"]["name"] == "Ana"
    assert owner.refresh().status == 200 and thief.refresh().status == 200


def test_who_takes_the_name_of_somebody_else_keeps_their_own(members):
    owner, thief = members.person("owner"), members.person("thief").log_in()
    takes = {**members.account(thief), "email": owner.login.upper()}
    assert members.refused(members.put("member", thief.key, takes, token=thief.token), thief.token) == [TAKEN]
    assert thief.me().json()["login"] == thief.login
    assert owner.log_in().session["account"]["key"] == owner.key


def test_of_two_who_use_a_key_at_once_one_has_it(members):
    people, ends = [members.person("quick").log_in() for _ in range(2)], Counter()
    tokens = [person.token for person in people]
    for _ in range(ROUNDS):
        key = new_id()
        notes = [{"id": key, "text": person.key} for person in people]
        said = [members.outcome(receipt, token) for receipt, token in
                zip(send_at_once(members, "note", notes, tokens), tokens)]
        ends[tuple(sorted(one["state"] for one in said))] += 1
        winner, loser = sorted(zip(people, said), key=lambda pair: pair[1]["state"])
        assert [record["reason"] for record in loser[1]["records"]] == [SOMEBODY_ELSES]
        seen = [members.ask("GET", f"{UPLOADS('note')}/{key}", token=person.token) for person, _said in (winner, loser)]
        assert [answer.status for answer in seen] == [200, 404]
        kept = seen[0].json()["record"]
        assert (kept["member"], kept["text"]) == (winner[0].key, winner[0].key)
    assert ends == {("applied", "refused"): ROUNDS}


@pytest.mark.parametrize("key", ['"', "\\", "a\nb", "%2F", "../x", "a/b", " a ", "A", "\uff21", "e\u0301", "a:b", "*", "{}",
                                 "null", "?q=1", "#f", "\u202e", "x" * 128, "\U0001f600" * 31])
def test_whatever_an_account_is_called_what_is_its_own_is_its_own(members, key):
    owner, other = Person(members, key, f"{new_id()}@example.com"), members.person("other").log_in()
    members.applied(members.send("member", members.account(owner)))
    note, path = new_id(), f"{UPLOADS('member')}/{urllib.parse.quote(key, safe='')}"
    assert owner.log_in().me().json()["key"] == key
    receipt = members.applied(members.send("note", {"id": note}, token=owner.token), owner.token)
    members.comporta.wait_settled(receipt["batches"])
    for person, expected in ((owner, 200), (other, 404)):
        for asked in (path, f"{UPLOADS('note')}/{note}", receipt["status"], *receipt["links"]["objects"]):
            assert members.ask("GET", asked, token=person.token).status == expected, asked
    assert members.ask("GET", "/api/v1/views/note/mine", token=owner.token).json() == {"member": key, "notes": 1}
    members.applied(members.ask("DELETE", path, token=owner.token).json(), members.admin())
    assert owner.me().status == 401 and other.me().status == 200


# -- what ends a session ---------------------------------------------------------------------------


def change_password(members, person):
    person.password = f"new {PASSWORD}"
    receipt = members.put("member", person.key, members.account(person), token=person.token)
    members.applied(receipt, members.admin())


def give_role(members, person):
    changed = {"id": person.key, "email": person.login, "roles": ["clerk"]}
    members.applied(members.put("member", person.key, changed, token=members.admin()), members.admin())


def delete(members, person, by):
    receipt = members.ask("DELETE", f"{UPLOADS('member')}/{person.key}", token=by).json()
    members.applied(receipt, members.admin())


ENDINGS = {"a new password": (change_password, 200), "a role": (give_role, 200),
           "deleted by themselves": (lambda members, person: delete(members, person, person.token), 401),
           "deleted by an admin": (lambda members, person: delete(members, person, members.admin()), 401)}


@pytest.mark.parametrize("how", ENDINGS)
def test_every_session_ends_with(members, how):
    end, afterwards = ENDINGS[how]
    person, other = members.person("leaver").log_in(), members.person("stays").log_in()
    sessions = [person.session, person.log_in().session]
    end(members, person)
    for session in sessions:
        assert members.ask("GET", "/api/v1/me", token=session["access_token"]).status == 401
        assert members.refresh(session).status == 401
    assert members.log_in(person.login, person.password).status == afterwards
    assert other.refresh().status == 200 and other.me().status == 200


def test_after_a_change_of_the_password_the_one_before_is_wrong(members):
    person = members.person("forgetful").log_in()
    change_password(members, person)
    assert members.log_in(person.login, PASSWORD).status == 401
    assert person.log_in().me().status == 200


def test_a_change_without_a_password_ends_nothing(members):
    person = members.person("ana").log_in()
    changed = {"id": person.key, "email": f"new-{person.login}", "name": "Ana"}
    members.applied(members.put("member", person.key, changed, token=person.token), person.token)
    assert person.refresh().status == 200
    assert person.me().json()["login"] == f"new-{person.login}"
    assert members.log_in(person.login, person.password).status == 401, "the name before is nobody's"


def test_the_name_of_a_deleted_account_is_free(members):
    person = members.person("gone").log_in()
    delete(members, person, person.token)
    heir = Person(members, f"{person.key}-heir", person.login, f"another {PASSWORD}")
    members.applied(members.send("member", members.account(heir)))
    assert heir.log_in().session["account"]["key"] == heir.key


# -- any letters -----------------------------------------------------------------------------------


def test_letters_of_four_bytes_are_as_good_as_others(members):
    key = f"{new_id()}{EMOJI}"
    person = Person(members, key, f"{key}@example.com", EMOJI * 3)
    members.applied(members.send("member", members.account(person, name=EMOJI)))
    assert person.log_in().me().json()["record"] == {"id": key, "email": person.login, "name": EMOJI}
    assert members.log_in(person.login, (EMOJI * 3)[:-1]).status == 401


@pytest.mark.parametrize("member, value", [("password", f"{PASSWORD}\0"), ("password", f"\0{PASSWORD}"),
                                           ("email", "nul\0@example.com"), ("id", "nul\0")])
def test_a_nul_is_in_no_password_and_no_name(members, member, value):
    person = Person(members, new_id(), f"{new_id()}@example.com")
    answer = members.ask("POST", UPLOADS("member"), {**members.account(person), member: value})
    assert answer.status == 400 and "u0000" in answer.json()["detail"] and PASSWORD.encode() not in answer.body


def test_a_nul_ends_no_login(members):
    person = members.person("nul")
    assert members.log_in(person.login, f"{PASSWORD}\0").status == 401
    assert members.log_in(person.login, f"{PASSWORD}\0more").status == 401
    assert members.log_in(f"{person.login}\0", PASSWORD).status == 400
    assert members.log_in(person.login, PASSWORD).status == 200


# -- what comes again ------------------------------------------------------------------------------


def test_what_comes_again_with_its_key_has_the_same_ids_and_is_applied_once(members):
    person, key = members.person("booker").log_in(), new_id()
    counted = "/api/v1/recent/booking?limit=100"
    before = members.ask("GET", counted, token=members.admin()).json()["counters"]["records"]
    bookings = [{"table": 1}, {"table": 1}, {"table": 2}]
    with ThreadPoolExecutor(2) as pool:
        receipts = list(pool.map(lambda gateway: members.send(
            "booking", bookings, token=person.token, gateway=gateway, **{"Idempotency-Key": key}), (1, 2) * 4))
    assert len({receipt["upload"] for receipt in receipts}) == 1
    batches = {batch for receipt in receipts for batch in receipt["batches"]}
    assert len(batches) >= 2, "both gateways sent it"
    members.comporta.wait_settled(batches)
    links = {link for receipt in receipts for link in receipt["links"]["objects"]}
    stored = {record["id"] for link in links for record in json.loads(
        members.ask("GET", link, token=person.token).body.splitlines()[0])["records"]}
    assert len(stored) == len(bookings) and len(links) == len(batches)
    for receipt in receipts:
        members.applied(receipt, person.token)
    shown = members.ask("GET", counted, token=members.admin()).json()
    assert shown["counters"]["records"] == before + len(bookings)
    own = [entry["record"] for entry in shown["records"] if entry["record"] and entry["record"]["who"] == person.key]
    assert sorted(record["table"] for record in own) == [1, 1, 2] and {record["id"] for record in own} == stored
