#!/usr/bin/python3
"""Writes docker-compose.yml without what is started only when its profile is asked for: started_alone.py FILE."""

import sys
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().parents[2]


def main():
    project = yaml.safe_load((SOURCE / "docker-compose.yml").read_text())
    project["services"] = {name: service for name, service in project["services"].items() if "profiles" not in service}
    for service in project["services"].values():
        if "build" in service:
            service["build"]["context"] = str(SOURCE)
    Path(sys.argv[1]).write_text(yaml.safe_dump(project))


if __name__ == "__main__":
    main()
