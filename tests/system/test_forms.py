"""What any earlier version wrote down is read: its messages, objects, keys and configuration (docs/FORMS.md)."""

import subprocess

import pytest

import forms
from forms import VERSIONS, Sample
from operator_tool import run_tool


@pytest.fixture(scope="module", params=VERSIONS)
def sample(request):
    return Sample(request.param)


@pytest.fixture
def whole(make_stack):
    running = forms.make_sample_stack(make_stack)
    yield running
    running.stack.discard()


def assert_answers_as_then(whole, sample):
    then = sample.read("answers")
    assert forms.answers(whole, then) == then
    assert forms.log_in(whole)


def test_its_messages_are_taken(whole, sample):
    messages = sample.read("messages")
    forms.publish(whole, messages)
    whole.wait_settled({message["message_id"] for message in messages})
    assert_answers_as_then(whole, sample)
    assert forms.objects(whole) == sample.read("objects")


def test_its_objects_are_replayed(whole, sample):
    forms.put_objects(whole, sample.read("objects"))
    run_tool(whole.stack, "replay", "--yes")
    assert_answers_as_then(whole, sample)


def test_its_keys_are_gone_on_with(whole, sample):
    forms.restart_with_keys(whole, sample.read("keys"))
    assert_answers_as_then(whole, sample)
    messages = sample.read("messages")
    forms.publish(whole, messages)  # what it had not acknowledged comes again, and is known
    whole.wait_settled({message["message_id"] for message in messages})
    assert_answers_as_then(whole, sample)


def test_its_configuration_is_good(make_stack, sample):
    parts = make_stack().parts
    for file in sample.configurations():
        binary, option, _present = parts[file.stem].command
        checked = subprocess.run([binary, option, file, "--check"], env=parts[file.stem].environment(), capture_output=True,
                                 text=True, timeout=60, check=False)
        assert checked.returncode == 0, checked.stderr
