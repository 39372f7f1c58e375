"""What can be said of the files alone: they are clean, they keep the rules, and they are documented."""

import json
import re
import subprocess

import pytest

from project import DOWN, OPERATOR, README_COMMANDS, REMOVE, SOURCE, UP

HADOLINT = SOURCE / "build" / "tools" / "hadolint" / "bin" / "hadolint"
COMPOSE_FILE = SOURCE / "docker-compose.yml"
SCALABLE = {"ingest-gateway", "storage", "cache"}
ONE_SHOT = {"secrets", "operator"}


def command(*words):
    return subprocess.run(words, cwd=SOURCE, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def services():
    """As compose understands the file when nothing is set."""
    shown = command("docker", "compose", "--env-file", "/dev/null", "--profile", "monitoring", "config", "--format", "json")
    assert (shown.returncode, shown.stderr) == (0, "")
    return json.loads(shown.stdout)["services"]


@pytest.fixture(scope="module")
def lasting(services):
    return {name: service for name, service in services.items() if name not in ONE_SHOT}


def test_the_dockerfile_is_clean():
    checked = command(str(HADOLINT), "deploy/Dockerfile")
    assert checked.returncode == 0, checked.stdout


def test_every_service_is_confined(services):
    for name, service in services.items():
        assert service["read_only"] and service["init"], name
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["mem_limit"]) > 0 and service["pids_limit"] > 0, name
        assert service["logging"]["options"].keys() >= {"max-size", "max-file"}, name
        assert "container_name" not in service, name


def test_what_has_been_accepted_comes_first_where_the_processor_is_short(services):
    preferred = {name for name, service in services.items() if int(service.get("cpu_shares", 1024)) > 1024}
    assert preferred == {"redis", "cache"}


def test_every_lasting_service_is_kept_up_and_says_when_it_is_ready(lasting):
    for name, service in lasting.items():
        assert service["restart"] == "unless-stopped" and service["healthcheck"]["test"], name


def test_a_service_starts_when_what_it_needs_is_ready(lasting):
    for name, service in lasting.items():
        for needed, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
            assert how["condition"] == expected, (name, needed)
    assert lasting["nginx"]["depends_on"].keys() == SCALABLE


def test_our_daemons_ask_themselves_for_their_health(lasting):
    for name in SCALABLE:
        assert lasting[name]["healthcheck"]["test"] == ["CMD", name, "--health"]


def test_scalable_services_take_no_port_of_the_machine(lasting):
    assert not [name for name in SCALABLE if lasting[name].get("ports")]


def test_what_watches_is_there_when_asked_for_and_shows_itself_to_this_machine_alone(lasting):
    watchers = {name for name, service in lasting.items() if service.get("profiles") == ["monitoring"]}
    assert watchers == {"redis-exporter", "prometheus", "alertmanager", "grafana", "jaeger"}
    open_ports = {name for name, service in lasting.items() for port in service.get("ports", [])
                  if port.get("host_ip") != "127.0.0.1"}
    assert open_ports == {"nginx"}
    assert not [name for name in watchers for variable in lasting[name].get("environment", {}) if "PASSWORD" in variable]


def test_traces_are_off_unless_asked_for_and_then_jaeger_is_in_reach(lasting):
    for name in SCALABLE:
        assert lasting[name]["environment"]["COMPORTA_TRACES_ENDPOINT"] == "", name
        assert lasting[name]["networks"].keys() & lasting["jaeger"]["networks"].keys(), name
    assert lasting["jaeger"]["environment"]["COLLECTOR_OTLP_HTTP_HOST_PORT"] == ":4318"


def test_a_daemon_has_time_to_finish(lasting):
    for name in SCALABLE:
        (limit,) = re.findall(r"^\s*drain_limit: (\d+)s", (SOURCE / f"deploy/config/{name}.yaml").read_text(), re.M)
        (minutes, seconds) = re.fullmatch(r"(?:(\d+)m)?(\d+)s", lasting[name]["stop_grace_period"]).groups("0")
        assert int(minutes) * 60 + int(seconds) > int(limit), name


def mounts(services, volume):
    """Who has it -> whether it may write there."""
    return {name: not mount.get("read_only", False) for name, service in services.items()
            for mount in service.get("volumes", []) if mount["source"] == volume}


def test_what_tokens_are_signed_with_is_where_they_are_signed_alone(services):
    assert mounts(services, "people-secrets") == {"secrets": True, "cache": False, "operator": True}
    assert mounts(services, "token-keys") == {"secrets": True, "ingest-gateway": False, "storage": False,
                                              "operator": True}
    for name, service in services.items():
        file = service.get("environment", {}).get("COMPORTA_TOKEN_KEYS_FILE", "")
        expected = "people/token_keys.json" if name in mounts(services, "people-secrets") else "tokens/token_keys_public.json"
        assert file in ("", f"/run/secrets/{expected}"), name
        assert bool(file) == (name in SCALABLE | {"operator"}), name


def test_passwords_are_looked_at_by_the_gateway_and_the_cache_alone(services):
    asking = {name for name, service in services.items()
              if "COMPORTA_PASSWORD_SECRET_FILE" in service.get("environment", {})}
    assert asking == {"ingest-gateway", "cache", "operator"}  # the operator's replay starts a cache


def test_images_of_others_are_pinned(lasting):
    for name, service in lasting.items():
        assert "build" in service or re.search(r":[\w.-]*\d", service["image"]), name


def test_the_queues_find_their_node_again(lasting):
    assert lasting["rabbitmq"]["hostname"] == "rabbitmq"


def test_every_setting_is_documented_with_its_default():
    documented = dict(re.findall(r"^#?(COMPORTA_\w+)=(.*)$", (SOURCE / ".env.example").read_text(), re.M))
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE_FILE.read_text()))
    assert used and {name: documented.get(name) for name in used} == used


def test_the_readme_says_what_is_tested():
    section = (SOURCE / "README.md").read_text().partition("\n## In containers\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.S)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    assert {line for line in lines if line} == README_COMMANDS
    assert f"`{OPERATOR} dead list`" in (SOURCE / "README.md").read_text()


@pytest.mark.parametrize("target, said", [("up", UP), ("down", DOWN), ("clean", REMOVE)])
def test_make_runs_the_same_commands(target, said):
    lines = command("make", "--dry-run", target).stdout.splitlines()
    assert any(re.search(rf"(^|then ){re.escape(said)}(;|$)", line) for line in lines), lines
