"""deploy/operator/comporta.py, killed when it would acknowledge what it has taken."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy" / "operator"))

import comporta  # noqa: E402
from comporta_operator.broker import Broker  # noqa: E402

Broker.acknowledge = lambda *_message: os.kill(os.getpid(), signal.SIGKILL)
comporta.main()
