"""The benchmarks change kinds before they measure: what they make of them is still good."""

import sys

import pytest

from conftest import SOURCE
from test_operation import DAEMONS, run, shipped_config

sys.path.insert(0, str(SOURCE / "bench"))

from comporta_bench.ours import make_kinds  # noqa: E402


@pytest.mark.parametrize("name", DAEMONS)
def test_the_kinds_of_the_benchmarks_are_good(comporta, tmp_path, name):
    faults = run(name, "--check", "--config", str(shipped_config(name)), "--kinds", str(make_kinds(tmp_path)),
                 env=comporta.stack.parts[name].env)
    assert faults.returncode == 0, faults.stderr
