"""All parts together, in a folder of their own."""

import fcntl
import signal
import subprocess
import time
from pathlib import Path

from . import daemons, monitoring, payments, redis_servers, servers
from .part import HOST, Secrets
from .ports import Instances, free_ports, refuse_taken
from .process import Process

SOURCE = Path(__file__).resolve().parents[3]
READY_SECONDS = 180
# All the clients of a private stack have one address, and are to be held up by nothing but what they test.
NO_RATE_LIMIT = {"COMPORTA_CLIENT_RATE": "1000000", "COMPORTA_CLIENT_BURST": "1000000"}


class PartFailed(Exception):
    """A part ended, or did not become ready in time; says what it last logged."""


def _quiet(_line):
    pass


class Stack:
    """RabbitMQ, Redis, MinIO, the daemons and nginx under `directory`, on ports of their own.

    Its processes outlive this object: another Stack on the same directory finds them again.
    """

    def __init__(self, directory, *, ports=None, instances=Instances(), build=SOURCE / "build" / "release",
                 driver=None, only_servers=False, fixed_secrets=None, settings=None, with_payments=False,
                 with_monitoring=False):
        """`ports`: by variable, any free ones without. `driver`: s3 where MinIO was built, else filesystem.

        Several brokers are a cluster, on which every queue has three replicas, or as many as there are nodes;
        their number is not changed while there is data. `fixed_secrets` replaces the random ones; `settings`
        are more variables for the daemons and nginx; without `ports`, clients may send as fast as they can
        unless `settings` say otherwise. `with_payments`: beside a provider of payments that takes no money; `with_monitoring`:
        beside Prometheus and Alertmanager.
        """
        self.directory = Path(directory)
        settings = {**({} if ports else NO_RATE_LIMIT), **(settings or {})}
        self.ports = ports or free_ports(instances)
        self.instances = instances
        self.driver = driver or ("s3" if servers.find_minio() else "filesystem")
        for name in ("run", "log"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        self.secrets = Secrets(self.directory / "secrets", {"amqp_user": "comporta", **(fixed_secrets or {})})
        self.parts = {part.name: part for part in self._servers()}
        if with_payments:
            settings, provider = payments.payments(SOURCE, self.directory, self.ports, settings)
            self.parts[provider.name] = provider
        self._server_names = set(self.parts)
        if not only_servers:
            self.parts.update({part.name: part for part in self._daemons(build, settings)})
        if with_monitoring:
            beside = monitoring.monitoring(SOURCE, self.directory, self.ports, self.instances, self.driver, settings)
            self.parts.update({part.name: part for part in beside})
        self.processes = {name: self._process(name) for name in self.parts}

    def _process(self, name):
        return Process(name, self.directory / "run", self.directory / "log")

    def _servers(self):
        yield servers.epmd(self.ports)
        for node in range(1, self.instances.broker + 1):
            yield servers.rabbitmq(self.directory, self.ports, self.secrets, node, self.instances.broker)
        yield from redis_servers.redis(self.directory, self.ports, self.instances.redis)
        if self.driver == "s3":
            yield servers.minio(self.directory, self.ports, self.secrets)

    def _daemons(self, build, settings):
        shared = daemons.shared_environment(SOURCE, self.directory, self.ports, self.secrets, self.driver,
                                            self.instances.broker) | redis_servers.environment(
            self.ports, self.instances.redis)
        keys = daemons.token_keys(SOURCE, self.secrets, settings)
        yield from daemons.all_daemons(SOURCE, build, self.ports, {**shared, **settings}, keys, self.instances)
        yield daemons.nginx(SOURCE, self.directory, self.ports, self.instances, settings)

    def address(self, variable):
        """(host, port) of what listens on that port."""
        return HOST, self.ports[variable]

    def url(self, path=""):
        """An address at the front door."""
        return f"http://{HOST}:{self.ports['COMPORTA_PORT']}{path}"

    @property
    def payment_page(self):
        """Where the fake provider of payments is paid."""
        return f"http://{HOST}:{self.ports[payments.PAGE]}/"

    def private_url(self, name, path):
        """An address at the private port of the daemon `name`."""
        port = next(port for variable, port in self.parts[name].ports.items() if "PRIVATE" in variable)
        return f"http://{HOST}:{port}{path}"

    # Debian's own Python sees Debian's pika and redis.
    operator_command = ("/usr/bin/python3", str(SOURCE / "deploy" / "operator" / "comporta.py"))

    def operator_environment(self):
        """What it asks for."""
        cache = self.parts["cache"]
        binary, _option, config = cache.command
        storage = "http://{}:{}".format(*self.address("COMPORTA_STORAGE_PORT"))
        console = "http://{}:{}".format(*self.address("COMPORTA_AMQP_CONSOLE_PORT"))
        return {**cache.environment(), "COMPORTA_URL": self.url(), "COMPORTA_STORAGE_URL": storage,
                "COMPORTA_AMQP_CONSOLE_URL": console, "COMPORTA_CACHE_PROGRAM": binary, "COMPORTA_CACHE_CONFIG": config,
                "COMPORTA_LOGS": str(self.processes["cache"].log.parent),
                "COMPORTA_PUBLIC_TOKEN_KEYS_FILE": self.parts["storage"].env["COMPORTA_TOKEN_KEYS_FILE"]}

    def operator_token(self):
        """A token of an admin that is good for some minutes."""
        return subprocess.run([*self.operator_command, "tokens", "issue"], env=self.operator_environment(),
                              stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    # -- single parts ------------------------------------------------------------------------------

    def launch(self, name):
        """Starts a part without waiting until it is ready."""
        part = self.parts[name]
        part.prepare()
        self.processes[name].start(part.command, part.environment(), part.fingerprint(), part.nice)

    def is_ready(self, name):
        return self.processes[name].running and self.parts[name].ready()

    def wait_ready(self, name, seconds=READY_SECONDS):
        """Raises PartFailed if the part ends instead, or the time is over."""
        deadline = time.monotonic() + seconds
        while not self.is_ready(name):
            if not self.processes[name].running:
                raise PartFailed(self._explain(name, "ended instead of becoming ready"))
            if time.monotonic() > deadline:
                raise PartFailed(self._explain(name, f"is not ready after {seconds} s"))
            time.sleep(0.05)

    def _explain(self, name, what):
        process = self.processes[name]
        return "\n".join([f"{name} {what}; the end of {process.log}:", *process.last_lines()])

    def kill(self, name):
        """Ends it as a crash would."""
        self.processes[name].kill()

    def stop_part(self, name):
        """Asks it to end and waits. Returns whether it did when asked."""
        return self.processes[name].stop(self.parts[name].stop_signal)

    def restart(self, name):
        """Starts it, stopping it first if it runs, and waits until it is ready."""
        self.stop_part(name)
        self.launch(name)
        self.wait_ready(name)

    # -- all of them -------------------------------------------------------------------------------

    def start(self, report=_quiet):
        """Starts what does not run and waits until all is ready; `report` gets a line for each part.

        A part that would now be started differently (another binary, another port) is restarted, one that is
        not asked for any more is stopped. When anything fails, or Ctrl-C is pressed, what this call started is
        stopped again.
        """
        started = []
        with self._locked():
            self._stop_outdated(report)
            missing = [name for name, process in self.processes.items() if not process.running]
            refuse_taken({variable: port for name in missing for variable, port in self.parts[name].ports.items()})
            for name in missing:
                self.parts[name].prepare()  # fails before anything is started
            try:
                # The servers together, then the daemons, then the door, and who watches them.
                for group in self._groups():
                    self._start_group(group, started, report)
            except BaseException:
                self._stop_all(reversed(started), _quiet)
                raise

    def _groups(self):
        names = list(self.parts)
        first_daemon, door = (names.index(name) if name in names else len(names) for name in ("storage", "nginx"))
        lone = [name for name in names if self.parts[name].comes_alone()]
        servers = [name for name in names[1:first_daemon] if name not in lone]
        # epmd alone and first: RabbitMQ would start one of its own.
        groups = [names[:1], servers, *([name] for name in lone), names[first_daemon:door], names[door:]]
        return groups if first_daemon < len(names) else groups[:-2]

    def _start_group(self, names, started, report):
        begin = time.monotonic()
        launched = [name for name in names if not self.processes[name].running]
        for name in launched:
            started.append(name)
            self.launch(name)
        for name in names:
            self.wait_ready(name)
            how = f"ready after {time.monotonic() - begin:.1f} s" if name in launched else "already running"
            report(f"{name:<16} {how:<22} {self.describe_ports(name)}")

    def describe_ports(self, name):
        return " ".join(str(port) for port in self.parts[name].ports.values())

    def _stop_outdated(self, report):
        outdated = [name for name, process in self.processes.items()
                    if process.running and process.fingerprint != self.parts[name].fingerprint()]
        self._stop_all(reversed([*outdated, *self._former_parts()]), report)

    def stop(self, report=_quiet):
        """Stops every part, the door first and the servers last."""
        with self._locked():
            self._stop_all(reversed([*self.parts, *self._former_parts()]), report)

    def discard(self):
        """Ends every part for good: the servers at once, as nobody wants their data any more."""
        with self._locked():
            for name in reversed(self.parts):
                if name in self._server_names:
                    self.processes[name].kill()
                else:
                    self.stop_part(name)

    def _former_parts(self):
        """Parts of an earlier start that the settings of today do not ask for."""
        return sorted(file.stem for file in (self.directory / "run").glob("*.pid") if file.stem not in self.parts)

    def _stop_all(self, names, report):
        for name in names:
            begin, process = time.monotonic(), self.processes.get(name) or self._process(name)
            was_running = process.running
            obeyed = process.stop(self.parts[name].stop_signal if name in self.parts else signal.SIGTERM)
            if was_running:
                how = "stopped" if obeyed else "killed: it did not stop"
                report(f"{name:<16} {how} after {time.monotonic() - begin:.1f} s")

    def _locked(self):
        """One start or stop at a time; a second one waits."""
        lock = (self.directory / "run" / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        return lock
