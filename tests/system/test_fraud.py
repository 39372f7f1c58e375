"""Who is in two places at once is flagged, every time; who stays is not, ever."""

import json
import threading

import pytest

from client import UPLOADS, record
from conftest import SOURCE

EXAMPLES = SOURCE / "kinds" / "transaction" / "examples"
CLIENTS = 1_000
HERE, THERE = "Recife, Pernambuco, 120", "Natal, Rio Grande do Norte, 80"


def upload_all(comporta, uploads):
    """Sends the uploads over eight connections at once; returns when all are applied."""
    batches = []

    def send(mine):
        connection = comporta.connect()
        for records in mine:
            answer = connection.upload(records)
            assert answer.status == 202, answer
            batches.extend(answer.json()["batches"])

    senders = [threading.Thread(target=send, args=(uploads[n::8],)) for n in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    comporta.wait_settled(set(batches))
    return len(batches)


def flagged(comporta, prefix):
    pages = comporta.connect().pages("transaction/flags", "flags", limit=100)
    return {flag["transactionId"] for flag in pages if flag["transactionId"].startswith(prefix)}


def is_fraud(connection, client):
    answer = connection.request("GET", f"/check-fraud?transactionId={client}")
    assert answer.status == 200, answer
    return answer.json() == {"isFraud": True}


@pytest.fixture
def prefix(rng):
    return f"{rng.getrandbits(40):x}-"


@pytest.fixture
def clients(prefix):
    return [f"{prefix}{n}" for n in range(CLIENTS)]


def in_uploads(rng, records, largest=20):
    """The records, shuffled, in uploads of different sizes."""
    rng.shuffle(records)
    uploads = []
    while records:
        size = rng.randint(1, largest)
        uploads.append(records[:size])
        del records[:size]
    return uploads


@pytest.mark.parametrize("together", [True, False], ids=["in-one-upload", "in-any-two"])
def test_every_pair_of_places_is_flagged(comporta, rng, prefix, clients, together):
    pairs = [[record(client, endereco=place) for place in (HERE, THERE)] for client in clients]
    uploads = pairs if together else in_uploads(rng, [one for pair in pairs for one in pair])
    upload_all(comporta, uploads)
    assert flagged(comporta, prefix) == set(clients)
    connection = comporta.connect()
    assert all(is_fraud(connection, client) for client in clients)


def test_no_honest_repeat_is_flagged(comporta, rng, prefix, clients):
    upload_all(comporta, in_uploads(rng, [record(client, endereco=HERE) for client in clients * 2]))
    assert flagged(comporta, prefix) == set()
    connection = comporta.connect()
    assert not any(is_fraud(connection, client) for client in clients)


def test_the_documented_demonstration_and_its_report(comporta):
    client, links = "cliente1", []
    for name in ("Dados.json", "Dados - Fraude1.json"):
        body = (EXAMPLES / name).read_bytes()
        answer = comporta.request("POST", UPLOADS, body, {"Content-Type": "application/json"})
        assert answer.status == 202, answer
        comporta.wait_settled(answer.json()["batches"])
        links += answer.json()["links"]["objects"]

    assert is_fraud(comporta.connect(), client)
    report = comporta.connect().view("transaction/report", key=client)
    comparison = report["comparisons"][-1]
    assert {reason["rule"] for reason in comparison["reasons"]} == {"window", "travel_time"}
    sides = [comparison[side] for side in ("earlier", "later")]
    assert [side["place"] for side in sides] == ["Cidade A, Estado A, 1000", "Cidade B, Estado B, 2000"]
    assert [side["event_time"] for side in sides] == ["2024-03-11T12:00:00.000Z"] * 2
    assert [side["object"] for side in sides] == links
    for side in sides:
        (line,) = [json.loads(line) for line in comporta.get(side["object"]).body.splitlines()]
        assert [one["endereco"] for one in line["records"]] == [side["place"]]
        assert line["received"] == side["arrived_at"]


def test_who_was_never_seen_is_no_suspect(comporta):
    assert not is_fraud(comporta.connect(), "nobody")
    assert comporta.get("/api/v1/views/transaction/report?key=nobody").status == 404
