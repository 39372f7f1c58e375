"""HEAD is answered wherever GET is, and as GET is, without the body."""

import pytest

from client import UPLOADS, record

PATHS = ["/", "/openapi.json", "/nowhere",
         "/api/v1/kinds", "/api/v1/kinds/transaction/schema.json", "/api/v1/kinds/order/samples/pedidos.json",
         "/api/v1/recent/seller?limit=1", "/api/v1/views/order/sellers", "/api/v1/views/order/nothing",
         "/api/v1/batches/no-id", "/api/v1/objects/seller?date=2020-02-30",
         "/check-fraud?transactionId=nobody", "/revenue/3", "/products/", "/seller", "/purchase"]
SAID = ("content-type", "content-length", "etag", "cache-control", "allow", "retry-after")


@pytest.fixture(scope="module", autouse=True)
def at_rest(comporta):
    """Nothing of other tests is applied between two questions."""
    comporta.settle()


def alike(comporta, path):
    got, asked = comporta.get(path), comporta.request("HEAD", path)
    assert asked.status == got.status, path
    # An error's body names its trace, of the same length each time.
    assert {name: asked.headers.get(name) for name in SAID} == {name: got.headers.get(name) for name in SAID}, path
    assert asked.body == b"" and got.body != b""
    return asked


@pytest.mark.parametrize("path", PATHS)
def test_a_path_answers_head_as_get(comporta, path):
    alike(comporta, path)


def test_what_was_uploaded_answers_head_as_get(comporta):
    receipt = comporta.connect().upload([record("headed")]).json()
    comporta.wait_settled(receipt["batches"])
    for path in (f"{UPLOADS}/nobody", receipt["links"]["batches"][0], receipt["links"]["objects"][0]):
        alike(comporta, path)
    assert comporta.request("HEAD", f"{UPLOADS}/headed").status == 200  # its time runs meanwhile


@pytest.mark.parametrize("name", ["ingest-gateway", "storage", "cache"])
def test_the_private_port_answers_head(comporta, name):
    for path in ("/livez", "/readyz", "/metrics"):
        assert comporta.private_head(name, path) == 200
