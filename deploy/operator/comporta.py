#!/usr/bin/env python3
"""Looks after a running Comporta: what is parked, what waits for others, one upload on its way, a Redis to be
made anew, admins, and the keys of tokens. See README.md, "Operation"."""

import argparse
import sys

import redis

from comporta_operator import accounts, dead, reactions, replay, token_keys, trace
from comporta_operator.settings import OperatorError, read_settings

EXIT_FAILED = 1


def add_dead(commands):
    actions = commands.add_parser("dead", help="what could not be processed: list, show, redrive, drop",
                                  description="What could not be processed, each part with its reason."
                                  ).add_subparsers(required=True, metavar="ACTION")
    for name, function in (("list", dead.list_parked), ("show", dead.show), ("redrive", dead.redrive),
                           ("drop", dead.drop)):
        parser = actions.add_parser(name, help=function.__doc__.splitlines()[0], description=function.__doc__)
        dead.add_filters(parser)
        parser.set_defaults(run=function)
        if name == "list":
            parser.add_argument("--json", action="store_true", help="one JSON object a line")
        if name == "drop":
            parser.add_argument("--yes", action="store_true", help="do it: what is dropped is gone")


def add_reactions(commands):
    actions = commands.add_parser("reactions", help="what waits to be asked of others: list, retry, give-up"
                                  ).add_subparsers(required=True, metavar="ACTION")
    for name, function in (("list", reactions.list_waiting), ("retry", reactions.retry),
                           ("give-up", reactions.give_up)):
        parser = actions.add_parser(name, help=function.__doc__, description=function.__doc__)
        parser.set_defaults(run=function)
        if name == "list":
            parser.add_argument("--json", action="store_true", help="one JSON object a line")
        else:
            parser.add_argument("id", nargs="+", help=f"as `list` shows it, or `{reactions.EVERY}`")


def member(text):
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=TEXT")
    return name, value


def add_people(commands):
    """What has to do with who may log in."""
    actions = commands.add_parser("admin", help="who may do everything: add, list").add_subparsers(
        required=True, metavar="ACTION")
    parser = actions.add_parser("add", help=accounts.add.__doc__, description=accounts.add.__doc__)
    parser.add_argument("--login", required=True, help="the login name, such as an e-mail address")
    parser.add_argument("--kind", help="the kind of its account; needed where there are several with accounts")
    parser.add_argument("--key", help="of a new account; otherwise a random one")
    parser.add_argument("--member", action="append", type=member, default=[], metavar="NAME=TEXT",
                        help="what else a new account has; may be given again")
    parser.add_argument("--ask", action="store_true", help="asks for its password; otherwise a new account's is "
                                                           "random, and shown once")
    parser.set_defaults(run=accounts.add)
    actions.add_parser("list", help=accounts.list_admins.__doc__).set_defaults(run=accounts.list_admins)
    parser = commands.add_parser("demo", help="makes accounts to look around with", description=accounts.demo.__doc__)
    parser.add_argument("file", nargs="?", default=accounts.DEMO)
    parser.set_defaults(run=accounts.demo)
    actions = commands.add_parser("tokens", help="the keys of tokens: rotate, issue").add_subparsers(
        required=True, metavar="ACTION")
    for name, function in (("rotate", token_keys.rotate), ("issue", token_keys.issue)):
        actions.add_parser(name, help=function.__doc__, description=function.__doc__).set_defaults(run=function)


def parse(argv):
    parser = argparse.ArgumentParser(prog="comporta", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_dead(commands)
    parser_of_replay = commands.add_parser("replay", help="makes Redis anew from the objects",
                                           description="Makes Redis anew from the objects, while all goes on.")
    replay.add_arguments(parser_of_replay)
    parser_of_replay.set_defaults(run=replay.replay)
    parser_of_trace = commands.add_parser("trace", help="follows one upload through all parts",
                                          description=trace.trace.__doc__)
    trace.add_arguments(parser_of_trace)
    parser_of_trace.set_defaults(run=trace.trace)
    add_reactions(commands)
    add_people(commands)
    return parser.parse_args(argv)


def main():
    arguments = parse(sys.argv[1:])
    try:
        arguments.run(read_settings(), arguments)
    except (OperatorError, redis.RedisError) as error:
        print(f"comporta: {error}", file=sys.stderr)
        sys.exit(EXIT_FAILED)
    except BrokenPipeError:
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        sys.exit("comporta: interrupted")


if __name__ == "__main__":
    main()
