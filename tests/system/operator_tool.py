"""Runs deploy/operator/comporta.py on a stack, as `make dead` and `make replay` do."""

import json
import subprocess

from conftest import SOURCE

TOOL = SOURCE / "deploy" / "operator" / "comporta.py"


def start_tool(stack, *arguments):
    return subprocess.Popen(["/usr/bin/python3", TOOL, *arguments], env=stack.operator_environment(), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish_tool(process, expect=0):
    """What it printed."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == expect, out + err
    return out if expect == 0 else err


def run_tool(stack, *arguments, expect=0):
    return finish_tool(start_tool(stack, *arguments), expect)


def listed(stack, *filters):
    return [json.loads(line) for line in run_tool(stack, "dead", "list", "--json", *filters).splitlines()]
