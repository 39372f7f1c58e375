"""One Comporta in the cluster that the tests share: nobody may leave it with a part missing."""

import sys
import tempfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(SOURCE / "deploy" / "native"), str(SOURCE / "tests" / "system"), str(Path(__file__).parent)]

from cluster import PARTS, Cluster  # noqa: E402
from seed import rng  # noqa: E402,F401

PLACE = SOURCE / "build" / "kubernetes-test"


@pytest.fixture(scope="session")
def started():
    """As its user first sees it. What its pods logged stays in build/kubernetes-test."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PLACE, ignore_cleanup_errors=True) as directory:
        cluster = Cluster(Path(directory))
        try:
            cluster.start()
            yield cluster
        finally:
            (PLACE / "pods.log").write_text(cluster.logs())


@pytest.fixture
def cluster(started):
    yield started
    started.wait_ready(*PARTS)


@pytest.fixture
def comporta(cluster):
    return cluster.comporta()


@pytest.fixture
def before(comporta):
    """What was there before the test."""
    return comporta.object_names(), comporta.applied()
