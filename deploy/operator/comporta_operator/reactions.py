"""`reactions`: what waits to be asked of others, or until its outcome is applied (services/cache/reactions/outbox.h)."""

import json
from dataclasses import dataclass
from datetime import datetime, timezone

import yaml

from .applied import connect_redis
from .settings import OperatorError

COLUMNS = (("since", 20), ("id", 36), ("reaction", 24), ("record", 20), ("tries", 5), ("next", 20), ("error", 0))
EVERY = "all"


def _time(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Waiting:
    """One that waits. `state` is what its tries have led to so far; empty: there were none."""

    id: str
    reaction: str  # kind/name
    record: str
    since: int  # ms since 1970
    state: dict

    def row(self):
        due = self.state.get("due")
        error = self.state.get("error", "")
        if not error and self.state.get("outcome"):
            error = "uploaded, not applied yet" if self.state.get("uploaded") else "to be uploaded"
        return (_time(self.since), self.id, self.reaction, self.record, self.state.get("tries", 0),
                _time(due) if due else "now", error)

    def as_json(self):
        return {"id": self.id, "reaction": self.reaction, "record": self.record, "since": _time(self.since), **self.state}


def _declared(kinds):
    """(kind, name) of each reaction."""
    for file in sorted(kinds.glob("*/kind.yaml")):
        for name in (yaml.safe_load(file.read_text()) or {}).get("reactions") or {}:
            yield file.parent.name, name


def find(client, settings):
    """All that wait, of each reaction the oldest first."""
    for kind, name in _declared(settings.kinds):
        start = f"{settings.prefix}:view:{kind}:"
        for reaction_id, score in client.zrange(f"{start}reactions:{name}", 0, -1, withscores=True):
            reaction_id = reaction_id.decode()
            entry = client.get(f"{start}reaction:{reaction_id}")
            state = client.get(f"{settings.prefix}-reactions:state:{reaction_id}")
            if entry and entry.startswith(b"{"):  # otherwise its outcome has come since
                yield Waiting(reaction_id, f"{kind}/{name}", json.loads(entry)["key"], int(score),
                              json.loads(state) if state else {})


def _print_row(values):
    print("  ".join(str(value).ljust(width) for value, (_name, width) in zip(values, COLUMNS)).rstrip())


def list_waiting(settings, arguments):
    """What has no outcome yet: since when, how often it was tried, and why it has none."""
    count = 0
    for waiting in find(connect_redis(settings), settings):
        if arguments.json:
            print(json.dumps(waiting.as_json()))
            continue
        if count == 0:
            _print_row([name for name, _width in COLUMNS])
        _print_row(waiting.row())
        count += 1
    if count == 0 and not arguments.json:
        print("nothing waits")


def _order(settings, arguments, order):
    client = connect_redis(settings)
    waiting = {one.id for one in find(client, settings)}
    wanted = waiting if arguments.id == [EVERY] else set(arguments.id)
    if unknown := wanted - waiting:
        raise OperatorError(f"there is no reaction {', '.join(sorted(unknown))} that waits")
    for reaction_id in wanted:
        client.hset(f"{settings.prefix}-reactions:orders", reaction_id, order)
    print(f"{order}: {len(wanted)}; whoever works them off does it within seconds")


def retry(settings, arguments):
    """Tries at once, and as often as at first."""
    _order(settings, arguments, "retry")


def give_up(settings, arguments):
    """Tries no more: what kind.yaml says under `failed` becomes of it."""
    _order(settings, arguments, "give-up")
