"""Redis made anew has the same accounts, and the same became of every upload; nobody notices."""

import pytest

from members import PASSWORD, SOMEBODY_ELSES, TAKEN, UPLOADS, Members, Person, write_kinds
from operator_tool import run_tool
from test_secrets import redis_content

HASH = b"$argon2id$"


@pytest.fixture(scope="module")
def members(make_stack, tmp_path_factory):
    """A stack whose Redis may be emptied, with a world of people in it."""
    stack = make_stack(settings={"COMPORTA_KINDS": str(write_kinds(tmp_path_factory.mktemp("kinds")))})
    stack.start()
    members = Members(stack)
    members.people = people_of(members)
    yield members
    stack.discard()


def people_of(members):
    """Some whose name, password, roles or all have changed, each logged in; and what was refused."""
    ana, bia, cai, eva, gone = (members.person(name) for name in ("ana", "bia", "cai", "eva", "gone"))
    for person in (ana, bia, cai, eva, gone):
        person.log_in()
    own, by_admin = {"token": ana.token}, {"token": members.admin()}
    ana.password = f"new {PASSWORD}"
    members.applied(members.put("member", ana.key, members.account(ana), **own), members.admin())
    bia.login = f"new-{bia.login}"
    renamed = {"id": bia.key, "email": bia.login}
    members.applied(members.put("member", bia.key, renamed, token=bia.token), bia.token)
    cai_as_clerk = {"id": cai.key, "email": cai.login, "roles": ["clerk"]}
    members.applied(members.put("member", cai.key, cai_as_clerk, **by_admin), members.admin())
    # A change by themselves keeps the role, and the password.
    cai.log_in()
    cai_moves = {"id": cai.key, "email": cai.login, "name": "Cai"}
    members.applied(members.put("member", cai.key, cai_moves, token=cai.token), cai.token)
    members.applied(members.ask("DELETE", f"{UPLOADS('member')}/{gone.key}", token=gone.token).json(), members.admin())
    heir = Person(members, "heir", gone.login, f"heirs {PASSWORD}")
    members.applied(members.send("member", members.account(heir)))
    people = [person.log_in() for person in (ana, bia, cai, eva, heir)]
    members.refusals = refusals_of(members, people)
    return people


def refusals_of(members, people):
    """(receipt, whose token asks about it, why)."""
    ana, bia, cai, *_ = people
    note = {"id": "note", "text": "of ana"}
    members.applied(members.send("note", note, token=ana.token), ana.token)
    sent = [(members.send("member", members.account(Person(members, "late", ana.login.upper()))), "", TAKEN),
            (members.put("note", "note", {**note, "text": "of bia"}, token=bia.token), bia.token, SOMEBODY_ELSES),
            (members.put("member", ana.key, members.account(ana), token=bia.token), bia.token, SOMEBODY_ELSES),
            (members.send("note", {"id": "no", "text": "refuse me"}, token=cai.token), cai.token, "no such text")]
    for receipt, token, why in sent:
        assert members.refused(receipt, token) == [why]
    booked = members.send("booking", [{"table": n} for n in range(3)], token=ana.token)
    members.applied(booked, ana.token)
    members.comporta.wait_settled(booked["batches"])
    return sent


def kept(members):
    """All that Redis holds of what was applied, but for what counts batches and time."""
    content = redis_content(members.comporta.redis)
    return {key: value for key, value in content.items() if key.startswith((b"comporta:view:", b"comporta:record:",
                                                                            b"comporta:outcome:"))}


def empty(members):
    """But for the sessions, which no replay could make anew."""
    redis = members.comporta.redis
    redis.delete(*redis.scan_iter("comporta:*"))


def test_a_replay_ends_with_the_same_accounts_and_outcomes_and_logs_nobody_out(members):
    before = kept(members)
    assert any(HASH in value for value in before.values())
    tokens = [person.token for person in members.people]
    empty(members)
    run_tool(members.stack, "replay")
    after = kept(members)
    assert {key: (before.get(key), after.get(key)) for key in before.keys() | after.keys()
            if before.get(key) != after.get(key)} == {}
    for person, token in zip(members.people, tokens):
        assert members.ask("GET", "/api/v1/me", token=token).json()["key"] == person.key
        assert person.refresh().status == 200
        assert person.log_in().session["account"]["key"] == person.key
    for receipt, token, why in members.refusals:
        assert members.refused(receipt, token) == [why]


def lines_of(members, token, upload=""):
    """What storage answers of the objects of the members."""
    names = sorted(name for name in members.comporta.object_names() if name.startswith("member/"))
    assert names
    for name in names:
        yield members.ask("GET", f"/api/v1/objects/{name}{upload}", token=token)


def test_the_operator_reads_what_is_stored_whole_and_nobody_else_a_hash(members):
    stored = b"".join(members.comporta.read_object(name) for name in sorted(members.comporta.object_names())
                      if name.startswith("member/"))
    assert stored.count(HASH) >= 6
    assert b"".join(answer.body for answer in lines_of(members, members.stack.operator_token())) == stored
    admins = {"admin": members.admin(), "an admin that is an account": members.admin("member")}
    for name, token in admins.items():
        answers = list(lines_of(members, token))
        assert {answer.status for answer in answers} == {200}, name
        body = b"".join(answer.body for answer in answers)
        assert HASH not in body and b'"password"' not in body, name
        assert body.count(b'"email"') == stored.count(b'"email"'), name
    assert {answer.status for answer in lines_of(members, "")} == {401}
    for person in members.people:
        assert {answer.status for answer in lines_of(members, person.token)} == {403}
