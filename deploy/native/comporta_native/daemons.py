"""Comporta's own three daemons, and nginx before them."""

import grp
import os
import pwd
import re
import signal
import string
from dataclasses import replace
from pathlib import Path

from .part import HOST, Part, http_ok, program, tcp_answers
from .ports import SettingError, instance_variable
from .process import PREFERRED, open_files_limit

BUCKET = "comporta"


def shared_environment(source, directory, ports, secrets, driver, broker_nodes):
    """What the daemons' files in deploy/config ask for, but for the ports of each."""
    environment = {
        "COMPORTA_AMQP_HOST": ",".join(
            f"{HOST}:{ports[instance_variable('COMPORTA_AMQP_PORT', node)]}" for node in range(1, broker_nodes + 1)),
        "COMPORTA_AMQP_USER": secrets.value("amqp_user"),
        "COMPORTA_AMQP_PASSWORD_FILE": str(secrets.path("amqp_password")),
        "COMPORTA_HASH_SECRET_FILE": str(secrets.path("hash_secret")),
        "COMPORTA_PASSWORD_SECRET_FILE": str(secrets.path("password_secret")),
        "COMPORTA_REDIS_HOST": HOST,
        "COMPORTA_REDIS_PORT": str(ports["COMPORTA_REDIS_PORT"]),
        "COMPORTA_STORE_DRIVER": driver,
        "COMPORTA_HTTP_ADDRESS": HOST,
        "COMPORTA_KINDS": str(source / "kinds"),
        "COMPORTA_SECRETS_DIR": str(source / "secrets"),
        "COMPORTA_GATEWAY_URL": f"http://{HOST}:{ports['COMPORTA_GATEWAY_PORT']}",
    }
    if driver == "filesystem":
        return {**environment, "COMPORTA_STORE_DIRECTORY": str(directory / "objects")}
    return {
        **environment,
        "COMPORTA_S3_ENDPOINT": f"http://{HOST}:{ports['COMPORTA_S3_PORT']}",
        "COMPORTA_S3_BUCKET": BUCKET,
        "COMPORTA_S3_ACCESS_KEY": secrets.value("s3_access_key"),
        "COMPORTA_S3_SECRET_KEY_FILE": str(secrets.path("s3_secret_key")),
    }


def token_keys(source, secrets, settings):
    """The variables of the keys that tokens are signed with, and of their public halves."""
    algorithm = settings.get("COMPORTA_TOKEN_ALGORITHM", "EdDSA")
    command = ["env", f"COMPORTA_TOKEN_ALGORITHM={algorithm}", source / "deploy" / "operator" / "token-keys", "make"]
    private, public = secrets.written_by(command, "token_keys.json", "token_keys_public.json")
    return {"COMPORTA_TOKEN_KEYS_FILE": str(private)}, {"COMPORTA_TOKEN_KEYS_FILE": str(public)}


def _require(*files):
    for file in files:
        if not file.exists():
            raise SettingError(f"{file} is missing: build first")


def _daemon(program_name, variable, source, build, ports, environment, instance=1, nice=0):
    """`variable`: what stands for the daemon in the names of its ports."""
    binary = build / "services" / program_name / program_name
    config = source / "deploy" / "config" / f"{program_name}.yaml"
    public, private = (instance_variable(f"COMPORTA_{variable}_{which}", instance)
                       for which in ("PORT", "PRIVATE_PORT"))
    return Part(
        name=instance_variable(program_name, instance).replace("_", "-"),
        command=[str(binary), "--config", str(config)],
        ports={public: ports[public], private: ports[private]},
        ready=lambda: http_ok(ports[private], "/readyz"),
        env={**environment, "COMPORTA_HTTP_PORT": str(ports[public]), "COMPORTA_PRIVATE_PORT": str(ports[private])},
        inputs=[config, *sorted(path for path in (source / "kinds").rglob("*") if path.is_file())],
        prepare=lambda: _require(binary, config),
        nice=nice)


