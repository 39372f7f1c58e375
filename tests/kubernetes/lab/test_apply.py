"""What a user has after `kubectl apply -k`: everything ready, closed and filled in."""

import json

from cluster import DAEMONS, PARTS, SOURCE, ask, kubectl, secret
from first_upload import send_the_sample


def test_every_part_is_ready_and_none_was_started_twice(cluster):
    for part in PARTS:
        for pod in cluster.pods(part):
            (status,) = pod["status"]["containerStatuses"]
            assert (status["ready"], status["restartCount"]) == (True, 0), pod["metadata"]["name"]


def test_the_sample_goes_from_the_door_to_the_store_and_to_redis(comporta):
    send_the_sample(comporta)


def test_all_kinds_are_there_with_their_samples(comporta):
    kinds = comporta.get("/api/v1/kinds").json()["kinds"]
    assert {kind["name"] for kind in kinds} == {file.parent.name for file in (SOURCE / "kinds").glob("*/kind.yaml")}
    sample = comporta.get("/api/v1/kinds/transaction/samples/Dados%20-%20Fraude1.json")
    assert sample.body == (SOURCE / "kinds" / "transaction" / "examples" / "Dados - Fraude1.json").read_bytes()


def test_what_is_secret_was_made_and_fits_together(cluster):
    assert secret("door", "password_secret") == secret("people", "password_secret")
    signing, verifying = (json.loads(secret(name, file))["keys"]
                          for name, file in (("people", "token_keys.json"), ("tokens", "token_keys_public.json")))
    assert [{name: value for name, value in key.items() if name != "d"} for key in signing] == verifying


def test_applied_again_it_is_as_it_was(cluster):
    names = {part: [pod["metadata"]["name"] for pod in cluster.pods(part)] for part in PARTS}
    secrets = {found["metadata"]["name"]: found["data"] for found in ask("secrets")["items"]}
    kubectl("apply", "--kustomize", str(SOURCE / "tests" / "kubernetes" / "lab"))
    kubectl("wait", "--for=condition=complete", "job/secrets", "--timeout=120s")
    assert {found["metadata"]["name"]: found["data"] for found in ask("secrets")["items"]} == secrets
    assert {part: [pod["metadata"]["name"] for pod in cluster.pods(part)] for part in PARTS} == names


def test_no_process_is_root_or_writes_to_its_image(cluster):
    for part in (*DAEMONS, "nginx"):
        name = cluster.pods(part)[0]["metadata"]["name"]
        status = kubectl("exec", name, "--", "cat", "/proc/1/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert set(fields["Uid"].split()) == {"10001"} and int(fields["CapEff"], 16) == 0, part
        assert fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2", part
