"""The parameters of the kind transaction: a copy of the kind with other ones leads to other flags.

An example of a kind holds for the parameters that its kind.yaml has; here each case brings its own.
"""

import json
import os
import shutil
import subprocess

import pytest

from client import record
from conftest import BUILD, SOURCE

CHECK_KINDS = BUILD / "tests" / "kinds" / "check_kinds"
RECIFE, NATAL = "Recife, Pernambuco, 120", "Natal, Rio Grande do Norte, 80"


def at(seconds):
    return f"2024-03-11T12:{seconds // 60:02d}:{seconds % 60:02d}Z"


def upload(seconds, *records):
    return {"at": at(seconds), "upload": "transaction", "records": list(records)}


def flagged(seconds, client, expected):
    return {"at": at(seconds), "query": "transaction/check-fraud", "parameters": {"transactionId": client},
            "expect": {"isFraud": expected}}


# What changes in kind.yaml, and an example.
CASES = {
    "travel_time, longer than the window": ({"ttl: 60s": "ttl: 3h"}, [
        upload(0, *(record(key, endereco=RECIFE, datatrasancao="2024-03-11T10:00:00Z") for key in ("fast", "slow"))),
        upload(60, record("fast", endereco=NATAL, datatrasancao="2024-03-11T11:59:59Z"),
               record("slow", endereco=NATAL, datatrasancao="2024-03-11T12:00:00Z")),
        flagged(61, "fast", True), flagged(61, "slow", False)]),
    "window, shorter than the memory": ({"window: 60s": "window: 10s", "travel_time: 2h": "travel_time: 1s"}, [
        upload(0, *(record(key, endereco=RECIFE, datatrasancao="2024-03-11T10:00:00Z") for key in ("in", "after"))),
        upload(9, record("in", endereco=NATAL)), upload(10, record("after", endereco=NATAL)),
        flagged(11, "in", True), flagged(11, "after", False)]),
    "flag_time": ({"flag_time: 300s": "flag_time: 20s"}, [
        upload(0, record("a", endereco=RECIFE)), upload(10, record("a", endereco=NATAL)),
        flagged(29, "a", True), flagged(30, "a", False)]),
    "compare: city": ({"compare: address": "compare: city"}, [
        upload(0, *(record(key, endereco=RECIFE) for key in ("street", "city", "state"))),
        upload(1, record("street", endereco="Recife, Pernambuco, 121"), record("city", endereco="Olinda, Pernambuco, 120"),
               record("state", endereco="Recife, Rio Grande do Norte, 120")),
        flagged(2, "street", False), flagged(2, "city", True), flagged(2, "state", True)]),
}


@pytest.fixture
def check_transaction(comporta, tmp_path):
    """Runs an example against a copy of the kind, on the Redis of the stack, under a prefix of its own."""
    folder = tmp_path / "kinds" / "transaction"
    shutil.copytree(SOURCE / "kinds" / "transaction", folder)
    shutil.copytree(SOURCE / "kinds" / "flag-notice", tmp_path / "kinds" / "flag-notice")
    for example in folder.parent.glob("*/examples/*.yaml"):
        example.unlink()

    def check(changes, steps):
        settings = (folder / "kind.yaml").read_text()
        for old, new in changes.items():
            assert settings.count(old) == 1, old
            settings = settings.replace(old, new)
        (folder / "kind.yaml").write_text(settings)
        (folder / "examples" / "case.yaml").write_text(json.dumps({"name": "case", "steps": steps}))
        environment = {**os.environ, "COMPORTA_TEST_REDIS_PORT": str(comporta.stack.ports["COMPORTA_REDIS_PORT"])}
        return subprocess.run([CHECK_KINDS, folder.parent], env=environment, capture_output=True, text=True,
                              timeout=300, check=False)
    return check


@pytest.mark.parametrize("case", CASES)
def test_a_parameter_does_what_it_says(check_transaction, case):
    done = check_transaction(*CASES[case])
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_the_change_it_is_another_end(check_transaction):
    """The cases above would not pass whatever the parameters."""
    done = check_transaction({}, CASES["compare: city"][1])
    assert done.returncode == 1 and "case.yaml" in done.stdout, done.stdout + done.stderr
