#!/usr/bin/python3
"""What the dashboards show. As a program it writes Grafana's files: `make dashboards`."""

import json
from pathlib import Path

from grafana import Dashboard, Panel

FOLDER = Path(__file__).resolve().parent / "grafana" / "dashboards"


def rate(counter, by=""):
    """A second, over what Grafana shows as one point."""
    return f"sum{f' by ({by})' if by else ''} (rate({counter}[$__rate_interval]))"


def quantile(share, histogram, labels="", window="$__rate_interval"):
    return f"histogram_quantile({share}, sum by (le) (rate({histogram}_bucket{labels}[{window}])))"


def spread(histogram, labels=""):
    return {"half": quantile(0.5, histogram, labels), "99 of 100": quantile(0.99, histogram, labels)}


def mean(histogram):
    return f"{rate(histogram + '_sum')} / {rate(histogram + '_count')}"


DEAD = 'max by (queue) (comporta_queue_messages{queue=~".+[.]dead"})'
GATEWAY = '{job="ingest-gateway"}'
OWN = '{job!="redis"}'  # who tells of Redis tells of its own process, too
MISSING = 'last_over_time(stage:comporta_records_missing:sum{stage="%s"}[1d])'

PROMISE = Dashboard("comporta-promise", "Is the promise kept", [
    [Panel("Are uploads taken?", {"served": "1 - job:comporta_door_errors:ratio_rate5m"}, "percentunit", "stat",
           "The share of requests at the door that were served in the last five minutes.", bad_below=0.999),
     Panel("Is all of it stored?", {"missing": MISSING % "stored"}, "none", "stat",
           "Records accepted in the last day that are in no object, by the last moment at which nothing was on its way.",
           bad_from=1),
     Panel("Is all of it applied?", {"missing": MISSING % "applied"}, "none", "stat",
           "Records accepted in the last day that are neither applied nor parked.", bad_from=1),
     Panel("How late is it?", {"99 of 100": quantile(0.99, "comporta_applied_seconds", window="5m")}, "s", "stat",
           "From the receipt of a part to its being applied.", bad_from=10),
     Panel("Was anything put aside?", {"parked": f"sum({DEAD})"}, "none", "stat",
           "Messages in the dead queues: `make dead` shows why.", bad_from=1)],
    [Panel("The books", {"accepted": "comporta_records_accepted:sum",
                         "stored": 'stage:comporta_records_settled:sum{stage="stored"}',
                         "applied": "sum(comporta_records_applied_total)",
                         "applied before": "sum(comporta_records_repeated_total)",
                         "applied, but not their senders' to change": "sum(comporta_records_forbidden_total)",
                         "parked": "sum(comporta_records_parked_total)"}, "none", "bargauge",
           "Records since each daemon's start: one that was started later has counted less. They are not counted at one "
           "moment: while records come, what has been applied may be ahead."),
     Panel("Records", {"accepted": rate("comporta_records_accepted_total"), "stored": rate("comporta_records_stored_total"),
                       "applied": rate("comporta_records_applied_total")}, "cps")],
    [Panel("Alerts", {"": 'count by (alertname) (ALERTS{alertstate="firing"}) or vector(0)'}, kind="table",
           what="What fires just now; 0: nothing."),
     Panel("Is everybody there?", {"{{job}}": "min by (job) (up)"}, "none", "stat", bad_below=1)],
])

