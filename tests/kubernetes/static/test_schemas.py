"""An API server would take all of it, and so would those who have seen many clusters."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from manifests import SOURCE, TOOLS, output_of

KEDA = "github.com/kedacore/keda/v2@v2.21.0"
# Larger ones do not fit into the annotation that `kubectl apply` keeps of what it applied.
LARGEST_BYTES = 262_144
# A limit of its processor's time holds a daemon up when others have left it free.
WITHOUT_CPU_LIMIT = "--ignore-container-cpu-limit"
LEFT_OUT = [
    # Versions are pinned: an image that is there need not be asked for again.
    "--ignore-test", "container-image-pull-policy",
    # Pods are kept apart by topologySpreadConstraints.
    "--ignore-test", "deployment-has-host-podantiaffinity",
]


@pytest.fixture(scope="session")
def faults():
    """Of manifests, as a list of lines."""
    module = json.loads(output_of("go", "mod", "download", "-json", KEDA))["Dir"]
    command = [sys.executable, Path(__file__).with_name("schemas.py"), Path(module) / "config" / "crd" / "bases"]
    environment = {**os.environ, "PYTHONPATH": str(TOOLS / "kubernetes-validate")}

    def find(text):
        done = subprocess.run(command, input=text, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    return find


def test_everything_is_as_its_schema_says(overlay, faults):
    assert faults(overlay.text) == []


@pytest.mark.parametrize("kind", ["Deployment", "ScaledObject"])
def test_a_member_that_nobody_knows_is_noticed(production, faults, kind):
    broken = next(iter(production.of_kind(kind).values()))
    text = yaml.safe_dump({**broken, "spec": {**broken["spec"], "replica": 2}})
    (told,) = faults(text)
    assert told.startswith(kind) and "replica" in told


def test_a_kind_that_nobody_knows_is_noticed(faults):
    assert len(faults("{apiVersion: example.com/v1, kind: Unheard, metadata: {name: of}}")) == 1


def test_everything_is_small_enough_to_be_applied(overlay):
    for found in overlay.objects:
        assert len(json.dumps(found)) < LARGEST_BYTES, found["metadata"]["name"]


def test_kube_score_finds_nothing(overlay):
    scored = subprocess.run([TOOLS / "kube-score", "score", "--output-format", "ci", WITHOUT_CPU_LIMIT, *LEFT_OUT, "-"],
                            cwd=SOURCE, input=overlay.text, capture_output=True, text=True, check=False)
    wrong = [line for line in scored.stdout.splitlines() if not line.startswith(("[OK]", "[SKIPPED]"))]
    assert (wrong, scored.returncode) == ([], 0), scored.stderr
