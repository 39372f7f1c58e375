"""Tables, in and out, through the front door: of a kind whose texts are kept in one form."""

import csv
import gzip
import io
import json

import pytest

from conftest import SOURCE, while_running

KINDS = SOURCE / "tests" / "data" / "good" / "tables"
PEOPLE = "/api/v1/records/person"
LIST = "/api/v1/views/person/list"
TABLE = "CPF;Nome;Gênero;Renda anual\r\n153.509.460-56;=Ana;MULHER;1234,5\r\n529.982.247-25;\"Souza; Caio\";homem;\r\n"
FORM = ('--XyZ\r\nContent-Disposition: form-data; name="file"; filename="pessoas.csv"\r\n'
        "Content-Type: application/vnd.ms-excel\r\n\r\n" + TABLE + "\r\n--XyZ--\r\n")


@pytest.fixture(scope="module")
def people(make_stack):
    yield from while_running(make_stack(settings={"COMPORTA_KINDS": str(KINDS)}))


def applied(comporta, answer):
    assert answer.status == 202, answer
    comporta.wait_settled(answer.json()["batches"])
    return answer.json()


def rows(answer):
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present", answer
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("body, headers", [
    (TABLE.encode(), {"Content-Type": "text/csv"}),
    (TABLE.encode("windows-1252"), {"Content-Type": "text/csv; charset=windows-1252"}),
    (gzip.compress(b"\xef\xbb\xbf" + TABLE.encode()), {"Content-Type": "text/csv", "Content-Encoding": "gzip"}),
    (FORM.encode(), {"Content-Type": "multipart/form-data; boundary=XyZ"})],
    ids=["utf-8", "windows-1252", "gzip", "form"])
def test_a_table_becomes_records(people, body, headers):
    receipt = applied(people, people.request("POST", PEOPLE, body, headers))
    assert receipt["records"] == 2
    lines = people.get(receipt["links"]["objects"][0]).body.splitlines()
    assert json.loads(lines[0])["records"] == [
        {"cpf": "15350946056", "name": "=Ana", "gender": "mulher", "income": 1234.5},
        {"cpf": "52998224725", "name": "Souza; Caio", "gender": "homem"}]


def test_what_is_wrong_has_its_line_and_column(people):
    answer = people.request("POST", PEOPLE, "CPF;Idade;Nome\n15350946056;30;Ana\n52998224725;x;Caio\n".encode(),
                            {"Content-Type": "text/csv"})
    assert answer.status == 422
    problem = answer.json()
    assert problem["detail"].startswith("1 of 2 records are not valid. First: line 3, column `Idade`: must be a whole")
    assert (problem["errors"][0]["line"], problem["errors"][0]["column_name"]) == (3, "Idade")


def test_a_record_is_found_however_its_key_is_written(people):
    applied(people, people.request("PUT", f"{PEOPLE}/111.444.777-35", b'{"cpf": "11144477735", "name": "Bia"}',
                                   {"Content-Type": "application/json"}))
    for written in ("11144477735", "111.444.777-35"):
        assert people.get(f"{PEOPLE}/{written}").json()["key"] == "11144477735"
    applied(people, people.request("DELETE", f"{PEOPLE}/111.444.777-35"))
    assert people.get(f"{PEOPLE}/11144477735").status == 404


def test_a_dry_run_says_as_what_a_table_was_understood(people):
    understood = people.request("POST", f"{PEOPLE}?dry_run=true", TABLE.encode(), {"Content-Type": "text/csv"}).json()
    assert understood["records"] == 2
    assert understood["columns"] == {"cpf": "CPF", "name": "Nome", "gender": "Gênero", "income": "Renda anual"}
    assert [person["cpf"] for person in understood["first"]] == ["15350946056", "52998224725"]


def test_a_list_comes_back_as_a_table(people):
    applied(people, people.request("POST", PEOPLE, TABLE.encode(), {"Content-Type": "text/csv"}))
    names = rows(people.request("GET", LIST, None, {"Accept": "text/csv"}))
    assert names == [["cpf", "name", "gender", "income"], ["15350946056", "'=Ana", "mulher", "1234.5"],
                     ["52998224725", "Souza; Caio", "homem", ""]]
    asked = people.request("GET", LIST, None, {"Accept": "text/csv", "Accept-Language": "pt-BR,en;q=0.5"})
    assert rows(asked)[0] == ["CPF", "Nome", "Gênero", "Renda anual"]
    assert asked.headers["vary"].startswith("Accept, Accept-Language")
    json_answer = people.request("GET", LIST, None, {"Accept": "*/*"})
    assert json_answer.headers["content-type"] == "application/json"
    assert json_answer.headers["etag"] != asked.headers["etag"]
    again = {"Accept": "text/csv", "Accept-Language": "pt-BR,en;q=0.5", "If-None-Match": asked.headers["etag"]}
    assert people.request("GET", LIST, None, again).status == 304


def test_the_next_page_of_a_table_is_linked(people):
    applied(people, people.request("POST", PEOPLE, TABLE.encode(), {"Content-Type": "text/csv"}))
    first = people.request("GET", f"{LIST}?limit=1", None, {"Accept": "text/csv"})
    link, _, relation = first.headers["link"].partition(">; ")
    assert relation == 'rel="next"'
    second = people.request("GET", LIST + link.removeprefix("<"), None, {"Accept": "text/csv"})
    assert [row[0] for row in rows(first) + rows(second)] == ["cpf", "15350946056", "cpf", "52998224725"]


def test_a_question_may_be_posted(people):
    applied(people, people.request("POST", PEOPLE, TABLE.encode(), {"Content-Type": "text/csv"}))

    def post(body, **headers):
        return people.request("POST", LIST, json.dumps(body), {"Content-Type": "application/json", **headers})

    assert [person["cpf"] for person in post({"limit": 1}).json()["people"]] == ["15350946056"]
    assert post({"limit": 1}).headers["cache-control"] == "no-store"
    assert len(rows(post({}, Accept="text/csv"))) == 3
    for bad in ({"limit": 0}, {"limit": "many"}, {"colour": "red"}, [], {"limit": [1]}):
        assert post(bad).status == 400, bad
    assert post({"limit": "x" * 70_000}).status == 413
    assert people.request("POST", LIST, b"{}", {"Content-Type": "text/plain"}).status == 415
    assert people.request("PUT", LIST, b"{}", {}).headers["allow"] == "GET, HEAD, POST"