DOOR = Dashboard("comporta-door", "The door", [
    [Panel("Requests by status", {"{{code}}": rate(f"comporta_http_requests_total{GATEWAY}", "code") + " > 0"}, "reqps"),
     Panel("Requests by daemon", {"{{job}}": rate("comporta_http_requests_total", "job")}, "reqps"),
     Panel("Not served", {"the last five minutes": "job:comporta_door_errors:ratio_rate5m",
                          "the last hour": "job:comporta_door_errors:ratio_rate1h"}, "percentunit",
           what="Of a thousand requests one may fail.")],
    [Panel("Time to answer", spread("comporta_http_request_seconds", GATEWAY), "s"),
     Panel("From publish to confirm", spread("comporta_confirm_seconds"), "s"),
     Panel("In hand", {"uploads, not confirmed": "sum(comporta_uploads_pending)",
                       "questions for an outcome": "sum(comporta_upload_outcomes_awaited)"})],
    [Panel("Uploads", {"accepted": rate("comporta_uploads_accepted_total"),
                       "refused as they are": rate("comporta_uploads_rejected_total"),
                       "not confirmed": rate("comporta_uploads_unconfirmed_total")}, "cps"),
     Panel("Connections at nginx", {"{{state}}": "sum by (state) (comporta_nginx_connections)"}),
     Panel("Logins", {"{{outcome}}": rate("comporta_logins_total", "outcome")}, "cps"),
     Panel("Refused for who they are", {"token: {{reason}}": rate("comporta_tokens_refused_total", "reason"),
                                        "may not": rate("comporta_access_refused_total")}, "cps")],
])

PIPELINE = Dashboard("comporta-pipeline", "The pipeline by stage", [
    [Panel("Waiting", {"{{queue}}": "queue:comporta_waiting_messages:sum"},
           what="Messages in the queue, and in the hands of those who consume it."),
     Panel("Age of the oldest", {"{{queue}}": "max by (queue) (queue:comporta_oldest_message_age:seconds or on (queue) "
                                              "0 * queue:comporta_waiting_messages:sum)"}, "s"),
     Panel("Done with", {"{{queue}}": "queue:comporta_acknowledged:rate30s"}, "mps"),
     Panel("Parked", {"{{queue}}": DEAD})],
    [Panel("From receipt to stored", spread("comporta_stored_seconds"), "s"),
     Panel("From receipt to applied", spread("comporta_applied_seconds"), "s"),
     Panel("Write of an object", spread("comporta_object_put_seconds"), "s"),
     Panel("Step of the cache", spread("comporta_apply_seconds"), "s")],
    [Panel("Taken together", {"parts in a message": mean("comporta_batch_parts"),
                              "messages in a step": mean("comporta_apply_group_messages")}),
     Panel("Bytes stored", {"bytes": rate("comporta_object_bytes_total")}, "Bps"),
     Panel("Writes under way", {"objects": "sum(comporta_object_puts_in_flight)"}),
     Panel("Trouble", {"messages that came before": rate("comporta_redeliveries_total"),
                       "messages published again": rate("comporta_batches_republished_total"),
                       "the store": rate("comporta_store_errors_total"), "Redis": rate("comporta_redis_errors_total"),
                       "views": rate("comporta_parts_failed_total")}, "cps")],
])

