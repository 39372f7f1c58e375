#!/usr/bin/env python3
"""Writes the samples of this version: `make forms`, once, before it is given to anybody (CHANGELOG.md)."""

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy" / "native"))

from broker import open_channel  # noqa: E402
from client import record  # noqa: E402
from comporta_native.stack import Stack  # noqa: E402
from conftest import BUILD, SOURCE, STACKS  # noqa: E402
from forms import (EMAIL, EXCHANGE, PASSWORD, Sample, answers, keys, log_in, make_sample_stack, message_of,  # noqa: E402
                   objects)

SELLER, PRODUCT = "padaria", "pao"
CARD = {"card_number": "4539578763621486", "cvv": "123", "card_holder_name": "ANA B SOUZA", "exp_date": "12/29"}
MANY = 40  # as much as travels compressed


def send_all(comporta):
    """One of each kind of message; the ids of all batches."""
    connection, batches = comporta.connect(), []

    def send(kind, records, key=None, headers=None):
        headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {}), **(headers or {})}
        answer = connection.request("POST", f"/api/v1/records/{kind}", json.dumps(records).encode(), headers)
        assert answer.status == 202, answer
        assert connection.outcome(answer.json(), headers)["state"] in ("applied", "partly", "refused"), answer
        batches.extend(answer.json()["batches"])

    send("seller", [{"id": SELLER, "name": "Padaria do Zé"}], key="first")
    send("product", [{"id": PRODUCT, "title": "Pão", "price": 150, "seller": SELLER}])
    send("client", [{"name": "Ana", "email": EMAIL, "password": PASSWORD}])
    caller = {"Authorization": f"Bearer {log_in(comporta)}"}
    send("order", [{"products": [PRODUCT, PRODUCT], "credit_card": CARD}], headers=caller)
    send("order", [{"products": ["not-there-yet"], "credit_card": CARD}], headers=caller)
    send("transaction", [record("ana")])
    send("transaction", [record("ana", endereco="Recife, PE, 1")])
    send("transaction", [record(f"many-{number}") for number in range(MANY)])
    send("seller", [{"id": "gone", "name": "Not for long"}])
    answer = connection.delete("seller", "gone")
    assert answer.status == 202, answer
    batches.extend(answer.json()["batches"])
    comporta.wait_settled(batches)
    return batches


def questions(batches):
    yield from (f"/api/v1/batches/{batch}" for batch in batches)
    yield from (f"/api/v1/records/{kind}/{key}" for kind, key in
                (("seller", SELLER), ("product", PRODUCT), ("seller", "gone")))
    yield from (f"/revenue/{SELLER}", "/api/v1/views/order/sellers", "/api/v1/views/order/by-day",
                "/api/v1/views/seller/list", "/api/v1/views/product/list")


def capture(version):
    made = []

    def make_stack(**options):
        STACKS.mkdir(parents=True, exist_ok=True)
        made.append(Stack(Path(tempfile.mkdtemp(dir=STACKS)), driver="s3", build=BUILD, **options))
        return made[-1]
    try:
        comporta, sample = make_sample_stack(make_stack), Sample(version)
        channel = open_channel(comporta.stack)
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, EXCHANGE)
        batches = send_all(comporta)
        taken = iter(lambda: channel.basic_get(queue, auto_ack=True), (None, None, None))
        sample.write("messages", [message_of(properties, body) for _method, properties, body in taken])
        sample.write("objects", objects(comporta))
        sample.write("keys", keys(comporta.redis))
        sample.write("answers", answers(comporta, questions(batches)))
        shutil.copytree(SOURCE / "deploy" / "config", sample.folder / "config")
    finally:
        for stack in made:
            stack.discard()
            shutil.rmtree(stack.directory, ignore_errors=True)


def main():
    version = re.search(r"project\(comporta VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text())[1]
    if Sample(version).folder.exists():
        sys.exit(f"{Sample(version).folder} is there: what a version wrote stays as it is")
    capture(version)


if __name__ == "__main__":
    main()
