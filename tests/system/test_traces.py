"""An upload that is sampled is one tree of spans, from its request to what it leads to, and no other leaves any."""

import json
import secrets
from pathlib import Path

import pytest

from client import eventually, record
from operator_tool import run_tool
from outage import DAEMONS, metric
from reacting import CACHES, FRESH, while_reacting
from span_receiver import SpanReceiver

ORDERS = "/api/v1/records/order"
UPLOAD = ["check", "wait", "publish", "store", "apply"]
CALLER = "b7ad6b7169203331"
SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5


class Traced:
    def __init__(self, reacting, receiver):
        self.reacting, self.comporta, self.receiver = reacting, reacting.comporta, receiver

    def upload(self, traceparent=None, key=None, **members):
        """The receipt of one order."""
        body = json.dumps({"id": key or next(FRESH), **members}).encode()
        headers = {"Content-Type": "application/json"} | ({"traceparent": traceparent} if traceparent else {})
        path, method = (f"{ORDERS}/{key}", "PUT") if key else (ORDERS, "POST")
        answer = self.comporta.request(method, path, body, headers)
        assert answer.status == 202, answer
        return answer.json()

    def wait_tree(self, trace, names):
        """The spans of that trace, once all of these are there, and whatever they are below."""
        def tree():
            spans = self.receiver.of_trace(trace)
            ids = {span.id for span in spans} | {"", CALLER}
            whole = all(span.parent in ids for span in spans)
            return spans if whole and {span.name for span in spans} >= set(names) else None
        def seen():
            return f"{names}, but {self.receiver.of_trace(trace)}; {self.receiver.faults}"
        return eventually(tree, seen)

    def trace_of(self, upload):
        """Of an upload whose caller had none."""
        found = eventually(lambda: [span for span in list(self.receiver.spans)
                                    if span.name == "check" and span.attributes.get("comporta.upload") == upload],
                           "the upload's check is told")
        return found[0].trace


@pytest.fixture(scope="module")
def running(make_stack, tmp_path_factory):
    receiver = SpanReceiver()
    settings = {"COMPORTA_TRACES_ENDPOINT": receiver.endpoint, "COMPORTA_TRACES_SAMPLE": "1"}
    for reacting in while_reacting(make_stack, tmp_path_factory.mktemp("traces"), settings=settings):
        yield Traced(reacting, receiver)
    receiver.stop()


@pytest.fixture
def traced(running):
    running.reacting.from_anew()
    yield running
    assert not running.receiver.faults


def new_trace():
    return secrets.token_hex(16)


def sampled(trace):
    return f"00-{trace}-{CALLER}-01"


def assert_tree(spans):
    """Each begins not before the one that it is below, and none ends before it begins."""
    by_id = {span.id: span for span in spans}
    for span in spans:
        assert span.begin <= span.end, span
        if span.parent in by_id:
            assert by_id[span.parent].begin <= span.begin, (span, by_id[span.parent])


def below(spans, parent, name):
    found = [span for span in spans if (span.parent, span.name) == (parent.id, name)]
    assert found, (parent, name, spans)
    return found[0]


def test_an_upload_that_its_caller_samples_is_one_tree(traced):
    trace = new_trace()
    receipt = traced.upload(sampled(trace))
    spans = traced.wait_tree(trace, UPLOAD)
    assert_tree(spans)
    root, = (span for span in spans if span.parent == CALLER)
    assert (root.name, root.service, root.kind) == ("POST " + ORDERS.replace("order", "{kind}"), "ingest-gateway", SERVER)
    assert root.attributes == {"http.request.method": "POST", "http.route": "/api/v1/records/{kind}",
                               "http.response.status_code": 202, "comporta.kind": "order"}
    check, wait, publish, store, apply = (below(spans, root, name) for name in UPLOAD)
    assert check.end <= wait.begin and wait.end >= wait.begin
    assert [span.service for span in (check, wait, publish)] == ["ingest-gateway"] * 3
    assert (publish.kind, store.kind, apply.kind) == (PRODUCER, CONSUMER, CONSUMER)
    assert (store.service, apply.service) == ("storage", "cache")
    assert len({span.instance for span in spans}) == 3
    assert check.attributes["comporta.upload"] == receipt["upload"] == apply.attributes["comporta.upload"]
    assert {span.attributes["messaging.message.id"] for span in (publish, store, apply)} == set(receipt["batches"])
    assert apply.attributes["comporta.records"] == 1 and apply.attributes["comporta.outcome"] == "applied"
    assert not any(span.failed for span in spans)


