"""One version: that of CMakeLists.txt."""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
VERSION = re.search(r"project\(comporta VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text())[1]


def test_the_changes_say_what_it_brought():
    assert re.findall(r"^## (\S+)$", (SOURCE / "CHANGELOG.md").read_text(), re.M)[0] == VERSION


def test_the_images_are_labelled_with_it():
    labels = re.findall(r'^LABEL org.opencontainers.image.version="(.*)"$', (SOURCE / "deploy/Dockerfile").read_text(), re.M)
    assert labels and set(labels) == {VERSION}


def test_samples_of_every_version_before_it_are_kept():
    before = re.findall(r"^## (\S+)$", (SOURCE / "CHANGELOG.md").read_text(), re.M)[1:]
    kept = [folder.name for folder in (SOURCE / "tests/data/forms").iterdir()]
    assert set(before) <= set(kept)
