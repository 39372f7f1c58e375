"""What the kinds add to the API's document: the schemas of records, their queries, and what access they take."""

import pytest
import yaml

from conftest import SOURCE

KINDS = {file.parent.name: yaml.safe_load(file.read_text()) for file in sorted((SOURCE / "kinds").glob("*/kind.yaml"))}
LONGEST_CURSOR = 24 + 1 + 1024  # kMaxCursorBytes in common/kinds/views.h


@pytest.fixture(scope="module")
def document(comporta):
    return comporta.get("/openapi.json").json()


def references(node):
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "$ref")
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(inner)


def resolve(document, node):
    while "$ref" in node:
        found = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        node = found
    return node


def operations(document):
    return [operation for item in document["paths"].values()
            for method, operation in item.items() if method in ("get", "head", "put", "post", "delete")]


def test_it_is_whole(document):
    """No reference leads nowhere, and no operation has the name of another."""
    for reference in set(references(document)):
        resolve(document, {"$ref": reference})
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names)) > 50
    assert "x-kinds" not in str(document) and "#/definitions/" not in str(document)
    tags = {tag["name"] for tag in document["tags"]}
    assert {tag for operation in operations(document) for tag in operation["tags"]} <= tags


def as_schema(declared):
    if "words" in declared:
        return {"type": "string", "enum": sorted(declared["words"])}
    if declared["type"] == "text":
        return {"type": "string", "minLength": declared.get("min", 1), "maxLength": declared.get("max", 256)}
    if declared["type"] == "cursor":
        return {"type": "string", "minLength": 1, "maxLength": LONGEST_CURSOR}
    if declared["type"] == "cpf":
        return {"type": "string", "format": "cpf"}
    if declared["type"] == "count":
        schema = {"type": "integer", "minimum": declared.get("min", 0), "maximum": declared.get("max", 10**9)}
        return {**schema, "default": declared["default"]} if "default" in declared else schema
    return {"type": "boolean"} if declared["type"] == "flag" else {"type": "string", "format": "date"}


@pytest.mark.parametrize("kind", KINDS)
def test_queries_have_the_parameters_that_their_kind_declares(document, kind):
    for name, query in KINDS[kind].get("views", {}).get("queries", {}).items():
        asked = document["paths"][f"/api/v1/views/{kind}/{name}"]["get"]
        sent = [resolve(document, parameter) for parameter in asked["parameters"]]
        documented = {p["name"]: (p.get("required", False), p["schema"]) for p in sent if p["in"] == "query"}
        # What is filled in with who asks need not be sent.
        declared = {parameter: (one.get("required", False) and "from" not in one, as_schema(one))
                    for parameter, one in query.get("parameters", {}).items()}
        assert documented == declared
        assert asked["x-title"] == query["title"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_stamped_is_not_among_what_is_sent(document, kind):
    schema = document["components"]["schemas"][f"record.{kind}"]
    made_by = KINDS[kind].get("account", {}).get("sign_up") or KINDS[kind].get("access", {}).get("create")
    stamped = set(KINDS[kind].get("stamps", {}) if made_by else ())  # admins may send all
    assert not stamped & (set(schema["properties"]) | set(schema.get("required", ())))
    body = document["paths"][f"/api/v1/records/{kind}/{{key}}"]["put"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": f"#/components/schemas/record.{kind}"}


def test_a_new_account_needs_a_password(document):
    upload = document["paths"]["/api/v1/records/client"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = resolve(document, upload["anyOf"][0])
    assert "password" in schema["required"] and "roles" not in schema["properties"]
    assert schema["properties"]["password"]["minLength"] == 12
    assert "password" not in document["components"]["schemas"]["record.client"]["required"]


def test_who_has_to_log_in_is_said(document):
    paths = document["paths"]
    log_in = [{"token": []}]
    assert paths["/api/v1/records/order"]["post"]["security"] == log_in
    assert paths["/api/v1/records/order"]["post"]["x-who"] == ["login"]
    assert paths["/api/v1/views/order/purchases"]["get"]["security"] == [{"token": ["owner"]}]
    assert "security" not in paths["/api/v1/views/order/revenue"]["get"]
    assert "security" not in paths["/api/v1/records/product"]["post"]


def test_a_query_of_one_is_asked_by_a_path_too(document):
    paths = document["paths"]
    end, = paths["/api/v1/views/order/revenue/{seller}"]["parameters"]
    assert (end["name"], end["in"], end["required"]) == ("seller", "path", True)
    assert "/api/v1/views/order/sellers/{limit}" not in paths


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT"])
def test_records_of_a_kind_are_uploaded_and_nothing_else(comporta, method):
    answer = comporta.request(method, "/api/v1/records/product")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert comporta.request(method, "/api/v1/records/nothing").status == 404
