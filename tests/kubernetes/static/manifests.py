"""What kustomize makes of deploy/kubernetes, and what is asked of it."""

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().parents[3]
OVERLAYS = SOURCE / "deploy" / "kubernetes" / "overlays"
TOOLS = SOURCE / "build" / "tools"
DAEMONS = ("ingest-gateway", "storage", "cache")


def output_of(*command, stdin=None):
    """What it prints. Fails with all that it said if it failed, and if it complained."""
    done = subprocess.run(list(map(str, command)), cwd=SOURCE, input=stdin, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), f"{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Overlay:
    name: str

    @cached_property
    def text(self):
        return output_of(TOOLS / "kustomize", "build", OVERLAYS / self.name)

    @cached_property
    def objects(self):
        return list(yaml.safe_load_all(self.text))

    def of_kind(self, *kinds):
        """name -> object."""
        return {found["metadata"]["name"]: found for found in self.objects if found["kind"] in kinds}

    @cached_property
    def workloads(self):
        return self.of_kind("Deployment", "StatefulSet", "Job")

    @cached_property
    def pods(self):
        """name of the workload -> the spec of its pods."""
        return {name: workload["spec"]["template"]["spec"] for name, workload in self.workloads.items()}


def container(pod):
    """The only one."""
    (only,) = pod["containers"]
    return only


def volumes(pod):
    return {volume["name"]: volume for volume in pod.get("volumes", [])}


def settings_of(overlay):
    """The variables that all parts have."""
    (settings,) = [found for name, found in overlay.of_kind("ConfigMap").items() if name.startswith("settings-")]
    return settings["data"]


def secrets_of(pod):
    """The Secrets that are mounted."""
    return {volume["secret"]["secretName"] for volume in pod.get("volumes", []) if "secret" in volume}


def variables(pod):
    return {variable["name"]: variable.get("value") for variable in container(pod).get("env", [])}


def selects(selector, labels):
    """As Kubernetes does, for what is used here."""
    expressions = selector.get("matchExpressions", [])
    assert all(expression["operator"] == "In" for expression in expressions)
    return (all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
            and all(labels.get(expression["key"]) in expression["values"] for expression in expressions))
