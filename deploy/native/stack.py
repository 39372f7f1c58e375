#!/usr/bin/env python3
"""Starts, stops and shows Comporta on this machine. The Makefile calls it: see `make help`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from comporta_native import monitoring
from comporta_native.ports import Instances, SettingError, configured_ports, read_env_file
from comporta_native.process import Process
from comporta_native.sample import show_sample
from comporta_native.stack import SOURCE, PartFailed, Stack

VAR = SOURCE / "var"
CLEAN = ("log", "rabbitmq*", "redis*", "sentinel*", "minio", "objects", "nginx", "secrets", "payments", "prometheus", "alertmanager",
         "run")


def configured_count(settings, variable):
    text = settings.get(variable, "1")
    if len(text) == 1 and text in "123456789":
        return int(text)
    raise SettingError(f"{variable}: expected a number from 1 to 9")


def _runs(part):
    return Process(part, VAR / "run", VAR / "log").running


def configured_stack(with_payments=None, with_monitoring=None):
    """The stack that `.env` and the environment describe; the environment counts more.

    With the fake provider of payments, and with monitoring, where they run already, unless that is said; never with the
    provider where another one is named.
    """
    if with_payments is None:
        with_payments = _runs("payments")
    if with_monitoring is None:
        with_monitoring = _runs("prometheus")
    settings = read_env_file(SOURCE / ".env")
    settings.update({name: value for name, value in os.environ.items() if name.startswith("COMPORTA_")})
    instances = Instances(storage=configured_count(settings, "COMPORTA_STORAGE_INSTANCES"),
                          broker=configured_count(settings, "COMPORTA_BROKER_NODES"),
                          redis=configured_count(settings, "COMPORTA_REDIS_NODES"))
    return Stack(VAR, ports=configured_ports(settings, instances), instances=instances,
                 driver=settings.get("COMPORTA_STORE_DRIVER"), settings=settings,
                 with_payments=with_payments and not settings.get("COMPORTA_PAYMENT_HOST"),
                 with_monitoring=with_monitoring)


def up(_arguments):
    """Starts what does not run, waits until all is ready, sends the sample; makes a demonstration's accounts."""
    stack = configured_stack(with_payments=bool(os.environ.get("DEMO")),
                             with_monitoring=bool(os.environ.get("MONITORING")))
    if stack.driver == "filesystem":
        print(f"no MinIO: objects are kept as files under {stack.directory / 'objects'}")
    stack.start(print)
    show_sample(stack)
    if "prometheus" in stack.parts:
        print("\nwatched by Prometheus http://{}:{} and".format(*stack.address(monitoring.PROMETHEUS)),
              "Alertmanager http://{}:{}".format(*stack.address(monitoring.ALERTMANAGER)))
    if "payments" in stack.parts:
        print(f"\npayments are made, with no money, at {stack.payment_page}")
    if os.environ.get("DEMO"):
        print("\naccounts to look around with:", flush=True)
        demo = subprocess.run([*stack.operator_command, "demo"], env=stack.operator_environment(), check=False)
        sys.exit(demo.returncode)


def down(_arguments):
    """Stops every part."""
    configured_stack().stop(print)


def clean(_arguments):
    """Stops every part and removes the data."""
    configured_stack().stop(print)
    for name in CLEAN:
        for folder in VAR.glob(name):
            shutil.rmtree(folder, ignore_errors=True)
    print("the data of the stack is removed")


def _state(stack, name):
    if stack.is_ready(name):
        return "ready"
    process = stack.processes[name]
    if process.running:
        return "not ready"
    return "ended by itself" if process.ended_by_itself else "stopped"


def status(_arguments):
    """Every part with its state; fails unless all are ready."""
    stack = configured_stack()
    states = {name: _state(stack, name) for name in stack.parts}
    for name, state in states.items():
        print(f"{name:<16} {state:<16} pid {stack.processes[name].pid or '-':<8} {stack.describe_ports(name)}")
    if any(state != "ready" for state in states.values()):
        sys.exit(1)


