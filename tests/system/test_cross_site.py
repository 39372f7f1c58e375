"""What a browser sends for a page of another site is not taken, and what programs and the own page send is."""

import json

import pytest

from client import UPLOADS, record

PORT = "COMPORTA_PORT"
CROSS_SITE = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"},
              {"Origin": "http://evil.example"}, {"Origin": "http://127.0.0.1"},
              {"Sec-Fetch-Site": "cross-site", "Origin": "http://{here}"}]
OWN = [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://{here}"},
       {"Sec-Fetch-Site": "same-origin", "Origin": "null"}]
FORM = ("multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n%s\r\n--b--\r\n')


def send(comporta, method, path, sent):
    here = f"127.0.0.1:{comporta.stack.ports[PORT]}"
    body = json.dumps(record("visitor")).encode()
    headers = {name: value.format(here=here) for name, value in sent.items()}
    if method == "POST":
        headers["Content-Type"], body = FORM[0], FORM[1] % body
    else:
        headers["Content-Type"] = "application/json"
    return comporta.request(method, path, None if method == "DELETE" else body, headers)


@pytest.mark.parametrize("method, path", [
    ("POST", UPLOADS), ("PUT", f"{UPLOADS}/visitor"), ("DELETE", f"{UPLOADS}/visitor")])
def test_a_page_of_another_site_sends_nothing(comporta, method, path):
    for sent in CROSS_SITE:
        answer = send(comporta, method, path, sent)
        assert answer.status == 403, (sent, answer)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:comporta:problem:cross-site"
    for sent in OWN:
        assert send(comporta, method, path, sent).status == 202, sent


def test_reading_is_the_browsers_own_business(comporta):
    """It gives the answer to no page of another site: no answer allows that."""
    answer = comporta.request("GET", "/api/v1/kinds", None, {"Origin": "http://evil.example"})
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]
