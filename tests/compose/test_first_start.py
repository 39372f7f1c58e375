"""What a user has after the first start: everything ready, quiet, and closed to the outside but for the door."""

import json
import re

from client import batch_of, record
from first_upload import send_the_sample
from project import LOGS, SECRETS, SOURCE, STATE, docker, fetch, service_of

DAEMONS = {"ingest-gateway", "storage", "cache"}
SERVERS = {"rabbitmq", "redis", "minio"}
ERROR_LINE = re.compile(r'"level":"(error|fatal)"|\[(error|crit|alert|emerg)\]|\b(ERROR|FATAL|panic)\b', re.IGNORECASE)


def test_every_part_is_ready(project):
    states = {service_of(c): c["State"]["Health"]["Status"] for c in project.containers()}
    assert states == dict.fromkeys(DAEMONS | SERVERS | {"nginx", "redisinsight"}, "healthy")
    assert all(name in project.run(STATE) for name in states)


def test_nothing_logs_an_error_while_it_starts(started):
    _project, logs = started
    assert all(logs[service] for service in DAEMONS | SERVERS | {"nginx"})
    wrong = [(service, line) for service, text in logs.items() for line in text.splitlines() if ERROR_LINE.search(line)]
    assert not wrong


def test_our_daemons_find_everything_ready(started):
    _project, logs = started
    lines = [json.loads(line) for service in DAEMONS for line in logs[service].splitlines()]
    assert {line["level"] for line in lines} == {"info"}


def test_the_application_starts_last(project):
    started = {service_of(c): c["State"]["StartedAt"] for c in project.containers()}
    assert max(started[s] for s in SERVERS) < min(started[d] for d in DAEMONS)
    assert max(started[d] for d in DAEMONS) < started["nginx"]


def test_the_sample_goes_from_the_door_to_the_store_and_to_redis(project):
    comporta = project.comporta()
    sample, receipt = send_the_sample(comporta)
    (name,) = [name for name in comporta.object_names() if batch_of(name) in receipt["batches"]]
    assert json.loads(comporta.read_object(name))["records"] == sample
    assert 0 < comporta.redis.ttl(f"comporta:record:transaction:{sample[0]['_id']}") <= 60


def test_only_the_door_is_open_to_the_outside(project):
    bound = {(service_of(c), inside, binding["HostIp"], int(binding["HostPort"]))
             for c in project.containers() for inside, bindings in c["NetworkSettings"]["Ports"].items()
             for binding in bindings or [] if binding["HostIp"] != "::"}
    assert bound == {("nginx", "8080/tcp", "0.0.0.0", project.ports["COMPORTA_PORT"]),
                     ("rabbitmq", "15672/tcp", "127.0.0.1", project.ports["COMPORTA_AMQP_CONSOLE_PORT"]),
                     ("minio", "9001/tcp", "127.0.0.1", project.ports["COMPORTA_S3_CONSOLE_PORT"]),
                     ("redisinsight", "5540/tcp", "127.0.0.1", project.ports["COMPORTA_REDIS_CONSOLE_PORT"])}


def test_the_consoles_answer_on_this_machine(project):
    for variable in ("COMPORTA_AMQP_CONSOLE_PORT", "COMPORTA_S3_CONSOLE_PORT", "COMPORTA_REDIS_CONSOLE_PORT"):
        assert fetch(f"http://127.0.0.1:{project.ports[variable]}/")[0] == 200, variable


def networks_of(project, service):
    (container,) = project.containers(service)
    return {name.removeprefix(f"{project.name}_") for name in container["NetworkSettings"]["Networks"]}


def test_the_door_reaches_the_daemons_and_nothing_behind_them(project):
    assert networks_of(project, "nginx") == {"front", "door"}
    for server in SERVERS:
        assert not networks_of(project, server) & networks_of(project, "nginx")
    for daemon in DAEMONS:
        assert networks_of(project, daemon) == {"door", "back"} | ({"providers"} if daemon == "cache" else set())
    for name in ("door", "back"):
        assert json.loads(docker("network", "inspect", f"{project.name}_{name}"))[0]["Internal"], name


def test_no_container_runs_as_root_or_writes_to_its_image(project):
    for container in project.containers():
        name, host = container["Name"], container["HostConfig"]
        _header, *processes = docker("top", container["Id"], "-eo", "pid,uid").splitlines()
        assert processes and "0" not in {line.split()[1] for line in processes}, name
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["Init"], name
        assert host["Memory"] > 0 and host["PidsLimit"] > 0 and not host["Privileged"], name


def test_rabbitmq_knows_the_made_user_only(project):
    api = f"http://127.0.0.1:{project.ports['COMPORTA_AMQP_CONSOLE_PORT']}/api/users"
    user, password = (project.secrets.value(name) for name in ("amqp_user", "amqp_password"))
    status, users = fetch(api, user, password)
    assert status == 200 and [found["name"] for found in json.loads(users)] == [user]
    assert fetch(api, "guest", "guest")[0] == 401


def test_passwords_are_kept_and_no_other_installation_has_them(project, make_project):
    first, again = project.run(SECRETS), project.run(SECRETS)
    assert first == again
    other = make_project()
    other.run("docker compose run --rm secrets")
    assert not set(passwords_in(other.run(SECRETS))) & set(passwords_in(first))


def test_tokens_are_verified_with_public_halves_of_what_they_are_signed_with(project):
    signing = keys_of(project, "cache", "people/token_keys.json")
    assert all(len(key["d"]) == 43 for key in signing)
    halves = [{name: value for name, value in key.items() if name != "d"} for key in signing]
    for verifying in ("ingest-gateway", "storage"):
        known = keys_of(project, verifying, "tokens/token_keys_public.json")
        assert sorted(known, key=kid_of) == sorted(halves, key=kid_of)


def test_the_gateway_hashes_passwords_with_the_secret_that_the_cache_has(project):
    secrets = [project.run(f"docker compose exec -T {service} cat /run/secrets/{folder}/password_secret")
               for service, folder in (("ingest-gateway", "door"), ("cache", "people"))]
    assert secrets[0] == secrets[1] and len(secrets[0]) >= 32


def keys_of(project, service, file):
    return json.loads(project.run(f"docker compose exec -T {service} cat /run/secrets/{file}"))["keys"]


def kid_of(key):
    return key["kid"]


def passwords_in(shown):
    found = re.findall(r"password ([0-9a-f]{48})$", shown, re.M)
    assert len(set(found)) == 2, shown
    return found


def test_images_hold_little_beside_their_base(project):
    base = json.loads(docker("image", "inspect", "debian:bookworm-slim"))[0]["Size"]
    for daemon in DAEMONS:
        own = json.loads(docker("image", "inspect", f"{project.name}-{daemon}"))[0]["Size"] - base
        assert 0 < own < 45_000_000, (daemon, own)


def test_uploads_are_logged_where_the_readme_looks(project):
    project.comporta().connect().upload([record("logged")])
    assert '"daemon":"storage"' in project.run(LOGS)
