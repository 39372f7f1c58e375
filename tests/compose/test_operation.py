"""What an operator does to a running project: scale it, restart parts of it, change it, take it down and up."""

import json
import os

import pytest

from client import eventually, record
from load import check_everything_once, drive, plan
from project import DOWN, RESTART_STORAGE, SCALE_TO_THREE, SECRETS, UP, UP_WITH_THREE, docker

BACKLOG = 2_000
LIGHT_LOAD = 400
STORED = "comporta_objects_stored_total"


@pytest.fixture
def comporta(project):
    return project.comporta()


@pytest.fixture
def before(comporta):
    """What was there before the test."""
    return comporta.object_names(), comporta.applied()


def test_three_storages_share_a_backlog(project, comporta, before, rng):
    project.run("docker compose stop storage")
    backlog = plan(rng, BACKLOG, keyed=True, largest=1)
    drive(comporta, backlog, clients=2)
    project.run(UP_WITH_THREE)
    eventually(lambda: len(project.containers("storage")) == 3, "three storages run")
    project.wait_healthy("storage")
    check_everything_once(comporta, backlog, before)

    def stored():
        return [project.metric(container, STORED) for container in project.containers("storage")]

    eventually(lambda: len(counts := stored()) == 3 and min(counts) > 0, lambda: f"each has stored some: {stored()}")


def test_reading_goes_on_when_storages_come_and_go(project, comporta):
    receipt = comporta.connect().upload([record("read")]).json()
    comporta.wait_settled(receipt["batches"])
    project.run(SCALE_TO_THREE)
    eventually(lambda: len(project.containers("storage")) == 3, "three storages run")
    project.wait_healthy("storage")
    link = receipt["links"]["objects"][0]
    # nginx has found the new ones when it can do without the first.
    first = project.containers("storage")[0]["Id"]
    docker("stop", first)
    eventually(lambda: comporta.get(link).status == 200, "another storage answers")
    assert comporta.get(link).status == 200
    docker("start", first)


@pytest.mark.parametrize("service", ["rabbitmq", "redis", "minio", "ingest-gateway", "cache", "nginx"])
def test_a_part_restarted_under_load_loses_and_doubles_nothing(project, comporta, before, rng, service):
    run = plan(rng, LIGHT_LOAD, keyed=True, largest=200)

    def restart():
        eventually(lambda: run.done >= LIGHT_LOAD // 10 or run.failures, "the load goes on")
        project.run(f"docker compose restart {service}")

    drive(comporta, run, clients=4, meanwhile=restart)
    project.wait_healthy(service)
    check_everything_once(project.comporta(), run, before)


def test_a_daemon_made_anew_is_found_at_its_new_address(project, comporta):
    project.run("docker compose up --detach --wait --force-recreate --no-deps ingest-gateway cache")
    eventually(lambda: comporta.connect().upload([record("anew")]).status == 202, "the gateway is found")
    assert comporta.get("/api/v1/batches/01a20429-0232-7215-831e-a940bbffb1f7").json()["applied"] is False


def test_nginx_logs_as_the_daemons_do_and_nothing_that_was_asked(project, comporta):
    project.run("docker compose stop cache")
    assert comporta.get("/revenue/somebody-in-person?who=somebody-in-person").status == 503
    project.run("docker compose start cache")
    project.wait_healthy("cache")
    log = project.logs("nginx")
    assert "somebody" not in log
    entries = [json.loads(line) for line in log.splitlines()]
    assert {"info", "error"} <= {entry["level"] for entry in entries}


def test_an_edited_file_counts_after_a_restart(project):
    config = project.directory / "deploy" / "config" / "storage.yaml"
    edited = config.with_suffix(".edited")  # a new file in the old one's place, as editors do it
    edited.write_text(config.read_text().replace("${COMPORTA_LOG_FORMAT:-json}", "text"))
    os.replace(edited, config)
    project.run(RESTART_STORAGE)
    project.wait_healthy("storage")
    last_lines = project.logs("--tail 1 storage").splitlines()
    assert last_lines
    for last_line in last_lines:
        assert " info storage: " in last_line, last_line


def test_all_that_counts_is_there_after_down_and_up(project, comporta):
    kept = comporta.connect().upload([record("kept")], key="kept").json()
    comporta.wait_settled(kept["batches"])
    project.run("docker compose stop storage")
    waiting = [comporta.connect().upload([record(f"waiting-{n}")]).json() for n in range(20)]
    names, marks, passwords = comporta.object_names(), marks_of(comporta), project.run(SECRETS)
    assert names and marks

    project.run(DOWN)
    assert not project.containers()
    project.run(UP)

    comporta = project.comporta()
    assert project.run(SECRETS) == passwords
    comporta.wait_settled({batch for receipt in waiting for batch in receipt["batches"]})
    assert comporta.object_names() >= names
    left = marks_of(comporta)
    assert left.keys() == marks.keys() and all(0 < left[mark] <= marks[mark] for mark in marks)
    again = comporta.connect().upload([record("kept")], key="kept").json()
    comporta.wait_settled(again["batches"])
    assert again["upload"] == kept["upload"]
    assert comporta.applied()[again["batches"][0]][1] == 0, "a repeat brings no record"


def marks_of(comporta):
    """The uploads remembered by their keys, each with the seconds it has left."""
    return {key: comporta.redis.ttl(key) for key in comporta.redis.scan_iter("comporta:upload:*")}
