"""`trace` follows one upload from the door to its outcome, whatever became of it."""

import json
import time
import uuid

from broker import open_channel
from client import eventually, record
from operator_tool import run_tool
from test_dead import part_line, publish


def traced(comporta, upload, *arguments):
    return [json.loads(line) for line in run_tool(comporta.stack, "trace", upload, "--json", *arguments).splitlines()]


def steps_of(comporta, upload, *arguments):
    """By their name, but for lines of logs."""
    return {step["step"]: step for step in traced(comporta, upload, *arguments) if step["step"] != "log"}


def wait_traced(comporta, upload, *steps, arguments=()):
    """Until it has come through these."""
    return eventually(lambda: (found := steps_of(comporta, upload, *arguments)) and set(steps) <= set(found) and found,
                      f"{upload} comes to {steps}")


def upload(comporta, records, key=None, trace=None):
    """Its receipt, once it is applied and stored."""
    connection = comporta.connect({"traceparent": f"00-{trace or uuid.uuid4().hex}-00f067aa0ba902b7-01"})
    answer = connection.upload(records, key)
    assert answer.status == 202, answer
    comporta.wait_settled(answer.json()["batches"])
    return answer.json()


def test_an_upload_is_followed_in_the_order_of_its_steps(comporta):
    trace = uuid.uuid4().hex
    receipt = upload(comporta, [record("traced-1"), record("traced-2")], trace=trace)
    found = steps_of(comporta, receipt["upload"])
    assert list(found)[:2] == ["accepted", "published"] and set(list(found)[2:]) == {"stored", "applied"}
    assert [step["at"] for step in found.values()] == sorted(step["at"] for step in found.values())
    assert {"records": 2, "kind": "transaction", "trace": trace}.items() <= found["accepted"].items()
    assert [found["published"]["batch"]] == receipt["batches"]
    assert found["stored"]["object"].endswith(f"{receipt['batches'][0]}.ndjson")


def test_the_lines_of_logs_are_among_them(comporta):
    trace = uuid.uuid4().hex
    receipt = upload(comporta, [record("traced-log")], trace=trace)
    lines = eventually(lambda: [step for step in traced(comporta, receipt["upload"]) if step["step"] == "log"],
                       "nginx has written its line")
    assert {(line["daemon"], line["status"], line["trace_id"]) for line in lines} >= {("nginx", 202, trace)}


def test_one_whose_id_follows_from_a_key_is_looked_for_since_yesterday(comporta):
    receipt = upload(comporta, [record("traced-keyed")], key=f"traced-{uuid.uuid4()}")
    assert receipt["upload"].startswith("00000000-0000-7")
    assert "applied" in steps_of(comporta, receipt["upload"])
    assert "applied" in steps_of(comporta, receipt["upload"], "--since", "10m", "--kind", "transaction")


def test_a_part_that_was_parked_says_why(comporta):
    with open_channel(comporta.stack) as channel:
        line = part_line([{"nobody": 1}])
        batch = publish(channel, line)
    parked = wait_traced(comporta, json.loads(line)["upload"], "parked")["parked"]
    assert (parked["batch"], parked["queue"]) == (batch, "comporta.cache") and "record 0 has no key" in parked["reason"]
    run_tool(comporta.stack, "dead", "drop", "--id", batch, "--yes")


def test_what_was_refused_of_it_is_told(comporta):
    connection = comporta.connect({"Authorization": f"Bearer {comporta.stack.operator_token()}"})
    move = {"order": str(uuid.uuid4()), "action": "advance", "expect": "pending"}
    answer = connection.upload([move], kind="snack-move")
    assert answer.status == 202, answer
    told = wait_traced(comporta, answer.json()["upload"], "applied", "outcome")["outcome"]
    assert (told["record"], told["outcome"]) == (0, "refused") and told["reason"]


def test_errors_say_what_would_be_right(comporta):
    assert "is not the id of an upload" in run_tool(comporta.stack, "trace", "42", expect=1)
    made = f"{time.time_ns() // 1_000_000:012x}"
    unknown = f"{made[:8]}-{made[8:]}-7000-8000-000000000000"
    assert "see --since" in run_tool(comporta.stack, "trace", unknown, expect=1)
    assert "there is no kind nobody" in run_tool(comporta.stack, "trace", unknown, "--kind", "nobody", expect=1)


def test_people_read_one_step_a_line(comporta):
    receipt = upload(comporta, [record("traced-read")])
    steps = [line.split()[1] for line in run_tool(comporta.stack, "trace", receipt["upload"]).splitlines()]
    assert sorted(step for step in steps if step != "log") == ["accepted", "applied", "published", "stored"]
