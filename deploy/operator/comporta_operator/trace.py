"""`trace`: follows one upload from the door to its outcome, by what the parts keep of it."""

import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

from .applied import connect_redis
from .broker import Broker
from .dead import SOURCES
from .objects import Objects, batch_of, first_id_at, kind_of, milliseconds_of
from .parked import Parked, is_batch_id, parse_age
from .progress import Progress
from .settings import OperatorError, read_families

MINUTE_MS = 60_000
LONGEST_WAY = 15 * MINUTE_MS  # from an upload's id to that of its last batch


def _time(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).isoformat(timespec="milliseconds")[:23] + "Z"


class Trace:
    """What is found of one upload, as steps: {"at", "step", ...}, `at` null where nobody keeps when it was."""

    def __init__(self, settings, upload, kinds):
        self._settings, self._upload, self._kinds = settings, upload, kinds
        self._objects = Objects(settings)
        self.steps = []
        self.words = {upload}  # by which it is called in logs

    def _add(self, at, step, **details):
        self.steps.append({"at": at, "step": step, **details})

    def follow(self, first, last):
        """`first`, `last`: the batches' ids between which it is looked for."""
        parts = 0
        for name, part in self._stored_parts(first, last):
            self._note_part(name, part)
            parts += 1
            if parts == part["parts"]:
                break
        self._note_parked()
        self._note_outcome()

    def _stored_parts(self, first, last):
        progress, needle = Progress(), self._upload.encode()
        for name, body in self._objects.contents(self._objects.names(self._kinds, first, last)):
            progress.say(lambda name=name: f"trace: {name}")
            for line in body.splitlines() if needle in body else []:
                part = json.loads(line)
                if part["upload"] == self._upload:
                    yield name, part

    def _note_part(self, name, part):
        batch, number = batch_of(name), f"{part['part']} of {part['parts']}"
        trace = part.get("traceparent", "")[3:35]
        self.words |= {batch, trace} - {""}
        self._add(part["received"], "accepted", part=number, kind=kind_of(name), records=len(part["records"]),
                  action=part.get("action") or "upload", by=part.get("principal") or None, trace=trace or None)
        self._add(_time(milliseconds_of(batch)), "published", part=number, batch=batch)
        self._add(self._objects.stored_at(name), "stored", part=number, object=name)
        self._note_applied(batch, part["part"], number)

    def _note_applied(self, batch, part, number):
        with connect_redis(self._settings) as client:
            entry = client.hget(f"{self._settings.prefix}:applied", batch)
        if entry is None:
            return
        head, *parked = entry.decode(errors="replace").split("\n")
        reason = next((line.partition(" ")[2] for line in parked if line.startswith(f"{self._upload}:{part} ")), None)
        self._add(head.partition(",")[0], "not applied" if reason else "applied", part=number, reason=reason)

    def _note_parked(self):
        with Broker(self._settings) as broker:
            for queue in map(self._settings.source_queue, SOURCES):
                for parked in (Parked(message, queue) for message in broker.take_all(f"{queue}.dead")):
                    if self._upload != parked.upload:
                        continue
                    self.words.add(parked.message.message_id)
                    self._add(parked.at and _time(parked.at.timestamp() * 1000), "parked", part=str(parked.part),
                              queue=queue, batch=parked.message.message_id, reason=parked.reason)

    def _note_outcome(self):
        with connect_redis(self._settings) as client:
            outcome = client.hgetall(f"{self._settings.prefix}:outcome:{self._upload}")
        refused = {int(number): json.loads(text) for number, text in outcome.items() if number.isdigit()}
        for number, record in sorted(refused.items()):
            self._add(None, "outcome", record=number, **record)
        if outcome and not refused:
            self._add(None, "outcome", outcome="applied")

    def add_log_lines(self, folder):
        """Of the logs in there, those that name it, its batches or its trace."""
        words = [word.encode() for word in self.words]
        for file in sorted(Path(folder).glob("*.log")):
            with file.open("rb") as lines:
                for line in lines:
                    if any(word in line for word in words):
                        self._add_line(file.stem, line)

    def _add_line(self, daemon, line):
        try:
            said = json.loads(line)
            self._add(said.pop("time", None), "log", **{"daemon": daemon} | said)
        except ValueError:
            self._add(None, "log", daemon=daemon, line=line.decode(errors="replace").rstrip())


def add_arguments(parser):
    parser.add_argument("upload", help="its id, as the receipt says")
    parser.add_argument("--kind", help="only among objects of this kind")
    parser.add_argument("--since", metavar="AGE", help="look at all that was stored since: 15m, 2h, 3d; otherwise "
                        "at the quarter of an hour of its id, or a day if that has no time")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _between(upload, since):
    """Among which batches. The ids of uploads begin with their time, but for those that follow from a key."""
    begin = milliseconds_of(upload)
    if begin > 0 and not since:
        return first_id_at(begin - MINUTE_MS), first_id_at(begin + LONGEST_WAY)
    now = int(datetime.now().timestamp() * 1000)
    return first_id_at(now - parse_age(since or "1d") * 1000), first_id_at(now + MINUTE_MS)


def _print(step):
    details = "  ".join(f"{name} {value}" for name, value in step.items()
                        if name not in ("at", "step") and value not in (None, ""))
    print(f"{step['at'] or '':<24}  {step['step']:<11}  {details}".rstrip())


def trace(settings, arguments):
    """Follows one upload: when it was accepted, published, stored and applied, what was refused, and what logs say."""
    if not is_batch_id(arguments.upload):
        raise OperatorError(f"'{arguments.upload}' is not the id of an upload: the receipt has it as `upload_id`")
    kinds = read_families(settings.kinds)
    if arguments.kind and arguments.kind not in kinds:
        raise OperatorError(f"there is no kind {arguments.kind}")
    first, last = _between(arguments.upload, arguments.since)
    found = Trace(settings, arguments.upload, [arguments.kind] if arguments.kind else kinds)
    found.follow(first, last)
    if logs := os.environ.get("COMPORTA_LOGS"):
        found.add_log_lines(logs)
    for step in sorted(found.steps, key=lambda step: step["at"] or "~"):
        print(json.dumps(step, ensure_ascii=False)) if arguments.json else _print(step)
    if not any(step["step"] in ("accepted", "parked") for step in found.steps):
        raise OperatorError(f"no object of {_time(milliseconds_of(first))} to {_time(milliseconds_of(last))} has it: "
                            "it was not accepted, is not stored yet, or came at another time: see --since")
    if not logs and not arguments.json:
        print(f"in the logs: docker compose logs --no-log-prefix | grep -E '{'|'.join(sorted(found.words))}'",
              file=sys.stderr)
