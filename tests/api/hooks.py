"""What a document cannot say, told to Schemathesis, so that most of what fits it is taken: the key in a record that is
PUT is the key of its address, no new password is one that is tried first, what is sent in gzip is gzip, and a cursor is
one that was handed out."""

from urllib.parse import unquote

import schemathesis

PASSWORD = "uma senha comprida"


@schemathesis.hook
def before_call(_context, case, _kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if (case.headers or {}).get("Content-Encoding") == "gzip":
        case.headers["Content-Encoding"] = "identity"
    (case.query or {}).pop("cursor", None)
    records = case.body if isinstance(case.body, list) else [case.body]
    for record in (record for record in records if isinstance(record, dict)):
        if "/views/" in case.operation.path:
            record.pop("cursor", None)
        if "password" in record and "/records/" in case.operation.path:
            record["password"] = PASSWORD
        if (key := case.operation.definition.raw.get("x-key")) in record:
            record[key] = unquote(case.path_parameters["key"])
