"""Users, their customers and the scores predicted for them, from the sign-up to a model of one's own."""

import csv
import io
from fractions import Fraction

import pytest

from callers import token
from client import Comporta
from conftest import SOURCE
from members import PASSWORD, SESSIONS, Members
from test_dead import new_id

CSV = {"Content-Type": "text/csv"}
TABLE = (SOURCE / "kinds" / "customer" / "examples" / "consumidores.csv").read_bytes()
TERMS = ("intercept", "gender", "age", "annual_income")
GIVEN = (71.9049828488992, -1.198465612603074, -0.5879236340330568, 0.05386299029963409)


class Shop(Members):
    """Of a running stack: what its users ask for."""

    def __init__(self, stack):
        self.stack, self.comporta = stack, Comporta(stack)

    def view(self, name, who, **arguments):
        answer = self.ask("POST", f"/api/v1/views/{name}", arguments, token=who)
        assert answer.status == 200, answer
        return answer.json()

    def sign_up(self):
        """The key and the token of a new user."""
        email = f"{new_id()}@example.com"
        self.applied(self.send("user", {"email": email, "password": PASSWORD}))
        answer = self.ask("POST", SESSIONS, {"kind": "user", "login": email, "password": PASSWORD})
        assert answer.status == 200, answer
        return answer.json()["account"]["key"], answer.json()["access_token"]

    def upload_table(self, table, who):
        headers = {**CSV, "Authorization": f"Bearer {who}"}
        answer = self.comporta.request("POST", "/api/v1/records/customer", table, headers)
        assert answer.status == 202, answer
        return answer.json()


@pytest.fixture
def shop(comporta):
    return Shop(comporta.stack)


def solved(rows):
    """Of linear equations, each with its right side at its end, exactly."""
    for i, row in enumerate(rows):
        rows[i] = row = [value / row[i] for value in row]
        for k, other in enumerate(rows):
            if k != i:
                rows[k] = [value - other[i] * own for value, own in zip(other, row)]
    return [row[-1] for row in rows]


def least_squares(table):
    """The coefficients and R² of an ordinary least squares fit, by fractions."""
    data = [([Fraction(1), Fraction(row["Gender"] == "Male"), Fraction(row["Age"]), Fraction(row["Annual Income (k$)"])],
             Fraction(row["Spending Score (1-100)"])) for row in csv.DictReader(io.StringIO(table.decode()))]
    size = range(4)
    fit = solved([[*(sum(x[i] * x[j] for x, _y in data) for j in size), sum(x[i] * y for x, y in data)] for i in size])
    mean = sum(y for _x, y in data) / len(data)
    missed = sum((y - sum(b * value for b, value in zip(fit, x))) ** 2 for x, y in data)
    return [float(b) for b in fit], float(1 - missed / sum((y - mean) ** 2 for _x, y in data))


def model_named(answer, name):
    return next(model for model in answer["models"] if model["model"] == name)


def test_two_users_upload_the_same_table_and_each_has_the_customers_once(shop):
    users = [shop.sign_up() for _ in range(2)]
    for _key, who in [*users, users[0]]:
        shop.applied(shop.upload_table(TABLE, who), who)
    for _key, who in users:
        genders = shop.view("customer/by-gender", who)
        assert genders["customers"] == 200
        assert sum(gender["customers"] for gender in genders["genders"]) == 200
        assert sum(gender["share"] for gender in genders["genders"]) == pytest.approx(1)
        page = shop.view("customer/list", who, limit=100)
        assert [customer["number"] for customer in page["customers"]] == list(range(1, 101))
        (found,) = shop.view("customer/list", who, q="137")["customers"]
        assert found["number"] == 137 and found["gender"] in ("female", "male")
    ids = [shop.view("customer/list", who, q="7")["customers"][0]["id"] for _key, who in users]
    assert ids[0] != ids[1]
    assert shop.ask("GET", f"/api/v1/records/customer/{ids[0]}", token=users[1][1]).status == 404


def test_the_fit_is_that_of_least_squares_and_stays_exact_whoever_comes_and_goes(shop):
    key, who = shop.sign_up()
    coefficients, r_squared = least_squares(TABLE)
    header, *rows = TABLE.decode().splitlines(keepends=True)
    shop.applied(shop.upload_table(TABLE, who), who)
    others = "".join(f"{number},Male,{20 + number % 50},{number % 130},{1 + number % 99}\n" for number in range(201, 301))
    shop.applied(shop.upload_table((header + others).encode(), who), who)
    changed = header + "".join(row.replace("Female", "Male") for row in rows[:50])
    shop.applied(shop.upload_table(changed.encode(), who), who)
    for customer in shop.view("customer/list", who, limit=100, cursor="200;~")["customers"]:
        answer = shop.ask("DELETE", f"/api/v1/records/customer/{customer['id']}", token=who)
        shop.applied(answer.json(), who)
    shop.applied(shop.upload_table(TABLE, who), who)
    answer = shop.view("prediction/model", who)
    own = model_named(answer, "own")
    assert own["n"] == 200 and own["used"] is False and answer["refitted"] is False
    assert [own[term] for term in TERMS] == pytest.approx(coefficients, abs=1e-6)
    assert own["r_squared"] == pytest.approx(r_squared, abs=1e-6)
    given = model_named(answer, "given")
    assert tuple(given[term] for term in TERMS) == GIVEN and given["used"] is True

    account = shop.ask("GET", f"/api/v1/records/user/{key}", token=who).json()["record"]
    shop.applied(shop.put("user", key, {**account, "refit": True}, token=who), who)
    predicted = shop.view("prediction/predict", who, gender="mulher", age=30, annual_income=50)
    assert predicted["refitted"] is True and predicted["n"] == 200
    assert predicted["score"] == pytest.approx(coefficients[0] + 30 * coefficients[2] + 50 * coefficients[3], abs=1e-6)


