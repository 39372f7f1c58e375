"""Who runs an installation makes admins, and accounts to look around with."""

import re
import sys

import pytest
import yaml

from conftest import SOURCE
from operator_tool import TOOL, run_tool
from people import People, write_kind

sys.path.append(str(TOOL.parent))

from comporta_operator import accounts, front  # noqa: E402

LOGIN = "ana@example.com"
SHOWN = re.compile(r"^password, shown this once: (\S+)$", re.M)


@pytest.fixture
def people(tmp_path):
    service = People(tmp_path)
    yield service
    service.close()


def add(people, *arguments, login=LOGIN, expect=0):
    return run_tool(people, "admin", "add", "--login", login, *arguments, expect=expect)


def test_the_first_admin_gets_a_random_password_that_is_shown_once(people):
    said = add(people)
    ((key, record),) = people.puts
    (password,) = SHOWN.findall(said)
    assert record == {"id": key, "email": LOGIN, "name": LOGIN, "password": password, "roles": ["admin"]}
    assert len(password) >= 20 and f"client/{key}" in said
    assert "password" not in add(people, login="bia@example.com").replace("password, shown this once", "")
    assert len({record["password"] for _key, record in people.puts}) == 2


def test_what_a_new_account_has_may_be_said(people):
    add(people, "--kind", "client", "--key", "15350946056/1", "--member", "name=Ana Souza = A")
    ((key, record),) = people.puts
    assert (key, record["id"], record["name"]) == ("15350946056/1", "15350946056/1", "Ana Souza = A")
    assert "is not NAME=TEXT" in add(people, "--member", "name", expect=2)


@pytest.mark.parametrize("login", [LOGIN, "  ANA@Example.com ", "ａｎａ@example.com"])
def test_an_account_that_is_there_becomes_an_admins_and_keeps_its_password(people, login):
    for number in range(5):
        people.add(f"k{number}", f"other{number}@example.com")
    people.add("k9", LOGIN, ["seller"], phone="1")
    said = add(people, login=login)
    assert people.puts == [("k9", {"id": "k9", "email": LOGIN, "name": "Ana", "phone": "1",
                                   "roles": ["seller", "admin"]})]
    assert "client/k9" in said and "password" not in said


def test_an_admin_stays_one_and_nothing_is_sent(people):
    people.add("k", LOGIN, ["admin"])
    assert "is an admin already" in add(people)
    assert not people.puts


@pytest.mark.parametrize("there", [True, False])
def test_an_asked_password_is_set_for_an_account_that_is_there(people, there, monkeypatch, capsys):
    if there:
        people.add("k", LOGIN, ["admin"])
    run_here(people, monkeypatch, ["correct horse battery"] * 2)
    ((_key, record),) = people.puts
    assert record["password"] == "correct horse battery" and record["roles"] == ["admin"]
    assert "correct horse" not in capsys.readouterr().out


def test_two_different_words_are_no_password(people, monkeypatch):
    with pytest.raises(accounts.OperatorError, match="nothing has been done"):
        run_here(people, monkeypatch, ["correct horse battery", "correct horse batterie"])
    assert not people.puts


def run_here(people, monkeypatch, words):
    """As `--ask`, which wants a terminal, in this process."""
    import comporta
    for name, value in people.operator_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(accounts.getpass, "getpass", lambda _prompt: words.pop(0))
    arguments = comporta.parse(["admin", "add", "--login", LOGIN, "--ask"])
    arguments.run(comporta.read_settings(), arguments)


def test_its_outcome_is_waited_for(people):
    people.outcomes = [{"state": "pending"}, {"state": "pending"}, {"state": "applied"}]
    assert SHOWN.search(add(people))
    assert [target for _method, target in people.asked].count("/api/v1/uploads/u?batch=b1&batch=b2") == 3


def test_a_refusal_is_told_with_its_reason_and_no_password(people):
    people.outcomes = [{"state": "refused", "records": [{"index": 0, "key": "k", "outcome": "refused",
                                                         "reason": "the login name is taken"}], "more": 0}]
    said = add(people, expect=1)
    assert said == "comporta: it was not applied (refused): the login name is taken\n"


