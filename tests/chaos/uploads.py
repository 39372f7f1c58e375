"""One request of a client, and what of it is to be stored."""

import hashlib
import json
from dataclasses import dataclass

RECORDS_IN_A_PART = 1_000  # what docs/decisions/002-upload-identity.md fixes
MASKED_CARD_NUMBER = "**** **** **** 1486"
ACCOUNT_KEY = "{account}"  # in a path: the service makes it, and tells it at the login
STAMPED = {"client": {"id"}, "order": {"id", "client", "date"}}  # by the service
HASHES = "$argon2id$"

APPLIED, REFUSED = "applied", "refused"
CONTESTED = "contested"  # somebody else tries to get the same login name: one of them is applied


@dataclass(frozen=True)
class Upload:
    """It is repeated with its key until it gets a 202. Buyers are called by names that only the campaign knows."""

    kind: str
    key: str  # Idempotency-Key
    method: str
    path: str
    body: bytes
    records: int
    parts: tuple  # the digest of each part, as it is to be stored
    left_out: frozenset = frozenset()  # of the digests: members that the service fills in
    becomes: str = APPLIED
    sender: str = ""  # the buyer that has logged in for it; empty: nobody has
    principal: str = ""  # who sent it, where that is no buyer
    account: str = ""  # the buyer whose account it makes or changes
    password: str = ""  # that account's, from then on
    victim: str = ""  # the buyer whose account it should not change
    orders: tuple = ()  # names for those whose ids the service makes


@dataclass(frozen=True)
class Taken:
    """An upload that got its 202."""

    upload: Upload
    receipt: dict


def digest(records, left_out=frozenset()):
    """Of what the records say, however they are written."""
    said = [{name: value for name, value in record.items() if name not in left_out} for record in records]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def digests(records, left_out):
    """Of each part of an upload of these records, as they are to be stored."""
    stored = [_as_stored(record) for record in records]
    return tuple(digest(stored[begin:begin + RECORDS_IN_A_PART], left_out)
                 for begin in range(0, len(stored), RECORDS_IN_A_PART))


def as_compared(record):
    """A stored record, whose password's hash nobody can foretell."""
    is_hashed = record.get("password", "").startswith(HASHES)
    return {**record, "password": HASHES} if is_hashed else record


def _as_stored(record):
    """At the door a card's number is masked, a login name folded, and a password hashed."""
    changed = dict(record)
    if "credit_card" in record:
        changed["credit_card"] = {**record["credit_card"], "card_number": MASKED_CARD_NUMBER}
    if "password" in record:
        changed["password"] = HASHES
    if "email" in record and "_id" not in record:
        changed["email"] = record["email"].lower()
    return changed
