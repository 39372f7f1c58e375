"""A record's key may be any text, and every one of them can be sent, read, set and taken away, however it is written
in an address: in the API, and in the addresses of earlier systems."""

import json
import urllib.parse

import pytest

from callers import as_admin
from raw import send_raw

KIND = "/api/v1/records/seller"
CARD = {"card_number": "4539578763621486", "card_holder_name": "ANA", "exp_date": "12/29"}
KEYS = [
    ".", "..", "...", ".hidden", "a/.b", "a/./b", "../x", "a/../b", "../../..", "../../../../x", "../kinds",
    "/.git/config", "/", "//", "a/", "a//b", "/a", "a/b/c", "%", "%2F", "%2e%2e", "a%20b", "100%", " ", " a ", "a b",
    "+", "a+b", "a%2Bb", "?", "a?b=c", "#", "a#b", "&", "a&seller=b", "=", ";", "a:b@c", "*", "!$'()*,~-_", "\\",
    "a\\..\\b", '"', "<b>", "{}", "[]", "|", "^", "`", "\t", "a\nb", "a\r\nb", "\x7f", "ção/é", "e\u0301", "日本語",
    "\u202eabc", "\u00a0", "\ufeff", "😀" * 128, "x" * 128, "records", "schema.json", "a.ndjson", "null", "0", "-1",
    "with-key/records",
]


def escape_all(key, form="%{:02X}"):
    return "".join(form.format(byte) for byte in key.encode()).encode()


def escape_least(key):
    """What an address may not hold, or would hold for something else; all the rest as it is."""
    return b"".join(bytes([byte]) if 32 < byte < 127 and byte not in b"%?#" else b"%%%02X" % byte
                    for byte in key.encode())


FORMS = {
    "as-usual": lambda key: urllib.parse.quote(key, safe="").encode(),
    "all-escaped": escape_all,
    "all-escaped-in-small-letters": lambda key: escape_all(key, "%{:02x}"),
    "least-escaped": escape_least,
}


@pytest.fixture(params=FORMS)
def written(request):
    return FORMS[request.param]


def seller(key, name="Ana"):
    return {"id": key, "name": name}


@pytest.fixture(scope="module")
def shop(comporta):
    """A seller of every key, who sold one product at a price of its own, to a client of the same key."""
    products = [{"id": f"p{n}", "title": "x", "price": n + 1, "seller": key} for n, key in enumerate(KEYS)]
    orders = [{"id": f"o{n}", "client": key, "products": [f"p{n}"], "credit_card": CARD} for n, key in enumerate(KEYS)]
    for kind, records in (("seller", [seller(key) for key in KEYS]), ("product", products), ("order", orders)):
        settled(comporta, [comporta.connect(as_admin(comporta.stack)).upload(records, kind=kind)])
    return comporta


def settled(comporta, answers):
    for answer in answers:
        assert answer.status == 202, answer
    comporta.wait_settled({batch for answer in answers for batch in answer.json()["batches"]})


def ask(comporta, method, path, body=b""):
    """As an admin. `path`: bytes, sent as they are."""
    headers = ["Host: test", "Connection: close", "Content-Type: application/json", f"Content-Length: {len(body)}",
               f"Authorization: {as_admin(comporta.stack)['Authorization']}"]
    head = "\r\n".join([" HTTP/1.1", *headers, "", ""])
    request = method.encode() + b" " + path + head.encode() + body
    (answer,) = send_raw(comporta.stack.ports["COMPORTA_PORT"], request)
    return answer


def found(comporta, key, path):
    """The name of the seller that is found there."""
    answer = ask(comporta, "GET", path)
    assert answer.status == 200, (key, path, answer)
    assert answer.json()["key"] == key
    return answer.json()["record"]["name"]


def test_what_was_posted_is_read(shop, written):
    for key in KEYS:
        found(shop, key, f"{KIND}/".encode() + written(key))


def test_a_record_is_set_and_taken_away(shop, written):
    addresses = {key: f"{KIND}/".encode() + written(key) for key in KEYS}
    settled(shop, [ask(shop, "PUT", path, json.dumps(seller(key, "Bia")).encode()) for key, path in addresses.items()])
    assert {found(shop, key, path) for key, path in addresses.items()} == {"Bia"}
    settled(shop, [ask(shop, "DELETE", path) for path in addresses.values()])
    assert {ask(shop, "GET", path).status for path in addresses.values()} == {404}
    settled(shop, [shop.connect().upload([seller(key) for key in KEYS], kind="seller")])


def climbs_out(key, depth):
    """By RFC 3986 `..` is a step up, and there is nothing above the root: such an address is none."""
    for segment in key.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(segment, 1)
        if depth < 0:
            return True
    return False


@pytest.mark.parametrize("path", [b"/revenue/", b"/api/v1/views/order/revenue/"])
def test_a_view_and_the_addresses_of_earlier_systems_know_it(shop, written, path):
    for number, key in enumerate(KEYS):
        if climbs_out(key, depth=path.count(b"/") - 1):
            continue
        answer = ask(shop, "GET", path + written(key))
        assert answer.status == 200, (key, written(key), answer)
        assert answer.json()["total_received"] == number + 1, (key, written(key), answer)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "least-escaped"])
def test_so_does_a_query(shop, form):
    for number, key in enumerate(KEYS):
        answer = ask(shop, "GET", b"/purchase/?client=" + FORMS[form](key))
        assert answer.status == 200, (key, answer)
        assert [purchase["id"] for purchase in answer.json()["purchases"]] == [f"o{number}"], key


def test_what_climbs_out_of_every_path_is_refused_at_the_door(comporta):
    answer = ask(comporta, "GET", f"{KIND}/".encode() + b"/".join([b".."] * 6))
    assert answer.status == 400 and answer.json()["detail"]
