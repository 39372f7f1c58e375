"""What an operator relies on: order of start, readiness, draining, the command line, the configuration."""

import os
import re
import signal
import subprocess
import threading

import pytest

from client import UPLOADS, Comporta, eventually, record
from conftest import BUILD, SOURCE

DAEMONS = ["ingest-gateway", "storage", "cache"]
EXIT_CONFIG = 78


def run(name, *arguments, env=None):
    """A daemon's command line, with its shipped configuration unless `arguments` say otherwise."""
    binary = BUILD / "services" / name / name
    environment = {**os.environ, "COMPORTA_KINDS": str(SOURCE / "kinds"), **(env or {})}
    return subprocess.run([binary, *arguments], env=environment, capture_output=True, text=True, timeout=300,
                          check=False)


def shipped_config(name):
    return SOURCE / "deploy" / "config" / f"{name}.yaml"


@pytest.fixture
def own_stack(make_stack):
    """A stack for one test, which may do to it what it likes."""
    stack = make_stack()
    yield stack
    stack.discard()


def test_what_has_been_accepted_comes_first_where_the_processor_is_short(comporta):
    nice = {name: os.getpriority(os.PRIO_PROCESS, process.pid) for name, process in comporta.stack.processes.items()
            if process.running}
    preferred = {"redis", "cache"} if os.geteuid() == 0 else set()  # nobody else may prefer anything
    assert {name for name in nice if nice[name] < nice["nginx"]} == preferred, nice


@pytest.mark.parametrize("name", DAEMONS)
def test_the_private_port_tells_how_it_is(comporta, name):
    assert comporta.private_get(name, "/livez")[0] == 200
    assert comporta.private_get(name, "/readyz")[0] == 200
    status, metrics = comporta.private_get(name, "/metrics")
    assert status == 200 and re.search(r"^comporta_\w+(\{.*\})? [0-9.e+]+$", metrics, re.MULTILINE)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_the_private_port_is_not_behind_the_door(comporta, path):
    assert comporta.get(path).status == 404


def test_daemons_started_before_their_servers_become_ready(own_stack):
    comporta = Comporta(own_stack)
    for name in [*DAEMONS, "nginx"]:
        own_stack.launch(name)
    for name in DAEMONS:
        eventually(lambda name=name: own_stack.parts[name].ready() is False
                   and comporta_lives(comporta, name), f"{name} lives")
        assert comporta.private_get(name, "/readyz")[0] == 503
    own_stack.wait_ready("nginx")
    answer = comporta.connect().upload([record("too-early")])
    assert answer.status == 503 and answer.headers["retry-after"]
    own_stack.start()  # starts what is missing, and waits for all
    assert comporta.connect().upload([record("in-time")]).status == 202


def comporta_lives(comporta, name):
    try:
        return comporta.private_get(name, "/livez")[0] == 200
    except OSError:
        return False


def test_on_sigterm_what_was_taken_is_finished(own_stack, rng):
    own_stack.start()
    comporta, answers, stop = Comporta(own_stack), [], threading.Event()

    def keep_uploading(client):
        connection = comporta.connect()
        while not stop.is_set():
            number = len(answers)
            answers.append(connection.upload([record(f"drain-{client}-{number}-{n}") for n in range(200)]))

    clients = [threading.Thread(target=keep_uploading, args=(n,)) for n in range(8)]
    for client in clients:
        client.start()
    try:
        for name in DAEMONS:
            seen = len(answers)
            eventually(lambda seen=seen: len(answers) > seen + 20, "uploads go on")
            process = own_stack.processes[name]
            process.send(signal.SIGTERM)
            assert process.wait(40), f"{name} drains"
            assert process.exit_code == 0, process.last_lines()
            own_stack.restart(name)
    finally:
        stop.set()
        for client in clients:
            client.join()
    # Refused while the gateway was away, but never broken off: the door answered every one.
    assert {answer.status for answer in answers} <= {202, 503}
    comporta.wait_settled({batch for answer in answers if answer.status == 202 for batch in answer.json()["batches"]})


@pytest.mark.parametrize("name", DAEMONS)
def test_the_command_line_explains_itself(name):
    assert re.fullmatch(rf"{name} \d+\.\d+\.\d+", run(name, "--version").stdout.strip())
    help_text = run(name, "--help")
    assert help_text.returncode == 0
    assert all(option in help_text.stdout for option in ("--config", "--kinds", "--check", "--health", "--version"))
    assert run(name, "--no-such-option").returncode == 64


@pytest.mark.parametrize("name", DAEMONS)
def test_the_shipped_configuration_is_good_and_shown_without_secrets(comporta, name, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("open sesame" * 3)
    shown = run(name, "--config", str(shipped_config(name)), "--check",
                env={"COMPORTA_AMQP_PASSWORD_FILE": str(secret), "COMPORTA_PASSWORD_SECRET_FILE": str(secret),
                     "COMPORTA_TOKEN_KEYS_FILE": comporta.stack.parts["cache"].env["COMPORTA_TOKEN_KEYS_FILE"]})
    assert shown.returncode == 0, shown.stderr
    assert "broker:" in shown.stdout
    assert "sesame" not in shown.stdout + shown.stderr


@pytest.mark.parametrize("name", DAEMONS)
def test_every_fault_of_a_configuration_is_named_with_its_line(name, tmp_path):
    config = tmp_path / "bad.yaml"
    config.write_text("log:\n  level: loud\noperations:\n  port: 70000\nbroker:\n  heartbeat: 10\nno_such_key: 1\n")
    for mode in ([], ["--check"]):
        answer = run(name, "--config", str(config), *mode)
        assert answer.returncode == EXIT_CONFIG
        for line in (2, 4, 6, 7):
            assert f"{config}:{line}:" in answer.stderr, answer.stderr


@pytest.mark.parametrize("name", DAEMONS)
def test_health_asks_the_daemon_itself(comporta, name):
    part = comporta.stack.parts[name]
    arguments = ("--config", str(shipped_config(name)), "--health")
    assert run(name, *arguments, env=part.env).returncode == 0
    (own_port,) = [port for variable, port in comporta.stack.ports.items() if variable == "COMPORTA_PORT"]
    nobody = {**part.env, "COMPORTA_PRIVATE_PORT": str(own_port)}  # answers, but is not ready
    assert run(name, *arguments, env=nobody).returncode == 1


def test_the_trace_of_an_upload_goes_through_to_the_object(comporta):
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = comporta.request("POST", UPLOADS, b"", {"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert answer.json()["trace_id"] == trace, "in an error"
    headers = {"Content-Type": "application/json", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    body = b'[{"_id":"traced","isActive":true,"cliente":"c","email":"a@example.com","endereco":"A, B, 1",' \
           b'"datatrasancao":"2024-03-11T12:00:00Z"}]'
    receipt = comporta.request("POST", UPLOADS, body, headers).json()
    comporta.wait_settled(receipt["batches"])
    assert trace.encode() in comporta.get(receipt["links"]["objects"][0]).body
