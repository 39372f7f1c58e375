"""The business of resellers, as they and an admin do it by HTTP: sign up, enter purchases, see cashback, decide."""

import json
import urllib.parse

import pytest

from access_rules import cpf_of
from callers import as_admin

JSON = {"Content-Type": "application/json"}
PASSWORD = "cavalo bateria grampo"
PURCHASES, RESELLERS = "/api/v1/records/purchase", "/api/v1/records/reseller"
WAITING, APPROVED, REFUSED = "Em validação", "Aprovado", "Reprovado"


def written(cpf):
    """153.509.460-56"""
    return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"


class Caller:
    """Somebody with these headers, or nobody."""

    def __init__(self, comporta, headers=None):
        self.connection = comporta.connect(headers)

    def ask(self, method, path, body=None):
        return self.connection.request(method, path, body and json.dumps(body).encode(), JSON if body else None)

    def outcome(self, method, path, body=None):
        """What became of a record: "" if it is applied, or why it is not."""
        answer = self.ask(method, path, body)
        assert answer.status == 202, answer
        said = self.connection.outcome(answer.json())
        assert said["state"] in ("applied", "refused"), said
        return "" if said["state"] == "applied" else said["records"][0]["reason"]

    def view(self, name, **parameters):
        answer = self.ask("GET", f"/api/v1/views/purchase/{name}?{urllib.parse.urlencode(parameters)}")
        assert answer.status == 200, answer
        return answer.json()

    def purchase(self, code):
        (found,) = [one for one in self.view("list")["purchases"] if one["code"] == code]
        return found


class Reseller(Caller):
    """Who has signed up with a CPF in its longer form, and is logged in."""

    def __init__(self, comporta, name):
        super().__init__(comporta)
        self.cpf, login = cpf_of(name), {"email": f"{name}@example.com", "password": PASSWORD}
        assert not self.outcome("POST", RESELLERS, {"cpf": written(self.cpf), "name": "Rita Alves", **login})
        session = self.ask("POST", "/api/v1/sessions?kind=reseller", {"username": login["email"], "password": PASSWORD})
        assert session.status == 200, session
        assert session.json()["account"]["key"] == self.cpf
        super().__init__(comporta, {"Authorization": "Bearer " + session.json()["access_token"]})

    def buy(self, code, value, date="2026-03-11"):
        return self.outcome("POST", PURCHASES, {"code": code, "value": value, "date": date})


@pytest.fixture
def rita(comporta, rng):
    return Reseller(comporta, f"rita-{rng.getrandbits(40):x}")


@pytest.fixture
def tomas(comporta, rng):
    return Reseller(comporta, f"tomas-{rng.getrandbits(40):x}")


@pytest.fixture
def admin(comporta):
    return Caller(comporta, as_admin(comporta.stack))


def decide(admin, purchase, status):
    """By an admin who does not say whose it is."""
    record = {name: purchase[name] for name in ("id", "code", "value", "date")}
    return admin.outcome("PUT", f"{PURCHASES}/{purchase['id']}", {**record, "status": status})


def test_three_purchases_and_the_tier_changes(rita):
    seen = []
    for code, value in (("C-1", 100_000), ("C-2", 50_000), ("C-3", 1)):
        assert not rita.buy(code, value)
        month = rita.view("month", month="2026-03")
        seen.append((month["percent"], month["total"], month["cashback"]))
    assert seen == [(10, 100_000, 10_000), (15, 150_000, 22_500), (20, 150_001, 30_000)]
    listed = {one["code"]: (one["value"], one["percent"], one["cashback"], one["status"])
              for one in rita.view("list")["purchases"]}
    assert listed == {"C-1": (100_000, 20, 20_000, WAITING), "C-2": (50_000, 20, 10_000, WAITING),
                      "C-3": (1, 20, 0, WAITING)}
    assert [month["month"] for month in rita.view("months")["months"]] == ["2026-03"]
    assert rita.view("accumulated") == {"cashback": 30_000, "approved": 0}


