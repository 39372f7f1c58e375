"""What lasts is told by the alert that docs/FAILURES.md names, and by no other; and no longer when it is over."""

import pytest
import yaml

from client import Comporta, eventually, record
from comporta_native.daemons import with_settings
from conftest import SOURCE
from failures_page import told_by
from gated import make_gated
from lasting import FAILURES, stopped
from test_snack_bar import MENU, SnackBar
from watching import Watched, in_a_hurry

TOLD_BY = told_by()
INHIBITED = yaml.safe_load((SOURCE / "deploy" / "monitoring" / "alertmanager.yml").read_text())["inhibit_rules"][0]
FOLLOWING = set(INHIBITED["target_matchers"][0].partition('"')[2].strip('"').split("|"))
MOST_WAITING = 60  # messages; then uploads are refused


class Whole(Watched):
    """With gates, and a provider of payments."""

    def __init__(self, comporta, gates):
        super().__init__(comporta)
        self.gates, self.bar = gates, SnackBar(comporta)
        assert not self.bar.send(self.bar.admin, "POST", "menu-item", MENU)

    def send(self):
        assert self.comporta.connect().upload([record("waits")]).status in (202, 503)

    def others_told(self, wanted):
        """What is about to be told, too."""
        alerts = {labels["alertname"] for labels, _value in self.ask('ALERTS{alertstate=~"pending|firing"}')}
        return alerts - wanted - (FOLLOWING if any(name.endswith(("Away", "Down")) for name in wanted) else set())


@pytest.fixture(scope="module")
def whole(make_stack, tmp_path_factory):
    stack, gates = make_gated(
        lambda **options: in_a_hurry(make_stack(with_monitoring=True, with_payments=True, **options)))
    stack.parts["ingest-gateway"] = with_settings(
        stack.parts["ingest-gateway"], tmp_path_factory.mktemp("told") / "ingest-gateway.yaml",
        {"max_backlog_messages": MOST_WAITING})
    stack.start()
    yield Whole(Comporta(stack), gates)
    stack.discard()


def test_the_page_and_the_failures_that_are_made_are_the_same():
    assert set(TOLD_BY) == set(FAILURES)


@pytest.mark.parametrize("failure", FAILURES, ids=": ".join)
def test_a_fault_that_lasts_is_told_by_its_alert_and_no_other(whole, failure):
    wanted = TOLD_BY[failure]
    with FAILURES[failure](whole):
        # Another one may be about to be told for a moment, as when a connection is made anew; not for good.
        eventually(lambda: whole.told() == wanted and not whole.others_told(wanted),
                   lambda: f"{wanted} is told: {whole.told()}, beside {whole.others_told(wanted)}")
    if wanted != {"ComportaParkedGrows"}:  # which has grown for ten minutes more
        eventually(lambda: not whole.told(), lambda: f"all is well: {whole.told()}")


def test_what_follows_from_a_fault_is_not_told_beside_it(whole):
    with stopped(whole, "redis"):
        whole.send()
        both = {"ComportaRedisAway", "ComportaNothingApplied"}
        eventually(lambda: whole.told(inhibited="true") >= both, "both have come to whoever tells")
        assert "ComportaNothingApplied" not in whole.told()
