"""The ports of a stack: from `.env`, or any free ones; and who holds one that is taken."""

import errno
import fcntl
import functools
import os
import random
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

DEFAULTS = {
    "COMPORTA_PORT": 8080,
    "COMPORTA_NGINX_PRIVATE_PORT": 9080,
    "COMPORTA_GATEWAY_PORT": 8081,
    "COMPORTA_GATEWAY_PRIVATE_PORT": 9081,
    "COMPORTA_STORAGE_PORT": 8082,
    "COMPORTA_STORAGE_PRIVATE_PORT": 9082,
    "COMPORTA_CACHE_PORT": 8083,
    "COMPORTA_CACHE_PRIVATE_PORT": 9083,
    "COMPORTA_AMQP_PORT": 5672,
    "COMPORTA_AMQP_CONSOLE_PORT": 15672,
    "COMPORTA_AMQP_CLUSTER_PORT": 25672,
    "COMPORTA_AMQP_METRICS_PORT": 15692,
    "COMPORTA_EPMD_PORT": 14369,
    "COMPORTA_REDIS_PORT": 6379,
    "COMPORTA_SENTINEL_PORT": 26379,
    "COMPORTA_S3_PORT": 9000,
    "COMPORTA_S3_CONSOLE_PORT": 9001,
    "COMPORTA_PAYMENT_PORT": 8084,
    "COMPORTA_PAYMENT_PAGE_PORT": 8085,
    "COMPORTA_PROMETHEUS_PORT": 9090,
    "COMPORTA_ALERTMANAGER_PORT": 9093,
    "COMPORTA_REDIS_METRICS_PORT": 9121,
}
BROKER_PORTS = ("COMPORTA_AMQP_PORT", "COMPORTA_AMQP_CLUSTER_PORT", "COMPORTA_AMQP_METRICS_PORT")
INSTANCE_STEP = 100  # between the ports of one instance and the next


@dataclass(frozen=True)
class Instances:
    """How many there are of what there may be several of."""

    storage: int = 1
    cache: int = 1
    broker: int = 1
    redis: int = 1

    def counts(self):
        """Each count with the variables of the ports that every instance has."""
        yield self.storage, ("COMPORTA_STORAGE_PORT", "COMPORTA_STORAGE_PRIVATE_PORT")
        yield self.cache, ("COMPORTA_CACHE_PORT", "COMPORTA_CACHE_PRIVATE_PORT")
        yield self.broker, BROKER_PORTS
        yield self.redis, ("COMPORTA_REDIS_PORT", "COMPORTA_SENTINEL_PORT")


_reserved = set()


class SettingError(Exception):
    """A setting of the stack cannot be used; says which and why."""


def read_env_file(path):
    """The `NAME=value` lines of a .env file, if there is one."""
    values = {}
    if not path.exists():
        return values
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise SettingError(f"{path}:{number}: expected NAME=value")
        values[name.strip()] = value.strip().strip("\"'")
    return values


def instance_variable(variable, instance):
    """The first instance has the plain variable, the second `…_2`, and so on."""
    return variable if instance == 1 else f"{variable}_{instance}"


def _with_instances(ports, instances):
    for count, variables in instances.counts():
        for instance in range(2, count + 1):
            for variable in variables:
                ports[instance_variable(variable, instance)] = ports[variable] + INSTANCE_STEP * (instance - 1)
    return ports


def _port(variable, text):
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise SettingError(f"{variable}={text}: a port is a number from 1 to 65535")


def configured_ports(settings, instances):
    """Every port by its variable, as `settings` say or by default."""
    ports = {name: _port(name, settings.get(name, str(port))) for name, port in DEFAULTS.items()}
    ports = _with_instances(ports, instances)
    return {name: _port(name, settings.get(name, str(port))) for name, port in ports.items()}


def free_ports(instances):
    """As many free ports, below the range from which outgoing connections take theirs. They are this process's
    until it ends: no other that asks here gets them, whether anybody listens on them just then or not."""
    names = list(_with_instances(dict(DEFAULTS), instances))
    candidates = iter(random.SystemRandom().sample(range(20000, 32000), 1000))
    return {name: next(port for port in candidates if _reserve(port) and not is_taken(port)) for name in names}


def _reserve(port):
    """Locks the byte of that number in a file that all stacks of this machine share."""
    if port in _reserved:
        return False
    try:
        fcntl.lockf(_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _reserved.add(port)
    return True


@functools.cache
def _locks():
    return (Path(tempfile.gettempdir()) / f"comporta-ports-{os.getuid()}").open("w")


def is_taken(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return False
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SettingError(f"port {port} cannot be used: {error.strerror}") from error
            return True


def _listening_inode(port):
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                return fields[9]
    return None


def holder(port):
    """`name (pid n)` of the process that listens on `port`, if we may know."""
    inode = _listening_inode(port)
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(fd) == f"socket:[{inode}]" for fd in (entry / "fd").iterdir()):
                return f"{(entry / 'comm').read_text().strip()} (pid {entry.name})"
        except OSError:
            continue
    return "a process that is not yours to see"


def refuse_taken(ports):
    """Raises one SettingError that names every taken port, its variable and its holder."""
    taken = [f"port {port} is taken by {holder(port)}: stop it, or set another {variable} in .env"
             for variable, port in ports.items() if is_taken(port)]
    if taken:
        raise SettingError("\n".join(taken))
