"""The packages, on a Debian of their own: installed, at work, and gone, in this order."""

import json
import subprocess

import pytest

from conftest import SOURCE, commands_of_the_page, files

PROGRAMS = {"comporta-gateway": "ingest-gateway", "comporta-storage": "storage", "comporta-cache": "cache"}
UNITS = [*PROGRAMS, "comporta-page"]
OURS = ["comporta-common", *UNITS, "comporta-operator"]
SAMPLE = "/etc/comporta/kinds/transaction/examples/Dados.json"
DOOR = "http://127.0.0.1:8080"
LARGEST_EXPOSURE = 20  # tenths, as systemd-analyze counts


def test_lintian_has_nothing_to_say():
    changes, = (SOURCE / "build" / "packages").glob("*.changes")
    checked = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", changes], capture_output=True,
                             text=True, check=False)
    assert checked.returncode == 0 and not checked.stdout, checked.stdout + checked.stderr


@pytest.mark.parametrize("unit", PROGRAMS)
def test_a_daemon_is_started_and_becomes_ready(installed, unit):
    installed.eventually(f"/usr/libexec/comporta/{PROGRAMS[unit]} --health")
    assert installed.run(f"systemctl is-enabled {unit}; systemctl is-active {unit}").split() == ["enabled", "active"]
    assert installed.run(f"systemctl show --property=NRestarts --value {unit}").strip() == "0"


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_may_do_little(installed, unit):
    installed.run(f"systemd-analyze security --threshold={LARGEST_EXPOSURE} {unit}")


@pytest.mark.parametrize("unit", UNITS)
def test_a_daemon_is_somebody_of_its_own(installed, unit):
    pid = installed.run(f"systemctl show --property=MainPID --value {unit}").strip()
    assert installed.run(f"stat --format=%U /proc/{pid}").strip() == unit


def test_an_upload_goes_from_the_door_to_the_disk_and_to_redis(installed):
    assert "<html" in installed.eventually(f"curl -fsS {DOOR}/")
    installed.run(f"curl -fsS -o /dev/null {DOOR}/vendor/chart.js/chart.min.js")
    installed.run(f"curl -fsS -o /dev/null {DOOR}/vendor/qrcode-generator/qrcode.js")
    receipt = json.loads(installed.run(
        f"curl -fsS -H 'Content-Type: application/json' --data-binary @{SAMPLE} {DOOR}/api/v1/records/transaction"))
    batch, = receipt["batches"]
    installed.eventually(f"curl -fsS {DOOR}{receipt['links']['batches'][0]} | grep '\"applied\"'")
    installed.eventually(f"find /var/lib/comporta/objects -name '{batch}*' | grep .")
    key = json.loads(installed.run(f"cat {SAMPLE}"))[0]["_id"]
    assert 0 < int(installed.run(f"redis-cli ttl comporta:record:transaction:{key}")) <= 60


def test_what_is_logged_is_json_and_no_error(installed):
    for unit in UNITS:
        lines = installed.run(f"journalctl --quiet --output=cat _SYSTEMD_UNIT={unit}.service").splitlines()
        assert lines, unit
        assert {json.loads(line)["level"] for line in lines} <= {"info", "warn"}, unit


def test_a_secret_is_for_those_who_need_it(installed):
    assert not installed.run("find /etc/comporta/secrets -type f -perm /o+rwx")
    assert installed.fails("runuser -u nobody -- cat /etc/comporta/secrets/tokens/token_keys_public.json")
    for unit in ("comporta-gateway", "comporta-storage"):
        installed.run(f"runuser -u {unit} -- cat /etc/comporta/secrets/tokens/token_keys_public.json")
        assert installed.fails(f"runuser -u {unit} -- cat /etc/comporta/secrets/people/token_keys.json")


def test_the_operators_tool_knows_the_installation(installed):
    assert installed.run("comporta dead list 2>&1").strip() == "0 parked"
    installed.run("comporta admin add --login ana@example.com --kind client")
    # Its new files are read by the daemons, too.
    installed.run("comporta tokens rotate")
    assert "ana@example.com" in installed.run("comporta admin list")
    installed.run("comporta replay")
    assert "ana@example.com" in installed.run("comporta admin list")


def test_installed_anew_it_keeps_its_secrets_and_goes_on(installed):
    sums = "find /etc/comporta/secrets -type f ! -name definitions.json -exec sha256sum {} + | sort"
    before = installed.run(sums)
    installed.run("apt-get install --reinstall /packages/*.deb")
    assert installed.run(sums) == before
    for program in PROGRAMS.values():
        installed.eventually(f"/usr/libexec/comporta/{program} --health")


def test_removed_it_leaves_its_configuration(installed):
    installed.run("apt-get remove 'comporta-*'")
    assert installed.fails("ls -l /proc/[0-9]*/exe 2>/dev/null | grep /usr/libexec/comporta/")
    assert not installed.run("systemctl list-units --no-legend 'comporta-*'")
    installed.run(f"test -e /etc/comporta/comporta.env -a -e {SAMPLE} -a -s /etc/comporta/secrets/broker/password")


def test_purged_it_leaves_what_somebody_was_promised(installed):
    installed.run("apt-get purge 'comporta-*'")
    left = {path for path in files(installed) - installed.files_before if "comporta" in path}
    objects = {path for path in left if path.startswith("/var/lib/comporta/objects/") and path.endswith(".ndjson")}
    assert objects
    assert not {path for path in left if not path.startswith(("/var/lib/comporta", "/var/lib/rabbitmq"))}
    users = installed.run("getent passwd | cut -d: -f1").split()
    assert set(UNITS) <= set(users)  # as Debian's rules have it: their files would be somebody else's some day


def test_the_page_names_every_package():
    text = (SOURCE / "docs" / "PACKAGES.md").read_text()
    assert all(f"`{package}`" in text for package in OURS)
    assert commands_of_the_page("On one machine")
