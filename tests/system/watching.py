"""A stack beside a Prometheus that is in a hurry: what takes minutes takes seconds."""

import json
import re
import threading
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import replace

from client import Comporta, eventually, record
from comporta_native.monitoring import ALERTMANAGER, PROMETHEUS
from conftest import SOURCE

FOLDER = SOURCE / "deploy" / "monitoring"
RULES = FOLDER / "rules.yml"
FILES = sorted((FOLDER / "grafana" / "dashboards").glob("*.json"))
DASHBOARDS = [json.loads(file.read_text()) for file in FILES]
BUILT_IN = {"__rate_interval": "15s"}  # of what a dashboard's queries may name
EVEN = "count(stage:comporta_records_missing:sum == 0) == 2"
# Each is in the files, or the test is not of them. Of what a busy machine holds up for a moment nothing is told.
SHORTER_RULES = {r"for: (30s|1m)": "for: 10s", r"(job=\"ingest-gateway\"[^\]]*)\[(5m|1h)\]": r"\1[20s]",
                 r"(reactions_oldest_seconds\)) > 300": r"\1 > 5"}
SHORTER_SCRAPES = {r"(scrape|evaluation)_interval: 5s": r"\1_interval: 1s", r"scrape_timeout: 4s": "scrape_timeout: 1s"}


def _shortened(text, changes):
    for pattern, shorter in changes.items():
        text, count = re.subn(pattern, shorter, text)
        assert count, f"{pattern} is not there"
    return text


def filled(dashboard, query):
    """As Grafana asks it, with all of each variable's values."""
    known = BUILT_IN | {variable["name"]: variable["allValue"] for variable in dashboard["templating"]["list"]}
    return re.sub(r"\$(\w+)", lambda name: known[name[1]], query)


def in_a_hurry(stack):
    """Before the stack is started."""
    prometheus = stack.parts["prometheus"]
    rules, config = stack.directory / "rules.yml", stack.directory / "prometheus" / "prometheus.yml"

    def prepare():
        prometheus.prepare()
        rules.write_text(_shortened(RULES.read_text(), SHORTER_RULES))
        config.write_text(_shortened(config.read_text(), {re.escape(str(RULES)): str(rules), **SHORTER_SCRAPES}))

    stack.parts["prometheus"] = replace(prometheus, prepare=prepare)
    return stack


def watch(make_stack):
    """For the `yield from` of a fixture: started, looked at until the books are open, and stopped at the end."""
    stack = in_a_hurry(make_stack(with_monitoring=True))
    try:
        stack.start()
        yield Watched(Comporta(stack))
    finally:
        stack.discard()


class Watched:
    def __init__(self, comporta):
        self.comporta, self.stack, self.redis = comporta, comporta.stack, comporta.redis
        self.until(EVEN, "the books are open, and nothing is missing")

    def ask(self, query):
        """The samples of an instant query: their labels and values."""
        return [(sample["metric"], float(sample["value"][1])) for sample in self._result("query", query=query)]

    def ask_all(self, query, start, end, step):
        """The series of a range: their labels, and their values with the moment of each."""
        result = self._result("query_range", query=query, start=start, end=end, step=step)
        return [(series["metric"], [(when, float(value)) for when, value in series["values"]]) for series in result]

    def _result(self, path, **parameters):
        url = "http://{}:{}/api/v1/".format(*self.stack.address(PROMETHEUS)) + path
        with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(parameters)}", timeout=30) as answer:
            return json.load(answer)["data"]["result"]

    def until(self, query, what):
        return eventually(lambda: self.ask(query), what)

    def told(self, inhibited="false"):
        """The names of the alerts that whoever is told is told of; with "true" also of those that nobody is told of."""
        url = "http://{}:{}/api/v2/alerts?active=true&inhibited=".format(*self.stack.address(ALERTMANAGER)) + inhibited
        with urllib.request.urlopen(url, timeout=30) as answer:
            return {alert["labels"]["alertname"] for alert in json.load(answer)}

    @contextmanager
    def under_load(self):
        """Somebody uploads, is refused, and asks, until the end."""
        over, connection = threading.Event(), self.comporta.connect()

        def load():
            number = 0
            while not over.wait(0.05):
                number += 1
                connection.upload([record(f"watched-{number}-{n}") for n in range(number % 50 + 1)])
                connection.upload([record("watched-moving", endereco=f"Cidade {'AB'[number % 2]}, Estado A, 1000")])
                connection.upload([{"none": "of it"}])
                connection.request("GET", "/api/v1/recent/transaction")

        thread = threading.Thread(target=load)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
