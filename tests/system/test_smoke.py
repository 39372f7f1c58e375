"""The documented sample, from door to disk."""

import json

from client import UPLOADS, batch_of, eventually, record
from conftest import SOURCE

SAMPLE = SOURCE / "kinds" / "transaction" / "examples" / "Dados.json"
BASIC_DATA = ("cliente", "email", "endereco", "isActive")


def stored_lines(comporta, receipt):
    link = receipt["links"]["objects"][0]
    answer = eventually(lambda: [a for a in [comporta.get(link)] if a.status == 200], f"{link} is stored")[0]
    return [json.loads(line) for line in answer.body.splitlines()]


def applied_batch(comporta, receipt):
    def ask():
        answer = comporta.get(receipt["links"]["batches"][0])
        return answer.status == 200 and answer.json()["applied"] and answer.json()
    return eventually(ask, "the batch is applied")


def test_the_sample_is_accepted_stored_and_cached(comporta):
    sample = json.loads(SAMPLE.read_text())
    answer = comporta.request("POST", UPLOADS, SAMPLE.read_bytes(), {"Content-Type": "application/json"})
    assert answer.status == 202, answer
    receipt = answer.json()
    assert (receipt["kind"], receipt["records"]) == ("transaction", len(sample))

    lines = stored_lines(comporta, receipt)
    assert [line["upload"] for line in lines] == [receipt["upload"]]
    assert lines[0]["records"] == sample
    assert receipt["batches"][0] in {batch_of(name) for name in comporta.object_names()}

    assert applied_batch(comporta, receipt)["records"] >= 1
    key = sample[0]["_id"]
    cached = comporta.get(f"{UPLOADS}/{key}").json()
    assert cached["record"] == {name: sample[0][name] for name in BASIC_DATA}
    assert 0 < cached["ttl_seconds"] <= 60
    assert 0 < comporta.redis.ttl(f"comporta:record:transaction:{key}") <= 60


def test_every_form_of_upload_is_taken(comporta):
    one, two = (json.dumps(record(f"form-{n}")) for n in (1, 2))
    boundary = "frontier"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n' \
           f"Content-Type: application/json\r\n\r\n[{one},{two}]\r\n--{boundary}--\r\n"
    forms = [("application/json", one, 1), ("application/json", f"[{one},\n {two}]", 2),
             ("application/x-ndjson", f"{one}\n{two}\n", 2),
             (f"multipart/form-data; boundary={boundary}", part, 2)]
    for content_type, body, records in forms:
        answer = comporta.request("POST", UPLOADS, body.encode(), {"Content-Type": content_type})
        assert (answer.status, answer.json().get("records")) == (202, records), (content_type, answer)
    assert comporta.connect().upload([record("zipped")], zipped=True).status == 202


def test_a_key_given_twice_is_one_upload(comporta):
    connection = comporta.connect()
    first, again = (connection.upload([record("keyed")], key="the same key") for _ in range(2))
    other = connection.upload([record("another body")], key="the same key")
    assert (first.status, again.status, other.status) == (202, 202, 409), (first, again, other)
    assert first.json()["upload"] == again.json()["upload"]


def test_a_large_upload_is_cut_in_order(comporta):
    keys = [f"large-{n:05}" for n in range(4_500)]
    receipt = comporta.connect().upload([record(key) for key in keys]).json()
    comporta.wait_settled(receipt["batches"])
    lines = [json.loads(line) for link in receipt["links"]["objects"]
             for line in comporta.get(link).body.splitlines()]
    assert [line["part"] for line in lines] == list(range(1, lines[0]["parts"] + 1))
    assert [r["_id"] for line in lines for r in line["records"]] == keys
    assert max(len(line["records"]) for line in lines) <= 1_000


def test_the_kind_and_its_schema_are_shown(comporta):
    kinds = comporta.get("/api/v1/kinds")
    assert kinds.status == 200 and b'"transaction"' in kinds.body
    schema = comporta.get("/api/v1/kinds/transaction/schema.json")
    assert schema.status == 200 and "_id" in schema.json()["required"]


def listed_objects(comporta, date):
    """The names on all pages of a day."""
    names, cursor = [], ""
    while cursor is not None:
        page = comporta.get(f"/api/v1/objects/transaction?date={date}&limit=7" + (cursor and f"&cursor={cursor}"))
        assert page.status == 200, page
        names += [entry["name"] for entry in page.json()["objects"]]
        cursor = page.json()["next"]
    assert len(names) == len(set(names))
    return names


def test_stored_objects_are_listed_by_day(comporta):
    receipt = comporta.connect().upload([record("listed")]).json()
    comporta.wait_settled(receipt["batches"])
    name = receipt["links"]["objects"][0].removeprefix("/api/v1/objects/").partition("?")[0]
    date = "-".join(name.split("/")[1:4])
    assert name in listed_objects(comporta, date)
    assert comporta.request("HEAD", f"/api/v1/objects/{name}").status == 200


def test_the_page_is_served_with_its_guards(comporta):
    page = comporta.get("/")
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    again = comporta.request("GET", "/", None, {"If-None-Match": page.headers["etag"]})
    assert again.status == 304
