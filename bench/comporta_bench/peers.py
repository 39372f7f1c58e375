"""The same work done by others: two Python services, and Bento, which computes no views, each on the servers of
Comporta's own stack."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from comporta_native.process import PREFERRED, set_nice

from . import BENCH, SOURCE, TOOLS
from .books import Account, Stores
from .load import MIXED
from .shop import PRODUCTS

PYTHON_HOME = BENCH / "peers" / "python"
# Which list of packages goes where. The second one is for the tuned service alone.
PYTHON_PACKAGES = {"requirements.txt": TOOLS / "peers", "requirements-tuned.txt": TOOLS / "peers-tuned"}
READY_SECONDS = 60


def install_python_packages():
    """Those that the lists pin, once."""
    for name, directory in PYTHON_PACKAGES.items():
        wanted, mark = PYTHON_HOME / name, directory / "installed.txt"
        if mark.exists() and mark.read_text() == wanted.read_text():
            continue
        shutil.rmtree(directory, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--root-user-action=ignore", "--target",
                        str(directory), "-r", str(wanted)], check=True)
        mark.write_text(wanted.read_text())


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peer:
    """Some processes that take uploads at one port; each upload becomes an object, each record a key."""

    name = ""
    kinds = ("plain",)  # those whose views it computes, or that have none
    preferred = ()  # the processes with the same share of the processor as our own cache daemon

    def __init__(self, stack, directory):
        self.stack, self.stores = stack, Stores(stack)
        self.bucket = f"peer-{self.name}"
        self.directory = directory / self.bucket
        self.port = _free_port()
        self._processes = {}

    def commands(self):
        """Process -> command line, in the order of their start; the last one listens at `port`."""
        raise NotImplementedError

    def environment(self):
        amqp = "amqp://{}:{}@127.0.0.1:{}/".format(self.stack.secrets.value("amqp_user"),
                                                   self.stack.secrets.value("amqp_password"),
                                                   self.stack.ports["COMPORTA_AMQP_PORT"])
        return {**os.environ, "PORT": str(self.port), "AMQP_URL": amqp, "PEER": self.bucket,
                "REDIS_URL": f"redis://127.0.0.1:{self.stack.ports['COMPORTA_REDIS_PORT']}/0",
                "S3_ENDPOINT": f"127.0.0.1:{self.stack.ports['COMPORTA_S3_PORT']}",
                "S3_ACCESS_KEY": self.stack.secrets.value("s3_access_key"),
                "S3_SECRET_KEY": self.stack.secrets.value("s3_secret_key")}

    def start(self):
        self.directory.mkdir()
        self.stores.s3.create_bucket(Bucket=self.bucket)
        for name, command in self.commands().items():
            with (self.directory / f"{name}.log").open("wb") as log:
                process = subprocess.Popen(command, env=self.environment(), stdout=log, stderr=log,
                                           start_new_session=True)
            self._processes[name] = process
            if name in self.preferred:
                set_nice(process.pid, PREFERRED)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self):
        """A refusal will do: then all that is needed to refuse is there."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self._processes.values()):
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the peer {self.name} did not start: see {self.directory}")

    def stop(self):
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def url(self, _kind):
        return f"http://127.0.0.1:{self.port}/"

    def open_shop(self):
        """As another service would have put it there."""
        self.stores.redis.mset({f"{self.bucket}:product:{product['id']}": json.dumps(product) for product in PRODUCTS})

    def pids(self):
        servers = {name: self.stack.processes[name].pid for name in ("rabbitmq", "minio", "redis")}
        return {**{name: process.pid for name, process in self._processes.items()}, **servers}

    def counts(self):
        """(objects stored, keys written)"""
        return self.stores.count_objects(self.bucket, folders=0), self.stores.sets()

    def open_books(self):
        return {"counts": self.counts(), "objects": set(self.stores.objects(self.bucket))}

    def is_through(self, before, uploads, records):
        objects, keys = (now - then for now, then in zip(self.counts(), before["counts"], strict=True))
        return objects >= uploads and keys >= records

    def close_books(self, before, workload):
        objects = {name: size for name, size in self.stores.objects(self.bucket).items()
                   if name not in before["objects"]}
        applied = self.stores.sets() - before["counts"][1]
        held = self.stores.count_records(self.bucket, objects, workload.kind)
        sizes = {1, 100, 5000} if workload.records == MIXED else {workload.records}
        faults = [name for name, records in held.items() if records not in sizes]
        # Of a mixed load nothing but the objects says how large each upload was: their number has to do.
        stored = applied if workload.records == MIXED else len(objects) * workload.records
        return Account(len(objects), stored, applied, sum(objects.values()) / max(1, len(objects)), faults)


class PythonPeer(Peer):
    """FastAPI and one worker, as such a service is first written."""

    name = "python"
    kinds = ("plain", "transaction", "order")
    tuned = False
    packages = ("requirements.txt",)
    workers = {"worker": ("store", "cache")}  # process -> the queues that it consumes

    def url(self, kind):
        return f"{super().url(kind)}{kind}"

    def environment(self):
        path = os.pathsep.join(str(PYTHON_PACKAGES[name]) for name in self.packages)
        return {**super().environment(), "PYTHONPATH": path, "TUNED": str(int(self.tuned))}

    def commands(self):
        worker = [sys.executable, str(PYTHON_HOME / "worker.py")]
        workers = {name: [*worker, *queues] for name, queues in self.workers.items()}
        return {**workers,
                "gateway": [sys.executable, "-m", "uvicorn", "gateway:app", "--app-dir", str(PYTHON_HOME), "--host",
                            "127.0.0.1", "--port", str(self.port), "--no-access-log", "--log-level", "warning"]}


class TunedPythonPeer(PythonPeer):
    """The same with what can be tuned tuned, and a worker for each queue."""

    name = "python-tuned"
    tuned = True
    packages = ("requirements.txt", "requirements-tuned.txt")
    workers = {"store": ("store",), "cache": ("cache",)}
    preferred = ("store", "cache")


def find_bento():
    return shutil.which("bento")


class BentoPeer(Peer):
    """Three pipelines."""

    name = "bento"
    preferred = ("store", "cache")

    def commands(self):
        record = json.loads(Path(SOURCE / "kinds" / "transaction" / "schema.json").read_text())
        (self.directory / "schema.json").write_text(json.dumps({"type": "array", "minItems": 1, "items": record}))
        home = BENCH / "peers" / "bento"
        return {name: [find_bento(), "-c", str(home / f"{name}.yaml")] for name in ("store", "cache", "gateway")}

    def environment(self):
        return {**super().environment(), "SCHEMA": f"file://{self.directory / 'schema.json'}"}
