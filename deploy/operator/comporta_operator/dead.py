"""`dead`: lists, shows, re-drives and drops what is parked."""

import json
import sys

from .applied import AppliedBatches
from .broker import Broker
from .parked import Parked, parse_age
from .progress import Progress
from .replay import lock_of
from .settings import OperatorError

SOURCES = ("storage", "cache")
COLUMNS = (("parked_at", 20), ("queue", 17), ("kind", 12), ("batch", 36), ("part", 4), ("attempts", 8), ("reason", 0))


def add_filters(parser):
    parser.add_argument("--queue", choices=SOURCES, help="whose queue it came from")
    parser.add_argument("--kind", help="of this kind only")
    parser.add_argument("--reason", help="with this text in the reason")
    parser.add_argument("--id", help="with this batch or upload id")
    parser.add_argument("--older", metavar="AGE", help="parked longer ago than this: 90s, 15m, 2h, 3d")
    parser.add_argument("--newer", metavar="AGE", help="parked since")
    parser.add_argument("--limit", type=int, help="the first so many")


def make_filter(arguments):
    """Whether a parked message is one of those that the arguments ask for."""
    older = parse_age(arguments.older) if arguments.older else None
    newer = parse_age(arguments.newer) if arguments.newer else None

    def matches(parked):
        return ((not arguments.kind or parked.message.kind == arguments.kind)
                and (not arguments.reason or arguments.reason in parked.reason)
                and (not arguments.id or arguments.id in (parked.message.message_id, parked.upload))
                and (older is None or parked.age_seconds >= older)
                and (newer is None or parked.age_seconds < newer))

    return matches


def find(broker, settings, arguments):
    """Every parked message that matches, queue by queue: the first one parked first, but for those that somebody
    has looked at: RabbitMQ 3.10 gives them back in an order of its own when they are more than 32."""
    matches, found = make_filter(arguments), 0
    if arguments.limit is not None and arguments.limit < 1:
        raise OperatorError("--limit: a number from 1")
    for source in SOURCES:
        if arguments.queue not in (None, source):
            continue
        queue = settings.source_queue(source)
        for message in broker.take_all(f"{queue}.dead"):
            parked = Parked(message, queue)
            if not matches(parked):
                continue
            yield parked
            found += 1
            if found == arguments.limit:
                return


def _print_row(values):
    print("  ".join(str(value if value is not None else "-").ljust(width)
                    for value, (_name, width) in zip(values, COLUMNS)).rstrip())


def list_parked(settings, arguments):
    """One line each; with --json all that is known of it."""
    count = 0
    with Broker(settings) as broker:
        for parked in find(broker, settings, arguments):
            summary = parked.summary()
            if arguments.json:
                print(json.dumps(summary, ensure_ascii=False))
            else:
                if count == 0:
                    _print_row([name.upper() for name, _width in COLUMNS])
                _print_row([summary[name] for name, _width in COLUMNS])
            count += 1
    print(f"{count} parked", file=sys.stderr)


def show(settings, arguments):
    """All that is known of each, and its lines."""
    count = 0
    with Broker(settings) as broker:
        for parked in find(broker, settings, arguments):
            for name, value in parked.summary().items():
                print(f"{name:<10} {value if value not in (None, '') else '-'}")
            print(parked.message.body.decode(errors="replace").rstrip("\n"), end="\n\n")
            count += 1
    if count == 0:
        raise OperatorError("nothing parked is like that")


def redrive(settings, arguments):
    """Back to the queue it came from. Acknowledged only when it is there: at worst it is there twice, and then
    recognised. Not during a replay, which may apply the same from an object."""
    sent = known = 0
    with Broker(settings) as broker, AppliedBatches(settings) as applied:
        broker.lock(lock_of(settings))
        applied.forget_old_notes()
        progress = Progress()
        for parked in find(broker, settings, arguments):
            if applied.has_since_applied(parked):
                known += 1
            else:
                batch = parked.next_batch_id()
                broker.publish(parked.message, routing_key=parked.queue, message_id=batch)
                applied.note_sent_back(parked, batch)
                sent += 1
            broker.acknowledge(parked.message)
            progress.say(lambda: f"{sent:,} sent back")
    print(f"{sent} sent back" + (f", {known} applied meanwhile by a replay" if known else ""))


def drop(settings, arguments):
    """Only with --yes; otherwise says how many it would be."""
    count = 0
    with Broker(settings) as broker:
        progress = Progress()
        for parked in find(broker, settings, arguments):
            if arguments.yes:
                broker.acknowledge(parked.message)
            count += 1
            progress.say(lambda: f"{count:,} looked at")
    if not arguments.yes:
        raise OperatorError(f"{count} would be dropped for ever: say --yes if that is meant")
    print(f"{count} dropped")
