"""Where the servers are, from the variables that the daemons' own files in deploy/config name."""

import os
from dataclasses import dataclass
from pathlib import Path

import yaml


class OperatorError(Exception):
    """Something an operator can do something about; says what."""


def _value(name, default):
    return os.environ.get(name) or default


def _secret(name, default):
    """The content of the file that the variable names."""
    path = os.environ.get(name)
    if not path:
        return default
    try:
        return Path(path).read_text().rstrip("\n")
    except OSError as error:
        raise OperatorError(f"{name}: {path} cannot be read: {error.strerror}") from error


def _as_port(name, text):
    if not text.isdigit():
        raise OperatorError(f"{name}: '{text}' is not a port")
    return int(text)


def _addresses(name, text, default_port):
    """(host, port) of each: those with commas, and with a port where it is another one. Several colons are an IPv6 address,
    without a port."""
    parted = ((address, *address.partition(":")[::2]) for address in text.split(",") if address)
    return [(address, default_port) if not port or ":" in port else (host, _as_port(name, port))
            for address, host, port in parted]


def _port(name, default):
    return _as_port(name, _value(name, str(default)))


@dataclass(frozen=True)
class Settings:
    """The running stack, as its daemons see it."""

    amqp_host: str  # of a cluster every node, with commas, and with a port where it is another than amqp_port
    amqp_port: int
    amqp_user: str
    amqp_password: str
    amqp_console: str  # the URL of its management plugin
    redis_host: str
    redis_port: int
    redis_sentinels: list  # of (host, port); empty: it is at host and port
    redis_master: str
    redis_sentinel_password: str
    redis_user: str
    redis_password: str
    storage_url: str
    kinds: Path
    cache_program: str  # replay starts one of its own
    cache_config: str
    url: str  # the front door
    token_keys: Path  # the file with the private halves
    public_token_keys: Path
    token_issuer: str = "comporta"
    token_audience: str = "comporta"
    prefix: str = "comporta"

    def brokers(self):
        """(host, port) of each broker node."""
        return _addresses("COMPORTA_AMQP_HOST", self.amqp_host, self.amqp_port)

    def source_queue(self, name):
        """The queue that is called `storage` or `cache` for short."""
        return f"{self.prefix}.{name}"


def _token_names(config):
    """Whose tokens they are, and for whom, as the cache's file says."""
    path = Path(config)
    tokens = (yaml.safe_load(path.read_text()) or {}).get("tokens") or {} if path.exists() else {}
    return {f"token_{name}": tokens[name] for name in ("issuer", "audience") if name in tokens}


def read_settings():
    cache_config = _value("COMPORTA_CACHE_CONFIG", "/etc/comporta/cache.yaml")
    return Settings(
        amqp_host=_value("COMPORTA_AMQP_HOST", "127.0.0.1"), amqp_port=_port("COMPORTA_AMQP_PORT", 5672),
        amqp_user=_value("COMPORTA_AMQP_USER", "guest"), amqp_password=_secret("COMPORTA_AMQP_PASSWORD_FILE", "guest"),
        amqp_console=_value("COMPORTA_AMQP_CONSOLE_URL", "http://127.0.0.1:15672").rstrip("/"),
        redis_host=_value("COMPORTA_REDIS_HOST", "127.0.0.1"), redis_port=_port("COMPORTA_REDIS_PORT", 6379),
        redis_sentinels=_addresses("COMPORTA_REDIS_SENTINELS", _value("COMPORTA_REDIS_SENTINELS", ""), 26379),
        redis_master=_value("COMPORTA_REDIS_MASTER", "comporta"),
        redis_sentinel_password=_secret("COMPORTA_REDIS_SENTINEL_PASSWORD_FILE", ""),
        redis_user=_value("COMPORTA_REDIS_USER", ""), redis_password=_secret("COMPORTA_REDIS_PASSWORD_FILE", ""),
        storage_url=_value("COMPORTA_STORAGE_URL", "http://127.0.0.1:8082"),
        kinds=Path(_value("COMPORTA_KINDS", "kinds")),
        cache_program=_value("COMPORTA_CACHE_PROGRAM", "cache"),
        cache_config=cache_config,
        url=_value("COMPORTA_URL", "http://127.0.0.1:8080").rstrip("/"),
        token_keys=Path(_value("COMPORTA_TOKEN_KEYS_FILE", "secrets/token_keys.json")),
        public_token_keys=Path(_value("COMPORTA_PUBLIC_TOKEN_KEYS_FILE", "secrets/token_keys_public.json")),
        **_token_names(cache_config),
        prefix=_value("COMPORTA_PREFIX", "comporta"))


def read_families(folder):
    """Each kind's family, by the kind's name."""
    files = sorted(folder.glob("*/kind.yaml"))
    if not files:
        raise OperatorError(f"{folder}: there are no kinds")
    families = {}
    for file in files:
        name = file.parent.name
        families[name] = (yaml.safe_load(file.read_text()) or {}).get("family", name)
    return families
