"""What an API server would not take of the manifests on stdin, one a line: by Kubernetes' own schemas, and by those of
resources that an operator brings along. `schemas.py FOLDER` with the folder of KEDA's resource definitions. A program
of its own, for kubernetes-validate wants newer packages than Debian's pytest has."""

import sys
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

VERSION = "1.35"
OF_KEDA = ("ScaledObject", "TriggerAuthentication")
# The module of its operator is to be had from nowhere that Go asks.
WITHOUT_SCHEMA = ("RabbitmqCluster",)


def resources_of_keda(folder):
    """kind -> the schema of its version that is stored."""
    found = {}
    for kind in OF_KEDA:
        spec = yaml.safe_load((folder / f"keda.sh_{kind.lower()}s.yaml").read_text())["spec"]
        (version,) = [version for version in spec["versions"] if version["storage"]]
        found[kind] = strict(version["schema"]["openAPIV3Schema"])
    return found


def strict(schema):
    """The same, where a member that it does not know is an error; an API server would drop it without a word."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
        closed.setdefault("additionalProperties", False)
    return closed


def fault(found, resources):
    """None if there is none."""
    try:
        if found["kind"] in resources:
            jsonschema.validate(found, resources[found["kind"]])
        elif found["kind"] not in WITHOUT_SCHEMA:
            kubernetes_validate.validate(found, VERSION, strict=True)
    except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
        return f"{found['kind']} {found['metadata']['name']}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        return f"{found['kind']} {found['metadata']['name']}: {error}"
    return None


def main():
    resources = resources_of_keda(Path(sys.argv[1]))
    for found in yaml.safe_load_all(sys.stdin):
        if told := fault(found, resources):
            print(told)


if __name__ == "__main__":
    main()
