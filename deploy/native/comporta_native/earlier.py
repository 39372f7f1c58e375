"""An earlier commit of the project, in a clone of its own below build/, for whoever compares the present one with it."""

import subprocess
import sys


def _run(folder, *command):
    subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)


def _git(source, *arguments):
    return subprocess.run(["git", *arguments], cwd=source, check=True, capture_output=True, text=True).stdout.strip()


def last_of_version_before(source):
    """The commit before the one that gave CMakeLists.txt its present version."""
    line = next(line for line in (source / "CMakeLists.txt").read_text().splitlines() if line.startswith("project("))
    changes = _git(source, "log", "--format=%H", f"-S{line}", "--", "CMakeLists.txt").split()
    return f"{changes[-1]}^"


def checkout(source, commit, folder):
    """Returns the commit's whole name."""
    if not folder.exists():
        _run(source, "git", "clone", "--quiet", "--shared", "--no-checkout", str(source), str(folder))
    sha = _git(source, "rev-parse", f"{commit}^{{commit}}")
    _run(folder, "git", "fetch", "--quiet", str(source), sha)
    _run(folder, "git", "checkout", "--quiet", "--force", sha)
    return sha


def build_daemons(folder, preset):
    """Them alone, with no other options than the preset's: those would stay, and the present tree is built so, too."""
    _run(folder, "cmake", "--preset", preset)
    _run(folder, "cmake", "--build", "--preset", preset, "--target", "ingest-gateway", "storage", "cache")
