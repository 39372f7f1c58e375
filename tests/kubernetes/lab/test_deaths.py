"""Pods are deleted and containers killed at random, under load, and the books balance. MINUTES=2 of it."""

import os
import time

from client import eventually
from cluster import DAEMONS, PARTS, SERVERS
from load import check_everything_once
from steady import steady

SECONDS = 60 * float(os.environ.get("MINUTES") or 2)
# For a part to come back, and for what was held up to go through.
LONGEST_OUTAGE_SECONDS = 240


def test_nothing_is_lost_or_doubled_whatever_dies(cluster, comporta, before, rng):
    with steady(comporta, rng) as load:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            die(cluster, rng)
            time.sleep(rng.uniform(2, 10))
        cluster.wait_ready(*PARTS)
        taken = load.answered
        eventually(lambda: load.answered > taken + 20, "it answers again", LONGEST_OUTAGE_SECONDS)
    assert not load.wrong
    check_everything_once(cluster.comporta(), load.run, before)


def die(cluster, rng):
    """One pod of ours more often than a server, of which there is one each."""
    part = rng.choice((*DAEMONS, "nginx") * 2 + SERVERS)
    pods = [pod for pod in cluster.pods(part) if is_running(pod)]
    if pods:
        how = rng.choice(("delete", "kill"))
        pod = rng.choice(pods)
        print(f"{time.time():.1f} {how} {pod['metadata']['name']}")
        (cluster.delete if how == "delete" else cluster.kill)(pod)


def is_running(pod):
    return all("running" in status["state"] for status in pod["status"].get("containerStatuses", [])) and \
        pod["status"]["phase"] == "Running"
