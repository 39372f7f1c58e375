"""What stands in front of nginx is believed where it is named: whose request it is, and whether that came over TLS."""

import pytest

from client import HOST, Connection
from door import Door

CLIENT = "203.0.113.7"
SAYS = {"X-Forwarded-For": f"198.51.100.1, {CLIENT}", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def make_door(make_stack):
    """nginx that trusts whoever comes from these networks, before a cache that answers everything."""
    doors = []

    def make(trusted):
        door = Door(make_stack(settings={"COMPORTA_TRUSTED_PROXIES": trusted}))
        door.cache = door.daemon("COMPORTA_CACHE_PORT")
        door.start()
        doors.append(door)
        return door

    yield make
    for door in doors:
        door.stop()


def passed_on(door, headers):
    """(whose it is, what it came over), as the cache is told."""
    assert Connection(door.port).request("GET", "/api/v1/me", None, headers).status == 200
    told = door.cache.seen[-1].headers
    return told["x-forwarded-for"], told["x-forwarded-proto"]


def test_nobody_is_believed_by_himself(make_door):
    assert passed_on(make_door(""), SAYS) == (HOST, "http")


def test_who_is_somewhere_else_is_not_believed(make_door):
    assert passed_on(make_door("10.0.0.0/8 192.168.0.0/16"), SAYS) == (HOST, "http")


def test_what_is_trusted_says_whose_it_is(make_door):
    door = make_door("10.0.0.0/8 127.0.0.0/8")
    # What the client itself put there comes first, and is nobody's word.
    assert passed_on(door, SAYS) == (CLIENT, "https")
    assert passed_on(door, {**SAYS, "X-Forwarded-Proto": "http"}) == (CLIENT, "http")
    assert passed_on(door, {}) == (HOST, "http")
