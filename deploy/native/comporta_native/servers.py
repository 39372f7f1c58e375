"""RabbitMQ, Redis and MinIO, each with its own data, ports and secrets."""

import os
import secrets as secrets_module
from pathlib import Path

from .part import HOST, Part, http_ok, program, tcp_answers
from .ports import BROKER_PORTS, instance_variable

# Before PATH: Debian's wrapper in /usr/sbin insists on its own user and folders.
RABBITMQ_SCRIPTS = "/usr/lib/rabbitmq/bin"


def cache_directory():
    """Where deploy/native/install keeps what it builds."""
    return Path(os.environ.get("COMPORTA_CACHE") or Path.home() / ".cache" / "comporta")


def epmd(ports):
    """Erlang's port mapper. Started by us, because the one that RabbitMQ starts would outlive it."""
    port = ports["COMPORTA_EPMD_PORT"]
    names_request = b"\x00\x01n"
    return Part(
        name="epmd",
        command=[program("epmd"), "-address", HOST, "-port", str(port)],
        ports={"COMPORTA_EPMD_PORT": port},
        ready=lambda: tcp_answers(port, names_request, port.to_bytes(4, "big")))


def _node_name(node):
    return "comporta@localhost" if node == 1 else f"comporta{node}@localhost"


def _cluster_conf(node, nodes):
    if nodes == 1:
        return []
    # A node that is cut off from the others stops serving rather than answer for them.
    lines = ["cluster_partition_handling = pause_minority"]
    if node == 1:
        return lines
    # On their first start the others join the first one, and wait a minute for it: alone they would be
    # brokers of their own.
    return [*lines,
            "cluster_formation.peer_discovery_backend = classic_config",
            f"cluster_formation.classic_config.nodes.1 = {_node_name(1)}",
            "cluster_formation.discovery_retry_limit = 120",
            "cluster_formation.discovery_retry_interval = 500"]


def _rabbitmq_conf(ports, secrets, node, nodes):
    # The user exists from the first start on; nobody called guest does.
    return "\n".join([
        f"listeners.tcp.1 = {HOST}:{ports[instance_variable('COMPORTA_AMQP_PORT', node)]}",
        f"management.tcp.ip = {HOST}",
        f"management.tcp.port = {ports['COMPORTA_AMQP_CONSOLE_PORT']}",
        f"prometheus.tcp.ip = {HOST}",
        f"prometheus.tcp.port = {ports[instance_variable('COMPORTA_AMQP_METRICS_PORT', node)]}",
        f"default_user = {secrets.value('amqp_user')}",
        f"default_pass = {secrets.value('amqp_password')}",
        "log.console.level = info",
        # At the end of its log everybody waits, for as long as the log is large: at 512 MB, its default, half a second.
        "raft.wal_max_size_bytes = 33554432",
        *_cluster_conf(node, nodes),
        ""])


def _prepare_rabbitmq(home, conf_text, plugin):
    home.mkdir(exist_ok=True)
    conf = home / "rabbitmq.conf"
    conf.touch(mode=0o600)
    conf.write_text(conf_text)
    (home / "enabled_plugins").write_text(f"[{plugin}, rabbitmq_prometheus].\n")
    (home / "env.conf").touch()


def _rabbitmq_environment(directory, home, ports, node):
    # All that the server would look for in /etc and /var is moved into `home`.
    return {
        "HOME": str(directory / "rabbitmq"),  # the Erlang cookie, which the nodes of a cluster share
        "ERL_EPMD_PORT": str(ports["COMPORTA_EPMD_PORT"]),
        "RABBITMQ_NODENAME": _node_name(node),
        "RABBITMQ_DIST_PORT": str(ports[instance_variable("COMPORTA_AMQP_CLUSTER_PORT", node)]),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_CONF_ENV_FILE": str(home / "env.conf"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_CONFIG_FILES": str(home / "conf.d"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_LOGS": "-",
    }


def _write_cookie(directory):
    """Nodes that start together would each make their own."""
    cookie = directory / "rabbitmq" / ".erlang.cookie"
    if not cookie.exists():
        cookie.parent.mkdir(exist_ok=True)
        with os.fdopen(os.open(cookie, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
            file.write(secrets_module.token_hex(16))


def rabbitmq(directory, ports, secrets, node=1, nodes=1):
    """One of `nodes`; the first one has the management page of all."""
    name = "rabbitmq" if node == 1 else f"rabbitmq-{node}"
    home = directory / name
    variables = [instance_variable(variable, node) for variable in BROKER_PORTS]
    console = ["COMPORTA_AMQP_CONSOLE_PORT"] if node == 1 else []
    plugin = "rabbitmq_management" if node == 1 else "rabbitmq_management_agent"
    protocol_header, start_method = b"AMQP\x00\x00\x09\x01", b"\x01\x00\x00"

    def prepare():
        _write_cookie(directory)
        _prepare_rabbitmq(home, _rabbitmq_conf(ports, secrets, node, nodes), plugin)

    return Part(
        name=name,
        command=[program("rabbitmq-server", RABBITMQ_SCRIPTS)],
        ports={variable: ports[variable] for variable in [*variables[:1], *console, *variables[1:]]},
        ready=lambda: (tcp_answers(ports[variables[0]], protocol_header, start_method)
                       and all(http_ok(ports[variable], "/") for variable in console)),
        env=_rabbitmq_environment(directory, home, ports, node),
        prepare=prepare,
        # Who joins while the first node is turning on its features may leave them off for all (RabbitMQ 3.10).
        # Later on the nodes have to come together, for each waits for those that ended after it.
        comes_alone=lambda: node > 1 and not (home / "mnesia").exists())


def find_minio():
    """The binary that deploy/native/install built; None where there was no Go to build it with."""
    binary = cache_directory() / "bin" / "minio"
    return binary if binary.exists() else None


def minio(directory, ports, secrets):
    port, console = ports["COMPORTA_S3_PORT"], ports["COMPORTA_S3_CONSOLE_PORT"]
    home = directory / "minio"
    return Part(
        name="minio",
        command=[str(find_minio()), "server", str(home / "data"), "--quiet", "--certs-dir", str(home / "certs"),
                 "--address", f"{HOST}:{port}", "--console-address", f"{HOST}:{console}"],
        ports={"COMPORTA_S3_PORT": port, "COMPORTA_S3_CONSOLE_PORT": console},
        ready=lambda: http_ok(port, "/minio/health/ready"),
        env={"MINIO_ROOT_USER_FILE": str(secrets.path("s3_access_key")),
             "MINIO_ROOT_PASSWORD_FILE": str(secrets.path("s3_secret_key")),
             # Whoever reaches its port; it listens on this machine only.
             "MINIO_PROMETHEUS_AUTH_TYPE": "public",
             "MINIO_UPDATE": "off"},
        prepare=lambda: home.mkdir(exist_ok=True))
