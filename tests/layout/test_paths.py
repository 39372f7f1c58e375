"""The paths of pages: what else is served is taken, and no kind's page may have it."""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
TEMPLATE = (SOURCE / "nginx" / "comporta.conf.template").read_text()
TAKEN = set(re.findall(r'"([a-z-]+)"', (SOURCE / "common" / "kinds" / "page.cpp").read_text().partition("kTaken{")[2]
                       .partition("};")[0]))
ONE_STEP = re.compile(r"^[a-z][a-z0-9-]*$")


def served_at():
    """The first step of every location, and of every file."""
    for location in re.findall(r"^\s*location (?:=|~|\^~)?\s*\^?/([a-z-]+)(?=[/?\s])", TEMPLATE, re.MULTILINE):
        yield location
    for file in (SOURCE / "static").iterdir():
        yield file.name


def test_what_is_served_is_taken():
    steps = {step for step in served_at() if ONE_STEP.match(step)}
    assert {"api", "js", "login", "products", "seller", "style", "vendor"} <= steps
    assert steps <= TAKEN


def test_what_is_taken_is_no_page():
    left_out, = re.findall(r'location ~ "\^/\(\?!\(([a-z|-]+)\)/\)', TEMPLATE)
    assert set(left_out.split("|")) == TAKEN
