"""What became of an upload, asked by the link in its receipt, and waited for."""

import uuid

from client import eventually, record

WAIT = {"Prefer": "wait=10"}


def id_of_nothing(comporta):
    """An id like any other, of the time of another one."""
    known = comporta.connect().upload([record("another")]).json()["batches"][0]
    return known[:24] + uuid.uuid4().hex[:12]


def test_an_upload_is_waited_for(comporta):
    receipt = comporta.connect().upload([record("waited-for")]).json()

    def ended():
        answer = comporta.request("GET", receipt["status"], None, WAIT)
        return answer.json()["state"] != "pending" and answer

    answer = eventually(ended, "its wait is not over before it is applied")
    assert answer.json() == {"upload": receipt["upload"], "state": "applied", "records": [], "more": 0}
    assert answer.headers["preference-applied"] == "wait"
    assert answer.headers["cache-control"] == "no-store"
    head = comporta.request("HEAD", receipt["status"], None, WAIT)
    assert (head.status, head.headers["content-length"]) == (200, str(len(answer.body)))


def test_one_that_never_comes_is_pending_when_the_longest_wait_is_over(comporta):
    """And not a 503 by the server's own limit."""
    unknown = id_of_nothing(comporta)
    answer = comporta.request("GET", f"/api/v1/uploads/{unknown}?batch={unknown}", None, WAIT)
    assert (answer.status, answer.json()["state"]) == (200, "pending")
    assert answer.headers["preference-applied"] == "wait"


def test_of_what_nobody_sent_nothing_is_known(comporta):
    unknown = id_of_nothing(comporta)
    assert comporta.request("GET", f"/api/v1/uploads/{unknown}", None, WAIT).status == 404
    for path in ("/api/v1/uploads/x", f"/api/v1/uploads/{unknown}?batch=x", f"/api/v1/uploads/{unknown}?wait=1"):
        assert comporta.get(path).status == 400, path
