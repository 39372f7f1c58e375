"""What of the sources is in the cluster: the kinds, the configuration and nginx' files, as they are, under names of
their content, so that a change makes new pods."""

import re

from manifests import DAEMONS, SOURCE, container, output_of, settings_of, volumes

HASHED = re.compile(r"-[a-z0-9]{10}$")


def test_the_list_of_kinds_is_of_these_kinds():
    assert (SOURCE / "kinds" / "kustomization.yaml").read_text() == output_of("deploy/kubernetes/list-kinds"), \
        "deploy/kubernetes/list-kinds >kinds/kustomization.yaml"


def laid_out(overlay, pod, volume):
    """path -> text, as a volume of ConfigMaps has them."""
    maps, volume = overlay.of_kind("ConfigMap"), volumes(pod)[volume]
    if "configMap" in volume:
        return maps[volume["configMap"]["name"]]["data"]
    return {item["path"]: maps[source["configMap"]["name"]]["data"][item["key"]]
            for source in volume["projected"]["sources"] for item in source["configMap"]["items"]}


def texts(folder, files):
    return {file: (folder / file).read_text() for file in files}


def test_the_daemons_have_the_kinds(overlay):
    kinds = SOURCE / "kinds"
    for name in (*DAEMONS, "operator"):
        found = laid_out(overlay, overlay.pods[name], "kinds")
        assert found == texts(kinds, found)
        assert {path.parent.name for path in kinds.glob("*/kind.yaml")} == {path.partition("/")[0] for path in found}


def test_the_daemons_have_their_configuration(overlay):
    for name in DAEMONS:
        expected = texts(SOURCE / "deploy" / "config", [f"{name}.yaml"])
        assert laid_out(overlay, overlay.pods[name], "config") == expected


def test_nginx_has_its_templates(overlay):
    folder = SOURCE / "nginx"
    files = [path.name for path in folder.iterdir() if path.name != "kustomization.yaml"]
    assert laid_out(overlay, overlay.pods["nginx"], "templates") == texts(folder, files)


def test_rabbitmq_has_its_settings(one_node):
    expected = texts(SOURCE / "deploy" / "compose", ["rabbitmq.conf"])
    assert laid_out(one_node, one_node.pods["rabbitmq"], "config") == expected


def test_a_change_makes_new_pods(overlay):
    maps = overlay.of_kind("ConfigMap")
    assert maps and all(HASHED.search(name) for name in maps)
    named = set()
    for pod in overlay.pods.values():
        named |= {source["configMapRef"]["name"] for source in container(pod).get("envFrom", [])}
        for volume in pod["volumes"]:
            sources = [volume] if "configMap" in volume else volume.get("projected", {}).get("sources", [])
            named |= {source["configMap"]["name"] for source in sources}
    assert named == maps.keys()


def test_a_setting_is_one_that_somebody_reads(overlay):
    files = [*(SOURCE / "deploy" / "config").glob("*.yaml"), *(SOURCE / "kinds").glob("*/kind.yaml"),
             SOURCE / "deploy" / "compose" / "start-nginx"]
    read = {name for file in files for name in re.findall(r"\$\{(COMPORTA_\w+)", file.read_text())}
    assert settings_of(overlay).keys() <= read


def test_a_setting_is_what_it_is_elsewhere(one_node):
    settings = settings_of(one_node)
    elsewhere = dict(re.findall(r"^#?(COMPORTA_\w+)=(.*)$", (SOURCE / ".env.example").read_text(), re.M))
    same = settings.keys() & elsewhere.keys()
    assert len(same) >= 4 and {name: settings[name] for name in same} == {name: elsewhere[name] for name in same}


def test_the_page_says_how_it_is_started():
    assert "kubectl apply -k deploy/kubernetes/overlays/one-node" in (SOURCE / "docs" / "KUBERNETES.md").read_text()
