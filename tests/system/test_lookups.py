"""What is looked up elsewhere: what a provider over TLS says is answered, and nothing that is no answer."""

import pytest

from client import eventually, files_of
from lookups import FRESH_CPF, LOOKUPS, TOKEN, while_asking
from provider import LIMIT, Reply, credit, json_reply

FAILURES_UNTIL_OPEN = 5


@pytest.fixture(scope="module")
def running(make_stack, tmp_path_factory):
    yield from while_asking(make_stack, tmp_path_factory.mktemp("lookups"))


@pytest.fixture
def asking(running):
    return running.from_anew()


def test_what_the_provider_says_is_answered_with_its_time_and_kept(asking):
    cpf = next(FRESH_CPF)
    first = asking.ask("cashback", f"agent/{cpf}")
    assert first.status == 200 and first.headers["cache-control"] == "no-store", first
    said = first.json()
    assert said == {"credit": 1234, "fetched_at": said["fetched_at"], "stale": False}
    asking.provider.answer = lambda path: credit(9)
    assert asking.ask("cashback", f"agent/{cpf}").json() == said
    ((path, headers),) = asking.provider.asked
    assert path == f"/v1/cashback?cpf={cpf}"
    assert headers["token"] == TOKEN and headers["Accept"] == "application/json"
    for at in ("COMPORTA_CACHE_PORT_2", "COMPORTA_PORT"):
        assert asking.ask("cashback", f"agent/{cpf}", at=at).json() == said, "another cache knows it, too"
    assert len(asking.provider.asked) == 1


def test_results_have_their_types_and_values_are_encoded(asking):
    asking.provider.answer = lambda path: json_reply({"rate": 1.25, "name": "dólar", "fixed": False, "more": [1]})
    said = asking.ask("rate", code="a%2Fb%26c", on="2026-02-03").json()
    assert (said["rate"], said["name"], said["fixed"]) == (1.25, "dólar", False)
    assert asking.ask("rate", code="x").status == 200
    assert asking.provider.paths() == ["/v1/rates/a%2Fb%26c?on=2026-02-03", "/v1/rates/x?on=2026-01-01"]
    assert asking.provider.asked[0][1]["Authorization"] == f"Bearer {TOKEN}"


def test_who_may_ask_is_as_of_a_view(asking):
    own, other = next(FRESH_CPF), next(FRESH_CPF)
    assert asking.ask("cashback").status == 401
    assert asking.ask("cashback", f"agent/{own}", cpf=other).status == 403
    assert asking.ask("cashback", "elsewhere/x", cpf=other).status == 403
    assert asking.ask("cashback", "elsewhere/x", ["clerk"]).status == 400, "a clerk says about whom"
    assert asking.provider.asked == []
    assert asking.ask("cashback", "elsewhere/x", ["clerk"], cpf=other).status == 200
    assert asking.ask("cashback", f"agent/{own}", cpf=own).status == 200


@pytest.mark.parametrize("path", ["fresh?cpf=15350946057", "fresh?cpf=153.509.460-56", "fresh?cpf=", "fresh",
                                  "fresh?cpf=15350946056&more=1", "rate?code=.", "rate?code=.."])
def test_what_does_not_fit_asks_nobody(asking, path):
    assert asking.comporta.get(f"{LOOKUPS}/{path}").status == 400
    assert asking.provider.asked == []


def test_other_paths_and_methods(asking):
    for path in ("none", "", "fresh/15350946056", "../purchase/cashback"):
        assert asking.comporta.get(f"{LOOKUPS}/{path}").status == 404, path
    answer = asking.comporta.request("POST", f"{LOOKUPS}/fresh?cpf=15350946056")
    assert answer.status == 405 and answer.headers["allow"] == "GET, HEAD"
    head = asking.comporta.request("HEAD", f"{LOOKUPS}/fresh?cpf={next(FRESH_CPF)}")
    assert head.status == 200 and head.body == b""