def test_a_reaction_and_its_outcome_are_in_the_tree_of_what_led_to_them(traced):
    trace = new_trace()
    traced.upload(sampled(trace), ask="charge")
    def outcome_is_applied():
        spans = traced.wait_tree(trace, [*UPLOAD, "react", "outcome"])
        return spans if sum(span.name == "apply" for span in spans) > 1 else None
    eventually(outcome_is_applied, "the outcome is applied, and told")
    spans = traced.wait_tree(trace, UPLOAD)
    assert_tree(spans)
    root, = (span for span in spans if span.parent == CALLER)
    react, outcome = (below(spans, root, name) for name in ("react", "outcome"))
    assert (react.service, react.kind, outcome.kind) == ("cache", CLIENT, CLIENT)
    assert react.attributes["http.response.status_code"] == 201
    assert react.attributes["comporta.reaction"] == "charge"
    request = below(spans, outcome, "POST /api/v1/records/{kind}")
    assert request.attributes["comporta.kind"] == "payment"
    for name in UPLOAD:
        below(spans, request, name)
    assert not any("traceparent" in map(str.lower, headers) for _path, headers in traced.reacting.provider.asked)


def test_at_one_of_one_every_upload_is_sampled_whose_caller_does_not_decide(traced):
    receipt = traced.upload()
    spans = traced.wait_tree(traced.trace_of(receipt["upload"]), UPLOAD)
    assert_tree(spans)
    root, = (span for span in spans if not span.parent)
    assert root.name == "POST /api/v1/records/{kind}"


def test_an_upload_that_its_caller_does_not_sample_leaves_none(traced):
    unsampled, after = new_trace(), new_trace()
    traced.upload(f"00-{unsampled}-{CALLER}-00")
    traced.upload(sampled(after))
    traced.wait_tree(after, UPLOAD)  # each daemon tells in its order
    assert not traced.receiver.of_trace(unsampled)


def test_nothing_of_a_record_is_told(traced):
    trace, key, text = new_trace(), "key-" + secrets.token_hex(8), "text-" + secrets.token_hex(8)
    traced.upload(sampled(trace), key=key, items=[text], ask="charge")
    spans = traced.wait_tree(trace, [*UPLOAD, "react", "outcome"])
    assert "PUT /api/v1/records/{kind}/{key}" in {span.name for span in spans}
    assert not any(secret.encode() in body for body in list(traced.receiver.bodies) for secret in (key, text))


def test_what_is_refused_is_told_with_its_status(traced):
    trace = new_trace()
    answer = traced.comporta.request("POST", ORDERS, b"{", {"Content-Type": "application/json",
                                                           "traceparent": sampled(trace)})
    spans = traced.wait_tree(trace, ["check", "POST /api/v1/records/{kind}"])
    assert {span.name for span in spans} == {"check", "POST /api/v1/records/{kind}"}
    root, = (span for span in spans if span.parent == CALLER)
    assert root.attributes["http.response.status_code"] == answer.status >= 400


def test_what_a_replay_applies_again_is_not_told_again(traced):
    trace = new_trace()
    receipt = traced.upload(sampled(trace))
    told = traced.wait_tree(trace, UPLOAD)
    traced.comporta.wait_settled(receipt["batches"])
    run_tool(traced.comporta.stack, "replay")
    after = new_trace()
    traced.upload(sampled(after))
    traced.wait_tree(after, UPLOAD)
    assert {span.id for span in traced.receiver.of_trace(trace)} == {span.id for span in told}


def spans_counted(comporta, daemon, which):
    return metric(comporta, daemon, f"spans_{which}_total")


def dropped(traced):
    """Whether every daemon has dropped some more than before: of the caches that which works."""
    before = {daemon: spans_counted(traced.comporta, daemon, "dropped") for daemon in (*DAEMONS, CACHES[1])}
    def all_have():
        now = {daemon: spans_counted(traced.comporta, daemon, "dropped") > count for daemon, count in before.items()}
        return now["ingest-gateway"] and now["storage"] and any(now[cache] for cache in CACHES)
    return all_have


@pytest.mark.parametrize("go_away, come_back", [(SpanReceiver.stop, SpanReceiver.start),
                                               (SpanReceiver.hold, SpanReceiver.release)])
def test_a_receiver_that_is_away_holds_up_and_loses_no_upload(traced, go_away, come_back):
    all_have_dropped = dropped(traced)
    go_away(traced.receiver)
    receipts = [traced.upload() for _ in range(20)]
    traced.comporta.wait_settled({batch for receipt in receipts for batch in receipt["batches"]}, 180)
    eventually(all_have_dropped, "what is not taken is counted")
    come_back(traced.receiver)
    traces = []
    def is_told_again():
        traces.append(new_trace())
        traced.upload(sampled(traces[-1]))
        return any(traced.receiver.of_trace(trace) for trace in traces)
    eventually(is_told_again, "the receiver is told again")


def test_without_an_endpoint_there_is_nobody_who_could_tell(comporta):
    answer = comporta.request("POST", "/api/v1/records/transaction", json.dumps([record("untold")]).encode(),
                              {"Content-Type": "application/json", "traceparent": sampled(new_trace())})
    assert answer.status == 202
    comporta.wait_settled(answer.json()["batches"])
    for daemon in DAEMONS:
        assert spans_counted(comporta, daemon, "sent") == spans_counted(comporta, daemon, "dropped") == 0
        tasks = Path(f"/proc/{comporta.stack.processes[daemon].pid}/task").iterdir()
        assert "traces" not in {(task / "comm").read_text().strip() for task in tasks}
