"""What each part gives at most, with nothing else running: the broker, the store, Redis, nginx."""

import json
import subprocess
from dataclasses import replace

import pika

from comporta_native.part import program, tcp_answers

from . import SOURCE
from .load import LONE_PAUSE_MS, WORKLOADS, drive
from .measure import wait_quiet

PROGRAM = SOURCE / "build" / "release" / "bench" / "bench_raw"
BROKER_WINDOW = 4  # as the gateway's full_batches_in_flight
STORE_WINDOW = 8  # as storage's puts_in_flight
REDIS_PIPELINE = 128
REDIS_VALUE = "x" * 130  # about what the cache keeps of a transaction
STATIC_CONF = """daemon off; pid {home}/nginx.pid; error_log stderr; worker_processes auto;
{user}
events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {home}; proxy_temp_path {home}; fastcgi_temp_path {home};
  uwsgi_temp_path {home}; scgi_temp_path {home};
  server {{ listen 127.0.0.1:{port}; client_max_body_size 32m; location / {{ return 202; }} }} }}
"""


def _run(*words):
    output = subprocess.run([str(PROGRAM), *map(str, words)], capture_output=True, text=True, check=True).stdout
    return json.loads(output)


def _remove_queues(stack, credentials):
    parameters = pika.ConnectionParameters(*stack.address("COMPORTA_AMQP_PORT"),
                                           credentials=pika.PlainCredentials(*credentials))
    connection = pika.BlockingConnection(parameters)
    for queue in ("raw.storage", "raw.cache"):
        connection.channel().queue_delete(queue)
    connection.close()


def broker(stack, size, window, seconds, pause_ms=0):
    """Confirmed messages a second to two quorum queues, and the median milliseconds of one.

    `pause_ms`: between a confirm and the next message."""
    credentials = (stack.secrets.value("amqp_user"), stack.secrets.value("amqp_password"))
    try:
        return _run("broker", stack.ports["COMPORTA_AMQP_PORT"], *credentials, size, window, seconds, pause_ms)
    finally:
        _remove_queues(stack, credentials)


def store(stack, size, seconds):
    """Objects a second."""
    return _run("store", "http://{}:{}".format(*stack.address("COMPORTA_S3_PORT")), "raw",
                stack.secrets.value("s3_access_key"), stack.secrets.value("s3_secret_key"), size, STORE_WINDOW,
                seconds)


def redis(stack, seconds):
    """Pipelined SETs with a TTL, a second."""
    command = [program("redis-benchmark"), "-p", str(stack.ports["COMPORTA_REDIS_PORT"]), "-n", str(150_000 * seconds),
               "-c", "1", "-P", str(REDIS_PIPELINE), "-r", "100000", "--csv",
               "SET", "raw:__rand_int__", REDIS_VALUE, "EX", "60"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {"per_second": float(output.splitlines()[-1].rsplit('","', 7)[1])}


class StaticNginx:
    """nginx that says 202 to whatever comes."""

    def __init__(self, stack, directory):
        self._home = directory / "static-nginx"
        self._home.mkdir()
        self._port = stack.ports["COMPORTA_PORT"] - 1
        user = next(line for line in (stack.directory / "nginx" / "nginx.conf").read_text().splitlines()
                    if line.startswith("user "))
        (self._home / "nginx.conf").write_text(STATIC_CONF.format(home=self._home, port=self._port, user=user))

    def __enter__(self):
        self._process = subprocess.Popen([program("nginx"), "-p", str(self._home), "-c", "nginx.conf", "-e", "stderr"],
                                         stderr=subprocess.DEVNULL)
        while not tcp_answers(self._port, b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.1 "):
            if self._process.poll() is not None:
                raise RuntimeError("nginx did not start")
        return f"http://127.0.0.1:{self._port}/"

    def __exit__(self, *_error):
        self._process.terminate()
        self._process.wait(10)


def without_publishing(target, seconds):
    """Uploads a second that are taken in, checked and answered, but were published long ago."""
    (workload,) = [one for one in WORKLOADS if one.connections == 256]
    once = replace(workload, connections=1)
    for one, time in ((once, 1), (workload, seconds)):
        load = drive(target.url(workload.kind), one, time, IDEMPOTENCY_KEY="bench")
    return {"uploads_per_second": load.uploads / load.seconds, "refused": load.refused}


def limits_of(stack, workload, run, nginx_url, redis_rate, seconds):
    """Records a second that each part would give at the message size of that run."""
    size, per_message = round(run["object_bytes"]), run["records_per_object"]
    front = drive(nginx_url, workload, seconds)
    return {"broker": broker(stack, size, BROKER_WINDOW, seconds)["per_second"] * per_message,
            "store": store(stack, size, seconds)["per_second"] * per_message,
            "redis": redis_rate,
            "nginx": front.uploads / front.seconds * run["records"] / (run["uploads"] or 1)}


def measure_raw(target, directory, runs, seconds):
    """`runs`: Comporta's own results by workload."""
    wait_quiet(target)
    stack = target.stack
    redis_rate = redis(stack, seconds)["per_second"]
    lone_bytes = round(runs.get("lone upload", {}).get("object_bytes", 380))
    result = {"lone confirm": broker(stack, lone_bytes, 1, 2 * seconds, LONE_PAUSE_MS),
              "confirm in a row": broker(stack, lone_bytes, 1, seconds),
              "redis": redis_rate, "without publishing": without_publishing(target, seconds), "limits": {}}
    with StaticNginx(stack, directory) as url:
        for workload in WORKLOADS:
            if workload.name in runs and not workload.pause_ms:
                result["limits"][workload.name] = limits_of(stack, workload, runs[workload.name], url, redis_rate,
                                                            seconds)
    return result