def all_daemons(source, build, ports, environment, keys, instances):
    """The storage daemons, the caches, and last the gateway that feeds them. `keys`: of token_keys()."""
    where, (private, public) = (source, build, ports), keys
    for instance in range(1, instances.storage + 1):
        yield _daemon("storage", "STORAGE", *where, {**public, **environment}, instance)
    for instance in range(1, instances.cache + 1):
        yield _daemon("cache", "CACHE", *where, {**private, **environment}, instance, nice=PREFERRED)
    yield _daemon("ingest-gateway", "GATEWAY", *where, {**public, **environment})


def with_settings(part, file, settings):
    """The daemon `part` with other values of some keys of its second level, in `file`, a copy of its configuration."""
    binary, option, config = part.command
    text = Path(config).read_text()
    for key, value in settings.items():
        text, count = re.subn(rf"(?m)^(  {key}:) \S+", rf"\1 {value}", text)
        if count != 1:
            raise SettingError(f"{config} has {count} keys {key}")
    file.write_text(text)
    return replace(part, command=[binary, option, str(file)])


def _servers(*ports):
    return " ".join(f"server {HOST}:{port};" for port in ports)


def _public_ports(ports, variable, instances):
    return [ports[instance_variable(variable, instance)] for instance in range(1, instances + 1)]


def _nginx_variables(source, ports, instances, settings):
    trusted = settings.get("COMPORTA_TRUSTED_PROXIES", "").split()
    return {
        "COMPORTA_LISTEN": f"{HOST}:{ports['COMPORTA_PORT']}",
        "COMPORTA_PRIVATE_LISTEN": f"{HOST}:{ports['COMPORTA_NGINX_PRIVATE_PORT']}",
        "COMPORTA_GATEWAY_SERVERS": _servers(ports["COMPORTA_GATEWAY_PORT"]),
        "COMPORTA_STORAGE_SERVERS": _servers(*_public_ports(ports, "COMPORTA_STORAGE_PORT", instances.storage)),
        "COMPORTA_CACHE_SERVERS": _servers(*_public_ports(ports, "COMPORTA_CACHE_PORT", instances.cache)),
        "COMPORTA_STATIC": str(source / "static"),
        "COMPORTA_ACCESS_LOG": "/dev/stdout",
        "COMPORTA_NGINX_FILES": str(open_files_limit()),
        "COMPORTA_KEPT_CLIENT": "1h",
        # Networks of what stands in front of it, if anything does.
        "COMPORTA_BELIEVED": " ".join(f"{network} 1;" for network in trusted),
        "COMPORTA_REAL_ADDRESSES": " ".join(f"set_real_ip_from {network};" for network in trusted),
        "COMPORTA_CLIENT_RATE": settings.get("COMPORTA_CLIENT_RATE", "500"),
        "COMPORTA_CLIENT_BURST": settings.get("COMPORTA_CLIENT_BURST", "1000"),
        # The pages may lie where only their owner reads, so nginx's workers run as who started it.
        "COMPORTA_NGINX_USER": f"user {pwd.getpwuid(os.getuid()).pw_name} {grp.getgrgid(os.getgid()).gr_name};",
    }


def _prepare_nginx(templates, home, variables):
    home.mkdir(exist_ok=True)
    for template in templates:
        text = string.Template(template.read_text()).safe_substitute(variables)
        (home / template.name.removesuffix(".template")).write_text(text)


def nginx(source, directory, ports, instances, settings):
    home = directory / "nginx"
    files = sorted((source / "nginx").iterdir())
    templates = [file for file in files if file.suffix == ".template"]
    variables = _nginx_variables(source, ports, instances, settings)
    port, private = ports["COMPORTA_PORT"], ports["COMPORTA_NGINX_PRIVATE_PORT"]
    return Part(
        name="nginx",
        command=[str(source / "nginx" / "with-json-log"), str(home),
                 program("nginx"), "-p", str(home), "-c", "nginx.conf", "-e", "stderr"],
        ports={"COMPORTA_PORT": port, "COMPORTA_NGINX_PRIVATE_PORT": private},
        ready=lambda: tcp_answers(port, b"GET /api/ HTTP/1.0\r\n\r\n", b"HTTP/1.1 "),
        env=variables,
        inputs=files,
        prepare=lambda: _prepare_nginx(templates, home, variables),
        stop_signal=signal.SIGQUIT)
