"""What every pod is, has and may, in each overlay."""

import re

import yaml

from manifests import DAEMONS, SOURCE, container, secrets_of, selects, settings_of, variables, volumes

OURS = (*DAEMONS, "nginx")
LASTING_SECRETS = {
    "ingest-gateway": {"broker", "tokens", "door", "others"},
    "storage": {"broker", "tokens", "store"},
    "cache": {"broker", "people", "others"},
    "nginx": set(),
    "operator": {"broker", "people", "tokens"},
}


def test_every_pod_is_confined(overlay):
    for name, pod in overlay.pods.items():
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert container(pod)["securityContext"] == {
            "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}, name
        # Variables named after Services would be taken for settings.
        assert pod["enableServiceLinks"] is False, name
        assert not pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}, name
        assert not [volume for volume in pod["volumes"] if "hostPath" in volume], name
    (namespace,) = overlay.of_kind("Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_pod_has_its_share_and_no_more(overlay):
    for name, pod in overlay.pods.items():
        resources = container(pod)["resources"]
        assert resources["requests"].keys() == {"cpu", "memory", "ephemeral-storage"}, name
        assert resources["limits"].keys() == {"memory", "ephemeral-storage"}, name
        assert all("sizeLimit" in volume["emptyDir"] for volume in pod["volumes"] if "emptyDir" in volume), name


def test_who_makes_the_secrets_alone_reaches_the_api(overlay):
    assert {name for name, pod in overlay.pods.items() if pod["automountServiceAccountToken"]} == {"secrets"}
    (role,) = overlay.of_kind("Role", "ClusterRole").values()
    assert role["kind"] == "Role"
    made = container(overlay.pods["secrets"])["args"]
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": made, "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]}]


def test_secrets_are_there_by_name_alone(overlay):
    assert not overlay.of_kind("Secret")
    for name, pod in overlay.pods.items():
        files = [value for variable, value in variables(pod).items() if re.search("PASSWORD|SECRET|KEY", variable)]
        assert all(file.startswith("/run/secrets/") for file in files), name


def test_each_has_the_secrets_that_it_needs(one_node, production):
    for name, secrets in LASTING_SECRETS.items():
        assert secrets_of(one_node.pods[name]) == secrets, name
        in_production = {"rabbitmq-default-user" if secret == "broker" else secret for secret in secrets}
        assert secrets_of(production.pods[name]) == in_production | ({"redis"} if "people" in secrets else set()), name


