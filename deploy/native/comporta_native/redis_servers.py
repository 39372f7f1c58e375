"""Redis: one, or a master with replicas and as many Sentinels, which put a replica in the place of a master that is gone."""

from .part import HOST, Part, program, tcp_answers
from .ports import instance_variable
from .process import PREFERRED

MASTER = "comporta"  # what the Sentinels call it
SETTINGS = {
    # `always`: what it has answered is on its disk, for the message is acknowledged after that.
    "appendonly": "yes", "appendfsync": "always", "save": "", "maxmemory-policy": "noeviction",
    # Under load 64 MB, its default, is a rewrite of all that it holds every second or two.
    "auto-aof-rewrite-min-size": "512mb",
}
# What a master that is cut off from all others takes nobody will ever see: after these seconds it takes nothing.
OF_SEVERAL = {"min-replicas-to-write": "1", "min-replicas-max-lag": "3", "repl-diskless-sync-delay": "0"}
# When a master is gone, and how long one Sentinel has to replace it before the next one tries.
DOWN_MS, FAILOVER_MS = 2000, 15000


def _options(settings):
    return [text for name, value in settings.items() for text in (f"--{name}", value)]


def _server(name, directory, variable, port, options, remembered=None):
    """`remembered`: what stands in its file to begin with; there it writes who is the master later on."""
    data = directory / name
    file = data / "redis.conf"

    def prepare():
        data.mkdir(exist_ok=True)
        if remembered is not None and not file.exists():
            file.write_text(remembered)

    own = {"bind": HOST, "port": str(port), "dir": str(data)}
    return Part(name=name, command=[program("redis-server"), *([str(file)] if remembered is not None else []),
                                    *_options(own), *options],
                ports={variable: port}, ready=lambda: tcp_answers(port, b"PING\r\n", b"+PONG"), prepare=prepare,
                nice=PREFERRED)


def redis(directory, ports, nodes=1):
    """Of several the first one is the master to begin with, and beside each is a Sentinel."""
    first = ports["COMPORTA_REDIS_PORT"]
    if nodes == 1:
        yield _server("redis", directory, "COMPORTA_REDIS_PORT", first, _options(SETTINGS))
        return
    for node in range(1, nodes + 1):
        variable = instance_variable("COMPORTA_REDIS_PORT", node)
        yield _server(instance_variable("redis", node).replace("_", "-"), directory, variable, ports[variable],
                      _options(SETTINGS | OF_SEVERAL), f"replicaof {HOST} {first}\n" if node > 1 else "")
    for node in range(1, nodes + 1):
        variable = instance_variable("COMPORTA_SENTINEL_PORT", node)
        watch = (f"sentinel monitor {MASTER} {HOST} {first} {nodes // 2 + 1}\n"
                 f"sentinel down-after-milliseconds {MASTER} {DOWN_MS}\nsentinel failover-timeout {MASTER} {FAILOVER_MS}\n")
        yield _server(instance_variable("sentinel", node).replace("_", "-"), directory, variable, ports[variable],
                      ["--sentinel"], watch)


def environment(ports, nodes):
    """What the daemons are told of several."""
    if nodes == 1:
        return {}
    sentinels = (ports[instance_variable("COMPORTA_SENTINEL_PORT", node)] for node in range(1, nodes + 1))
    return {"COMPORTA_REDIS_SENTINELS": ",".join(f"{HOST}:{port}" for port in sentinels),
            "COMPORTA_REDIS_MASTER": MASTER, "COMPORTA_REDIS_REPLICAS": "1"}
