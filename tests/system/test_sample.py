"""What `make run` shows: one upload from door to disk, and a shop."""

import re

from comporta_native.sample import show_sample


def shown(comporta, capsys):
    show_sample(comporta.stack)
    return capsys.readouterr().out


def test_the_sample_goes_from_door_to_disk_and_its_shop_is_the_same_at_each_start(comporta, capsys):
    first, again = (shown(comporta, capsys) for _start in range(2))
    for what in ("receipt", "object", "in store", "in Redis", "suspect", "revenue", "page"):
        assert re.search(rf"^  {what} ", again, re.MULTILINE), again
    assert '{"isFraud":true}' in again
    revenues = re.findall(r"^  revenue .*", first, re.MULTILINE)
    assert len(revenues) == 3 and '"total_received":null' in revenues[-1]
    assert re.findall(r"^  revenue .*", again, re.MULTILINE) == revenues