def test_a_daemon_is_asked_much_once_and_little_again_and_again(overlay):
    for name in DAEMONS:
        asked = container(overlay.pods[name])
        assert asked["startupProbe"]["exec"]["command"] == [name, "--health"]
        assert asked["readinessProbe"]["httpGet"] == {"path": "/api/v1/status", "port": "http"}
        assert asked["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "private"}


def seconds(text):
    (number,) = re.fullmatch(r"(\d+)s", text).groups()
    return int(number)


def test_a_pod_goes_when_the_next_one_is_ready(overlay):
    for name in OURS:
        rolling = overlay.workloads[name]["spec"]["strategy"]["rollingUpdate"]
        assert rolling == {"maxSurge": 1, "maxUnavailable": 0}, name


def test_a_daemon_takes_leave_for_longer_than_nginx_keeps_a_connection_and_has_time_to_finish(overlay):
    leave = seconds(settings_of(overlay)["COMPORTA_LEAVE_TIME"])
    template = (SOURCE / "nginx" / "comporta.conf.template").read_text()
    kept = re.findall(r"^upstream .* keepalive_timeout (\w+);", template, re.MULTILINE)
    assert len(kept) == len(DAEMONS) and leave > max(map(seconds, kept))
    for name in DAEMONS:
        config = (SOURCE / "deploy" / "config" / f"{name}.yaml").read_text()
        (limit,) = re.findall(r"^\s*drain_limit: (\w+)", config, re.MULTILINE)
        assert overlay.pods[name]["terminationGracePeriodSeconds"] > leave + seconds(limit), name
        assert "lifecycle" not in container(overlay.pods[name]), name


def test_nginx_goes_on_for_longer_than_its_clients_keep_a_connection(overlay):
    pod = overlay.pods["nginx"]
    pause = container(pod)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause > 2 * seconds(variables(pod)["COMPORTA_KEPT_CLIENT"])
    assert pod["terminationGracePeriodSeconds"] > pause + 30


def test_one_at_a_time_may_be_taken_away_and_they_are_spread(overlay):
    budgets = overlay.of_kind("PodDisruptionBudget")
    for name in OURS:
        labels = overlay.workloads[name]["spec"]["template"]["metadata"]["labels"]
        assert budgets[name]["spec"]["maxUnavailable"] == 1 and selects(budgets[name]["spec"]["selector"], labels), name
        spread = overlay.pods[name]["topologySpreadConstraints"]
        assert [constraint["topologyKey"] for constraint in spread] == ["kubernetes.io/hostname",
                                                                        "topology.kubernetes.io/zone"], name
        assert all(selects(constraint["labelSelector"], labels) for constraint in spread), name


def test_a_service_leads_to_its_pods(overlay):
    for name, service in overlay.of_kind("Service").items():
        workload = name.removesuffix("-pods")
        labels = overlay.workloads[workload]["spec"]["template"]["metadata"]["labels"]
        assert selects({"matchLabels": service["spec"]["selector"]}, labels), name
        named = {port["name"] for port in container(overlay.pods[workload])["ports"]}
        assert {port["targetPort"] for port in service["spec"].get("ports", [])} <= named, name


def test_what_nobody_opened_is_closed(overlay):
    policies = overlay.of_kind("NetworkPolicy")
    assert policies["closed"]["spec"].keys() == {"podSelector", "policyTypes"}
    for name, workload in overlay.workloads.items():
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert selects(policies["closed"]["spec"]["podSelector"], labels), name


def test_the_images_are_of_this_version(overlay):
    (version,) = re.findall(r"^project\(comporta VERSION ([\d.]+)", (SOURCE / "CMakeLists.txt").read_text(), re.M)
    ours = (*OURS, "secrets", "operator")
    images = {name: container(pod)["image"] for name, pod in overlay.pods.items() if name in ours}
    assert images == {name: f"comporta/{'door' if name == 'nginx' else name}:{version}" for name in images}
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (SOURCE / "deploy" / "kubernetes" / "images.yaml").read_text())
    built = yaml.safe_load(text)["services"]
    assert sorted(service["image"] for service in built.values()) == sorted(images.values())
    assert all(service["build"]["target"] == name for name, service in built.items())


def test_one_node_has_the_servers_of_compose(one_node):
    services = yaml.safe_load((SOURCE / "docker-compose.yml").read_text())["services"]
    for name in ("rabbitmq", "redis", "minio"):
        theirs, ours = services[name], container(one_node.pods[name])
        assert theirs["image"].partition(":-")[2].rstrip("}") == ours["image"], name
        assert theirs.get("command") == ours.get("args"), name
        (claim,) = one_node.workloads[name]["spec"]["volumeClaimTemplates"]
        assert claim["metadata"]["name"] in {mount["name"] for mount in ours["volumeMounts"]}, name


def test_who_uploads_from_outside_comes_over_tls_through_what_lets_in(production):
    (ingress,) = production.of_kind("Ingress").values()
    hosts = {rule["host"] for rule in ingress["spec"]["rules"]}
    assert set(ingress["spec"]["tls"][0]["hosts"]) == hosts
    (way,) = production.of_kind("NetworkPolicy")["nginx"]["spec"]["ingress"]
    assert way["from"][0] == {"namespaceSelector": {"matchLabels": {"comporta/lets-in": "true"}}}
    assert not [other for other in way["from"][1:] if "podSelector" not in other]


def test_how_many_there_are_is_said_once(production):
    for name, scaler in (production.of_kind("ScaledObject") | production.of_kind("HorizontalPodAutoscaler")).items():
        target = scaler["spec"]["scaleTargetRef"]["name"]
        assert target == name and "replicas" not in production.workloads[target]["spec"]


def test_temporary_files_have_room(overlay):
    for name, pod in overlay.pods.items():
        assert {mount["name"] for mount in container(pod)["volumeMounts"]} >= volumes(pod).keys(), name
