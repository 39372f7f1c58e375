"""What a document cannot say, told to Schemathesis, so that most of what fits it is taken: the key in a record that is
PUT is the key of its address, no new password is one that is tried first, what is sent in gzip is gzip, a cursor is one
that was handed out, a CPF has its check digits, a whole number is written without a point, and a notice has one of those
parameters of which any is enough."""

from urllib.parse import unquote

import schemathesis
from hypothesis import strategies

PASSWORD = "uma senha comprida"
OF_A_NOTICE = (("type", "topic"), ("data.id", "id"))


def cpf(digits):
    """The first nine of them, and what they are checked by."""
    for _ in range(2):
        rest = sum(digit * (len(digits) + 1 - place) for place, digit in enumerate(digits)) % 11
        digits = [*digits, 0 if rest < 2 else 11 - rest]
    return "".join(map(str, digits))


NINE = strategies.lists(strategies.integers(0, 9), min_size=9, max_size=9).filter(lambda digits: len(set(digits)) > 1)
schemathesis.openapi.format("cpf", NINE.map(cpf))


@schemathesis.hook
def before_call(_context, case, _kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if (case.headers or {}).get("Content-Encoding") == "gzip":
        case.headers["Content-Encoding"] = "identity"
    (case.query or {}).pop("cursor", None)
    if "/hooks/" in case.operation.path:
        case.query = {**{names[0]: "a" for names in OF_A_NOTICE if not set(names) & set(case.query or {})},
                      **(case.query or {})}
    if isinstance(case.body, (dict, list)):
        case.body = without_points(case.body)
    for record in (one for one in (case.body if isinstance(case.body, list) else [case.body]) if isinstance(one, dict)):
        fit(record, case)


def fit(record, case):
    """Or the arguments of a query."""
    if "/views/" in case.operation.path:
        record.pop("cursor", None)
    if "password" in record and "/records/" in case.operation.path:
        record["password"] = PASSWORD
    if (key := case.operation.definition.raw.get("x-key")) in record:
        record[key] = unquote(case.path_parameters["key"])


def without_points(value):
    if isinstance(value, dict):
        return {name: without_points(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_points(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
