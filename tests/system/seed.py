"""What is drawn in a test can be drawn again."""

import os
import random

import pytest


@pytest.fixture
def rng(request):
    """Seeded; the seed is printed, and can be given again as COMPORTA_SEED."""
    seed = int(os.environ.get("COMPORTA_SEED") or random.SystemRandom().getrandbits(32))
    print(f"COMPORTA_SEED={seed}")
    return random.Random(seed)
