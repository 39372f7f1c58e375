"""What lasts is told by the alert that docs/FAILURES.md names, and by nothing else; and no longer when it is over."""

import pytest

from broker import open_channel
from client import eventually, record
from test_dead import part_line, publish
from watching import watch

FAULTS = {"rabbitmq": "ComportaBrokerAway", "minio": "ComportaStoreAway", "redis": "ComportaRedisAway",
          "ingest-gateway": "ComportaPartDown", "storage": "ComportaPartDown", "cache": "ComportaPartDown",
          "nginx": "ComportaPartDown"}


@pytest.fixture(scope="module")
def watched(make_stack):
    yield from watch(make_stack)


@pytest.mark.parametrize("part", FAULTS)
def test_a_fault_that_lasts_is_told_by_its_alert_and_no_other(watched, part):
    watched.stack.stop_part(part)
    assert eventually(watched.told, "something is told") == {FAULTS[part]}
    watched.stack.restart(part)
    eventually(lambda: not watched.told(), "all is well")


def test_what_follows_from_a_fault_is_not_told_beside_it(watched):
    watched.stack.stop_part("redis")
    assert watched.comporta.connect().upload([record("waits")]).status == 202
    watched.until('ALERTS{alertname="ComportaNothingApplied",alertstate="firing"}', "nothing is applied")
    both = {"ComportaRedisAway", "ComportaNothingApplied"}
    eventually(lambda: watched.told(inhibited="true") >= both, "both have come to whoever tells")
    assert watched.told() == {"ComportaRedisAway"}
    watched.stack.restart("redis")
    eventually(lambda: not watched.told(), "all is well")


def test_what_is_parked_is_told(watched):
    with open_channel(watched.stack) as channel:
        publish(channel, part_line([record("of no kind")]), kind="nobody-knows")
    assert eventually(watched.told, "something is told") == {"ComportaParkedGrows"}
