"""A Comporta of its own in containers, started from a copy of the sources by the README's commands."""

import base64
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from client import Comporta, eventually
from comporta_native.part import HOST
from comporta_native.ports import Instances, free_ports
from comporta_native.stack import NO_RATE_LIMIT

SOURCE = Path(__file__).resolve().parents[2]
LONGEST_SECONDS = 1800  # a first build with nothing in a cache

# What the README's section on containers says. A test compares the two.
UP = "docker compose up --build --wait"
STATE = "docker compose ps"
SECRETS = "docker compose run --rm --no-deps secrets show"
UP_WITH_THREE = "docker compose up --detach --scale storage=3"
SCALE_TO_THREE = "docker compose scale storage=3"
RESTART_STORAGE = "docker compose restart storage"
LOGS = "docker compose logs storage"
DOWN = "docker compose down"
REMOVE = "docker compose down --volumes"
OPERATOR = "docker compose run --rm operator"  # this one in the section on operation
README_COMMANDS = {UP, STATE, SECRETS, UP_WITH_THREE, SCALE_TO_THREE, RESTART_STORAGE, LOGS, DOWN, REMOVE}

# Where the parts listen inside, by the variable that the native start has for them.
INSIDE = {"COMPORTA_REDIS_PORT": ("redis", 6379), "COMPORTA_S3_PORT": ("minio", 9000)}
PRIVATE_PORTS = {"ingest-gateway": 9081, "storage": 9082, "cache": 9083}
PUBLISHED = ("COMPORTA_PORT", "COMPORTA_AMQP_CONSOLE_PORT", "COMPORTA_S3_CONSOLE_PORT", "COMPORTA_REDIS_CONSOLE_PORT")


def docker(*arguments):
    """What `docker` prints."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


def copy_sources(directory):
    """The files of the project, as they are now, without what was built or configured here."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=SOURCE,
                           capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (SOURCE / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(SOURCE / name, directory / name)


def fetch(url, user=None, password=None, body=None):
    """(status, body) of a GET, or of a POST of that JSON, with a login if there is one."""
    request = urllib.request.Request(url, body and json.dumps(body).encode(), {"Content-Type": "application/json"})
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Project:
    """Its containers, networks and volumes carry its name, and its ports are free ones."""

    parts = {}  # of the native start, whose private ports can be asked
    instances = Instances()

    def __init__(self, directory, name):
        copy_sources(directory)
        self.directory, self.name = directory, name
        self.ports = dict(zip(PUBLISHED, free_ports(Instances()).values()))
        self._environment = {**os.environ, **NO_RATE_LIMIT, "COMPOSE_PROJECT_NAME": name,
                             **{variable: str(port) for variable, port in self.ports.items()}}

    # -- commands ----------------------------------------------------------------------------------

    def run(self, command):
        """Runs it as a user in the project's folder would; returns what it printed. Fails if it failed."""
        result = subprocess.run(command, shell=True, cwd=self.directory, env=self._environment, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                timeout=LONGEST_SECONDS, check=False)
        assert result.returncode == 0, f"{command}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
        return result.stdout

    def logs(self, service=""):
        return self.run(f"docker compose logs --no-color --no-log-prefix {service}")

    # -- containers --------------------------------------------------------------------------------

    def containers(self, service=None):
        """What docker knows of each container that runs, the first instance first."""
        labels = [f"label=com.docker.compose.project={self.name}"]
        labels += [f"label=com.docker.compose.service={service}"] if service else []
        ids = docker("ps", "--quiet", *(part for label in labels for part in ("--filter", label))).split()
        found = json.loads(docker("inspect", *ids)) if ids else []
        return sorted(found, key=lambda container: (service_of(container), container["Name"]))

    def is_healthy(self, service):
        containers = self.containers(service)
        return bool(containers) and all(c["State"]["Health"]["Status"] == "healthy" for c in containers)

    def wait_healthy(self, *services):
        for service in services:
            eventually(lambda service=service: self.is_healthy(service), f"{service} is healthy")

    # -- as tests/system/client.py asks for it -----------------------------------------------------

    def comporta(self):
        """A view on what runs now. Addresses inside change when containers are made anew."""
        return Comporta(self)

    def address(self, variable):
        if variable in self.ports:
            return HOST, self.ports[variable]
        service, port = INSIDE[variable]
        return self.inner_address(self.containers(service)[0]), port

    def inner_address(self, container):
        return container["NetworkSettings"]["Networks"][f"{self.name}_back"]["IPAddress"]

    def metric(self, container, name):
        """A counter of one daemon."""
        port = PRIVATE_PORTS[service_of(container)]
        status, text = fetch(f"http://{self.inner_address(container)}:{port}/metrics")
        assert status == 200
        return next(float(line.split()[1]) for line in text.splitlines() if line.split()[0] == name)

    @property
    def secrets(self):
        return Passwords(self.run(SECRETS))


class Passwords:
    """What `secrets show` printed, by the names of the native start."""

    def __init__(self, text):
        words = [line.replace(",", "").split() for line in text.splitlines()]
        by_console = {line[0]: (line[2], line[4]) for line in words}
        self._values = {}
        self._values["amqp_user"], self._values["amqp_password"] = by_console["RabbitMQ"]
        self._values["s3_access_key"], self._values["s3_secret_key"] = by_console["MinIO"]

    def value(self, name):
        return self._values[name]


def service_of(container):
    return container["Config"]["Labels"]["com.docker.compose.service"]
