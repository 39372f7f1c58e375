"""What docs/FAILURES.md says of the alerts that tell of failures that last."""

import re

from conftest import SOURCE

PAGE = SOURCE / "docs" / "FAILURES.md"


def told_by():
    """{(section, failure): the alerts} of each that has alerts of its own."""
    section, column, told = None, None, {}
    for line in PAGE.read_text().splitlines():
        cells = line.strip("| ").split(" | ")
        if line.startswith("## "):
            section, column = line[3:], None
        elif line.startswith("| failure |"):
            column = cells.index("told by") if "told by" in cells else None
        elif column and line.startswith("| ") and (alerts := set(re.findall(r"`(Comporta\w+)`", cells[column]))):
            told[section, cells[0]] = alerts
    return told
