"""Each alert has a section that says what to do, a case in which it fires, and one in which it does not."""

import re
import shutil
import subprocess

import pytest
import yaml

from conftest import SOURCE

FOLDER = SOURCE / "deploy" / "monitoring"
PAGE = (SOURCE / "docs" / "OPERATIONS.md").read_text()
RULES = [rule for group in yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"] for rule in group["rules"]]
ALERTS = [rule["alert"] for rule in RULES if "alert" in rule]
CASES = yaml.safe_load((FOLDER / "rules.test.yml").read_text())["tests"]


def promtool(*arguments):
    return subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)


def metrics_of(cases):
    return {re.match(r"\w+", series["series"])[0] for case in cases for series in case["input_series"]}


def test_the_cases_come_out_as_they_say():
    tested = promtool("test", "rules", "rules.test.yml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("alert", ALERTS)
def test_a_rule_that_never_fires_is_noticed(tmp_path, alert):
    """The cases look at the rule: with another one in its place they fail."""
    text = (FOLDER / "rules.yml").read_text()
    broken = re.sub(rf"(- alert: {alert}\n(?: +#.*\n)*        expr:).*\n(?:          .*\n)*", r"\1 vector(1) > 2" + "\n", text)
    assert broken != text
    (tmp_path / "rules.yml").write_text(broken)
    cases = [case for case in CASES if case["alert_rule_test"][0]["alertname"] == alert]
    (tmp_path / "cases.yml").write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "10s", "tests": cases}))
    assert promtool("test", "rules", str(tmp_path / "cases.yml")).returncode != 0


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_has_both_cases(alert):
    cases = [case for case in CASES if [test["alertname"] for test in case["alert_rule_test"]] == [alert]]
    fires = [case for case in cases if case["alert_rule_test"][0].get("exp_alerts")]
    silent = [case for case in cases if not case["alert_rule_test"][0].get("exp_alerts")]
    assert fires and silent
    assert metrics_of(fires) & metrics_of(silent), "they are about the same"


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_has_a_section_that_says_what_to_do(alert):
    section = re.search(rf"^### {alert}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section and "**What it means.**" in section[1] and "**What to do.**" in section[1]


def test_no_section_is_of_an_alert_that_there_is_not():
    assert re.findall(r"^### (Comporta\w+)$", PAGE, re.MULTILINE) == ALERTS


def test_what_the_shipped_files_say_is_well_formed():
    assert shutil.which("promtool")
    for command in (["check", "rules", "rules.yml"], ["check", "config", "prometheus.yml"]):
        checked = promtool(*command)
        assert checked.returncode == 0, checked.stdout + checked.stderr