SERVERS = Dashboard("comporta-servers", "The servers", [
    [Panel("Ready", {"{{job}}: {{condition}}": "min by (job, condition) (comporta_ready)"}),
     Panel("Processors of the daemons", {"{{job}}": rate(f"process_cpu_seconds_total{OWN}", "job")}, "percentunit"),
     Panel("Memory", {"{{job}}": f"sum by (job) (process_resident_memory_bytes{OWN})",
                      "rabbitmq": "sum(rabbitmq_process_resident_memory_bytes)", "redis": "redis_memory_used_rss_bytes",
                      "minio": "sum(minio_node_process_resident_memory_bytes)"}, "bytes"),
     Panel("Open files", {"{{job}}": f"sum by (job) (process_open_fds{OWN})"})],
    [Panel("RabbitMQ: messages", {"ready": "sum(rabbitmq_queue_messages_ready)",
                                  "taken": "sum(rabbitmq_queue_messages_unacked)"}),
     Panel("RabbitMQ: disk above its limit",
           {"{{instance}}": "rabbitmq_disk_space_available_bytes - rabbitmq_disk_space_available_limit_bytes"}, "bytes"),
     Panel("RabbitMQ: takes nothing", {"for its memory": "max(rabbitmq_alarms_memory_used_watermark)",
                                       "for its disk": "max(rabbitmq_alarms_free_disk_space_watermark)"})],
    [Panel("Redis: memory", {"used": "redis_memory_used_bytes", "at most, if not 0": "redis_memory_max_bytes"}, "bytes"),
     Panel("Redis: commands", {"a second": rate("redis_commands_processed_total")}, "ops"),
     Panel("Redis: processor", {"in use": f"{rate('redis_cpu_user_seconds_total')} + {rate('redis_cpu_sys_seconds_total')}"},
           "percentunit"),
     Panel("Redis: keys", {"keys": "sum(redis_db_keys)"}),
     Panel("Redis: replays", {"ever": 'max(redis_key_value{key="comporta:replays"}) or vector(0)'})],
    [Panel("MinIO: room left", {"of all": "minio_cluster_capacity_usable_free_bytes "
                                          "/ minio_cluster_capacity_usable_total_bytes"}, "percentunit"),
     Panel("MinIO: traffic", {"in": rate("minio_s3_traffic_received_bytes"), "out": rate("minio_s3_traffic_sent_bytes")},
           "Bps"),
     Panel("Keys of tokens", {"{{job}}": "max by (job) (time() - (comporta_token_keys_written_timestamp_seconds > 0))"},
           "s", what="How long ago they were made or rotated.")],
])

OF_KIND = '{kind=~"$kind"}'


def of_kinds(histogram, of):
    buckets = f'{histogram}_bucket{{kind=~"$kind",of="{of}"}}'
    return f"histogram_quantile(0.99, sum by (kind, le) (rate({buckets}[$__rate_interval])))"


KINDS = Dashboard("comporta-kinds", "Kinds", [
    [Panel("Records accepted", {"{{kind}}": rate(f"comporta_records_accepted_total{OF_KIND}", "kind")}, "cps"),
     Panel("Records applied", {"{{kind}}": rate(f"comporta_records_applied_total{OF_KIND}", "kind")}, "cps")],
    [Panel("Requests", {"{{kind}}": rate(f"comporta_http_requests_total{OF_KIND}", "kind")}, "reqps"),
     Panel("Refused", {"{{kind}}": rate('comporta_http_requests_total{kind=~"$kind",code=~"4.."}', "kind")}, "reqps"),
     Panel("Notices", {"{{kind}}: {{outcome}}": rate(f"comporta_notices_total{OF_KIND}", "kind, outcome")}, "cps")],
    [Panel("Budget of views: parts", {"{{kind}}": of_kinds("comporta_views_budget_ratio", "part")}, "percentunit",
           what="The share of the steps that views may take, of the 99th percentile."),
     Panel("Budget of views: queries", {"{{kind}}": of_kinds("comporta_views_budget_ratio", "query")}, "percentunit")],
    [Panel("Lookups", {"{{lookup}}: {{outcome}}": rate(f"comporta_lookups_total{OF_KIND}", "kind, lookup, outcome")}, "cps"),
     Panel("Reactions", {"{{reaction}}: {{outcome}}": rate(f"comporta_reactions_total{OF_KIND}", "kind, reaction, outcome")},
           "cps"),
     Panel("Reactions without an outcome", {"{{reaction}}": f"sum by (kind, reaction) (comporta_reactions_waiting{OF_KIND})"}),
     Panel("The oldest of them", {"{{reaction}}": f"max by (kind, reaction) (comporta_reactions_oldest_seconds{OF_KIND})"},
           "s")],
], {"kind": "label_values(comporta_records_accepted_total, kind)"})

DASHBOARDS = [PROMISE, DOOR, PIPELINE, SERVERS, KINDS]


def files():
    """What is in each file, by its name."""
    return {f"{dashboard.uid}.json": json.dumps(dashboard.model(), indent=1) + "\n" for dashboard in DASHBOARDS}


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text)
