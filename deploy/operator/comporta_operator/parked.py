"""One parked message: what its headers and its line say, and which batch id it goes back with."""

import datetime
import hashlib
import re
import uuid

from .settings import OperatorError

PARK_REASONS = {"delivery_limit": "returned to the queue too often: the broker's own limit",
                "rejected": "rejected by a consumer", "expired": "its time in the queue was over",
                "maxlen": "the queue was full"}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
V7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def parse_age(text):
    """Seconds of `90s`, `15m`, `2h`, `3d`."""
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if not match:
        raise OperatorError(f"'{text}' is not an age: a number with s, m, h or d, such as 15m")
    return int(match[1]) * UNITS[match[2]]


def is_batch_id(text):
    return V7.fullmatch(text) is not None


def _time(text):
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None


class Parked:
    """A message of a dead queue, parked by a daemon or by the broker (then only `x-death` tells of it)."""

    def __init__(self, message, queue):
        self.message, self.queue = message, queue
        headers = message.headers
        death = (headers.get("x-death") or [{}])[0]
        self.by_broker = "reason" not in headers
        self.reason = headers.get("reason") or PARK_REASONS.get(death.get("reason"), "unknown")
        self.at = _time(headers.get("parked_at", "")) or death.get("time")
        if self.at is not None and self.at.tzinfo is None:
            self.at = self.at.replace(tzinfo=datetime.timezone.utc)
        self.attempts = headers.get("attempts", str(int(headers.get("x-delivery-count", 0)) + 1))
        self.is_part = headers.get("scope") == "part"
        start = message.body.partition(b'"records"')[0][:2048].decode(errors="replace")
        self.upload, self.part = self._member(start, "upload"), self._member(start, "part")
        self.has_digest = bool(self._member(start, "digest"))

    @staticmethod
    def _member(start, name):
        match = re.search(rf'"{name}":"?([0-9a-f-]+)', start)
        return match[1] if match else ""

    @property
    def age_seconds(self):
        if self.at is None:
            return 0
        return (datetime.datetime.now(datetime.timezone.utc) - self.at).total_seconds()

    def summary(self):
        """What a list shows of it."""
        return {"parked_at": self.at.isoformat(timespec="seconds").replace("+00:00", "Z") if self.at else None,
                "queue": self.queue, "kind": self.message.kind, "batch": self.message.message_id,
                "upload": self.upload, "part": self.part, "scope": "part" if self.is_part else "message",
                "attempts": int(self.attempts), "bytes": len(self.message.body), "reason": self.reason}

    def next_batch_id(self):
        """The id it goes back with. A whole message keeps its own, under which nothing of it was ever done; a
        part of a batch cannot, as the batch is remembered as done. It gets one that follows from the copy: sent
        twice it is the same, and so recognised."""
        own = self.message.message_id
        if not self.is_part and is_batch_id(own):
            return own
        digest = hashlib.sha256(own.encode() + b"\n" + self.message.body).digest()
        time = uuid.UUID(own).bytes[:6] if is_batch_id(own) else \
            int(self.at.timestamp() * 1000 if self.at else 0).to_bytes(6, "big")
        made = bytearray(time + digest[:10])
        made[6], made[8] = made[6] & 0x0F | 0x70, made[8] & 0x3F | 0x80
        return str(uuid.UUID(bytes=bytes(made)))
