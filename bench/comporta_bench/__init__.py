"""Measures Comporta, its peers and the parts they share, on one machine and in one run."""

import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
BENCH = SOURCE / "bench"
TOOLS = SOURCE / "build" / "tools"
sys.path.append(str(SOURCE / "deploy" / "native"))