def logs(arguments):
    """The end of the logs."""
    files = sorted((VAR / "log").glob(f"{arguments.part}.log"))
    if not files:
        raise SettingError(f"no log of '{arguments.part}' in {VAR / 'log'}")
    command = ["tail", "-n", str(arguments.lines), *(["-F"] if arguments.follow else []), *map(str, files)]
    os.execvp(command[0], command)


def operator(arguments):
    """Looks after what runs: parked parts, replay, admins, keys."""
    stack = configured_stack()
    command = [*stack.operator_command, *arguments.command]
    os.execve(command[0], command, stack.operator_environment())


def _run_with(arguments, environment, start=Stack.start, **options):
    """Runs the command while a fresh stack is up, and exits as it does."""
    base = SOURCE / "build" / "private-stacks"
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as directory:
        stack = Stack(directory, **options)
        start(stack)
        try:
            result = subprocess.run(arguments.command, env={**os.environ, **environment(stack)}, check=False)
        finally:
            stack.discard()
    sys.exit(result.returncode)


def with_servers(arguments):
    """The addresses of empty servers, for contract tests (tests/README.md)."""
    _run_with(
        arguments,
        lambda stack: {f"COMPORTA_TEST_{name}_PORT": str(stack.ports[f"COMPORTA_{name}_PORT"])
                       for name in ("AMQP", "REDIS", "S3")},
        only_servers=True, driver="s3",
        fixed_secrets={"amqp_user": "guest", "amqp_password": "guest",
                       "s3_access_key": "minioadmin", "s3_secret_key": "minioadmin"})


def with_redis(arguments):
    """The address of an empty Redis, for the examples of kinds."""
    _run_with(arguments,
              lambda stack: {"COMPORTA_TEST_REDIS_PORT": str(stack.ports["COMPORTA_REDIS_PORT"])},
              start=lambda stack: stack.restart("redis"), only_servers=True, driver="filesystem")


def with_stack(arguments):
    """The address of a whole Comporta, for browser tests, what the operator's tool needs to know of it, and where
    its metrics are."""
    def environment(stack):
        page = {"COMPORTA_PAYMENT_PAGE": stack.payment_page} if arguments.payments else {}
        metrics = (f"{name}={stack.private_url(name, '/metrics')}" for name in ("ingest-gateway", "storage", "cache", "nginx"))
        return {**stack.operator_environment(), **page, "COMPORTA_METRICS": " ".join(metrics)}

    _run_with(arguments, environment, build=SOURCE / "build" / "dev",
              settings={"COMPORTA_KINDS": str(arguments.kinds.resolve())}, with_payments=arguments.payments)


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    for function in (up, down, clean, status):
        commands.add_parser(function.__name__, help=function.__doc__).set_defaults(run=function)
    log_parser = commands.add_parser("logs")
    log_parser.add_argument("part", nargs="?", default="*")
    log_parser.add_argument("--lines", type=int, default=10)
    log_parser.add_argument("--follow", action="store_true")
    log_parser.set_defaults(run=logs)
    operator_parser = commands.add_parser("operator", help=operator.__doc__)
    operator_parser.add_argument("command", nargs=argparse.REMAINDER)
    operator_parser.set_defaults(run=operator)
    for name, function in (("with-servers", with_servers), ("with-redis", with_redis),
                           ("with-stack", with_stack)):
        with_parser = commands.add_parser(name, help=function.__doc__)
        if function is with_stack:
            with_parser.add_argument("--kinds", type=Path, default=SOURCE / "kinds", help="another folder of kinds")
            with_parser.add_argument("--payments", action="store_true", help="beside the fake provider of payments")
        with_parser.add_argument("command", nargs=argparse.REMAINDER)
        with_parser.set_defaults(run=function)
    return parser.parse_args(argv)


def interrupted(_number, _frame):
    # Cleaning up takes a moment; a second Ctrl-C must not cut it short.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def main():
    arguments = parse(sys.argv[1:])
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    try:
        arguments.run(arguments)
    except (SettingError, PartFailed) as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit("interrupted: what was just started is stopped again")


if __name__ == "__main__":
    main()
