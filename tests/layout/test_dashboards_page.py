"""docs/OPERATIONS.md names each dashboard and shows its picture, of docs/dashboards (`make dashboard-pictures`)."""

import json
import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
FILES = sorted((SOURCE / "deploy" / "monitoring" / "grafana" / "dashboards").glob("*.json"))
SECTION = (SOURCE / "docs" / "OPERATIONS.md").read_text().partition("\n## Dashboards\n")[2].partition("\n## ")[0]
LARGEST = 250_000  # bytes


def test_every_dashboard_is_in_the_table():
    told = re.findall(r"^\| (.+?) \|", SECTION, re.MULTILINE)[1:]
    assert sorted(told) == sorted(json.loads(file.read_text())["title"] for file in FILES)


def test_every_dashboard_has_its_picture_and_the_page_shows_it():
    pictures = {path.name: path.stat().st_size for path in (SOURCE / "docs" / "dashboards").iterdir()}
    assert set(pictures) == {f"{file.stem.removeprefix('comporta-')}.png" for file in FILES}
    assert max(pictures.values()) < LARGEST
    assert set(re.findall(r"!\[[^\]]+\]\(dashboards/(\S+)\)", SECTION)) == set(pictures)