def test_what_is_not_applied_in_time_is_told_and_the_password_too(people, monkeypatch, capsys):
    people.outcomes = [{"state": "pending"}]
    monkeypatch.setattr(front, "OUTCOME_SECONDS", 0)
    run_here(people, monkeypatch, ["correct horse battery"] * 2)
    assert "is not applied yet" in capsys.readouterr().out


def test_what_the_door_says_is_told(people):
    people.refuse = 422, {"title": "Unprocessable Content", "status": 422, "detail": "the record is not good",
                          "errors": [{"index": 0, "pointer": "/email", "detail": "must be an e-mail address"}]}
    said = add(people, expect=1)
    assert "answered 422: the record is not good; /email must be an e-mail address" in said


def test_without_keys_it_says_which_file_there_is_not(people):
    said = run_tool(people, "admin", "add", "--login", LOGIN, expect=1, COMPORTA_TOKEN_KEYS_FILE="/nowhere/keys")
    assert said.startswith("comporta: ") and "Traceback" not in said and "/nowhere/keys" in said
    assert not people.asked


def test_with_nobody_at_the_door_it_says_so(people):
    said = run_tool(people, "admin", "list", expect=1, COMPORTA_URL="http://127.0.0.1:1")
    assert said.startswith("comporta: nothing answers at http://127.0.0.1:1: ")


def test_a_kind_has_to_be_one_with_accounts_and_roles(people):
    assert "kinds with accounts: client; seller is no such kind" in add(people, "--kind", "seller", expect=1)
    write_kind(people.kinds, "guest", "key: id\naccount: {login: email, password: password}\n")
    assert "kinds with accounts: client, guest: --kind KIND" in add(people, expect=1)
    assert "accounts of kind guest have no roles" in add(people, "--kind", "guest", expect=1)


def test_where_no_kind_has_accounts_there_is_nobody_to_make_an_admin(people, tmp_path):
    write_kind(tmp_path / "open", "seller", "key: id\n")
    said = run_tool(people, "admin", "add", "--login", LOGIN, expect=1, COMPORTA_KINDS=str(tmp_path / "open"))
    assert said == "comporta: no kind has accounts\n"


def test_a_member_that_nobody_can_guess_is_asked_for(people):
    schema = {"required": ["id", "age"], "properties": {"id": {"type": "string"}, "age": {"type": "integer"}}}
    write_kind(people.kinds, "guest", schema=schema)
    assert "kind guest wants age, too: --member NAME=TEXT" in add(people, "--kind", "guest", expect=1)


def test_admins_are_listed_and_nobody_else(people):
    people.add("a", LOGIN, ["admin"])
    people.add("b", "bia@example.com", ["seller"])
    people.add("c", "cai@example.com", ["seller", "admin"])
    assert run_tool(people, "admin", "list").splitlines() == [f"client/a  {LOGIN}", "client/c  cai@example.com"]


def test_a_demonstration_has_its_own_accounts_once(people, tmp_path):
    people.add("bruno", "bruno@example.com")
    fixtures = tmp_path / "demo.yaml"
    fixtures.write_text(yaml.safe_dump({"client": yaml.safe_load(accounts.DEMO.read_text())["client"]}))
    lines = run_tool(people, "demo", str(fixtures)).splitlines()
    made = {record["email"]: record for _key, record in people.puts}
    assert made.keys() == {"ana@example.com", "clara@example.com"}
    assert made["clara@example.com"]["roles"] == ["admin"] and "roles" not in made["ana@example.com"]
    assert len({record["password"] for record in made.values()}) == 2
    for line in lines:
        login, *words = line.split()
        assert words[:2] == ["password", made[login]["password"]] if login in made else words == ["is", "there", "already"]
    assert len(lines) == 3


def test_a_demonstration_has_all_that_its_kinds_want():
    kinds, fixtures = accounts.read_account_kinds(SOURCE / "kinds"), yaml.safe_load(accounts.DEMO.read_text())
    assert fixtures.keys() <= kinds.keys()
    for name, people in fixtures.items():
        assert all(kinds[name].required.keys() <= person.keys() for person in people), name


def test_no_password_stands_in_the_repository():
    assert "password" not in (SOURCE / "deploy" / "operator" / "demo.yaml").read_text().partition("client:")[2]
