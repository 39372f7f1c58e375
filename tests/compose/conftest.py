"""One Comporta in containers that the tests share: nobody may leave it with a part missing."""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "deploy" / "native"), str(SOURCE / "tests" / "system"), str(Path(__file__).parent)]

from project import REMOVE, UP, Project  # noqa: E402
from seed import rng  # noqa: E402,F401

PLACE = SOURCE / "build" / "compose-test"


@pytest.fixture(scope="session")
def make_project():
    """Makes projects that are removed at the end; what their containers logged stays in build/compose-test."""
    PLACE.mkdir(parents=True, exist_ok=True)
    made = []
    with tempfile.TemporaryDirectory(dir=PLACE) as directory:

        def make():
            name = f"comporta-test-{random.SystemRandom().getrandbits(32):08x}"
            made.append(Project(Path(directory) / name, name))
            return made[-1]

        yield make
        for project in made:
            (PLACE / f"{project.name}.log").write_text(project.run("docker compose logs --no-color --timestamps"))
            project.run(REMOVE)
            project.run("docker compose down --rmi local")


@pytest.fixture(scope="session")
def started(make_project):
    """As its user first sees it: started with nothing changed, and with all it had to say until it was ready."""
    project = make_project()
    project.run(UP)
    return project, {service: project.logs(service) for service in project.run("docker compose config --services").split()}


@pytest.fixture
def project(started):
    yield started[0]
    started[0].wait_healthy("rabbitmq", "redis", "minio", "ingest-gateway", "storage", "cache", "nginx")
