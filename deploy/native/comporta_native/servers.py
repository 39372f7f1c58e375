"""RabbitMQ, Redis and MinIO, each with its own data, ports and secrets."""

import os
from pathlib import Path

from .part import HOST, Part, http_ok, program, tcp_answers

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


def _rabbitmq_conf(ports, secrets):
    # The user exists from the first start on; nobody called guest does.
    return "\n".join([
        f"listeners.tcp.1 = {HOST}:{ports['COMPORTA_AMQP_PORT']}",
        f"management.tcp.ip = {HOST}",
        f"management.tcp.port = {ports['COMPORTA_AMQP_CONSOLE_PORT']}",
        f"default_user = {secrets.value('amqp_user')}",
        f"default_pass = {secrets.value('amqp_password')}",
        "log.console.level = info",
        ""])


def _prepare_rabbitmq(home, ports, secrets):
    home.mkdir(exist_ok=True)
    conf = home / "rabbitmq.conf"
    conf.touch(mode=0o600)
    conf.write_text(_rabbitmq_conf(ports, secrets))
    (home / "enabled_plugins").write_text("[rabbitmq_management].\n")
    (home / "env.conf").touch()


def rabbitmq(directory, ports, secrets):
    home = directory / "rabbitmq"
    amqp, console = ports["COMPORTA_AMQP_PORT"], ports["COMPORTA_AMQP_CONSOLE_PORT"]
    # All that the server would look for in /etc and /var is moved into `home`.
    env = {
        "HOME": str(home),  # its Erlang cookie
        "ERL_EPMD_PORT": str(ports["COMPORTA_EPMD_PORT"]),
        "RABBITMQ_NODENAME": "comporta@localhost",
        "RABBITMQ_DIST_PORT": str(ports["COMPORTA_AMQP_CLUSTER_PORT"]),
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
    protocol_header, start_method = b"AMQP\x00\x00\x09\x01", b"\x01\x00\x00"
    return Part(
        name="rabbitmq",
        command=[program("rabbitmq-server", RABBITMQ_SCRIPTS)],
        ports={name: ports[name] for name in
               ("COMPORTA_AMQP_PORT", "COMPORTA_AMQP_CONSOLE_PORT", "COMPORTA_AMQP_CLUSTER_PORT")},
        ready=lambda: tcp_answers(amqp, protocol_header, start_method) and http_ok(console, "/"),
        env=env,
        prepare=lambda: _prepare_rabbitmq(home, ports, secrets))


def redis(directory, ports):
    port = ports["COMPORTA_REDIS_PORT"]
    data = directory / "redis"
    return Part(
        name="redis",
        command=[program("redis-server"), "--bind", HOST, "--port", str(port), "--dir", str(data),
                 # `always`: what it has answered is on its disk, for the message is acknowledged after that.
                 "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction"],
        ports={"COMPORTA_REDIS_PORT": port},
        ready=lambda: tcp_answers(port, b"PING\r\n", b"+PONG"),
        prepare=lambda: data.mkdir(exist_ok=True))


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
             "MINIO_UPDATE": "off"},
        prepare=lambda: home.mkdir(exist_ok=True))
