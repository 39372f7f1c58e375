"""Each overlay, built once."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from manifests import OVERLAYS, Overlay  # noqa: E402

BUILT = {path.name: Overlay(path.name) for path in sorted(OVERLAYS.iterdir())}


@pytest.fixture(params=BUILT, scope="session")
def overlay(request):
    return BUILT[request.param]


@pytest.fixture(scope="session")
def one_node():
    return BUILT["one-node"]


@pytest.fixture(scope="session")
def production():
    return BUILT["production"]
