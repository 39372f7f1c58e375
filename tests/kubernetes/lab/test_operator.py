"""What an operator does with what the daemons cannot, from a pod that is there when it is asked for."""

import pytest

from cluster import run

SELLER = {"id": "anew", "name": "ANA"}
QUESTIONS = ("/api/v1/records/seller/anew", "/api/v1/views/seller/list")


@pytest.fixture
def operator(cluster):
    """What its tool says."""
    cluster.scale("operator", 1)
    yield tell
    cluster.scale("operator", 0)


def tell(*words):
    done = run("exec", "deployment/operator", "--", "comporta", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_nothing_is_parked_where_nothing_went_wrong(operator):
    assert "0 parked" in operator("dead", "list").splitlines()


def test_an_emptied_redis_is_made_anew(operator, comporta):
    comporta.wait_settled(comporta.connect().upload([SELLER], kind="seller").json()["batches"])
    before = [comporta.get(question).json() for question in QUESTIONS]
    comporta.redis.flushall()
    assert comporta.get(QUESTIONS[0]).status == 404
    assert "replayed client, order, product, seller" in operator("replay", "--kind", "seller")
    assert [comporta.get(question).json() for question in QUESTIONS] == before


def test_an_upload_is_followed(operator, comporta):
    receipt = comporta.connect().upload([SELLER], kind="seller").json()
    comporta.wait_settled(receipt["batches"])
    told = operator("trace", receipt["upload"])
    assert all(f" {stage} " in told for stage in ("accepted", "published", "stored", "applied")), told