@pytest.mark.parametrize("age, income, score", [(23, 40, 59.33879326552118), (25, 40, 58.16294599745507),
                                                (25, 50, 58.7015759004514)])
@pytest.mark.parametrize("path", ["/model/predict", "/model/predict/", "/api/v1/views/prediction/predict"])
def test_the_score_by_the_coefficients_that_came_with_it(shop, path, age, income, score):
    answer = shop.ask("POST", path, {"gender": "Homem", "age": age, "annual_income": income},
                      token=token(shop.stack, "user/somebody"))
    assert answer.status == 200 and answer.json()["score"] == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize("body, status", [({"gender": "other", "age": 1, "annual_income": 1}, 400),
                                          ({"gender": "male", "age": 1}, 400), ({"gender": "male", "age": 1.5,
                                                                               "annual_income": 1}, 400)])
def test_what_is_asked_for_must_be_whole(shop, body, status):
    assert shop.ask("POST", "/model/predict", body, token=token(shop.stack, "user/somebody")).status == status


def test_only_those_who_have_logged_in_are_answered(shop):
    body = {"gender": "male", "age": 1, "annual_income": 1}
    assert shop.ask("POST", "/model/predict", body).status == 401
    assert shop.ask("POST", "/api/v1/records/customer", body).status == 401
    assert shop.ask("GET", "/api/v1/views/customer/list").status == 401


def test_a_prediction_stays_as_it_was_made(shop):
    _key, who = shop.sign_up()
    customer = {"name": "José", "gender": "Masculino", "age": 23, "annual_income": 40}
    shop.applied(shop.send("customer", customer, token=who), who)
    (listed,) = shop.view("customer/list", who)["customers"]
    shop.applied(shop.send("prediction", {"customer": listed["id"]}, token=who), who)
    shop.applied(shop.put("customer", listed["id"], {**customer, "age": 25}, token=who), who)
    shop.applied(shop.send("prediction", {"customer": listed["id"]}, token=who), who)
    first, second = shop.view("prediction/of-customer", who, customer=listed["id"])["predictions"]
    assert (first["age"], first["score"]) == (23, pytest.approx(59.33879326552118, abs=1e-9))
    assert (second["age"], second["score"]) == (25, pytest.approx(58.16294599745507, abs=1e-9))
    assert first["at"] < second["at"]

    shop.applied(shop.send("customer", {"gender": "female", "age": 60, "annual_income": 10}, token=who), who)
    other = shop.view("customer/list", who)["customers"][1]
    change = shop.put("prediction", first["id"], {"customer": other["id"]}, token=who)
    assert shop.refused(change, who) == ["a prediction never changes"]
    _stranger, stranger = shop.sign_up()
    foreign = shop.send("prediction", {"customer": listed["id"]}, token=stranger)
    assert shop.refused(foreign, stranger) == ["there is no such customer of yours"]
    path = f"/api/v1/views/prediction/of-customer?customer={listed['id']}"
    assert shop.ask("GET", path, token=stranger).status == 404
    assert [one["id"] for one in shop.ask("GET", path, token=who).json()["predictions"]] == [first["id"], second["id"]]


@pytest.mark.parametrize("gender", ["other", "", "f", 1])
def test_a_gender_of_no_word_is_refused_at_the_door(shop, gender):
    answer = shop.ask("POST", "/api/v1/records/customer", {"gender": gender, "age": 30, "annual_income": 10},
                      token=token(shop.stack, "user/somebody"))
    assert answer.status == 422 and answer.json()["errors"][0]["pointer"] == "/gender"


def test_admins_promote_and_remove_and_the_last_one_stays(shop):
    operator = shop.admin("system")
    (first, _), (second, _) = shop.sign_up(), shop.sign_up()

    def roles(key, *names):
        (account,) = [one for one in listed() if one["key"] == key]
        record = {**account["record"], "roles": list(names)}
        return shop.put("user", key, record, token=operator)

    def listed():
        return shop.ask("GET", "/api/v1/views/user/accounts?limit=1000", token=operator).json()["accounts"]

    shop.applied(roles(first, "admin"), operator)
    shop.applied(roles(second, "admin"), operator)
    shop.applied(roles(first), operator)
    assert shop.refused(roles(second), operator) == ["nobody else has the role admin"]
    removal = shop.ask("DELETE", f"/api/v1/records/user/{second}", token=operator).json()
    assert shop.refused(removal, operator) == ["nobody else has the role admin"]
    assert [one["roles"] for one in listed() if one["key"] == second] == [["admin"]]
    shop.applied(shop.ask("DELETE", f"/api/v1/records/user/{first}", token=operator).json(), operator)
    assert first not in [one["key"] for one in listed()]
