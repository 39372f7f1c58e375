"""Failures that last as long as their `with`, of a whole that is looked at."""

import contextlib
import http.server
import threading
from contextlib import contextmanager

from pika.exceptions import NackError

from broker import elect_leaders, open_channel, rabbitmqctl
from client import record
from comporta_native.part import HOST
from operator_tool import paused
from test_dead import part_line, publish
from test_stores_away import load_slowly

MUCH = 400  # messages: more than a storage daemon takes into its hands


@contextmanager
def stopped(whole, name):
    whole.stack.stop_part(name)
    yield
    whole.stack.restart(name)


@contextmanager
def killed(whole, name):
    whole.stack.kill(name)
    yield
    whole.stack.restart(name)
    if name == "rabbitmq":
        elect_leaders(whole.stack)


def hangs(whole, name):
    return paused(whole.stack.processes[name])


@contextmanager
def cut_off(whole, name, how):
    """By its gate, which may `refuse` or `stall`."""
    getattr(whole.gates[name], how)()
    whole.gates[name].cut() if how == "refuse" else whole.send()
    yield
    whole.gates[name].cut()
    whole.gates[name].open()


@contextmanager
def stands_still(whole):
    with whole.under_load(), cut_off(whole, "rabbitmq", "stall"):
        yield


@contextmanager
def short_of_memory(whole):
    rabbitmqctl(whole.stack, "set_vm_memory_high_watermark", "absolute", "1MB")
    with whole.under_load():
        yield
        rabbitmqctl(whole.stack, "set_vm_memory_high_watermark", "0.4")


@contextmanager
def far_behind(whole):
    """More waits for storage than it takes in a minute, whatever the machine has to do besides."""
    whole.gates["minio"].slow(1)
    with open_channel(whole.stack) as channel, contextlib.suppress(NackError):
        for number in range(MUCH):
            publish(channel, part_line([record(f"behind-{number}")]), queue="comporta.storage")
    with whole.under_load():
        yield
    whole.gates["minio"].open()


@contextmanager
def queue_full(whole):
    rabbitmqctl(whole.stack, "set_policy", "full", "^comporta.storage$", '{"max-length-bytes":1}', "--apply-to", "queues")
    with far_behind(whole):
        yield
    rabbitmqctl(whole.stack, "clear_policy", "full")


@contextmanager
def login_refused(whole):
    user, password = (whole.stack.secrets.value(name) for name in ("amqp_user", "amqp_password"))
    rabbitmqctl(whole.stack, "change_password", user, "another")
    rabbitmqctl(whole.stack, "close_all_connections", "another password")
    yield
    rabbitmqctl(whole.stack, "change_password", user, password)


@contextmanager
def store_answers(whole, statuses):
    """In MinIO's place somebody who answers so, by method, and 200 otherwise."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            self.send_response(statuses.get(self.command, statuses.get("all", 200)))
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.close_connection = True

        do_GET = do_HEAD = do_PUT = do_POST = answer

        def log_message(self, *_arguments):
            pass

    whole.stack.stop_part("minio")
    server = http.server.ThreadingHTTPServer((HOST, whole.stack.ports["COMPORTA_S3_PORT"]), Handler)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    whole.send()
    yield
    server.shutdown()
    server.server_close()
    serving.join()
    whole.stack.restart("minio")


@contextmanager
def redis_loads(whole):
    load_slowly(whole)
    yield
    whole.redis.config_set("key-load-delay", 0)
    whole.stack.wait_ready("redis")


@contextmanager
def redis_full(whole):
    (before,) = whole.redis.config_get("maxmemory").values()
    whole.redis.config_set("maxmemory", 1)
    whole.send()
    yield
    whole.redis.config_set("maxmemory", before)


@contextmanager
def redis_read_only(whole):
    whole.redis.replicaof(HOST, 1)
    whole.send()
    yield
    whole.redis.replicaof("NO", "ONE")


@contextmanager
def foreign_hand(whole):
    whole.redis.rename("comporta:applied", "kept-aside")
    whole.redis.set("comporta:applied", "somebody else's")
    whole.send()
    yield
    whole.redis.rename("kept-aside", "comporta:applied")


@contextmanager
def provider_away(whole):
    whole.stack.kill("payments")
    order = whole.bar.place()
    yield
    whole.stack.restart("payments")
    whole.stack.wait_ready("payments")
    whole.bar.becomes(order, payment="qr")


@contextmanager
def parked(whole):
    with open_channel(whole.stack) as channel:
        publish(channel, part_line([record("of no kind")]), kind="nobody-knows")
    yield


RABBITMQ, STORE, REDIS, OTHERS, OURS = ("RabbitMQ", "MinIO, or another S3", "Redis", "Whoever is asked because of records",
                                        "Our own daemons")
# As the page calls them. What does not go away by itself comes last.
FAILURES = {
    (RABBITMQ, "stopped, or not yet started"): lambda whole: stopped(whole, "rabbitmq"),
    (RABBITMQ, "killed"): lambda whole: killed(whole, "rabbitmq"),
    (RABBITMQ, "hangs (paused, machine gone)"): lambda whole: cut_off(whole, "rabbitmq", "stall"),
    (RABBITMQ, "connection cut or refused"): lambda whole: cut_off(whole, "rabbitmq", "refuse"),
    (RABBITMQ, "short of memory or disk"): short_of_memory,
    (RABBITMQ, "a queue is full"): queue_full,
    (RABBITMQ, "consumers too far behind"): far_behind,
    (RABBITMQ, "stands still under load"): stands_still,
    (RABBITMQ, "refuses the login, has other queues"): login_refused,
    (STORE, "stopped, refused"): lambda whole: stopped(whole, "minio"),
    (STORE, "killed"): lambda whole: killed(whole, "minio"),
    (STORE, "hangs, is half open, resets"): lambda whole: cut_off(whole, "minio", "stall"),
    (STORE, "answers 500, 503, 429, 403"): lambda whole: store_answers(whole, {"all": 503}),
    (STORE, "can be read, but takes no writes (its disk is full)"): lambda whole: store_answers(whole, {"PUT": 507}),
    (REDIS, "stopped, refused"): lambda whole: stopped(whole, "redis"),
    (REDIS, "killed"): lambda whole: killed(whole, "redis"),
    (REDIS, "hangs, is half open, resets"): lambda whole: cut_off(whole, "redis", "stall"),
    (REDIS, "loading its data"): redis_loads,
    (REDIS, "out of memory"): redis_full,
    (REDIS, "read-only (became a replica)"): redis_read_only,
    (REDIS, "somebody writes under our keys"): foreign_hand,
    (OTHERS, "away, slow, or answers errors"): provider_away,
    (OURS, "the gateway is killed"): lambda whole: killed(whole, "ingest-gateway"),
    (OURS, "a storage daemon is killed"): lambda whole: killed(whole, "storage"),
    (OURS, "the cache is killed"): lambda whole: killed(whole, "cache"),
    (OURS, "any of them hangs"): lambda whole: hangs(whole, "storage"),
    (OURS, "nginx is killed"): lambda whole: killed(whole, "nginx"),
    (OURS, "a part that can never be processed"): parked,
}
