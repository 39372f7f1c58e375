"""Prometheus and Alertmanager beside a stack, and what tells Prometheus of Redis."""

import re
from pathlib import Path

from .part import HOST, Part, http_ok, program
from .ports import instance_variable

PROMETHEUS, ALERTMANAGER = "COMPORTA_PROMETHEUS_PORT", "COMPORTA_ALERTMANAGER_PORT"
REDIS_METRICS = "COMPORTA_REDIS_METRICS_PORT"
# Of each job of prometheus.yml: the variable of its ports, and of what there may be several of how many there are.
JOBS = {
    "ingest-gateway": ("COMPORTA_GATEWAY_PRIVATE_PORT", None),
    "storage": ("COMPORTA_STORAGE_PRIVATE_PORT", "storage"),
    "cache": ("COMPORTA_CACHE_PRIVATE_PORT", "cache"),
    "nginx": ("COMPORTA_NGINX_PRIVATE_PORT", None),
    "rabbitmq": ("COMPORTA_AMQP_METRICS_PORT", "broker"),
    "redis": (REDIS_METRICS, None),
    "minio": ("COMPORTA_S3_PORT", None),
    "prometheus": (PROMETHEUS, None),
}


def _targets(job, ports, instances, driver):
    """Where that job is scraped."""
    if job == "minio" and driver != "s3":
        return []
    variable, several = JOBS[job]
    count = getattr(instances, several) if several else 1
    return [f"{HOST}:{ports[instance_variable(variable, instance)]}" for instance in range(1, count + 1)]


def configuration(source, ports, instances, driver):
    """The shipped prometheus.yml, with the addresses of this stack."""
    folder = source / "deploy" / "monitoring"
    lines, targets = [], [f"{HOST}:{ports[ALERTMANAGER]}"]
    for line in (folder / "prometheus.yml").read_text().splitlines():
        if job := re.fullmatch(r"  - job_name: (\S+)", line):
            targets = _targets(job[1], ports, instances, driver)
        quoted = ", ".join(f'"{target}"' for target in targets)
        lines.append(re.sub(r"\b(static|dns_sd)_configs: .*", f"static_configs: [{{targets: [{quoted}]}}]", line)
                     .replace("[rules.yml]", f"[{folder / 'rules.yml'}]"))
    return "\n".join(lines) + "\n"


def _prometheus(source, directory, ports, instances, driver):
    home, folder = directory / "prometheus", source / "deploy" / "monitoring"
    port, text = ports[PROMETHEUS], configuration(source, ports, instances, driver)

    def prepare():
        home.mkdir(exist_ok=True)
        (home / "prometheus.yml").write_text(text)

    return Part(
        name="prometheus",
        command=[program("prometheus"), f"--config.file={home / 'prometheus.yml'}",
                 f"--storage.tsdb.path={home / 'data'}", "--storage.tsdb.retention.time=15d",
                 "--storage.tsdb.retention.size=2GB", f"--web.listen-address={HOST}:{port}", "--log.format=json"],
        ports={PROMETHEUS: port}, ready=lambda: http_ok(port, "/-/ready"),
        env={"COMPORTA_SCRAPED": text}, inputs=[folder / "rules.yml"], prepare=prepare)


def _alertmanager(source, directory, ports, settings):
    home, port = directory / "alertmanager", ports[ALERTMANAGER]
    config = Path(settings.get("COMPORTA_ALERTMANAGER_CONFIG") or source / "deploy" / "monitoring" / "alertmanager.yml")
    return Part(
        name="alertmanager",
        command=[program("prometheus-alertmanager"), f"--config.file={config.resolve()}",
                 f"--storage.path={home}", f"--web.listen-address={HOST}:{port}", "--cluster.listen-address=",
                 "--log.format=json"],
        ports={ALERTMANAGER: port}, ready=lambda: http_ok(port, "/-/ready"), inputs=[config],
        prepare=lambda: home.mkdir(exist_ok=True))


def _redis_exporter(ports):
    port = ports[REDIS_METRICS]
    return Part(
        name="redis-exporter",
        command=[program("prometheus-redis-exporter"), "-redis.addr", f"redis://{HOST}:{ports['COMPORTA_REDIS_PORT']}",
                 "-check-single-keys", "comporta:replays", "-web.listen-address", f"{HOST}:{port}", "-log-format", "json"],
        ports={REDIS_METRICS: port}, ready=lambda: http_ok(port, "/"))


def monitoring(source, directory, ports, instances, driver, settings):
    """The three of them."""
    yield _redis_exporter(ports)
    yield _alertmanager(source, directory, ports, settings)
    yield _prometheus(source, directory, ports, instances, driver)
