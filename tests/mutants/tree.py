"""A copy of the sources as they stand, in which the slips are made: nobody's own files are touched."""

import shutil
import subprocess


def git(folder, *arguments, **options):
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, **options).stdout


class Tree:
    """A clone below build/, kept from one run to the next with what was built in it."""

    def __init__(self, source, folder):
        self.folder = folder
        if not (folder / ".git").exists():
            git(source, "clone", "--quiet", "--shared", "--no-checkout", str(source), str(folder))
        git(folder, "fetch", "--quiet", str(source), "HEAD")
        git(folder, "reset", "--quiet", "--hard", "FETCH_HEAD")
        git(folder, "clean", "--quiet", "-fd")
        self._bring_what_is_not_committed(source)

    def _bring_what_is_not_committed(self, source):
        changes = git(source, "diff", "--binary", "HEAD")
        if changes:
            git(self.folder, "apply", "--whitespace=nowarn", "-", input=changes)
        for name in git(source, "ls-files", "--others", "--exclude-standard", text=True).splitlines():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, self.folder / name)

    def apply(self, mutant):
        """Whether it could be."""
        command = ["git", "apply", str(mutant.path)]
        return subprocess.run(command, cwd=self.folder, capture_output=True, check=False).returncode == 0

    def take_back(self, mutant):
        git(self.folder, "apply", "--reverse", str(mutant.path))