NO_ANSWERS = {
    "an error": Reply(500, b'{"statusCode":200,"body":{"credit":1}}'),
    "not there": Reply(404, b'{"statusCode":200,"body":{"credit":1}}'),
    "nothing": Reply(204),
    "an error inside": credit(1, inner=500),
    "no word of success": json_reply({"body": {"credit": 1}}),
    "a page": Reply(200, b"<html>1</html>", {"Content-Type": "text/html"}),
    "half of it": Reply(200, b'{"statusCode":200,"body":{"credit":1'),
    "no body": Reply(200, b""),
    "no number": credit("1234"),
    "null": credit(None),
    "a list": json_reply([200, 1]),
    "another shape": json_reply({"statusCode": 200, "body": 1}),
    "a number too large": Reply(200, b'{"statusCode":200,"body":{"credit":1e999}}'),
    "bytes that are no text": Reply(200, b'{"statusCode":200,"body":{"credit":1},"x":"\xff"}'),
    "more behind a NUL": Reply(200, b'{"statusCode":200,"body":{"credit":1}}\0x'),
    "too much": Reply(200, b'{"statusCode":200,"body":{"credit":1}}' + b" " * LIMIT),
    "without end": Reply(200, b'{"statusCode":200,"body":{"credit":1}}' + b" " * 64 * LIMIT, has_length=False),
    "less than it said": Reply(200, b'{"statusCode":200,"body":{"credit":1}}',
                               {"Content-Length": "4000", "Connection": "close"}, has_length=False),
}


@pytest.mark.parametrize("reply", NO_ANSWERS)
def test_what_is_no_answer_is_said_to_be_none_and_never_a_zero(asking, reply):
    cpf = next(FRESH_CPF)
    asking.provider.answer = lambda path: NO_ANSWERS[reply]
    answer = asking.fresh(cpf)
    assert answer.status == 503 and answer.headers["content-type"] == "application/problem+json", answer
    assert answer.headers["retry-after"] == "1" and cpf not in answer.body.decode()
    asking.provider.answer = lambda path: credit(5)
    assert asking.fresh(cpf).json()["credit"] == 5
    assert len(asking.provider.asked) == 2


def test_redirects_are_not_followed(asking):
    asking.provider.answer = lambda path: credit(1) if path == "/else" else Reply(302, b"", {"Location": "/else"})
    assert asking.fresh(next(FRESH_CPF)).status == 503
    assert "/else" not in asking.provider.paths()


def test_a_private_address_is_not_asked_unless_its_host_is_named(asking):
    """The same server, by an address that the installation does not name: not a byte reaches it."""
    before = asking.provider.connections
    assert asking.ask("elsewhere", cpf=next(FRESH_CPF)).status == 503
    assert asking.provider.connections == before and asking.provider.asked == []


def test_without_its_secret_a_lookup_is_not_set_up(asking):
    answer = asking.ask("unsecret")
    assert answer.status == 503 and "not set up" in answer.json()["detail"]
    (line,) = asking.logged("a lookup is not set up")
    assert "nobodys_token" in line and asking.provider.asked == []


def test_what_is_kept_tells_nobody_what_was_asked(asking):
    cpf = next(FRESH_CPF)
    asking.fresh(cpf)
    keys = asking.comporta.redis.keys("comporta-lookups:*")
    assert keys and asking.comporta.redis.keys("comporta:*lookups*") == []
    content = b"".join(keys + [asking.comporta.redis.get(key) or b"" for key in keys])
    assert cpf.encode() not in content and TOKEN.encode() not in content
    lasting = [asking.comporta.redis.ttl(key) for key in keys]
    assert -1 not in lasting and max(lasting) <= 25 * 3600, "each ends by itself"


def test_answers_and_calls_are_counted(asking):
    def counted():
        return {outcome: asking.metric("comporta_lookups_total", lookup="fresh", outcome=outcome)
                for outcome in ("known", "fetched", "stale", "nothing")}
    before, calls = counted(), asking.metric("comporta_lookup_call_seconds_count", lookup="fresh")
    cpf = next(FRESH_CPF)
    assert asking.fresh(cpf).status == 200
    asking.provider.answer = lambda path: Reply(500)
    assert asking.fresh(next(FRESH_CPF)).status == 503
    eventually(lambda: asking.metric("comporta_lookup_call_seconds_count", lookup="fresh") == calls + 2, "they are counted")
    assert {name: count - before[name] for name, count in counted().items()} == {
        "known": 0, "fetched": 1, "stale": 0, "nothing": 1}


def test_no_log_has_what_was_asked_or_the_secret(asking):
    """After all that was asked above."""
    cpf = "15350946056"
    asking.fresh(cpf)
    asking.provider.answer = lambda path: Reply(500, TOKEN.encode() + cpf.encode())
    for _ in range(FAILURES_UNTIL_OPEN):
        asking.fresh(next(FRESH_CPF))
    files = files_of(asking.stack)
    assert any(name.endswith("/cache.log") for name in files)
    secrets = [secret.encode() for secret in (cpf, TOKEN, "/v1/cashback")]
    assert [name for name, content in files.items() if any(secret in content for secret in secrets)] == []
