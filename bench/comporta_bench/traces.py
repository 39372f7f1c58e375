"""What traces cost: one load with some of its uploads traced, to a receiver that reads and forgets, and without."""

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .load import WORKLOADS
from .measure import measure

DAEMONS = ("storage", "cache", "ingest-gateway")
WORKLOAD = next(workload for workload in WORKLOADS if workload.name == "1 record x 64")
SAMPLES = ("off", "0.01", "1")


class _Forgetful(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_arguments):
        pass


def _restart(stack, sample, endpoint):
    variables = {"COMPORTA_TRACES_ENDPOINT": "" if sample == "off" else endpoint,
                 "COMPORTA_TRACES_SAMPLE": "0" if sample == "off" else sample}
    for name in DAEMONS:
        stack.parts[name] = replace(stack.parts[name], env={**stack.parts[name].env, **variables})
        stack.restart(name)


def _run(target, sample, endpoint, seconds):
    _restart(target.stack, sample, endpoint)
    run = measure(target, WORKLOAD, seconds)
    spans = {which: sum(target.metric(name, f"comporta_spans_{which}_total") for name in DAEMONS)
             for which in ("sent", "dropped")}
    return {**run, **spans}


def measure_traces(target, seconds, rounds):
    """Sample -> its runs, one a round; each begins with daemons that have just been started. Raises BooksDiffer."""
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), _Forgetful)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    endpoint, runs = f"http://127.0.0.1:{receiver.server_port}", {sample: [] for sample in SAMPLES}
    for number in range(rounds):
        for sample in SAMPLES if number % 2 == 0 else reversed(SAMPLES):
            runs[sample].append(_run(target, sample, endpoint, seconds))
    receiver.shutdown()
    return runs
