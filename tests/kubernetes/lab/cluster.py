"""A Comporta in the cluster that kubectl knows, as its operators see it."""

import base64
import json
import os
import subprocess
from pathlib import Path

import yaml
from client import Comporta, eventually

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[2]
NAMESPACE = "comporta"
DAEMONS = ("ingest-gateway", "storage", "cache")
SERVERS = ("rabbitmq", "redis", "minio")
PARTS = (*SERVERS, *DAEMONS, "nginx")
PORTS = {"COMPORTA_REDIS_PORT": ("redis", 6379), "COMPORTA_S3_PORT": ("minio", 9000)}
CLAIMS = ("messages-rabbitmq-0", "keys-redis-0", "objects-minio-0")
LONGEST_SECONDS = 600


def kubectl(*arguments, stdin=None):
    """What it prints. Fails with what it said."""
    done = run(*arguments, stdin=stdin)
    assert done.returncode == 0, f"kubectl {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def run(*arguments, stdin=None):
    return subprocess.run(["kubectl", "--namespace", NAMESPACE, *arguments], input=stdin, text=True,
                          capture_output=True, timeout=LONGEST_SECONDS, check=False)


def ask(*arguments):
    return json.loads(kubectl("get", *arguments, "--output", "json"))


class Cluster:
    """One-node's overlay, applied. As tests/system/client.py asks for it."""

    parts = {}  # of the native start, whose private ports can be asked
    ports = {"COMPORTA_PORT": 30080}

    def __init__(self, directory):
        self._directory = directory

    # -- from the first start to the end -------------------------------------------------------------

    def start(self):
        kubectl("apply", "--filename", "-", stdin=yaml.safe_dump_all(self._volumes()))
        kubectl("apply", "--kustomize", str(HERE))
        self.wait_ready()

    def _volumes(self):
        """A node that has nobody who makes volumes gets some: folders of its own, of which pods own what they mount."""
        anywhere = {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}]}
        for claim in CLAIMS:
            folder = self._directory / claim
            folder.mkdir(parents=True)
            spec = {"capacity": {"storage": "20Gi"}, "accessModes": ["ReadWriteOnce"],
                    "claimRef": {"namespace": NAMESPACE, "name": claim}, "local": {"path": str(folder)},
                    "nodeAffinity": {"required": {"nodeSelectorTerms": [anywhere]}}}
            yield {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": claim}, "spec": spec}

    def wait_ready(self, *parts):
        for part in parts or PARTS:
            workload = "statefulset" if part in SERVERS else "deployment"
            kubectl("rollout", "status", f"{workload}/{part}", f"--timeout={LONGEST_SECONDS - 10}s")

    def logs(self):
        """What all pods of ours say, and what the cluster says of them."""
        said = [kubectl("get", "pods", "--output", "wide"), kubectl("get", "events", "--sort-by=.lastTimestamp")]
        for pod in ask("pods")["items"]:
            name = pod["metadata"]["name"]
            done = run("logs", "--timestamps", name)
            said.append(f"== {name}\n{done.stdout}{done.stderr}")
        return "\n".join(said)

    # -- pods ----------------------------------------------------------------------------------------

    def pods(self, part):
        """Those that are not on their way out, the oldest first."""
        found = ask("pods", "--selector", f"app.kubernetes.io/name={part}")["items"]
        found = [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]
        return sorted(found, key=lambda pod: (pod["metadata"]["creationTimestamp"], pod["metadata"]["name"]))

    def wait_gone(self, pods):
        """Until they have ended, which is long after others have taken their place."""
        for pod in pods:
            kubectl("wait", "--for=delete", f"pod/{pod['metadata']['name']}", "--timeout=120s")

    def restart(self, part):
        old = self.pods(part)
        kubectl("rollout", "restart", f"deployment/{part}")
        self.wait_ready(part)
        self.wait_gone(old)

    def delete(self, pod):
        kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false")

    def kill(self, pod):
        """Its container dies without a word, unless it has died meanwhile."""
        (status,) = pod["status"]["containerStatuses"]
        container = status["containerID"].rpartition("/")[2]
        command = [os.environ["KUBE_LAB"], "ctr", "task", "kill", "--signal", "SIGKILL", container]
        subprocess.run(command, check=False, capture_output=True)

    def scale(self, part, count):
        before = self.pods(part)
        kubectl("scale", f"deployment/{part}", f"--replicas={count}")
        self.wait_ready(part)
        eventually(lambda: len(self.pods(part)) == count, f"{count} of {part}")
        left = {pod["metadata"]["name"] for pod in self.pods(part)}
        self.wait_gone([pod for pod in before if pod["metadata"]["name"] not in left])

    # -- as tests/system/client.py asks for it -------------------------------------------------------

    def comporta(self):
        """A view on what runs now."""
        return Comporta(self)

    def address(self, variable):
        service, port = PORTS[variable]
        return ask("service", service)["spec"]["clusterIP"], port

    @property
    def secrets(self):
        return self

    def value(self, name):
        """By the names of the native start."""
        return {"s3_access_key": "comporta", "s3_secret_key": secret("store", "password")}[name]


def secret(name, file):
    return base64.b64decode(ask("secret", name)["data"][file]).decode()