def test_what_has_been_decided_is_the_resellers_no_more_to_change(rita, admin):
    for code in ("C-1", "C-2"):
        assert not rita.buy(code, 60_000)
    first, second = rita.purchase("C-1"), rita.purchase("C-2")
    assert not rita.outcome("PUT", f"{PURCHASES}/{first['id']}", {"code": "C-1", "value": 70_000, "date": "2026-03-11"})
    assert {one["id"] for one in admin.view("all", status=WAITING, limit=100)["purchases"]} >= {first["id"], second["id"]}
    assert not decide(admin, rita.purchase("C-1"), APPROVED)
    assert not decide(admin, second, REFUSED)
    for purchase, word in ((first, "approved"), (second, "refused")):
        path, reason = f"{PURCHASES}/{purchase['id']}", f"it has been {word}: it can be neither changed nor deleted"
        assert rita.outcome("PUT", path, {"code": "C-9", "value": 1, "date": "2026-03-11"}) == reason
        assert rita.outcome("DELETE", path) == reason
    assert rita.ask("GET", f"{PURCHASES}/{first['id']}").json()["record"] == {
        "reseller": rita.cpf, "code": "C-1", "value": 70_000, "date": "2026-03-11", "status": APPROVED}
    month = rita.view("month", month="2026-03")
    assert (month["purchases"], month["total"], month["cashback"], month["approved"]) == (1, 70_000, 7_000, 7_000)


def test_what_waits_is_deleted_with_all_it_counted(rita):
    assert not rita.buy("C-1", 150_001)
    assert not rita.outcome("DELETE", f"{PURCHASES}/{rita.purchase('C-1')['id']}")
    assert rita.view("list") == {"purchases": []} and rita.view("months") == {"months": []}
    assert rita.view("accumulated") == {"cashback": 0, "approved": 0}


def test_what_is_no_cpf_is_no_address(comporta, rita):
    for path in (f"{RESELLERS}/rita", f"{RESELLERS}/.-"):
        answer = rita.ask("DELETE", path)
        assert (answer.status, answer.json()["detail"]) == (
            400, "the key in the path has nothing of what a `cpf` is made of")
        assert Caller(comporta).ask("DELETE", path).status == 401, "who asks is looked at first"


def test_a_reseller_decides_nothing(rita):
    purchase = {"code": "C-1", "value": 1, "date": "2026-03-11"}
    for member, value in (("status", APPROVED), ("reseller", rita.cpf), ("id", "mine")):
        answer = rita.ask("POST", PURCHASES, {**purchase, member: value})
        assert answer.status == 422 and answer.json()["errors"][0]["pointer"] == f"/{member}", answer


def test_another_reseller_sees_and_changes_nothing_of_it(comporta, rita, tomas, admin):
    assert not rita.buy("C-1", 1)
    path, nobody = f"{PURCHASES}/{rita.purchase('C-1')['id']}", Caller(comporta)
    assert tomas.view("list") == {"purchases": []}
    assert tomas.ask("GET", path).status == 404
    for query in ("list", "month", "months", "accumulated"):
        asked = f"/api/v1/views/purchase/{query}?reseller={rita.cpf}"
        assert [who.ask("GET", asked).status for who in (tomas, nobody, admin)] == [403, 401, 200]
    assert [who.ask("GET", "/api/v1/views/purchase/all").status for who in (tomas, nobody, admin)] == [403, 401, 200]
    changed = {"code": "C-1", "value": 2, "date": "2026-03-11"}
    assert tomas.outcome("PUT", path, changed) == tomas.outcome("DELETE", path) == "it is somebody else's"
    assert nobody.ask("POST", PURCHASES, changed).status == 401


def test_a_cpf_is_one_number_in_both_forms_and_good(comporta, rita):
    nobody = Caller(comporta)
    account = {"name": "Outra", "email": f"outra-{rita.cpf}@example.com", "password": PASSWORD}
    for cpf in (rita.cpf, written(rita.cpf)):
        assert nobody.ask("GET", f"{RESELLERS}/{cpf}").status == 401
        assert rita.ask("GET", f"{RESELLERS}/{cpf}").status == 200
    for cpf in ("11111111111", rita.cpf[:-1], rita.cpf[:9] + f"{(int(rita.cpf[9:]) + 1) % 100:02}"):
        assert nobody.ask("POST", RESELLERS, {"cpf": cpf, **account}).status == 422, cpf
