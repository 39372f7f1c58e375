"""A private Comporta on free ports for the tests of a session, and more of them where a test asks."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "deploy" / "native"), str(Path(__file__).parent)]

from client import Comporta  # noqa: E402
from comporta_native.stack import Stack  # noqa: E402
from gated import Gated, make_gated  # noqa: E402
from members import Members, launch_second_gateway, write_kinds  # noqa: E402
from outage import Uploads, calm_daemons  # noqa: E402
from seed import rng  # noqa: E402,F401

BUILD = Path(os.environ.get("COMPORTA_BUILD", SOURCE / "build" / "dev"))
STACKS = SOURCE / "build" / "test-stack"


@pytest.fixture(scope="session")
def make_stack():
    """Makes stacks that are stopped and removed at the end; the logs of a failed session stay."""
    STACKS.mkdir(parents=True, exist_ok=True)
    made = []

    def make(**options):
        directory = Path(tempfile.mkdtemp(dir=STACKS))
        made.append(Stack(directory, **{"driver": "s3", "build": BUILD, **options}))
        return made[-1]

    yield make
    for stack in made:
        stack.discard()
        shutil.rmtree(stack.directory, ignore_errors=True)


def while_running(stack):
    """For the `yield from` of a fixture that needs a stack of its own: started, and stopped at the end."""
    stack.start()
    yield Comporta(stack)
    stack.discard()


@pytest.fixture(scope="session")
def comporta(make_stack):
    """One stack that the tests share: nobody may leave it with a part missing."""
    stack = make_stack()
    stack.start()
    return Comporta(stack)


@pytest.fixture(scope="session")
def gated(make_stack):
    """Another one that the tests share, with gates before its servers: left open, and every part running."""
    stack, gates = make_gated(make_stack)
    stack.start()
    yield Gated(stack, gates)
    stack.discard()
    for gate in gates.values():
        gate.close()


@pytest.fixture(scope="session")
def members(make_stack, tmp_path_factory):
    """One more that the tests share, of people and two gateways: left with every part running."""
    stack = make_stack(settings={"COMPORTA_KINDS": str(write_kinds(tmp_path_factory.mktemp("kinds")))})
    stack.start()
    launch_second_gateway(stack)
    yield Members(stack)
    stack.discard()


@pytest.fixture
def uploads(gated, rng):
    """Before an outage something has been taken, and after it all that was taken gets through by itself.

    The daemons are calm whatever the test does.
    """
    drawn = Uploads(gated, f"{rng.getrandbits(40):x}")
    assert drawn.send().status == 202
    drawn.wait_through()
    with calm_daemons(gated.stack):
        yield drawn
        drawn.until(202)
        drawn.wait_through()


@pytest.fixture(autouse=True)
def no_daemon_ends(request):
    """Whatever a test does, the daemons of the shared stack are the same processes afterwards."""
    if "comporta" not in request.fixturenames:
        yield
        return
    processes = request.getfixturevalue("comporta").stack.processes
    before = {name: process.pid for name, process in processes.items()}
    yield
    assert {name: process.pid for name, process in processes.items()} == before


@pytest.fixture
def nothing_published(comporta):
    """Fails the test if it left an object behind. The second settle() brings its own, and no other."""
    comporta.settle()
    before = comporta.object_names()
    yield
    comporta.settle()
    assert len(comporta.object_names() - before) == 1
